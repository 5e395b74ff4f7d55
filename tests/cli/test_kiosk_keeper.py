"""The keeper with children that do nothing but end: how long it waits, and what it does to one
that hangs."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from pm_tui.cli import kiosk_keeper
from pm_tui.cli.kiosk_keeper import Keeper
from pm_tui.config.kiosk import KioskSettings


@pytest.fixture(autouse=True)
def _signals() -> Iterator[None]:
    """As they were: a keeper has a process to itself."""
    numbers = (*kiosk_keeper.IGNORED, *kiosk_keeper.ENDS)
    before = {number: signal.getsignal(number) for number in numbers}
    yield
    signal.set_wakeup_fd(-1)
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    found: list[float] = []
    monkeypatch.setattr(Keeper, "_sleep", lambda _self, seconds: found.append(seconds))
    monkeypatch.setattr(kiosk_keeper, "_write", lambda data: None)
    monkeypatch.setattr(kiosk_keeper, "_settings_of_line", lambda: None)
    return found


def test_pauses_grow_to_a_bound_and_begin_anew(
    slept: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = [0.0]
    monkeypatch.setattr("pm_tui.cli.kiosk_keeper.time.monotonic", lambda: seconds[0])
    codes = iter([1, -9, 143, 1, 1, 1, 1, 1, -11, 1, 0])

    def run_child(_self: Keeper) -> int:
        code = next(codes)
        seconds[0] += 61 if code == -11 else 1
        return code

    monkeypatch.setattr(Keeper, "_run_child", run_child)
    assert Keeper({}, KioskSettings()).run() == 0
    assert slept == [0.5, 1, 2, 4, 8, 16, 30, 30, 0.5, 1]


def test_a_child_that_beats_no_more_is_killed(
    slept: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kiosk_keeper, "HUNG", 0.2)
    hangs = ("-S", "-c", "import time; time.sleep(60)")
    keeper = Keeper({"profile": "x", "mouse": None}, KioskSettings(), hangs)
    assert keeper._command[-1] == '{"profile": "x"}'
    assert keeper._run_child() == -signal.SIGKILL
    ends = ("-S", "-c", "raise SystemExit(7)")
    assert Keeper({}, KioskSettings(), ends)._run_child() == 7
