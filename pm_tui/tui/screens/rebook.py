"""Another time or point for a booking: old and new side by side, the order and the risk in words.

It answers with a `Move` or None and sends nothing: what becomes of it is the caller's, as with the
booking form.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, ClassVar
from zoneinfo import ZoneInfo

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Button, Checkbox, Input, Select, Static

from pm_tui import formats
from pm_tui.i18n import N_, _
from pm_tui.models.charger import Evse
from pm_tui.models.text import visible_id
from pm_tui.services import rules
from pm_tui.services.rebook import clashes
from pm_tui.tui.key_names import when_keys, with_key
from pm_tui.tui.screens.base import Dialog
from pm_tui.tui.styles import style
from pm_tui.tui.widgets import rebook_text
from pm_tui.tui.widgets.charger_text import evse_text, price_text
from pm_tui.tui.widgets.check import Check
from pm_tui.tui.widgets.form_row import FormRow
from pm_tui.tui.widgets.when_input import WhenInput

if TYPE_CHECKING:
    from pm_tui.models.booking import Booking
    from pm_tui.models.charger import Location
    from pm_tui.models.request import BookingRequest
    from pm_tui.models.result import Result
    from pm_tui.services.connection import Connection

RECHECK_SECONDS = 15  # a start that was far enough ahead comes closer while one types
STATUS_HOLDS = timedelta(minutes=2)  # then what a point was says little of what it is
ASKED: tuple[rules.Field, ...] = ("evse_uid", "reservation_start", "reservation_end")


@dataclass(frozen=True, slots=True)
class Move:
    """What is wanted in place of the booking; times aware."""

    evse_uid: str
    start: datetime
    end: datetime


class Beside(Horizontal):
    """What was, and the field for what is to be."""

    def __init__(self, was: str, field: Widget) -> None:
        super().__init__(Static(Content(was), classes="was"), field)


class RebookScreen(Dialog["Move | None"]):
    """Asks what `old` shall become; `wish` is what was asked for when it was made.

    `location` is as last seen, None when it is not remembered: then there is the old point only.
    Times are shown in `zone`, the charger's. `now` is the server's clock as far as it is known.
    """

    CSS_PATH = [style("booking_form"), style("when_input"), style("rebook")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-short"), (24, "-fits"), (34, "-tall")]  # noqa: RUF012
    AUTO_FOCUS = "#evse"  # where the key that opened this does nothing when pressed twice
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "change", N_("Change the booking"), id="rebook.change"),
        Binding("escape", "keep", N_("Keep it as it is"), id="rebook.keep"),
    ]

    def __init__(
        self,
        old: Booking,
        wish: BookingRequest,
        place: str,
        location: Result[Location] | None,
        *,
        zone: ZoneInfo,
        viewer_zone: ZoneInfo,
        now: Callable[[], datetime],
        online: bool = True,
    ) -> None:
        super().__init__()
        self._old, self._wish, self._place = old, wish, place
        self._seen, self._now = location, now
        self._zone, self._viewer_zone = zone, viewer_zone
        self._begins = wish.reservation_start.astimezone(zone)
        self._online, self._done = online, False
        listed = location.value.evses if location else ()
        self._evses = {evse.evse_uid: evse for evse in listed if evse.evse_uid}
        self._evses.setdefault(wish.evse_uid, Evse(wish.evse_uid))

    # --- what is seen

    def compose(self) -> ComposeResult:
        reference = self._old.external_id or visible_id(self._old.id)
        title = " · ".join((_("Change"), self._place, reference))
        with Vertical(id="booking-form") as form:
            form.border_subtitle = Content(when_keys())
            yield Static(Content(title), id="booking-title")
            with VerticalScroll(id="booking-fields", can_focus=False):
                yield FormRow("", Beside(_("old"), Static(Content(_("new")), id="rebook-new")))
                yield from self._rows()
                yield Static(Content(self._seen_text()), id="rebook-seen")
                yield Static(id="rebook-order")
                yield Check(_("Yes, cancel the old one first"), compact=True, id="rebook-risk")
            yield Static(id="booking-summary")
            with Horizontal(id="booking-buttons"):
                yield Button(
                    with_key(_("Change"), "rebook.change"),
                    variant="primary",
                    compact=True,
                    id="change",
                )
                yield Button(_("Keep it (Esc)"), compact=True, id="keep")

    def _rows(self) -> ComposeResult:
        wish, now = self._wish, self._now()
        live = self._seen is not None and self._seen.age(now) < STATUS_HOLDS
        options = [(Content(evse_text(evse, live=live)), uid) for uid, evse in self._evses.items()]
        select = Select[str](options, value=wish.evse_uid, allow_blank=False, compact=True)
        select.id = "evse"
        field = partial(WhenInput, zone=self._zone, viewer_zone=self._viewer_zone, now=self._now)
        start = field(wish.reservation_start, id="start")
        end = field(wish.reservation_end, base=self._begins, id="end")
        price = formats.money(self._old.client_price, self._old.client_price_currency)
        yield self._row(_("Charging point"), visible_id(wish.evse_uid), select, "evse_uid")
        begins, ends = map(self._time, (wish.reservation_start, wish.reservation_end))
        yield self._row(_("Start"), begins, start, "reservation_start")
        yield self._row(_("End"), ends, end, "reservation_end")
        yield FormRow(_("Price"), Beside(price, Static(id="booking-price")))

    def _row(self, label: str, was: str, field: Widget, name: rules.Field) -> FormRow:
        return FormRow(label, Beside(was, field), name=name)

    def _time(self, moment: datetime) -> str:
        local = moment.astimezone(self._zone)
        return f"{formats.day(local.date(), year=False)} {local:%H:%M}"

    def _seen_text(self) -> str:
        if self._seen is None:
            return _("This location is not remembered: only the booked point is offered.")
        age = formats.age(self._seen.age(self._now()))
        return _("Points and price as last seen, {age} ago.").format(age=age)

    def on_mount(self) -> None:
        for line in self.query(Input):
            line.cursor_blink = False
        self._check()
        self.set_interval(RECHECK_SECONDS, self._check)

    def show_connection(self, connection: Connection) -> None:
        self._online = connection.can_send
        if self.is_mounted:
            self._check()

    # --- what is typed

    @property
    def move(self) -> Move | None:
        """What is wanted, None while a time is missing."""
        start = self.query_one("#start", WhenInput).value
        end = self.query_one("#end", WhenInput).value
        uid = self.query_one("#evse", Select).selection
        return Move(str(uid), start, end) if uid and start and end else None

    @property
    def clash(self) -> bool:
        move = self.move
        return move is not None and clashes(self._wish, move.evse_uid, move.start, move.end)

    @on(WhenInput.Changed, "#start")
    def _start_moved(self, event: WhenInput.Changed) -> None:
        self._begins = self.query_one("#end", WhenInput).follow(self._begins, event.value)

    @on(WhenInput.Changed)
    @on(Select.Changed)
    @on(Checkbox.Changed)
    def _check(self) -> None:
        if not (self.query("#evse") and self.query("#rebook-risk")):
            return  # a message that comes while the dialog is made, or taken down
        findings = self._findings()
        for name in ASKED:
            row = self.query_one(f"#row-{name}", FormRow)
            row.show_findings(finding for finding in findings if finding.field == name)
        clash = self.clash
        risk = self.query_one("#rebook-risk", Check)
        if risk.visible != clash:  # its place stays: nothing jumps while one types
            # asked anew: the yes was given to other times
            risk.visible, risk.value = clash, False
        self._show("#rebook-order", rebook_text.order(clash, self._old))
        chosen = self._evses[self._uid]
        place = self._seen.value if self._seen else None
        self._show("#booking-price", price_text(chosen, place))
        problem = self._problem(findings)
        self._show("#booking-summary", f"✗ {problem}" if problem else _("✓ Ready to change"))
        self.query_one("#booking-summary").set_class(bool(problem), "-error")

    def _findings(self) -> list[rules.Finding]:
        uid = self._uid
        held = uid == self._wish.evse_uid  # by us: its state says nothing against it
        fresh = self._seen is not None and self._seen.age(self._now()) < STATUS_HOLDS
        start, end = (self.query_one(f"#{name}", WhenInput).value for name in ("start", "end"))
        draft = rules.Draft(
            reservation_start=start,
            reservation_end=end,
            evse_uid=uid,
            evse_status=self._evses[uid].status if fresh else None,
            supports_reservation=True,  # it was booked
        )
        unread = {f"reservation_{name}" for name, at in (("start", start), ("end", end)) if not at}
        return [
            finding
            for finding in rules.check(draft, self._now())
            if finding.field in ASKED
            # the field itself says why there is no time
            and finding.field not in unread
            and not (held and finding.field == "evse_uid")
        ]

    def _problem(self, findings: list[rules.Finding]) -> str:
        """Why it cannot be sent as it stands; empty when it can."""
        move, wish = self.move, self._wish
        if not self._online:
            return _("Offline: a change needs the network.")
        if move == Move(wish.evse_uid, wish.reservation_start, wish.reservation_end):
            return _("Nothing is different yet: change the time or the point.")
        if move is None or any(finding.severity == "error" for finding in findings):
            return _("There is something to mend first.")
        if self.clash and not self.query_one("#rebook-risk", Check).value:
            return _("Say whether the old one may be cancelled first.")
        return ""

    @property
    def _uid(self) -> str:
        return str(self.query_one("#evse", Select).selection)

    def _show(self, selector: str, text: str) -> None:
        line = self.query_one(selector, Static)
        if str(line.content) != text:  # drawn only when it says something else
            line.update(Content(text))

    # --- what is answered

    @on(Button.Pressed, "#change")
    def action_change(self) -> None:
        """Answer with the move, once; or go to what is to be mended."""
        if self._done:
            return
        self._check()
        findings, move = self._findings(), self.move
        if move is None or self._problem(findings):
            self._focus_problem(findings)
            return
        self._done = True
        self.query_one("#change", Button).disabled = True
        self.dismiss(move)

    def _focus_problem(self, findings: list[rules.Finding]) -> None:
        wrong = [finding.field for finding in findings if finding.severity == "error"]
        missing = [
            f"reservation_{name}"
            for name in ("start", "end")
            if self.query_one(f"#{name}", WhenInput).value is None
        ]
        if wrong or missing:
            self.query_one(f"#row-{[*missing, *wrong][0]}").query("Input, Select").first().focus()
        elif self.clash:
            self.query_one("#rebook-risk").focus()

    @on(Button.Pressed, "#keep")
    def action_keep(self) -> None:
        if not self._done:
            self._done = True
            self.dismiss(None)

    @on(Input.Submitted)
    def _next_field(self) -> None:
        self.focus_next()
