"""What hypothesis draws for more than one room."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

# the alphabet of `st.text()`, but told by its category: for the codec's every process would first
# encode a million characters one by one, which takes longer than most tests
CHARACTERS = st.characters(exclude_categories=["Cs"])


def unicode_text(**sizes: Any) -> st.SearchStrategy[str]:
    """As `st.text`, of every character that can be written as UTF-8."""
    return st.text(CHARACTERS, **sizes)
