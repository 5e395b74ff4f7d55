"""What was sent, seen and taken along, in the real application."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from pm_tui.config import Settings
from pm_tui.services.copies import Copy
from pm_tui.services.request_month import Month
from pm_tui.tui import opening
from pm_tui.tui.screens.requests import RequestsView
from pm_tui.tui.widgets import request_table
from pm_tui.tui.widgets.request_month import line
from pm_tui.tui.widgets.status_bar import StatusBar
from tests import canary
from tests.conftest import MakeSettings
from tests.fakes import NOON
from tests.sandbox_process import Sandbox
from tests.tui.driving import Driven, driven, until


async def test_what_was_sent_is_listed_while_it_is_looked_at(
    make_settings: MakeSettings, lonely: Sandbox
) -> None:
    async with driven(make_settings(lonely)) as seen:
        await seen.search("Berlin")
        record = (await seen.app.session()).record
        assert record.on_change is None, "nobody listens while nobody looks"
        await seen.click(StatusBar)
        await until(lambda: seen.screen_name == "RequestsView", "the view, by the mouse")
        await seen.press("f2")
        await until(lambda: seen.screen_name == "FindView", "where we were")
        await seen.press("5")
        await until(lambda: any("/search" in row for row in seen.rows), "the requests")
        view = seen.app.screen
        assert isinstance(view, RequestsView)
        assert record.on_change is not None
        (row,) = [row for row in seen.rows if "/search" in row]
        assert "search" in row.split("/search")[1]
        assert " 200 " in row
        await until(lambda: len(seen.rows) == len(lonely.log()), "all that the gateway saw")
        # a burst is drawn once, and what the list says of it is what the gateway saw
        session = await seen.app.session()
        for _n in range(3):
            await session.usage()
        await until(lambda: sum("/usage" in row for row in seen.rows) >= 3, "the new ones")
        # what is left of the month is above them, and grows with what others send
        used = seen.app.connection.month_used
        assert used is not None
        await until(lambda: f"this month {used:,} of" in seen.static("#requests-head"), "a month")
        session.host.usage(used + 50, None)  # as another window is told
        await session.line.listen()
        told = f"this month {used + 50:,} of"
        await until(lambda: told in seen.static("#requests-head"), told)
        # filtered, chosen, and as a line for a shell without the key
        await seen.press("slash", *"/search", "enter")
        await until(lambda: len(seen.rows) == 1, "one of them")
        await until(lambda: "Headers of the answer" in seen.pane, "its details")
        assert "x-api-key: ********" in seen.pane
        assert "of this minute" in seen.pane
        await seen.press("y")
        await until(lambda: seen.app.clipboard, "the line")
        assert seen.app.clipboard.startswith('curl -H "X-API-Key: $PM_API_KEY" ')
        assert lonely.base_url in seen.app.clipboard
        seen.app._clipboard = ""
        seen.app.clear_notifications()
        await until(lambda: not seen.toasts, "nothing over the frame")
        pane = seen.app.screen.query_one("#request-detail").region
        await seen.pilot.click(offset=(pane.right - 6, pane.bottom - 1))
        await until(lambda: seen.app.clipboard, "the line, by the mouse")
        told = (seen.app.clipboard, seen.pane, repr(record.rows()), *seen.told)
        assert not canary.found_in("\n".join(told).encode())
        await beside_the_list_where_there_is_room(seen)
        await seen.press("escape", "f3")
        await until(lambda: seen.screen_name == "BookingsView", "another view")
        await until(lambda: record.on_change is None, "nobody who listens")


async def beside_the_list_where_there_is_room(seen: Driven) -> None:
    """Where it is narrow the details take the list's place, and only there."""
    await seen.resize(80, 24)
    detail = seen.app.screen.query_one("#request-detail")
    assert seen.table.display and not detail.display
    await seen.press("enter")
    assert detail.display and not seen.table.display
    await seen.resize(120, 40)
    assert seen.table.display and detail.display


