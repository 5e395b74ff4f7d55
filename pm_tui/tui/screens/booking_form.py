"""The booking form: everything checked while it is typed, nothing sent from here.

It posts `Submitted`, once for each confirmed form, and stays until it is told how that ended: a
form that is closed, pressed twice or left by a crash cannot book anything, and what was typed is
still there after a refusal.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Literal
from zoneinfo import ZoneInfo

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.reactive import var
from textual.widgets import Button, Input, Select, Static

from pm_tui.i18n import N_, _, ngettext
from pm_tui.models.text import visible_id
from pm_tui.models.zones import CHARGERS_ZONE
from pm_tui.services import rules
from pm_tui.services.when import later, step
from pm_tui.tui.key_names import when_keys, with_key
from pm_tui.tui.screens.form_draft import DraftInForm
from pm_tui.tui.styles import style
from pm_tui.tui.widgets.charger_text import connector_text, estimate, evse_text, price_text
from pm_tui.tui.widgets.form_row import FormRow
from pm_tui.tui.widgets.reference_field import ReferenceField
from pm_tui.tui.widgets.status_bar import why_not_sent
from pm_tui.tui.widgets.token_fields import TokenFields
from pm_tui.tui.widgets.when_input import WhenInput

if TYPE_CHECKING:
    from pm_tui.models.booking import BookingRequest
    from pm_tui.models.charger import Evse, Location
    from pm_tui.models.result import Result
    from pm_tui.services.ages import Aged
    from pm_tui.services.caps import Budgets
    from pm_tui.services.connection import Connection
    from pm_tui.services.drafts import FormDraft

USUAL_LENGTH = timedelta(hours=1)
RECHECK_SECONDS = 15  # a start that was far enough ahead comes closer while one types


class BookingFormScreen(DraftInForm):
    """Asks for a booking at `location`. Times are shown in the charger's zone.

    `unknown_intent` is set while it says that nobody knows what became of the booking.

    `now` is the server's clock as far as it is known. While `online` is False the form says on top
    that a booking needs the network, and does not let go of a request; it may be set at any time.
    `seen` is how old the states of its points are, where that is known.
    """

    CSS_PATH = [style("booking_form"), style("when_input")]  # noqa: RUF012  as Textual wants it
    VERTICAL_BREAKPOINTS = [(0, "-short"), (24, "-fits"), (34, "-tall")]  # noqa: RUF012
    AUTO_FOCUS = "#evse"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "book", N_("Book"), id="booking.book"),
        Binding("escape", "cancel", N_("Cancel"), id="booking.cancel"),
    ]

    online: var[bool] = var(True, init=False)

    @dataclass
    class Submitted(Message):
        """To be sent: `show_refused` or `show_unknown` say how it ended, `dismiss` that it is
        booked."""

        form: BookingFormScreen
        request: BookingRequest
        location: Location

    @dataclass
    class LeftUnknown(Message):
        """The person goes on to the list, where what is unclear stands on top."""

        intent_id: str

    def __init__(
        self,
        location: Location,
        *,
        evse_uid: str | None,
        start: datetime | None,
        end: datetime | None,
        viewer_zone: ZoneInfo,
        now: Callable[[], datetime],
        taken_references: Collection[str] = (),
        online: bool = True,
        budgets: Result[Budgets] | None = None,
        draft: FormDraft | None = None,
        seen: Aged | None = None,
    ) -> None:
        super().__init__()
        if draft is not None:  # what was typed comes before what was searched for
            evse_uid = draft.evse_uid or evse_uid
            start, end = draft.start or start, draft.end or end
        self._draft = draft
        self._location, self._now, self._viewer_zone = location, now, viewer_zone
        self._zone = ZoneInfo(location.time_zone) if location.time_zone else CHARGERS_ZONE
        self._evses = [evse for evse in location.evses if evse.evse_uid]
        self._wanted_evse = evse_uid
        first = step(rules.earliest_start(now()).astimezone(self._zone), "minute", 15)
        self._begins = (start or first).astimezone(self._zone)
        self._ends = end if end and start else later(self._begins, USUAL_LENGTH)
        self._taken = taken_references
        self._old = seen.ago if seen is not None and seen.old else ""
        self._budgets = budgets
        self._state: Literal["typing", "sending", "unknown", "left"] = "typing"
        self.unknown_intent = ""
        self._summary = self._not_now = ""
        self.set_reactive(BookingFormScreen.online, online)

    # --- what is seen

    def compose(self) -> ComposeResult:
        with Vertical(id="booking-form") as form:
            form.border_subtitle = Content(when_keys())
            if not self._location.time_zone:
                form.border_title = _("the charger's time zone is not known: times are in yours")
            yield Static(Content(self._heading()), id="booking-title")
            yield Static(id="booking-offline")
            yield Static(id="booking-outcome")
            with VerticalScroll(id="booking-fields", can_focus=False):
                yield from self._charger_rows()
                yield from self._window_rows()
                yield TokenFields()
                yield ReferenceField(day=self._begins.date(), taken=self._taken)
                yield FormRow(_("Price"), Static(id="booking-price"))
            yield Static(id="booking-summary")
            with Horizontal(id="booking-buttons"):
                text = with_key(_("Book"), "booking.book")
                yield Button(Content(text), variant="primary", compact=True, id="book")
                text = with_key(_("To the bookings"), "booking.book")
                yield Button(Content(text), variant="primary", compact=True, id="to-bookings")
                yield Button(_("Cancel (Esc)"), compact=True, id="cancel")

    def _charger_rows(self) -> ComposeResult:
        live = not self._old
        options = [(Content(evse_text(one, live=live)), i) for i, one in enumerate(self._evses)]
        chosen = self._first_evse()
        yield FormRow(
            _("Charging point"),
            Select[int](
                options,
                prompt=_("none is listed") if not options else _("choose one"),
                allow_blank=chosen is None,
                value=Select.NULL if chosen is None else chosen,
                compact=True,
                id="evse",
            ),
            name="evse_uid",
        )
        yield FormRow(
            _("Connector"),
            Select[str]([(Content(_("any")), "")], allow_blank=False, compact=True, id="connector"),
        )

    def _window_rows(self) -> ComposeResult:
        field = partial(WhenInput, zone=self._zone, viewer_zone=self._viewer_zone, now=self._now)
        start = field(self._begins, id="start")
        end = field(self._ends, base=self._begins, id="end")
        yield FormRow(_("Start"), start, name="reservation_start")
        yield FormRow(_("End"), end, name="reservation_end")

    def on_mount(self) -> None:
        for line in self.query(Input):
            line.cursor_blink = False
        self._tell_line(getattr(self.app, "connection", None))
        self.watch_online()
        self._evse_chosen()
        self.set_interval(RECHECK_SECONDS, self._check)

    def show_connection(self, connection: Connection) -> None:
        # the line may change while the form is put together, or taken apart
        if self.is_mounted and self.query("#cancel"):
            self._tell_line(connection)
            self.online = connection.can_send

    def _tell_line(self, connection: Connection | None) -> None:
        """Why nothing can be booked, while that is so."""
        spent = connection is not None and connection.state == "spent"
        offline = _("✗ Offline: cannot be sent")
        self._not_now = _("✗ Quota spent: cannot be sent") if spent else offline
        self.query_one("#booking-offline", Static).update(Content(why_not_sent(connection)))

    def watch_online(self) -> None:
        self._show_state()
        self._check()

    # --- what is typed

    @property
    def evse(self) -> Evse | None:
        """The charging point chosen."""
        index = self.query_one("#evse", Select).selection
        return None if index is None else self._evses[index]

    @property
    def draft(self) -> rules.Draft:
        """The booking as far as it is typed."""
        evse, token = self.evse, self.query_one(TokenFields)
        return rules.Draft(
            reservation_start=self.query_one("#start", WhenInput).value,
            reservation_end=self.query_one("#end", WhenInput).value,
            evse_uid=evse.evse_uid if evse else None,
            evse_status=evse.status if evse else None,
            supports_reservation=self._location.supports_reservation,
            token_strategy=token.strategy,
            external_id=self.query_one(ReferenceField).value or None,
            **token.values,
        )

    @on(Select.Changed, "#evse")
    def _evse_chosen(self) -> None:
        evse = self.evse
        named = {one.id: one for one in (evse.connectors if evse else ()) if one.id}
        select = self.query_one("#connector", Select)
        options = [(Content(connector_text(one)), key) for key, one in named.items()]
        select.set_options([(Content(_("any")), ""), *options])
        wanted = "" if self._draft is None else self._draft.connector_id
        if len(named) == 1:
            select.value = next(iter(named))
        elif self._draft and evse and evse.evse_uid == self._draft.evse_uid and wanted in named:
            select.value = wanted
        price = price_text(self.evse, self._location)
        if self._old:
            price += "\n" + _("Points and price as last seen, {ago}.").format(ago=self._old)
        self.query_one("#booking-price", Static).update(Content(price))
        self._check()

    @on(WhenInput.Changed, "#start")
    def _start_moved(self, event: WhenInput.Changed) -> None:
        self._begins = self.query_one("#end", WhenInput).follow(self._begins, event.value)
        self._describe_reference()

    @on(Select.Changed, "#token_strategy")
    def _describe_reference(self) -> None:
        visitor = self.query_one(TokenFields).strategy == "ad_hoc"
        self.query_one(ReferenceField).describe(self._begins.date(), visitor=visitor)

    @on(WhenInput.Changed)
    @on(Input.Changed)
    @on(Select.Changed)
    def _check(self) -> list[rules.Finding]:
        price = estimate(self.evse, self._location)
        findings = rules.check(self.draft, self._now(), self._budgets, price)
        self._show(findings)
        return findings

    def _show(self, findings: list[rules.Finding]) -> None:
        for row in self.query(FormRow):
            row.show_findings(finding for finding in findings if finding.field == row.name)
        for name in ("start", "end"):
            if self.query_one(f"#{name}", WhenInput).value is None:
                # the field itself says why there is no time
                self.query_one(f"#row-reservation_{name}", FormRow).show_findings(())
        self._summarise(findings)

    def _summarise(self, findings: list[rules.Finding]) -> None:
        errors = len(_errors(findings))
        warnings = len(findings) - errors
        parts = []
        if errors:
            parts.append(ngettext("✗ {n} thing to mend", "✗ {n} things to mend", errors))
            parts[-1] = parts[-1].format(n=errors)
        else:
            parts.append(_("✓ Ready to book") if self.online else self._not_now)
        if warnings:
            parts.append(ngettext("! {n} hint", "! {n} hints", warnings).format(n=warnings))
        summary = self.query_one("#booking-summary", Static)
        text = " · ".join(parts)
        if text != self._summary:  # drawn only when it says something else
            self._summary = text
            summary.update(Content(text))
        summary.set_class(bool(errors) or not self.online, "-error")

    # --- what is answered

    @on(Button.Pressed, "#book")
    def action_book(self) -> None:
        """Answer with the request, once; or go to the first thing to mend."""
        if self._state == "unknown":
            self._to_the_list()
        if self._state != "typing" or not self.online:
            return
        findings = self._check()
        request = self._request(findings) if not _errors(findings) else None
        if request is None:
            self._show(findings)
            self._focus_field(_errors(findings)[0].field)
            return
        self.last_draft = self.typed_draft()
        self._state = "sending"
        text = _("Sending the booking… Esc leaves this form, the booking goes on all the same.")
        self._say(text)
        self.post_message(self.Submitted(self, request, self._location))

    @on(Button.Pressed, "#cancel")
    def action_cancel(self) -> None:
        """Leave; what was sent already goes on and is told when it has ended."""
        if self._state == "left":
            return
        if self._state == "typing":
            self.leave_draft()
        if self._state == "sending":
            self.app.notify(_("The booking is still being sent. How it ends is told here."))
        self._state = "left"
        self.dismiss(None)

    @on(Button.Pressed, "#to-bookings")
    def _to_the_list(self) -> None:
        self._state = "left"
        self.app.post_message(self.LeftUnknown(self.unknown_intent))
        self.dismiss(None)

    # --- how it ended

    def show_refused(self, reason: str, field: str | None) -> None:
        """It surely was not booked: everything can be mended and sent again. `field` is the one
        to mend, where that is known."""
        self._state = "typing"
        self._say("✗ " + _("Not booked: {reason}").format(reason=reason), "-refused")
        self._check()
        if field is not None:
            self._focus_field(field)
        else:
            self.query_one("#book").focus()

    def show_unknown(self, intent_id: str, text: str) -> None:
        """Nobody knows whether it was booked: nothing can be sent from here any more."""
        self._state, self.unknown_intent = "unknown", intent_id
        self._say("? " + _("We do not know yet: {text}").format(text=text), "-unknown")
        self.query_one("#to-bookings").focus()

    def _say(self, text: str, kind: str = "-said") -> None:
        outcome = self.query_one("#booking-outcome", Static)
        outcome.set_classes(kind)
        outcome.update(Content(text))
        self._show_state()

    def _show_state(self) -> None:
        typing = self._state == "typing"
        self.query_one("#booking-offline").display = typing and not self.online
        self.query_one("#booking-fields").disabled = not typing
        self.query_one("#book", Button).disabled = not (typing and self.online)
        self.query_one("#book").display = self._state != "unknown"
        self.query_one("#to-bookings").display = self._state == "unknown"
        self.query_one("#booking-summary").display = typing
        leave = _("Cancel (Esc)") if typing else _("Leave (Esc)")
        self.query_one("#cancel", Button).label = Content(leave)

    @on(Input.Submitted)
    def _next_field(self) -> None:
        self.focus_next()

    def _request(self, findings: list[rules.Finding]) -> BookingRequest | None:
        """The strict request; what it still refuses is added to `findings`."""
        connector = self.query_one("#connector", Select).selection or None
        made = rules.request_of(self.draft, self._location.location_id, connector)
        if isinstance(made, list):
            findings += made
            return None
        return made

    def _focus_field(self, field: str) -> None:
        row = self.query_one(f"#row-{field}")
        for widget in row.query("Input, Select"):
            widget.focus()
            return

    # --- texts

    def _heading(self) -> str:
        place = self._location
        name = place.name or visible_id(place.location_id)
        address = " ".join(filter(None, (place.postal_code, place.city)))
        return " · ".join(filter(None, (_("Book"), name, place.address, address, place.cpo_name)))

    def _first_evse(self) -> int | None:
        """The one asked for; else the first that is free; else the first."""
        uids = [evse.evse_uid for evse in self._evses]
        if self._wanted_evse in uids:
            return uids.index(self._wanted_evse)
        free = (index for index, evse in enumerate(self._evses) if evse.available)
        return next(free, 0 if self._evses else None)


def _errors(findings: list[rules.Finding]) -> list[rules.Finding]:
    return [finding for finding in findings if finding.severity == "error"]
