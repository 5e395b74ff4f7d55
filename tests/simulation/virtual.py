"""Time that passes only while everybody waits: a month in a minute, through the real code."""

from __future__ import annotations

import asyncio
import random
import selectors
from collections.abc import Callable
from concurrent.futures import Future
from datetime import datetime, timedelta
from typing import Any, TypeVar

from pm_tui.api.clock import Clock

T = TypeVar("T")


class _Skipping(selectors.DefaultSelector):
    """Where a loop would sleep, its clock is moved instead."""

    loop: VirtualLoop

    def select(self, timeout: float | None = None) -> Any:
        if timeout is None:
            raise RuntimeError("everybody waits, and for nothing")
        if timeout > 0:
            self.loop.passed += timeout
        return super().select(0)


class VirtualLoop(asyncio.SelectorEventLoop):
    """Nothing in it may wait for the real world: what belongs into a thread is done at once."""

    def __init__(self) -> None:
        selector = _Skipping()
        selector.loop = self
        self.passed = 0.0
        super().__init__(selector)

    def time(self) -> float:
        return self.passed

    def run_in_executor(  # type: ignore[override]
        self, executor: Any, func: Callable[..., T], *args: Any
    ) -> asyncio.Future[T]:
        future: asyncio.Future[T] = self.create_future()
        try:
            future.set_result(func(*args))
        except Exception as problem:
            future.set_exception(problem)
        return future


class AtOnce:
    """Stands for a worker thread."""

    def submit(self, work: Callable[..., T], *args: Any) -> Future[T]:
        future: Future[T] = Future()
        future.set_result(work(*args))
        return future

    def shutdown(self, wait: bool = True) -> None:
        """There is nothing to end."""


class VirtualClock(Clock):
    """The loop's time as a date."""

    def __init__(self, loop: VirtualLoop, start: datetime, rng: random.Random) -> None:
        self._loop, self._start, self._rng = loop, start, rng

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._loop.passed)

    def monotonic(self) -> float:
        return self._loop.passed

    def roll(self) -> float:
        return self._rng.random()
