"""Names as a hostile operator may send them: shown as the text they are, in every place."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

from textual.widgets import Input, Select

from pm_tui.config import Settings
from pm_tui.models.booking import Booking
from pm_tui.models.query import SearchQuery
from pm_tui.models.text import clean
from pm_tui.services.connection import Connection
from pm_tui.services.ledger import Change
from pm_tui.services.session import Session
from pm_tui.tui.screens.bookings import BookingsView
from pm_tui.tui.screens.find import FindView
from tests.conftest import MakeSettings
from tests.sandbox_process import Sandbox
from tests.tui.driving import Driven, driven, until

MARKUP = "[bold]a [/x] [@click=app.quit]b[/] [link=http://127.0.0.1:9/]c"
CODES = "\x1b]52;c;cm0=\x07 \x1b[2J \x9b31m \u202ereversed\u2066 \x00 \u200b"
TEXTS = {
    "markup": MARKUP,
    "codes": CODES,
    "long": "L" * 300,
    "wide": "\u5145\u96fb" * 150,
    "empty": "",
    "blank": " \t ",
    "marks": "Z" + "\u0351" * 40,
}
# nothing of these may ever be drawn: C0, C1, bidi controls, zero width, line separators
NEVER = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]"
)


def harmless(seen: Driven) -> str:
    """Nothing that acts on a terminal, nothing that acts on a click, no line beyond the screen.
    What is drawn, without the line breaks that wrapping made."""
    drawn = seen.styles()
    for line in drawn:
        for text, style in line:
            action = (style.meta or {}).get("@click") if style else None
            assert "quit" not in str(action), text
            assert not (style and style.link), text
    text = "\n".join("".join(text for text, _style in line) for line in drawn)
    assert not NEVER.search(text)
    assert seen.app.is_running
    return without_breaks(text)


async def details_of(seen: Driven, name: str) -> None:
    await until(lambda: seen.pane.startswith(name), f"the details of {name!r}")


def without_breaks(text: str) -> str:
    return re.sub(r"[\s│▌]+", "", text)


def flat(seen: Driven) -> str:
    return without_breaks(seen.text)


async def test_a_hostile_network_is_found_read_and_booked(
    settings: Settings, gateway: Sandbox
) -> None:
    gateway.texts("hostile")
    async with driven(settings, size=(160, 50)) as seen:
        await seen.search("Köln")
        assert len(seen.rows) == 12
        assert isinstance(seen.app.screen, FindView)
        for row in range(12):
            if row:
                await seen.press("down")
            chosen = seen.app.screen._location(seen.table.chosen)
            assert chosen is not None
            await details_of(seen, chosen.name or "")
            await seen.pilot.pause()
            drawn = harmless(seen)
            if chosen.address and len(chosen.address) < 30:
                assert re.sub(r"\s+", "", chosen.address) in drawn
        await seen.press("home", "down", "down", "down", "down", "down", "b")
        await until(lambda: seen.screen_name == "BookingFormScreen", "the form")
        harmless(seen)
        for name in ("evse", "connector"):
            seen.app.screen.query_one(f"#{name}", Select).focus()
            await seen.press("enter")
            harmless(seen)
            await seen.press("escape")
        seen.app.screen.query_one("#external_id", Input).value = MARKUP
        await seen.press("ctrl+s")
        await until(lambda: seen.screen_name == "BookingsView", "the list")
        await until(lambda: "confirmed" in seen.pane, "the confirmation")
        harmless(seen)
        assert clean(MARKUP) in seen.pane
        await until(lambda: any(MARKUP in one for one in seen.told), "the toast")
        await until(lambda: "[@click=app.quit]b[/]" in flat(seen), "the text as it is")
        await seen.press("c")
        await until(lambda: seen.screen_name == "CancelScreen", "the question")
        harmless(seen)
        await seen.press("ctrl+s")
        await until(lambda: seen.screen_name == "BookingsView", "the list")
        await until(lambda: "cancelled" in seen.pane, "the end")
        harmless(seen)


async def harmless_at_each_size(seen: Driven) -> None:
    for size in ((80, 24), (120, 40)):
        await seen.resize(*size)
        await until(lambda: "Bad[/x]" in flat(seen), "the gateway's words as text")
        harmless(seen)


async def test_errors_of_a_hostile_gateway_are_text(settings: Settings, gateway: Sandbox) -> None:
    async with driven(settings, size=(120, 40)) as seen:
        gateway.fault("hostile_error", match="GET /search")
        await seen.fill("#place", "Köln")
        await seen.press("enter")
        await until(lambda: "[@click=app.quit]Bad[/x]" in seen.head, "the gateway's words")
        await harmless_at_each_size(seen)
        await seen.search("Köln")
        await seen.press("down", "b")
        await until(lambda: seen.screen_name == "BookingFormScreen", "the form")
        gateway.fault("hostile_error", match="POST /bookings")
        await seen.press("ctrl+s")
        await until(lambda: "Bad[/x]" in seen.static("#booking-outcome"), "the refusal")
        await harmless_at_each_size(seen)


IDENTITIES = ("customer_id", "token_id", "fleet_group_id", "token_uid")


def hostile_booking(name: str, text: str) -> dict[str, Any]:
    fields = ["status", "cpo_reservation_id", "client_price_currency", "external_id"]
    fields += ["location_city", "token_strategy"]
    return {
        "id": f"b-{name}-{text[:3]}",
        "location_id": text or None,
        "evse_uid": text,
        "client_price": 1.5,
        "created_at": text,
        "reservation_start": text,
        "token": {text or "t": text},
        IDENTITIES[sum(map(ord, name)) % len(IDENTITIES)]: text,
        **dict.fromkeys(fields, text),
    }


async def test_bookings_of_every_hostile_kind_are_listed_read_and_told(
    settings: Settings, gateway: Sandbox
) -> None:
    rows = [hostile_booking(name, text) for name, text in TEXTS.items()]
    gateway.fault("raw", match="GET /bookings", times=None, text=json.dumps({"bookings": rows}))
    async with driven(settings, size=(160, 50)) as seen:
        await seen.press("f3")
        await until(lambda: len(seen.rows) == len(TEXTS), "the rows")
        for _row in rows:
            harmless(seen)
            await seen.press("down")
        assert isinstance(seen.app.screen, BookingsView)
        markup = next(one for one in seen.app.known.bookings if one.id.startswith("b-markup"))
        seen.app.screen.choose(markup.id)
        await seen.pilot.pause()
        await until(lambda: MARKUP in seen.pane, "its details")
        changed = [{**row, "status": "CANCELLED"} for row in rows]
        gateway.clear_faults()
        gateway.fault(
            "raw", match="GET /bookings", times=None, text=json.dumps({"bookings": changed})
        )
        await seen.press("r")
        lost = f"{len(TEXTS)} bookings are lost"
        await until(lambda: any(lost in one for one in seen.told), "a toast for all")
        await seen.pilot.pause()
        harmless(seen)
        for row in changed:  # and each by itself
            seen.app.tell([Change(Booking.read(row), "CONFIRMED")])
        await until(lambda: len(seen.told) > len(TEXTS), "a toast for each loss")
        await seen.pilot.pause()
        harmless(seen)
        await seen.press("slash", *"[bold]")
        harmless(seen)


def hostile_ids(text: str) -> dict[str, Any]:
    """A location of which only ids are told."""
    connector = {"id": text, "standard": text, "format": text, "power_type": text}
    evse = {"evse_uid": text, "status": text, "connectors": [connector]}
    return {"location_id": text, "cpo_party_id": text, "distance_km": 1, "evses": [evse]}


async def test_ids_alone_are_made_visible_in_table_detail_form_and_list(
    settings: Settings, gateway: Sandbox
) -> None:
    texts = [text for text in TEXTS.values() if text.strip() and len(text) <= 200]
    answer = {"results": [hostile_ids(text) for text in texts], "total": 1}
    silent = [{"cpo_party_id": CODES, "count": 0, "error": CODES}]
    answer["cpo_results"] = silent
    bookings = [
        {"id": f"b{n}", "status": "PENDING", "location_id": text, IDENTITIES[n % 4]: text}
        for n, text in enumerate(texts)
    ]
    gateway.fault("raw", match="GET /search", times=None, text=json.dumps(answer))
    gateway.fault("raw", match="GET /bookings", times=None, text=json.dumps({"bookings": bookings}))
    async with driven(settings, size=(120, 40)) as seen:
        await seen.fill("#place", "Berlin")
        await seen.press("enter")
        await until(lambda: len(seen.rows) == len(texts), "rows")
        for _text in texts:
            harmless(seen)
            await seen.press("down")
        await seen.press("home", "down", "b")
        await until(lambda: seen.screen_name == "BookingFormScreen", "the form")
        harmless(seen)
        await seen.press("escape", "f3")
        await until(lambda: seen.screen_name == "BookingsView" and seen.rows, "the list")
        for _text in texts:
            harmless(seen)
            await seen.press("c")
            await until(lambda: seen.screen_name == "CancelScreen" or seen.told, "an answer")
            harmless(seen)
            seen.app._notifications.clear()
            await seen.press("escape", "down")


async def test_what_is_typed_and_remembered_is_text_in_head_and_recent_searches(
    settings: Settings,
) -> None:
    async with Session(settings) as session:
        for n, text in enumerate(TEXTS.values()):
            await session.search(SearchQuery(52.52 + n / 100, 13.405), label=clean(text))
    async with driven(settings) as seen:
        await seen.press("ctrl+r")
        await until(lambda: seen.screen_name == "RecentScreen", "the list")
        harmless(seen)
        assert "[@click=app.quit]b[/]" in flat(seen)
        await seen.press("end", "enter")
        await until(lambda: seen.screen_name == "FindView" and seen.rows, "the rows")
        assert MARKUP in seen.head
        harmless(seen)


async def test_the_status_bar_and_the_top_bar_draw_text(
    gateway: Sandbox, make_settings: MakeSettings
) -> None:
    hostile = replace(make_settings(gateway, offline=True), profile=MARKUP)
    async with driven(hostile, size=(400, 24)) as seen:
        line = Connection("degraded", seen.app.now(), problem=clean(MARKUP + CODES))
        seen.app.post_message(seen.app.ConnectionChanged(line))
        await until(lambda: "degraded" in seen.status, "the state")
        await seen.pilot.pause()
        assert seen.text.count(MARKUP) >= 2
        harmless(seen)
