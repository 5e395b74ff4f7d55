"""How a booking that waits is followed."""

from __future__ import annotations

from pm_tui.services.watch import PATIENCE, STEADY, follow_delays


def test_a_waiting_booking_is_followed_as_documented_for_two_minutes() -> None:
    delays = list(follow_delays())
    assert delays[:4] == [1, 2, 3, 5]
    assert set(delays[4:]) == {STEADY}
    assert PATIENCE <= sum(delays) < PATIENCE + STEADY
