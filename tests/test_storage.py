"""The whole program where storage fails: booking is refused before anything is sent, the message
names the place, and reading goes on."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pm_tui.cache.durable_open import copy_of
from tests import canary, warm
from tests.cache.faults import scribble, tamper
from tests.faulty_places import fill, inside, needs_mounts, seen_by
from tests.sandbox_process import Sandbox, start_sandbox
from tests.tui.terminal import terminal

POINT = ("DE-ENB-E100000", "DE*ENB*E100000*2")


@pytest.fixture(scope="module")
def own() -> Iterator[Sandbox]:
    """Its bookings are this module's alone."""
    with start_sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir(mode=0o700)
    return folder


@pytest.fixture
def env(own: Sandbox, home: Path) -> dict[str, str]:
    own.clear_faults()
    own.clear_log()
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    return kept | {
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "TERM": "xterm-256color",
        "PM_TUI_TIMEZONE": "Europe/Berlin",
        "PM_TUI_LANGUAGE": "en",
        "PM_TUI_API_KEY": own.api_key,
        "PM_TUI_BASE_URL": own.base_url,
        "PM_TUI_CACHE_DIR": str(home / "cache"),
        "PM_TUI_STATE_DIR": str(home / "state"),
    }


def run(
    env: dict[str, str], *line: str, place: str = "", folder: Path | None = None
) -> tuple[int, Any, str]:
    """`code, document, stderr` of one command line with `--json`."""
    command = ["pm_tui", *line, "--json"]
    if folder is not None:
        command = inside(place, folder, *command)
    done = warm.run(*command, env=env)
    canary.keep("pipes", done.stdout + done.stderr)
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, json.loads(done.stdout or "null"), done.stderr


def wish(hour: int) -> tuple[str, ...]:
    """A window of its own for each booking of this module."""
    return ("book", *POINT, "--from", f"+{hour}h", "--to", "+30min")


def gets(own: Sandbox, path: str) -> int:
    return sum(one["method"] == "GET" and one["path"].endswith(path) for one in own.log())


def posts(own: Sandbox) -> int:
    return sum(one["method"] == "POST" for one in own.log())


def assert_reads_but_does_not_book(
    env: dict[str, str], own: Sandbox, hour: int, named: Path, **where: Any
) -> None:
    code, found, told = run(env, "search", "Berlin", **where)
    assert (code, found["origin"]) == (0, "live"), told
    assert str(named) in told
    code, listed, told = run(env, "bookings", **where)
    assert (code, listed["origin"]) == (0, "live"), told
    code, ended, told = run(env, *wish(hour), **where)
    assert (code, ended["outcome"]) == (1, "refused"), told
    assert str(named) in ended["reason"] + told
    assert posts(own) == 0
    code, found, told = run(env, "doctor", **where)
    assert (code, found["ok"]) == (1, False)
    assert any(str(named) in one for one in found["wrong"]), found["wrong"]


# -- places -----------------------------------------------------------------------------


@needs_mounts
def test_a_read_only_home(env: dict[str, str], own: Sandbox, home: Path) -> None:
    assert_reads_but_does_not_book(env, own, 101, home, place="read-only", folder=home)


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="/proc refuses folders to root too")
def test_no_home_at_all(env: dict[str, str], own: Sandbox) -> None:
    nowhere = Path("/proc/nowhere")
    del env["PM_TUI_CACHE_DIR"], env["PM_TUI_STATE_DIR"]
    assert_reads_but_does_not_book(env | {"HOME": str(nowhere)}, own, 111, nowhere)


@needs_mounts
def test_a_disk_that_fills_up_while_the_program_runs(
    env: dict[str, str], own: Sandbox, home: Path
) -> None:
    module, *line = inside("small", home, "pm_tui")
    with terminal(env, *line, program=module) as shown:
        shown.sees("online")
        shown.type("Berlin\r")
        shown.sees("12 locations")
        shown.type("b")
        shown.sees("Ready to book")
        filler = fill(seen_by(shown.process.pid, home))
        shown.type("\x13")  # Ctrl+S
        shown.sees("No space left")
        path = re.sub(r"[^\w./-]", "", shown.text)  # it may stand on several lines
        assert "journal.db" in path
        assert posts(own) == 0
        own.clear_log()
        shown.type("\x1b")  # what was typed is still there: leave it
        shown.sees("▸ 1 Find")
        shown.type("\x1bOR")  # F3: reading goes on
        shown.sees("▸ 2 Bookings")

        def looked() -> int:
            shown.type("r")  # asked again too soon, it asks nobody
            shown.read(0.5)
            return gets(own, "/bookings")

        shown.until(looked, "a reading of the list")
        shown.sees("live")
        filler.unlink()  # there is room again
        shown.type("\x1bOQ")  # F2
        shown.type("b")
        shown.sees("Ready to book")
        shown.type("\x13")
        shown.until(lambda: own.bookings(), "the booking")
        shown.type("\x11")
        assert shown.wait() == 0
        assert shown.left_on == []
    assert posts(own) == 1


@needs_mounts
def test_a_disk_that_is_full_at_the_start(env: dict[str, str], own: Sandbox, home: Path) -> None:
    for line, good in ((("search", "Berlin"), 0), (("bookings",), 0), (wish(131), 1)):
        code, found, told = run(env, *line, place="full", folder=home)
        assert code == good, told
        assert str(home) in told
        assert found.get("origin", "live") == "live"
        assert found.get("outcome", "refused") == "refused"
    assert posts(own) == 0


# -- files ------------------------------------------------------------------------------


