"""Time and chance in one place, so that a test can hold both."""

from __future__ import annotations

import asyncio
import random
import time
from datetime import UTC, datetime


class Clock:
    """The real ones. Waits use the monotonic clock, which no one sets back."""

    def now(self) -> datetime:
        """The time of day: aware, UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds since some start."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait; cancellable."""
        await asyncio.sleep(seconds)

    def roll(self) -> float:
        """A number from 0 up to 1, for jitter."""
        return random.random()  # noqa: S311
