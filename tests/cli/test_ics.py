"""`pm-tui ics`: what a calendar gets, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

from icalendar import Calendar

from tests.cli.conftest import Run, wish
from tests.sandbox_process import Sandbox


def test_a_booking_its_cancellation_and_all_that_are_known(
    run: Run, gateway: Sandbox, tmp_path: Path
) -> None:
    assert run("ics")[0] == run("ics", "--all", "b1")[0] == 2
    gateway.fault("never_confirms", match="POST /bookings")
    code, out, _err = run(*wish("--external-id", "ics-emp1-20261124", "--yes", "--json"))
    made = json.loads(out)
    key = str(made.get("booking", made)["id"])
    gateway.clear_log()
    code, out, err = run("ics", key)
    assert (code, err, len(gateway.log())) == (0, "", 1)
    (before,) = Calendar.from_ical(out).walk("VEVENT")
    assert (before["UID"], before["STATUS"]) == (f"{key}@pm-tui", "TENTATIVE")

    assert run("cancel", key, "--yes")[0] == 0
    file = tmp_path / "calendar.ics"
    assert run("ics", "--all", "--output", str(file)) == (0, "", "")
    assert file.stat().st_mode & 0o777 == 0o600
    events = {one["UID"]: one for one in Calendar.from_ical(file.read_bytes()).walk("VEVENT")}
    after = events[before["UID"]]
    assert after["STATUS"] == "CANCELLED" and after["SEQUENCE"] > before["SEQUENCE"]
    assert after["DTSTART"].dt == before["DTSTART"].dt

    gateway.clear_log()
    code, out, err = run("ics", key, "--offline")
    assert (code, gateway.log()) == (0, []) and "STATUS:CANCELLED" in out
    for path, said in ((tmp_path / "no" / "y.ics", "No such file"), (tmp_path, "Is a directory")):
        code, out, err = run("ics", "--all", "--offline", "--output", str(path))
        assert (code, out) == (1, "")
        assert err.startswith(f"pm-tui: {path}: {said}"), "what was asked for, no file beside it"
    code, out, err = run("ics", "nobody-has-this", "--output", str(file))
    assert (code, out) == (4, "") and b"CANCELLED" in file.read_bytes()