def test_a_corrupt_cache_is_set_aside_rebuilt_and_told_once(
    env: dict[str, str], own: Sandbox, home: Path
) -> None:
    run(env, "search", "Berlin")
    for database in home.joinpath("cache").rglob("*.db"):
        scribble(database)
    code, _none, told = run(env, "search", "Berlin", "--offline")
    assert code == 7
    assert told.count("was damaged. It was set aside as") == 3
    code, found, told = run(env, "search", "Berlin")
    assert (code, found["origin"], told) == (0, "live", "")
    code, kept, told = run(env, "search", "Berlin", "--offline")
    assert (code, kept["results"], told) == (0, found["results"], "")
    assert len(list(home.joinpath("cache").rglob("*.broken-*"))) >= 3


@pytest.mark.parametrize("damage", ["scribbled", "emptied", "deleted"])
def test_a_corrupt_journal_is_restored_and_compared_with_the_gateway(
    env: dict[str, str], home: Path, damage: str
) -> None:
    with start_sandbox() as fresh:
        env |= {"PM_TUI_API_KEY": fresh.api_key, "PM_TUI_BASE_URL": fresh.base_url}
        first = run(env, *wish(141))[1]  # its line is what the daily copy holds: planned
        second = run(env, *wish(142))[1]  # this one was not there yet
        assert (first["outcome"], second["outcome"]) == ("booked", "booked")
        journal = home / "state" / "journal.db"
        assert copy_of(journal).exists()
        before = journal.read_bytes()
        if damage == "deleted":
            journal.unlink()
        else:
            journal.write_bytes(b"" if damage == "emptied" else b"\xa5" * len(before))
        held = fresh.bookings()
        code, settled, told = run(env, "recover")
        assert code == 0, told
        assert told.count("was damaged") >= 1 and str(journal) in told
        # what the copy calls planned may have been sent: looked for, found, adopted
        assert [one["booking"]["id"] for one in settled["adopted"]] == [first["booking"]["id"]]
        assert [one["id"] for one in settled["unaccounted"]] == [second["booking"]["id"]]
        assert len(list(journal.parent.glob("journal.db.broken-*"))) == 1
        code, settled, told = run(env, "recover")
        assert (code, told) == (0, "")
        assert settled["adopted"] == settled["unaccounted"] == []
        # nothing was sent again, and booking goes on
        assert [one["id"] for one in fresh.bookings()] == [one["id"] for one in held]
        assert run(env, *wish(143))[1]["outcome"] == "booked"
        assert len(fresh.bookings()) == len(held) + 1


def test_a_corrupt_journal_is_compared_before_anything_new_is_sent(
    env: dict[str, str], home: Path
) -> None:
    with start_sandbox() as fresh:
        env |= {"PM_TUI_API_KEY": fresh.api_key, "PM_TUI_BASE_URL": fresh.base_url}
        fresh.fault("late", match="POST /bookings", seconds=0.5)
        # its answer is lost, and then the journal as well
        start = (datetime.now(UTC) + timedelta(hours=151)).strftime("%Y-%m-%dT%H:%MZ")
        line = ("book", *POINT, "--from", start, "--to", "+30min")
        lost = warm.start("pm_tui", *line, "--json", env=env)
        while not fresh.bookings():
            assert lost.poll() is None
        lost.kill()
        lost.wait()
        scribble(home / "state" / "journal.db")
        code, ended, told = run(env, *line)  # the same wish: it must not be sent twice
        assert "was damaged" in told
        assert (code, ended["outcome"]) == (0, "booked"), told
        (made,) = fresh.bookings()
        assert ended["booking"]["id"] == made["id"]
        assert posts(fresh) == 1


def test_a_newer_journal_is_read_and_never_written(
    env: dict[str, str], own: Sandbox, home: Path
) -> None:
    run(env, *wish(161))
    own.clear_log()
    journal = home / "state" / "journal.db"
    tamper(journal, "PRAGMA user_version = 7")
    before = journal.read_bytes()
    code, ended, told = run(env, *wish(162))
    assert (code, ended["outcome"]) == (1, "refused")
    assert str(journal) in told + ended["reason"]
    assert re.search(r"format 7 is needed", told + ended["reason"])
    assert posts(own) == 0
    code, listed, told = run(env, "bookings")
    assert (code, listed["origin"]) == (0, "live"), told
    code, found, _told = run(env, "doctor")
    assert code == 1 and any("format 7" in one for one in found["wrong"])
    assert journal.read_bytes() == before


def test_newer_favourites_stop_nothing_and_are_left_alone(
    env: dict[str, str], own: Sandbox, home: Path
) -> None:
    run(env, "search", "Berlin")
    (favourites,) = home.joinpath("state").rglob("favourites.db")
    tamper(favourites, "PRAGMA user_version = 7")
    before = favourites.read_bytes()
    code, found, told = run(env, "search", "Berlin")
    assert (code, found["origin"]) == (0, "live")
    assert str(favourites) in told and "format 7 is needed" in told
    assert run(env, *wish(171))[1]["outcome"] == "booked"
    assert favourites.read_bytes() == before


def test_a_newer_directory_is_another_file(env: dict[str, str], home: Path) -> None:
    run(env, "search", "Berlin")
    (directory,) = home.joinpath("cache").rglob("chargers-2.db")
    newer = directory.with_name("chargers-3.db")
    newer.write_bytes(b"of a version that is not written yet")
    code, kept, told = run(env, "search", "Berlin", "--offline")
    assert (code, kept["origin"], told) == (0, "cache", "")
    assert newer.read_bytes() == b"of a version that is not written yet"
