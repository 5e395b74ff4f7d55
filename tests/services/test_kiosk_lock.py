"""Wrong PINs and numbers are slowed down, whatever is done about it."""

from __future__ import annotations

from pathlib import Path

import pytest

from pm_tui.config import pin
from pm_tui.services import kiosk_lock
from pm_tui.services.kiosk_lock import TooSoon, Tries


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def waits(tries: Tries, clock: Clock, times: int) -> list[float]:
    """How long one waits after each of so many wrong ones."""
    found = []
    for _ in range(times):
        tries.failed()
        found.append(tries.wait())
        clock.now += found[-1]
        assert tries.wait() == 0
    return found


def test_each_wrong_one_waits_twice_as_long_up_to_a_minute(tmp_path: Path) -> None:
    clock, path = Clock(), tmp_path / "kiosk" / "pins.json"
    tries = Tries(path, monotonic=clock)
    assert tries.wait() == 0
    assert not path.exists(), "nothing is written where nothing was wrong"
    assert waits(tries, clock, 9) == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert path.stat().st_mode & 0o777 == 0o600
    clock.now += 100_000
    assert waits(tries, clock, 1) == [60], "patience alone makes up for no PIN"
    tries.passed()
    assert waits(tries, clock, 2) == [1, 2]


def test_neither_another_start_nor_another_process_begins_anew(tmp_path: Path) -> None:
    clock, path = Clock(), tmp_path / "pins.json"
    first, second = Tries(path, monotonic=clock), Tries(path, monotonic=clock)
    waits(first, clock, 6)
    assert waits(second, clock, 1) == [60]
    second.failed()
    clock.now = 5.0  # the machine has started anew
    again = Tries(path, monotonic=clock)
    assert again.wait() == 60
    clock.now += 61
    assert again.wait() == 0
    for torn in ("{torn", '{"failures": -5, "at": 0}', "[]"):
        path.write_text(torn)
        assert waits(again, clock, 1) == [60], "what is in memory has to do"
    (tmp_path / "full").touch()
    nowhere = Tries(tmp_path / "full" / "pins.json", monotonic=clock)
    assert waits(nowhere, clock, 2) == [1, 2]


def test_a_wrong_number_is_forgiven_in_time(tmp_path: Path) -> None:
    clock = Clock()
    tries = Tries(tmp_path / "numbers.json", forgiven=120, monotonic=clock)
    assert waits(tries, clock, 8) == [1, 2, 4, 8, 16, 32, 60, 60]
    for _ in range(120 * 5 // 20):
        clock.now += 20
        assert tries.wait() == 0, "whoever comes later does not wait for another's wrong one"
    assert waits(tries, clock, 1) == [8]  # five of eight forgiven, and one more
    clock.now += 120 * 50
    assert waits(tries, clock, 1) == [1]


def test_guessing_without_a_pause_gets_nowhere(tmp_path: Path) -> None:
    """Each guess as soon as it is looked at, for an hour: so many of a million PINs."""
    clock = Clock()
    for tries in (
        Tries(tmp_path / "a", monotonic=clock),
        Tries(tmp_path / "b", forgiven=kiosk_lock.FORGIVEN, monotonic=clock),
    ):
        begin, guesses = clock.now, 0
        while clock.now < begin + 3600:
            assert not tries.look(lambda: False)
            guesses += 1
            clock.now += tries.wait()
        print(f"{guesses} guesses an hour")
        assert guesses < 70


async def test_a_pin_opens_and_is_not_looked_at_too_soon(tmp_path: Path) -> None:
    clock = Clock()
    state = tmp_path / "not there yet" / "state"
    tries = kiosk_lock.of_pins(state, clock)
    kept = pin.kept("408215")
    assert not await kiosk_lock.opens(tries, "408216", kept)
    with pytest.raises(TooSoon) as wait:
        await kiosk_lock.opens(tries, "408215", kept)  # the right one, unseen
    assert wait.value.seconds == 1
    clock.now += 1
    assert await kiosk_lock.opens(tries, "408215", kept)
    assert tries.wait() == 0
    with pytest.raises(KeyboardInterrupt):

        def pulled() -> bool:
            raise KeyboardInterrupt  # the plug

        tries.look(pulled)
    assert kiosk_lock.of_pins(state, clock).wait() == 1, "it counts as a wrong one"
