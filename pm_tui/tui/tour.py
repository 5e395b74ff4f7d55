"""The tour of the first five minutes: six steps, what each says, and what moves each on.

Nothing of the screen and nothing sent: `tour_actions` listens to what really happens.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pm_tui.i18n import N_, _


@dataclass(frozen=True, slots=True)
class Step:
    """`deed` moves it on. `view` is where its text holds, and `elsewhere` what is said in another;
    `over` what is said on a dialog, by the name of its class."""

    deed: str
    title: str
    text: str
    view: str = ""
    elsewhere: str = ""
    over: Mapping[str, str] = field(default_factory=dict)

    def words(self, view: str, screen: str, *, dialog: bool = False) -> str:
        """In the language in force, with the ids of bindings in braces for their keys."""
        if screen in self.over:
            return _(self.over[screen])
        if dialog and self.view:  # where the keys of a view do nothing
            return _(LEAVE_FIRST)
        return _(self.elsewhere if self.view and view != self.view else self.text)


LEAVE_FIRST = N_("Esc leaves this: behind it the tour goes on.")
BACK_TO_FIND = N_("{app.find} shows the search again: there the tour goes on.")
STEPS = (
    Step(
        "found",
        N_("Find chargers"),
        N_("Type a town into the first field, such as Berlin, and press Enter."),
        "find",
        BACK_TO_FIND,
    ),
    Step(
        "looked",
        N_("Look closer"),
        N_("Enter shows the details of the chosen charger, {find.map} a map of them all."),
        "find",
        BACK_TO_FIND,
    ),
    Step(
        "booked",
        N_("Book"),
        N_("Choose a charger with the arrow keys, then press {find.book}. Nothing here is real."),
        "find",
        BACK_TO_FIND,
        {
            "BookingFormScreen": N_(
                "The form is filled in. {booking.book} sends it, Esc leaves it."
            ),
            "LocationScreen": N_("{location.book} books here; Esc goes back to the list."),
        },
    ),
    Step(
        "answered",
        N_("Watch it become confirmed"),
        N_("Nothing to press: its operator answers within some ten seconds. See its row."),
        "bookings",
        N_("{app.bookings} shows the bookings: watch yours become confirmed."),
    ),
    Step(
        "read",
        N_("Reports"),
        N_(
            "{report.read} reads this month, what it cost and whom; {report.earlier} is the month "
            "before."
        ),
        "report",
        N_("{app.report} shows the reports."),
    ),
    Step(
        "helped",
        N_("Every key, every action"),
        N_(
            "{app.help_anywhere} lists all keys. {app.palette} finds every action by its name. Try "
            "one of them."
        ),
    ),
)


class Tour:
    """Where somebody is on it. `booking_id` is of the booking made on the way."""

    def __init__(self) -> None:
        self.at = 0
        self.booking_id: str | None = None

    @property
    def step(self) -> Step | None:
        """None after the last one."""
        return STEPS[self.at] if self.at < len(STEPS) else None

    @property
    def number(self) -> int:
        return self.at + 1

    def waits_for(self, deed: str) -> bool:
        return self.step is not None and self.step.deed == deed

    def go_on(self) -> None:
        """To the next step; who has booked nothing has no answer to wait for."""
        self.at += 1
        if self.waits_for("answered") and self.booking_id is None:
            self.at += 1
