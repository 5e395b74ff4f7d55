"""The tour: it goes on when a thing was really done, can be left, and is for the sandbox alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from rich.cells import cell_len

from pm_tui import i18n
from pm_tui.cli import main
from pm_tui.config import Settings
from pm_tui.i18n import _
from pm_tui.services.session import Session
from pm_tui.tui.key_names import keyed
from pm_tui.tui.tour import STEPS, Tour
from pm_tui.tui.widgets.tour_bar import TourBar
from tests.canary import KEY
from tests.conftest import MakeSettings
from tests.sandbox_process import Sandbox
from tests.tui.driving import Driven, driven, until

SMALL = (80, 24)


@pytest.fixture
def newcomer(gateway: Sandbox, make_settings: MakeSettings) -> tuple[Settings, Settings]:
    """Who starts it without a key; and the account whose gateway stands in for the sandbox that
    the program would start."""
    account = make_settings(gateway, memory=True)
    return replace(account, sandbox=True, key=None), account


def said(seen: Driven) -> str:
    """What the bar on the screen says; "" where there is none."""
    return "\n".join(f"{bar.title}\n{bar.words}" for bar in seen.app.screen.query(TourBar))


async def step(seen: Driven, number: int, word: str = "") -> None:
    await until(lambda: f"Tour {number}/6" in said(seen) and word in said(seen), f"step {number}")


async def test_each_step_is_left_by_doing_it(newcomer: tuple[Settings, Settings]) -> None:
    settings, account = newcomer
    async with driven(settings, SMALL, session=lambda: Session(account)) as seen:
        await until(lambda: "New here?" in said(seen), "the offer")
        await seen.press("ctrl+t")
        await step(seen, 1, "Type a town")
        await seen.press("f3")
        await step(seen, 1, "1 shows the search")
        await seen.press("f2")
        await seen.search("Berlin")
        await step(seen, 2)
        await seen.press("enter")  # the details, over the list
        await step(seen, 3, "b books here")
        assert seen.screen_name == "LocationScreen"
        await seen.press("escape")
        await step(seen, 3, "arrow keys")
        await seen.press("b")
        await step(seen, 3, "Ctrl+S sends it")
        assert "Ready to book" in seen.text
        assert "Book (Ctrl+S)" in seen.text  # neither is covered
        await seen.press("ctrl+s")
        await step(seen, 5, "3 shows")  # past the fourth, once it is confirmed
        assert seen.app.tour is not None
        booked = seen.app.known.booking(seen.app.tour.booking_id or "")
        assert booked is not None and booked.status == "CONFIRMED"
        await seen.press("3")
        await step(seen, 5, "r reads")
        await seen.press("r")
        await step(seen, 6)
        await seen.press("f1")
        await until(lambda: seen.app.tour is None and not said(seen), "the end")
        await seen.press("escape")
        await until(lambda: seen.screen_name == "ReportView" and not said(seen), "no bar")


async def test_it_is_skipped_left_refused_for_good_and_not_for_a_live_account(
    newcomer: tuple[Settings, Settings],
) -> None:
    settings, account = newcomer
    async with driven(settings, SMALL, session=lambda: Session(account)) as seen:
        await until(lambda: "New here?" in said(seen), "the offer")
        titles = [one.title for one in seen.app.get_system_commands(seen.app.screen)]
        assert "Tour of six steps, in the sandbox" in titles
        assert "not again" in seen.lines[1]
        await seen.click(TourBar, offset=(seen.lines[1].index("not again"), 0))
        await until(lambda: not said(seen), "no offer")
        await seen.press("ctrl+n")
        assert "No tour is on: Ctrl+T begins it." in seen.told[-1]
        await seen.press("ctrl+t")
        await step(seen, 1)
        await seen.press("f5")
        await step(seen, 1, "Esc leaves this")  # what is watched, a dialog
        await seen.press("escape")
        for number in (1, 2, 3):
            await step(seen, number)
            await seen.press("ctrl+n")
        await step(seen, 5)  # nothing was booked, so there is no answer to wait for
        await seen.press("ctrl+t")
        await until(lambda: seen.app.tour is None and not said(seen), "the end")
    async with driven(settings, SMALL, session=lambda: Session(account)) as seen:
        assert seen.app.recall("tour", str, "") == "told"
        assert not said(seen)
        seen.app.settings = account
        await seen.press("ctrl+t")
        await until(lambda: any("for the sandbox alone" in one for one in seen.told), "why not")
        assert seen.app.tour is None


def test_asked_for_on_the_command_line_it_is_in_the_sandbox_whatever_key_there_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    seen: list[tuple[bool, bool]] = []

    def run(settings: Settings, *, tour: bool) -> int:
        seen.append((settings.sandbox, tour))
        return 0

    monkeypatch.setattr("pm_tui.tui.app.run", run)
    monkeypatch.setattr("pm_tui.cli.screen.is_terminal", lambda: True)
    monkeypatch.setattr("gc.disable", lambda: None)
    monkeypatch.setattr("pm_tui.crash.keep_in", lambda _folder: None)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PM_TUI_API_KEY", KEY)
    for name in ("XDG_CONFIG_HOME", "PM_TUI_CONFIG", "PM_TUI_PROFILE", "PM_TUI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    assert (main([]), main(["--tour"])) == (0, 0)
    assert seen == [(False, False), (True, True)]


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_every_text_fits_in_a_line_of_80(language: str) -> None:
    i18n.use(language)
    assert len(STEPS) == 6
    for one in STEPS:
        for text in (one.text, one.elsewhere, *one.over.values()):
            told = keyed(_(text))
            assert cell_len(told) <= 78, told
        assert cell_len(_("Tour {n}/{of}: {title}") + _(one.title)) <= 58


def test_without_a_booking_there_is_no_answer_to_wait_for() -> None:
    for booking_id, expected in ((None, "read"), ("b1", "answered")):
        tour = Tour()
        while not tour.waits_for("booked"):
            tour.go_on()
        tour.booking_id = booking_id
        tour.go_on()
        assert tour.waits_for(expected)
