"""The booking form at the keyboard: what is shown, what is refused, and what it answers."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from textual.pilot import Pilot
from textual.widget import Widget
from textual.widgets import Button, Input, Select, Static

from pm_tui.models.booking import BookingRequest
from pm_tui.models.charger import Location
from pm_tui.services.ages import Aged
from pm_tui.services.connection import Connection
from pm_tui.tui.screens.booking_form import BookingFormScreen
from pm_tui.tui.styles import style
from pm_tui.tui.themes import Dressed
from pm_tui.tui.widgets.when_input import WhenInput

BERLIN = ZoneInfo("Europe/Berlin")
LISBON = ZoneInfo("Europe/Lisbon")
NOW = datetime(2026, 11, 21, 9, 3, 27, tzinfo=UTC)  # 10:03 in Berlin
HOSTILE = "[bold]a [/x] [@click=app.quit]"


def raw_location(**changes: Any) -> dict[str, Any]:
    ccs = {"id": "1", "standard": "IEC_62196_T2_COMBO", "max_electric_power": 150_000}
    chademo = {"id": "2", "standard": "CHADEMO", "max_electric_power": 50_000}
    location: dict[str, Any] = {
        "location_id": "DE-ENB-E1",
        "name": "Ladepark Süd",
        "cpo_name": "EnBW",
        "city": "Berlin",
        "supports_reservation": True,
        "time_zone": "Europe/Berlin",
        "pricing": {"estimated_price": 12.5, "currency": "EUR"},
        "evses": [
            {"evse_uid": "DE*ENB*E1*1", "status": "OUTOFORDER", "connectors": [ccs]},
            {"evse_uid": "DE*ENB*E1*2", "status": "AVAILABLE", "connectors": [ccs, chademo]},
            {"evse_uid": "DE*ENB*E1*3", "status": "AVAILABLE", "connectors": [ccs]},
        ],
    }
    return location | changes


class Host(Dressed):
    CSS_PATH = style("global")

    def __init__(self, raw: dict[str, Any] | None = None, **arguments: Any) -> None:
        super().__init__()
        self.answers: list[BookingRequest | None] = []  # None: left
        self.clock = NOW
        known: dict[str, Any] = {"evse_uid": None, "start": None, "end": None}
        known |= {"viewer_zone": BERLIN, "now": lambda: self.clock}
        self.form = BookingFormScreen(Location.read(raw or raw_location()), **known | arguments)

    def on_mount(self) -> None:
        self.push_screen(self.form, self.answers.append)

    def on_booking_form_screen_submitted(self, event: BookingFormScreen.Submitted) -> None:
        self.answers.append(event.request)

    def text(self, selector: str) -> str:
        return str(self.form.query_one(selector, Static).content)

    def finding(self, field: str) -> str:
        return self.text(f"#row-{field} .form-finding")

    def field(self, name: str) -> Input:
        return self.form.query_one(f"#{name}", Input)

    def when(self, name: str) -> WhenInput:
        return self.form.query_one(f"#{name}", WhenInput)

    def choice(self, name: str) -> Select[Any]:
        return self.form.query_one(f"#{name}", Select)


async def fill(pilot: Pilot[None], line: Input, text: str) -> None:
    """As typed or pasted, without a wait for every letter."""
    line.value = text
    await pilot.pause()


async def fill_all(pilot: Pilot[None], texts: dict[Input, str]) -> None:
    """One after the other."""
    for line, text in texts.items():
        line.value = text
    await pilot.pause()


async def test_it_opens_ready_to_book_and_answers_one_request_however_often_pressed() -> None:
    app = Host(viewer_zone=LISBON)
    async with app.run_test(size=(80, 24)) as pilot:
        assert app.text("#booking-title") == "Book · Ladepark Süd · Berlin · EnBW"
        assert app.text("#start .when-echo") == "Sat 21 Nov 10:30 CET (09:30 WET)"
        assert app.text("#end .when-echo") == "Sat 21 Nov 11:30 CET (10:30 WET) · 1 h"
        assert "estimate" in app.text("#booking-price")
        assert app.text("#booking-summary").startswith("✓ Ready to book")
        await pilot.press("ctrl+s", "ctrl+s", "enter")
        await pilot.resize_terminal(60, 18)
        await pilot.press("ctrl+s", "escape", "escape")
        await pilot.pause()
    request, left = app.answers
    assert left is None
    assert request is not None
    assert request.body() == {
        "location_id": "DE-ENB-E1",
        "evse_uid": "DE*ENB*E1*2",
        "reservation_start": "2026-11-21T09:30:00Z",
        "reservation_end": "2026-11-21T10:30:00Z",
    }


async def test_the_button_books_once_and_is_disabled_at_once() -> None:
    app = Host(evse_uid="DE*ENB*E1*3")
    async with app.run_test(size=(80, 24)) as pilot:
        button = app.form.query_one("#book", Button)
        button.focus()
        button.press()
        button.press()
        await pilot.pause()
        assert button.disabled
    assert [answer and answer.connector_id for answer in app.answers] == ["1"]


async def test_cancelling_with_the_mouse_answers_nothing() -> None:
    app = Host()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.click("#cancel")
    assert app.answers == [None]


async def test_everything_typed_arrives_in_the_request() -> None:
    app = Host(taken_references={"sales-emp7-20261124"})
    async with app.run_test(size=(80, 24)) as pilot:
        app.choice("connector").value = "2"
        await fill(pilot, app.when("start").line, "24.11. 14:30")
        await fill(pilot, app.when("end").line, "+90m")
        app.choice("token_strategy").value = "driver_token"
        await pilot.pause()
        names = {"customer_id": "cust_emp7", "department": "Sales", "employee": "emp7"}
        await fill_all(pilot, {app.field(name): text for name, text in names.items()})
        await pilot.press("ctrl+s")
    (request,) = app.answers
    assert request is not None
    assert request.body() == {
        "location_id": "DE-ENB-E1",
        "evse_uid": "DE*ENB*E1*2",
        "connector_id": "2",
        "reservation_start": "2026-11-24T13:30:00Z",
        "reservation_end": "2026-11-24T15:00:00Z",
        "external_id": "sales-emp7-20261124-2",
        "token_strategy": "driver_token",
        "customer_id": "cust_emp7",
    }


async def test_a_strategy_shows_just_its_fields_and_sends_no_others() -> None:
    shown = {
        "": [],
        "driver_token": ["customer_id", "token_id"],
        "group_token": ["fleet_group_id"],
        "ad_hoc": [],
        "pipelet": ["token_uid"],
    }
    app = Host()
    async with app.run_test(size=(80, 24)) as pilot:
        for strategy, fields in shown.items():
            app.choice("token_strategy").value = strategy
            await pilot.pause()
            rows = [row for row in app.form.query("TokenFields FormRow") if row.display]
            assert [row.name for row in rows] == ["token_strategy", *fields]
            for name in fields:
                app.field(name).value = "left over"
        await fill(pilot, app.field("token_uid"), "")
        await pilot.press("ctrl+s")  # pipelet without its uid
        assert app.answers == []
        assert app.focused is app.field("token_uid")
        await fill(pilot, app.field("token_uid"), "04a1b2c")
        assert "hexadecimal" in app.finding("token_uid")
        app.field("token_uid").action_end()
        await pilot.press("3", "ctrl+s")
    (request,) = app.answers
    assert request is not None
    assert request.body()["token_uid"] == "04A1B2C3"
    assert not {"customer_id", "token_id", "fleet_group_id"} & request.body().keys()


async def test_the_reference_is_assisted_until_the_person_edits_it() -> None:
    app = Host()
    async with app.run_test(size=(80, 24)) as pilot:
        reference = app.field("external_id")
        assert "one is made" in app.finding("external_id")
        await fill(pilot, app.field("department"), "Vertrieb Süd")
        assert reference.value == ""
        await fill(pilot, app.field("employee"), "emp042")
        assert reference.value == "vertrieb-sued-emp042-20261121"
        assert app.finding("external_id") == ""
        await fill(pilot, app.when("start").line, "tomorrow 9")
        assert reference.value == "vertrieb-sued-emp042-20261122"
        await fill(pilot, reference, "my-ref-001")
        await fill(pilot, app.field("employee"), "other")
        assert reference.value == "my-ref-001"
        await fill(pilot, reference, "")
        await fill(pilot, app.field("department"), "")
        app.choice("token_strategy").value = "ad_hoc"
        await pilot.pause()
        assert reference.value == "visitor-other-20261122"


async def test_findings_stand_under_their_fields_and_keep_errors_from_being_sent() -> None:
    app = Host()
    async with app.run_test(size=(80, 24)) as pilot:
        await fill(pilot, app.when("start").line, "10:10")
        assert "10:19" in app.finding("reservation_start")
        assert app.text("#booking-summary").startswith("✗")
        app.field("external_id").focus()
        await pilot.press("ctrl+s")
        assert app.answers == []
        assert app.focused is app.when("start").line
        assert "· 1 h" in app.text("#end .when-echo")
        await fill(pilot, app.when("start").line, "soon")
        assert "· 1 h" not in app.text("#end .when-echo")
        await fill(pilot, app.when("start").line, "12:00")
        await fill(pilot, app.when("end").line, "21 Nov 11:00")
        assert "follow" in app.finding("reservation_end")
        await fill(pilot, app.when("end").line, "soon")
        assert app.finding("reservation_end") == ""  # the field itself says what is wrong
        assert app.when("end").has_class("-wrong")
        await fill(pilot, app.when("end").line, "+5h")
        assert "4 h" in app.finding("reservation_end")  # a warning
        app.choice("evse").value = 0
        await pilot.pause()
        assert "out of order" in app.finding("evse_uid")
        await pilot.press("ctrl+s")
        assert app.answers == []
        assert "4 h" in app.finding("reservation_end")  # still told beside the error
        app.choice("evse").value = 1
        await pilot.press("ctrl+s")
        await pilot.pause()
    (request,) = app.answers
    assert request is not None
    assert request.reservation_end - request.reservation_start == timedelta(hours=5)


async def test_what_only_the_request_or_the_time_refuses_is_told_at_its_field() -> None:
    app = Host(seen=Aged(True, timedelta(minutes=6)))
    async with app.run_test(size=(80, 24)) as pilot:
        # states that are old are told as what they were
        options = [str(text) for text, _key in app.choice("evse")._options]
        assert all("was: " in text for text in options)
        assert app.text("#booking-price").endswith("as last seen, 6 min ago.")
        # what only the request itself refuses
        await fill(pilot, app.field("external_id"), "a  b")
        await pilot.press("ctrl+s")
        assert app.answers == []
        assert app.finding("external_id").startswith("✗")
        assert app.focused is app.field("external_id")
        # a start that time has overtaken since
        await fill(pilot, app.field("external_id"), "a-b")
        app.clock = NOW + timedelta(minutes=20)
        await pilot.press("ctrl+s")
        assert app.answers == []
        assert "15 minutes ahead" in app.finding("reservation_start")


async def test_the_end_moves_with_the_start_unless_it_was_typed() -> None:
    app = Host(
        start=datetime(2026, 11, 24, 14, tzinfo=BERLIN), end=datetime(2026, 11, 24, 16, tzinfo=UTC)
    )
    async with app.run_test(size=(80, 24)) as pilot:
        app.when("start").line.focus()
        await pilot.press("end", "greater_than_sign")
        await pilot.pause()
        assert app.when("end").value == datetime(2026, 11, 24, 17, 15, tzinfo=BERLIN)
        await fill(pilot, app.when("end").line, "18:00")
        app.when("start").line.focus()
        await pilot.press("end", "pageup")
        await pilot.pause()
        assert app.when("end").value == datetime(2026, 11, 25, 18, tzinfo=BERLIN)


async def test_offline_is_said_on_top_and_nothing_is_answered_until_it_is_over() -> None:
    app = Host(online=False)
    async with app.run_test(size=(80, 24)) as pilot:
        banner = app.form.query_one("#booking-offline")
        assert banner.display
        assert banner.region.y < app.form.query_one("#evse").region.y
        assert app.form.query_one("#book", Button).disabled
        assert app.text("#booking-summary").startswith("✗ Offline")
        await pilot.press("ctrl+s")
        assert app.answers == []
        app.form.online = True
        await pilot.pause()
        assert not banner.display
        await pilot.click("#book")
        await pilot.pause()
    assert len(app.answers) == 1


def in_sight(app: Host, widget: Widget) -> bool:
    """Whether it is seen on its own: one of the fields among them, and not beneath a button."""
    fields = app.form.query_one("#booking-fields").region
    around = app.form.region if widget.id in ("book", "cancel") else fields
    return around.contains_region(widget.region)


async def test_the_buttons_and_the_focus_are_always_on_screen() -> None:
    app = Host(online=False)
    async with app.run_test(size=(60, 16)) as pilot:
        app.form.online = True
        app.choice("token_strategy").value = "driver_token"
        app.choice("evse").value = 0
        await fill(pilot, app.when("start").line, "31.10.2027 2:30")
        for size in ((60, 16), (80, 24), (120, 40), (200, 60)):
            await pilot.resize_terminal(*size)
            stops = app.form.focus_chain
            assert len(stops) >= 12
            scrolls = bool(app.form.query_one("#booking-fields").max_scroll_y)
            assert scrolls == (size[1] < 24)
            for stop in stops:
                if scrolls:  # else all of them are seen at once
                    stop.focus()
                    await pilot.pause()
                assert in_sight(app, stop), (size, stop)
                for widget in ("#book", "#cancel", "#booking-summary"):
                    assert app.form.region.contains_region(app.form.query_one(widget).region)


async def test_hostile_names_are_drawn_as_they_are() -> None:
    connector = {"id": HOSTILE, "standard": HOSTILE, "format": HOSTILE}
    evse = {"evse_uid": HOSTILE, "status": HOSTILE, "connectors": [connector]}
    texts = dict.fromkeys(["name", "address", "city", "cpo_name", "postal_code"], HOSTILE)
    price = {"estimated_price": 1, "currency": HOSTILE}
    app = Host(raw_location(**texts, evses=[evse], pricing=price))
    async with app.run_test(size=(200, 60)) as pilot:
        assert HOSTILE in app.text("#booking-title")
        assert HOSTILE in app.finding("evse_uid")
        for name in ("evse", "connector"):
            app.choice(name).focus()
            await pilot.press("enter", "b", "down")
            assert "[/x]" in app.export_screenshot().replace("&#160;", " ")
            await pilot.press("escape")
        assert app.is_running
        assert app.screen is app.form


async def test_a_location_that_lists_nothing_says_so() -> None:
    app = Host(raw_location(evses=[], pricing=None, time_zone=None), viewer_zone=LISBON)
    async with app.run_test(size=(80, 24)) as pilot:
        assert "CET" in app.text("#start .when-echo"), "where most chargers are, not who looks"
        assert app.finding("evse_uid") == "✗ Choose a charging point (EVSE)."
        assert app.text("#booking-price").startswith("–")
        assert "not known" in str(app.form.query_one("#booking-form").border_title)
        await pilot.press("ctrl+s")
    assert app.answers == []


def test_the_screen_is_there_before_pydantic() -> None:
    code = (
        "import sys, pm_tui.tui.screens.booking_form\n"
        "print([name for name in ('pydantic', 'httpx', 'diskcache') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


async def test_a_refusal_keeps_what_was_typed_and_can_be_sent_again() -> None:
    app = Host()
    async with app.run_test(size=(80, 24)) as pilot:
        await fill(pilot, app.when("start").line, "24.11. 14:30")
        await pilot.press("ctrl+s")
        assert "Esc leaves" in app.text("#booking-outcome")
        assert app.form.query_one("#booking-fields").disabled
        app.form.show_refused("The point is taken.", "evse_uid")
        await pilot.pause()
        assert app.text("#booking-outcome") == "✗ Not booked: The point is taken."
        assert app.focused is app.choice("evse")
        assert app.when("start").line.value == "24.11. 14:30"
        app.choice("evse").value = 2
        await pilot.press("ctrl+s")
        await pilot.pause()
    assert [answer and answer.evse_uid for answer in app.answers] == ["DE*ENB*E1*2", "DE*ENB*E1*3"]


async def test_while_nobody_knows_nothing_can_be_sent_from_here() -> None:
    left: list[str] = []

    class Listening(Host):
        def on_booking_form_screen_left_unknown(self, event: BookingFormScreen.LeftUnknown) -> None:
            left.append(event.intent_id)

    app = Listening()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("ctrl+s")
        app.form.show_unknown("intent-1", "The answer was lost.")
        await pilot.pause()
        assert app.text("#booking-outcome") == "? We do not know yet: The answer was lost."
        assert not app.form.query_one("#book").display
        app.form.query_one("#book", Button).press()
        await pilot.pause()
        assert app.focused is app.form.query_one("#to-bookings")
        await pilot.press("ctrl+s")
        await pilot.pause()
    assert left == ["intent-1"]
    assert [answer for answer in app.answers if answer is not None] == app.answers[:1]


async def test_a_form_that_was_left_hears_of_the_line_in_peace() -> None:
    app = Host(raw_location(supports_reservation=False))
    async with app.run_test(size=(80, 24)) as pilot:
        assert "takes no reservations" in app.finding("evse_uid")
        await pilot.press("escape")
        await pilot.pause()
        assert not app.form.query("#cancel")
        app.form.show_connection(Connection("offline", NOW))
    assert app.answers == [None]