async def test_what_is_chosen_is_taken_along(
    settings: Settings, gateway: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("SSH_CONNECTION", "SSH_TTY", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    async with driven(settings, size=(80, 24)) as seen:
        await seen.press("escape", "y")
        await until(lambda: any("nothing to copy" in one for one in seen.told), "why not")
        await seen.search("Berlin")
        await until(lambda: seen.focused == "locations", "the table")
        shown = {one.key: one for one in seen.app.offered_copies()}
        for key in "ig":
            await seen.press("y")
            await until(lambda: seen.screen_name == "CopyScreen", "the choice")
            await seen.press(key)
            await until(lambda key=key: seen.app.clipboard == shown[key].text, "the text")  # type: ignore[misc]
        assert seen.app.clipboard.startswith("geo:52.")
        # there is no browser here: it says so, and what else there is
        await seen.press("y")
        await until(lambda: seen.screen_name == "CopyScreen", "the choice")
        await seen.press("o")
        await until(lambda: any(one.startswith("Not opened") for one in seen.told), "why not")
        assert "The link can be copied" in "\n".join(seen.told)
        # the same over the details, and in the palette
        await seen.press("enter")
        await until(lambda: seen.screen_name == "LocationScreen", "the details")
        await seen.press("y")
        await until(lambda: seen.screen_name == "CopyScreen", "the choice")
        await seen.press("down", "enter")
        await until(lambda: seen.app.clipboard == shown["a"].text, "the second one")
        await seen.press("escape")
        await until(lambda: seen.screen_name == "FindView", "the view")
        before = seen.app.clipboard
        seen.app.take_along(Copy("c", "Table", "", why_not="It is too long."))
        await until(lambda: "Not copied: Table: It is too long." in seen.told, "why not")
        assert seen.app.clipboard == before
        titles = {one.title for one in seen.app.get_system_commands(seen.app.screen)}
        assert {"Copy: ID", "Copy: geo: link", "Open in a map", "Requests"} <= titles


# -- without the application -----------------------------------------------------------


def test_a_browser_is_opened_only_where_somebody_sees_it(tmp_path: Path) -> None:
    def which(name: str) -> str | None:
        return f"/bin/{name}" if name in ("xdg-open", "open", "firefox") else None

    def found(platform: str = "linux", **env: str) -> str | None:
        return opening.opener(env, which, platform)

    assert found() is None
    assert found(DISPLAY=":0") == found(WAYLAND_DISPLAY="w") == "/bin/xdg-open"
    assert found(DISPLAY=":0", BROWSER="firefox:lynx") == "/bin/firefox"
    assert found(DISPLAY=":0", BROWSER="gone") is None
    assert found(DISPLAY=":0", BROWSER="sh -c %s") == "/bin/xdg-open"
    assert found(DISPLAY=":0", SSH_CONNECTION="a b") is None
    assert found("darwin") == "/bin/open"
    assert found("darwin", SSH_TTY="/dev/pts/1") is None
    with pytest.raises(ValueError, match="web"):
        opening.open_address("/bin/true", "file:///etc/passwd")


def test_what_is_opened_gets_the_address_alone(tmp_path: Path) -> None:
    told = tmp_path / "told"
    program = tmp_path / "browser"
    program.write_text(f'#!/bin/sh\nprintf "%s|" "$@" > {told}\n')
    program.chmod(0o700)
    opening.open_address(str(program), "https://maps.example/?a=1&b=$(id)").wait(10)
    assert told.read_text() == "https://maps.example/?a=1&b=$(id)|"


@pytest.mark.parametrize(
    ("n", "told"), [(0, "0 B"), (999, "999 B"), (1500, "1.5 kB"), (2_340_000, "2.3 MB")]
)
def test_sizes(n: int, told: str) -> None:
    assert request_table.size(n) == told


def test_the_months_line() -> None:
    month = Month(9_900, 10_000, NOON, datetime(2026, 12, 1, tzinfo=UTC), 4, 2, 7)
    zone = ZoneInfo("Europe/Berlin")
    told = line(month, NOON, zone)
    assert told.plain == (
        "this month 9,900 of 10,000, 100 left until Tue 1 Dec (UTC)"
        f" · told {NOON.astimezone(zone):%H:%M:%S}"
        " · here 4 asked for, 2 by itself · all windows today 7 by themselves"
    )
    assert "$text-warning" in str(told.spans[0].style)
    bare = line(replace(month, limit=None, told_at=None, today=None), NOON, zone).plain
    assert bare.startswith("this month 9,900 · told to another window")
    assert "today" not in bare
