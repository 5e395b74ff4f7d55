"""The gate to the desk's side: opened by the PIN alone, by keys or by touch, and closed again."""

from __future__ import annotations

from textual.widgets import Input, Static

from pm_tui.config import pin
from pm_tui.tui.kiosk.desk import DeskScreen
from pm_tui.tui.kiosk.desk_name import DeskName
from pm_tui.tui.kiosk.gate import ENTER, ERASE, GateScreen
from pm_tui.tui.kiosk.screen import KioskScreen
from tests.conftest import MakeSettings
from tests.tui.driving import until
from tests.tui.visiting import Visitor, a_kiosk

PIN = "408215"


def offered(visitor: Visitor) -> list[str]:
    gate = visitor.app.screen
    assert isinstance(gate, GateScreen)
    return list(gate.offered)


def words(visitor: Visitor) -> str:
    return str(visitor.app.screen.query_one("#gate-text", Static).content)


async def test_the_gate_opens_with_the_pin_alone(make_settings: MakeSettings) -> None:
    seconds = [0.0]
    # no key, no gateway: nothing of this asks anybody
    kiosk = a_kiosk(
        make_settings(),
        (60, 20),
        languages=("en",),
        pin=pin.kept(PIN),
        monotonic=lambda: seconds[0],
    )
    async with kiosk as visitor:
        app = visitor.app
        await visitor.sees("Welcome")
        await visitor.press("2", *"secret", "f10")
        await until(lambda: isinstance(app.screen, GateScreen), "the gate")
        assert "Esc  Back" in visitor.text, "a digit is the PIN's"
        await visitor.press("f10", "1", "a", *"99999", "enter")
        await until(lambda: "not the PIN" in words(visitor), "no")
        assert "in 1 s" in words(visitor)
        assert offered(visitor) == ["back"]
        app.post_message(GateScreen.Chosen("end"))  # was never offered
        await visitor.press(*PIN, "enter")  # too soon
        await until(lambda: "not the PIN" not in words(visitor), "too soon")
        assert offered(visitor) == ["back"]
        assert app.screen.query_one(Input).value == PIN, "not looked at, so not thrown away"
        seconds[0] += 1
        await until(lambda: "possible now" in words(visitor), "the end of the wait")
        keys = {str(key.content): key for key in app.screen.query(".pad-key").results(Static)}
        await visitor.press("backspace")  # where the cursor was
        for digit in ("7", ERASE, PIN[-1], ENTER):  # and by touch
            assert await visitor.pilot.click(keys[digit], offset=(1, 1))
        await until(lambda: offered(visitor) == ["back", "desk", "end"], "the desk's side")
        assert not app.screen.query_one(Input).display
        assert "1  Back" in visitor.text
        await visitor.press("1")
        await until(lambda: isinstance(app.screen, KioskScreen), "the visitor's page")
        assert "type the number" in visitor.said, "where it was left"


async def test_the_gate_closes_by_itself_and_behind_it_is_the_desks_side(
    make_settings: MakeSettings,
) -> None:
    seconds = [0.0]
    # no key, no gateway: nothing of this asks anybody
    kiosk = a_kiosk(
        make_settings(),
        (60, 20),
        languages=("en",),
        pin=pin.kept(PIN),
        monotonic=lambda: seconds[0],
    )
    async with kiosk as visitor:
        app = visitor.app
        await visitor.sees("Welcome")
        await visitor.press("2")
        name = app.screen.query_one(DeskName)
        assert str(name.content) == "F10 lobby"
        assert name.content_size.width >= len("F10 lobby"), "it is seen"
        assert await visitor.pilot.click(name)
        await until(lambda: isinstance(app.screen, GateScreen), "the gate")
        await visitor.press("4", "escape")
        await until(lambda: isinstance(app.screen, KioskScreen), "the visitor's page")
        await visitor.press("f10")
        await until(lambda: isinstance(app.screen, GateScreen), "the gate")
        await visitor.press(*PIN, "enter")
        await until(lambda: "end" in offered(visitor), "the desk's side")
        seconds[0] += 45
        app.look_for_somebody()
        await until(lambda: isinstance(app.screen, KioskScreen), "nobody was there: closed")
        app.look_for_somebody()
        await visitor.sees("still there")
        await visitor.press("2")
        await visitor.sees("Welcome")

        await visitor.press("f10")
        await until(lambda: isinstance(app.screen, GateScreen), "the gate")
        app.blocked = "undecided"
        await visitor.press(*PIN, "enter")
        await until(lambda: offered(visitor) == ["back", "desk", "free", "end"], "the desk's side")
        await visitor.press("3")
        await until(lambda: not app.blocked, "visitors may book again")
        await visitor.press("f10")
        await until(lambda: isinstance(app.screen, GateScreen), "the gate")
        await visitor.press(*PIN, "enter")
        await until(lambda: "end" in offered(visitor), "the desk's side")
        await visitor.press("2")
        await until(lambda: isinstance(app.screen, DeskScreen), "the desk's view")
        await visitor.press("escape")
        await visitor.sees("Welcome")
        await visitor.press("f10")
        await until(lambda: isinstance(app.screen, GateScreen), "the gate")
        await visitor.press(*PIN, "enter")
        await until(lambda: "end" in offered(visitor), "the desk's side")
        assert app.is_running
        await visitor.press("3")
        await until(lambda: app.ended, "the end")
    assert app.return_code == 0
