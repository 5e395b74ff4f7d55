"""pm-tui: find, book and watch EV chargers from the terminal."""

__version__ = "0.1.0"
