"""`pm-tui watch-free` as a script meets it."""

from __future__ import annotations

import json

from tests.cli.conftest import Run
from tests.sandbox_process import Sandbox


def test_it_ends_when_free_or_says_that_it_is_not(run: Run, gateway: Sandbox) -> None:
    code, _out, err = run("watch-free", "DE-ENB-E200000")
    assert code == 4
    assert "search for it first" in err
    code, out, _err = run("search", "München", "--json")
    found = json.loads(out)["results"]
    points = [
        (one["location_id"], evse["evse_uid"], evse["status"])
        for one in found
        for evse in one["evses"]
    ]
    free = next(point for point in points if point[2] == "AVAILABLE")
    busy = next(point for point in points if point[2] not in ("AVAILABLE", "UNKNOWN"))
    gateway.clear_log()

    code, out, err = run("watch-free", *free[:2], "--json")
    assert (code, err) == (0, "")
    told = json.loads(out)
    assert (told["free"], told["evse_uid"], told["requests"]) == (True, free[1], 1)
    assert told["free_at"] == told["looked_at"]

    code, out, err = run("watch-free", *busy[:2], "--for", "1h", "--requests", "1")
    assert (code, out) == (9, "")
    assert err == "pm-tui: not free in 1 look.\n"
    assert len(gateway.log()) == 2


def test_what_cannot_be_watched_says_why_and_sends_nothing(run: Run, gateway: Sandbox) -> None:
    run("search", "München")
    gateway.clear_log()
    cases = (
        (("--for", "nonsense"), 2, "--for"),
        (("--for", "3 d"), 2, "at most 24 h"),
        (("--for", "0s"), 2, "no time at all"),
        (("--connector", "foo"), 2, "'foo' is no plug"),
        (("--requests", "501"), 2, "at most 500"),
        (("--offline",), 2, "needs the network"),
        (("DE*NOBODY*1",), 4, "no such charging point"),
        (("--min-power", "5000"), 4, "no such charging point"),
    )
    for more, wanted, words in cases:
        code, out, err = run("watch-free", "DE-ENB-E200000", *more)
        assert (code, out) == (wanted, ""), more
        assert words in err
    assert gateway.log() == []
