"""A visitor's way through the kiosk, with keys only and with the mouse only, in both languages."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Input

from pm_tui.config import Settings
from pm_tui.tui.kiosk.pages import clock
from pm_tui.tui.widgets.large_type import drawn
from tests.sandbox_process import Sandbox
from tests.tui.driving import until
from tests.tui.visiting import a_kiosk


@pytest.fixture(scope="module")
def shared_gateway(own_gateway: Sandbox) -> Sandbox:
    return own_gateway  # others book at the same places and times


async def test_with_keys_only_in_german(settings: Settings, gateway: Sandbox) -> None:
    async with a_kiosk(settings, (60, 20)) as visitor:
        await visitor.sees("Willkommen")
        assert gateway.log() == [], "an idle kiosk spends nothing"
        await visitor.press("f2")
        await visitor.sees("Welcome")
        await visitor.press("f2", "1")
        await visitor.sees("Wann fahren Sie ab?")
        await visitor.press("down", "enter")
        await until(lambda: any("frei" in one for one in visitor.choices), "free chargers")
        assert [one for one in visitor.choices if "frei" in one] == visitor.choices[
            : sum("frei" in one for one in visitor.choices)
        ]
        await visitor.press("enter")
        await visitor.sees("Kennzeichen")
        await visitor.press(*"bxy4711", "enter")
        await visitor.sees("Ist das richtig?")
        before = len(gateway.bookings())
        await visitor.pilot.press("1", "1", "enter", "1")  # an impatient one
        await visitor.sees("Bestätigt")
        made = gateway.bookings()[before:]
        assert len(made) == 1
        assert made[0]["token_strategy"] == "ad_hoc"
        assert made[0]["external_id"].startswith("visitor-lobby-")
        assert "bxy4711" not in str(made)
        number = made[0]["token"]["visual_number"]
        assert number in visitor.said
        large = drawn(number, 56)
        await until(lambda: all(row in visitor.text for row in large), "the number, large")
        assert "█▄▄▄█" not in visitor.text, "no room for a QR code"
        await visitor.press("2")
        await until(lambda: "█▄▄▄█" in visitor.text, "the QR code")
        assert number in visitor.text
        await visitor.press("1", "end", "enter")
        await visitor.sees("Willkommen")
        everything = visitor.said + visitor.text + visitor.app.screen.query_one(Input).value
        assert "bxy4711" not in everything
        assert made[0]["token"]["visual_number"] not in everything


async def test_in_english_with_keys_only_and_in_german_with_the_mouse_only(
    settings: Settings, gateway: Sandbox
) -> None:
    async with a_kiosk(settings, languages=("en", "de"), ask="name") as visitor:
        await visitor.sees("Welcome")
        before = len(gateway.bookings())
        await visitor.press("enter", "end", "up", "enter", "enter")  # another time, as it stands
        await until(lambda: any("free" in one for one in visitor.choices), "free chargers")
        await visitor.press("5")
        await visitor.sees("Your name")
        await visitor.press("enter", "1")
        await visitor.sees("Confirmed")
        await visitor.press("end", "enter")
        await visitor.sees("Welcome")
        assert await visitor.pilot.click("#kiosk-language")
        await visitor.sees("Willkommen")
        await visitor.touch("Mein Auto laden")
        await visitor.touch(" 1  um ")
        await until(lambda: any("frei" in one for one in visitor.choices), "free chargers")
        await visitor.touch(" 5  ")  # the next one: what is booked is no more among the free
        await visitor.sees("Ihr Name")
        await visitor.touch("Fortsetzen")
        await visitor.sees("Ist das richtig?")
        await visitor.touch("Buchen")
        await visitor.sees("Bestätigt")
        await visitor.touch("Fertig")
        await visitor.sees("Welcome")
        assert len(gateway.bookings()) - before == 2


async def test_with_the_mouse_only_and_a_refusal(settings: Settings, gateway: Sandbox) -> None:
    async with a_kiosk(settings, ask="nothing") as visitor:
        assert await visitor.pilot.click("#kiosk-language")
        await visitor.sees("Welcome")
        await visitor.touch("Charge my car")
        await visitor.touch("Another time")
        await visitor.touch("15 minutes later")
        await visitor.touch("take this time")
        await until(lambda: any("free" in one for one in visitor.choices), "free chargers")
        named = visitor.choices[0].split("\n")[0].removeprefix(" 1  ")
        await visitor.touch("Charger ")
        await visitor.sees("Is this right?")
        gateway.fault("error", match="POST /bookings", status=409, text="<E409>")
        await visitor.touch("Book it")
        await visitor.sees("has just been taken")
        assert "E409" not in visitor.text
        assert "+49 30 1" in visitor.text
        await visitor.touch("Choose another")
        await until(lambda: any("free" in one for one in visitor.choices), "free chargers")
        free = [one for one in visitor.choices if "free" in one]
        assert not any(named in one for one in free), "what was refused is not offered again"
        await visitor.press("1")
        await visitor.sees("Is this right?")
        gateway.fault("never_confirms", match="POST /bookings")
        await visitor.touch("Book it")
        await visitor.sees("has not answered yet")
        assert visitor.choices == []
        await visitor.press("1", "enter", "escape", "ctrl+q", "ctrl+c", "ctrl+p", "ctrl+z")
        assert visitor.app.is_running
        assert "not confirmed so far" in visitor.said


async def test_a_name_is_asked_for_once_in_a_visit_and_not_kept_for_the_next(
    settings: Settings, gateway: Sandbox
) -> None:
    async with a_kiosk(settings, languages=("en",), ask="name") as visitor:
        gateway.fault("error", match="POST /bookings", status=409, text="taken")
        await visitor.press("1", "1")
        await until(lambda: any("free" in one for one in visitor.choices), "free chargers")
        await visitor.press("6")
        await visitor.sees("Your name")
        await visitor.press(*"Edda", "enter", "1")
        await visitor.sees("has just been taken")
        await visitor.press("1")
        await until(lambda: any("free" in one for one in visitor.choices), "free chargers")
        await visitor.press("4")
        await visitor.sees("Is this right?")
        await visitor.press("1")
        await visitor.sees("Confirmed")
        guests = (await visitor.app.kiosk()).guests
        made = gateway.bookings()[-1]["id"]
        assert guests.name(made, visitor.app.now()) == "Edda", "the desk's list has it"
        await visitor.press("2")
        await visitor.sees("Welcome")
        await visitor.press("1", "1")
        await until(lambda: any("free" in one for one in visitor.choices), "free chargers")
        await visitor.press("1")
        await visitor.sees("Your name")
        assert visitor.app.screen.query_one(Input).value == ""


@pytest.mark.parametrize("fault", ["drop", "429_seconds"])
async def test_without_chargers_to_show_a_visitor_is_told_whom_to_ask(
    settings: Settings, gateway: Sandbox, fault: str
) -> None:
    async with a_kiosk(settings, languages=("en",)) as visitor:
        gateway.fault(fault, times=None)
        await visitor.press("1", "1")
        await visitor.sees("Nothing is booked")
        assert "+49 30 1" in visitor.said
        await visitor.press("1")
        await visitor.sees("Welcome")


async def test_who_comes_back_is_known_by_the_number_alone(
    settings: Settings, gateway: Sandbox
) -> None:
    seconds = [0.0]
    english: dict[str, Any] = {"languages": ("en",), "ask": "nothing"}
    async with a_kiosk(settings, monotonic=lambda: seconds[0], **english) as visitor:
        await visitor.press("1", "1")
        await until(lambda: any("free" in one for one in visitor.choices), "free chargers")
        await visitor.press("3")
        await visitor.sees("Is this right?")
        await visitor.press("1")
        await visitor.sees("Confirmed")
        made = gateway.bookings()[-1]
        number = made["token"]["visual_number"]
        await visitor.press("2", "2")
        await visitor.sees("I need longer")
        for nothing in ("enter", "space"):
            await visitor.press(nothing, "enter")
            await visitor.sees("Please type the number")
        await visitor.press(*"nobody", "enter")
        await visitor.sees("No booking here has this number")
        assert "The next try is possible in 1 s" in visitor.said
        await visitor.press(*number, "enter")
        await until(lambda: "No booking here" not in visitor.said, "the answer")
        assert "The next try is possible in 1 s" in visitor.said, "nobody guesses in a row"
        assert visitor.app.screen.query_one(Input).value == number, "not thrown away"
        seconds[0] += 1
        await visitor.sees("The next try is possible now")
        await visitor.press("enter")
        await visitor.sees("When do you leave?")
        offered = [one.partition(" at ")[2].strip() for one in visitor.choices[:-1]]
        assert len(offered) > 1
        await visitor.press("1")
        await visitor.sees(f"has been made longer: until {offered[0]}")
        begin = clock(datetime.fromisoformat(made["reservation_start"]))
        await visitor.press("1", "2", *number, "enter")
        await visitor.sees(f"{begin} to {offered[0]}")
        again = [one.partition(" at ")[2].strip() for one in visitor.choices[:-1]]
        assert again == offered[1:], "only later ends than the one that holds now"
        await visitor.press(f"{len(visitor.choices)}", "3")
        await visitor.sees("I am leaving")
        await visitor.press(*number, "enter")
        await visitor.sees("This cancels your booking")
        assert f"{begin} to {offered[0]}" in visitor.said
        await visitor.press("1")
        await visitor.sees("Your booking is cancelled")
        mine = [one for one in gateway.bookings() if one["evse_uid"] == made["evse_uid"]]
        assert {one["status"] for one in mine} == {"CANCELLED"}


@pytest.mark.parametrize("size", [(60, 20), (120, 40)])
async def test_keys_do_what_stands_beside_a_field(
    settings: Settings, gateway: Sandbox, size: tuple[int, int]
) -> None:
    async with a_kiosk(settings, size, languages=("en", "de"), ask="name") as visitor:
        for key, title in (("2", "I need longer"), ("3", "I am leaving")):
            await visitor.sees("Welcome")
            await visitor.press(key)
            await visitor.sees("type the number")
            shown = [one.split("\n")[0] for one in visitor.choices]
            assert shown == [" Enter  Go on", " Esc    Back to the start"], title
            await visitor.press("2")
            field = visitor.app.screen.query_one(Input)
            assert (field.value, field.has_focus) == ("2", True), "a digit is the number's"
            await visitor.press("f2")
            await visitor.sees("Nummer Ihrer Buchung")
            assert (field.value, field.has_focus) == ("2", True), "the language changes that alone"
            await visitor.press("escape")
            await visitor.sees("Welcome")
            assert field.value == ""
        await visitor.press("escape", "1")
        await visitor.sees("When do you leave?")
        await visitor.press("escape")
        await visitor.sees("Welcome")
        await visitor.press("1", "1")
        await until(lambda: any("free" in one for one in visitor.choices), "free chargers")
        await visitor.press("1")
        await visitor.sees("Your name")
        assert visitor.choices[1].startswith(" Esc    Back")
        await visitor.press("1", "enter")
        await visitor.sees("Is this right?")
        assert visitor.choices[1].startswith(" 2  Back")
        await visitor.press("escape")
        await visitor.sees("Welcome")
        assert not any(one["method"] == "POST" for one in gateway.log())


async def test_who_walks_away_is_asked_and_then_forgotten(
    settings: Settings, gateway: Sandbox
) -> None:
    seconds = [0.0]
    async with a_kiosk(settings, languages=("en",), monotonic=lambda: seconds[0]) as visitor:

        def later(more: float) -> None:
            seconds[0] += more
            visitor.app.look_for_somebody()

        await visitor.sees("Welcome")
        later(1000)
        assert "still there" not in visitor.said, "nobody is asked where nobody was"
        await visitor.press("2")
        await visitor.press(*"secret", "shift+home", "ctrl+c", "ctrl+x")
        assert visitor.app.clipboard == ""
        await visitor.press(*"secret")
        later(44)
        assert "still there" not in visitor.said
        later(1)
        await visitor.sees("still there")
        await visitor.press("1")
        await visitor.sees("type the number")
        later(45)
        later(14)
        await visitor.sees("still there")
        later(1)
        await visitor.sees("Welcome")
        assert visitor.app.screen.query_one(Input).value == ""
        assert "secret" not in visitor.said + visitor.text
        assert gateway.log() == []


async def test_a_visitor_is_told_whether_the_slip_was_printed(
    settings: Settings, tmp_path: Path
) -> None:
    slip = tmp_path / "slip"
    printer = ("sh", "-c", f"test -e {slip} && cat > {slip}")  # has no paper at first
    english: dict[str, Any] = {"languages": ("en",), "ask": "nothing"}
    async with a_kiosk(settings, print_command=printer, **english) as visitor:
        await visitor.press("1", "2")
        await until(lambda: any("free" in one for one in visitor.choices), "free chargers")
        await visitor.press("7")
        await visitor.sees("Is this right?")
        await visitor.press("1")
        await visitor.sees("Confirmed")
        await visitor.press("1")
        await until(lambda: any("was not printed" in one for one in visitor.choices), "the truth")
        slip.touch()
        await visitor.press("1")
        await until(lambda: any("It is printed" in one for one in visitor.choices), "the slip")
        assert "Your charger is reserved" in slip.read_text()
