"""What watching a charger costs, before it is watched."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Select, Static

from pm_tui import formats
from pm_tui.i18n import N_, _, ngettext
from pm_tui.services.free_plan import USUAL, Wish, can_be_watched, terms
from pm_tui.services.plan import allowance
from pm_tui.tui.key_names import keyed
from pm_tui.tui.screens.base import Dialog
from pm_tui.tui.styles import style
from pm_tui.tui.widgets.charger_text import evse_text
from pm_tui.tui.widgets.form_row import FormRow
from pm_tui.tui.widgets.free_text import name_of, terms_text, wish_text
from pm_tui.tui.widgets.key_bar import KeyBar

if TYPE_CHECKING:
    from pm_tui.services.connection import Connection
    from pm_tui.services.free_plan import Terms
    from pm_tui.services.plan import Budget

LENGTHS = (timedelta(minutes=30), *(timedelta(hours=hours) for hours in (1, 2, 4, 8)))
REQUESTS = (10, 20, 30, 60, 120)
ANY, ANY_AT_ALL = "", "*"  # no uid of a charging point


@dataclass(frozen=True, slots=True)
class Costs:
    """What the dialog counts with: the clock, the person's zone, the limits, how long a status
    stays new."""

    now: Callable[[], datetime]
    zone: tzinfo
    budget: Callable[[], Budget]
    status_age: timedelta


class WatchFreeScreen(Dialog["tuple[Wish, Terms] | None"]):
    """Gives what to watch and within what, or None. `wish` is what was chosen before, `line` may
    change while it is open."""

    CSS_PATH = [style("booking_form"), style("watch_free")]  # noqa: RUF012  as Textual wants it
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", N_("Back"), id="dialog.back"),
        Binding("ctrl+s", "watch", N_("Watch"), id="dialog.do"),
    ]

    def __init__(self, wish: Wish, costs: Costs, line: Connection) -> None:
        super().__init__()
        self._wish, self._costs, self._line = wish, costs, line

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as box:
            box.border_title = _("Tell me when it is free")
            location = self._wish.location
            words = (name_of(location), location.cpo_name, location.city)
            yield Static(Content(" · ".join(filter(None, words))))
            yield FormRow(_("Point"), self._points())
            lengths = [(formats.duration(one), str(n)) for n, one in enumerate(LENGTHS)]
            yield FormRow(_("How long"), _choice(lengths, str(LENGTHS.index(USUAL[0])), "length"))
            counts = [
                (ngettext("{n} request", "{n} requests", n).format(n=n), str(n)) for n in REQUESTS
            ]
            yield FormRow(_("At most"), _choice(counts, str(USUAL[1]), "most"))
            yield Static(id="costs", classes="paragraph")
            with Horizontal(classes="buttons"):
                yield Button(_("Back"), id="back", compact=True)
                yield Button(_("Watch"), variant="primary", id="watch", compact=True)
        yield KeyBar()

    def on_mount(self) -> None:
        self._show_costs()
        self.query_one("#watch" if self._can_start else "#back").focus()

    def _points(self) -> Select[str]:
        """Any that fits what was searched for, any at all, or one."""
        wish = self._wish
        points = []
        if wish.plug is not None or wish.power_kw:
            points.append((wish_text(replace(wish, evse_uid=None)), ANY))
        points.append((_("any charging point"), ANY_AT_ALL))
        points += [
            (evse_text(evse, live=False), evse.evse_uid)
            for evse in wish.location.evses
            if evse.evse_uid not in (ANY, ANY_AT_ALL)
        ]
        return _choice(points, wish.evse_uid or points[0][1], "point")

    # -- what is chosen ------------------------------------------------------

    @property
    def wish(self) -> Wish:
        """What would be watched."""
        chosen = self._value("point")
        if chosen == ANY:
            return replace(self._wish, evse_uid=None)
        uid = None if chosen == ANY_AT_ALL else chosen
        return Wish(self._wish.location, evse_uid=uid)

    @property
    def terms(self) -> Terms:
        """Within what."""
        length = LENGTHS[int(self._value("length"))]
        most = int(self._value("most"))
        return terms(self._costs.now(), length, most, self._costs.status_age)

    def _value(self, name: str) -> str:
        return str(self.query_one(f"#{name}", Select).value)

    @property
    def _can_start(self) -> bool:
        return self._line.can_send and can_be_watched(self.wish)

    def show_connection(self, connection: Connection) -> None:
        self._line = connection
        if self.query("#costs"):
            self._show_costs()

    @on(Select.Changed)
    def _show_costs(self) -> None:
        self.query_one("#costs", Static).update(self._costs_text())
        self.query_one("#watch", Button).disabled = not self._can_start

    def _costs_text(self) -> Content:
        if not self._line.can_send:
            text = _("Offline or the month is used up: a charger cannot be watched now.")
            return Content.styled(text, "bold $text-warning")
        if not can_be_watched(self.wish):
            text = _("The gateway tells no place or no such point of it: it cannot be watched.")
            return Content.styled(text, "bold $text-warning")
        now, agreed = self._costs.now(), self.terms
        words = [
            terms_text(agreed, now, self._costs.zone),
            self._left(now),
            _("While nobody is at the keyboard it looks half as often."),
            keyed(
                _(
                    "It ends with this window. A bell and a message tell you; {app.watched} shows "
                    "what is watched."
                )
            ),
        ]
        return Content("\n".join(filter(None, words)))

    def _left(self, now: datetime) -> str:
        """What the month and the day have left for this."""
        budget = self._costs.budget()
        today = max(allowance(budget, now) - budget.background_today, 0)
        if budget.month_used is None or budget.month_limit is None:
            return _("How many requests the month has left is not known.")
        left = max(budget.month_limit - budget.month_used, 0)
        text = ngettext(
            "The month has {n} request left, {today} of them today for looks like these.",
            "The month has {n} requests left, {today} of them today for looks like these.",
            left,
        )
        return text.format(n=formats.number(left), today=formats.number(today))

    # -- leaving -------------------------------------------------------------

    @on(Button.Pressed, "#back")
    def _back(self) -> None:
        self.dismiss(None)

    @on(Button.Pressed, "#watch")
    def action_watch(self) -> None:
        if self._can_start:
            self.dismiss((self.wish, self.terms))


def _choice(options: list[tuple[str, str]], value: str, name: str) -> Select[str]:
    return Select(options, value=value, allow_blank=False, compact=True, id=name)
