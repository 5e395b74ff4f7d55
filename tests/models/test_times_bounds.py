"""Times that mean "never" are no times: showing them in some zone would fail."""

from __future__ import annotations

import pytest

from pm_tui.models.times import read_time


@pytest.mark.parametrize(
    "text",
    [
        "9999-12-31T23:59:59Z",
        "0001-01-01T00:00:00Z",
        "2200-01-01T00:00:00Z",
        "1969-12-31T23:59:59Z",
    ],
)
def test_never_is_unknown(text: str) -> None:
    assert read_time(text) is None


def test_the_bounds_themselves() -> None:
    assert read_time("1970-01-01T00:00:00Z") is not None
    assert read_time("2199-12-31T23:59:59Z") is not None
