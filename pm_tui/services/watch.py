"""How a booking that waits for its operator is followed: closely at first, and within bounds
(contract/agent-api.md §8). When the whole list is read is the matter of `plan`."""

from __future__ import annotations

from collections.abc import Iterator

FIRST_LOOKS = (1.0, 2.0, 3.0)  # seconds: a confirmation typically takes 1 to 10 (contract §8)
STEADY = 5.0
PATIENCE = 120.0  # seconds to wait for a confirmation before saying "still pending" (§14 U17)


def follow_delays() -> Iterator[float]:
    """Seconds to wait after each look at a booking that waits for its operator."""
    waited = 0.0
    for delay in FIRST_LOOKS:
        waited += delay
        yield delay
    while waited < PATIENCE:
        waited += STEADY
        yield STEADY
