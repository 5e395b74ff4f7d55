"""A map of places in character cells. Pure: nothing here knows of Textual."""
