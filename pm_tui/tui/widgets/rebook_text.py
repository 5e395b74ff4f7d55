"""What a change of a booking is called: its order and risk, its steps, and how it ended."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from textual.content import Content

from pm_tui.i18n import _
from pm_tui.tui.key_names import keyed

if TYPE_CHECKING:
    from pm_tui.models.booking import Booking
    from pm_tui.services.rebook import Outcome, Rebooking, Standing, Step

    # nothing: it was not begun at all
    Ending = Outcome | Literal["nothing"]

DONE, NOW, TO_COME, UNCLEAR, FAILED = "✓", "»", "·", "?", "✗"
SEVERE = ("lost", "unknown", "both")


@dataclass
class Change:
    """A change on its way, as the app knows it; whoever shows it reads it here.

    `watched`: a dialog shows it. `ending` is None while it runs; then `reason` says why.
    """

    rebooking: Rebooking
    watched: bool = True
    steps: list[Step] = field(default_factory=list)  # taken in this run, the last one is running
    ending: Ending | None = None
    reason: str = ""
    booking_id: str | None = None

    @property
    def running(self) -> Step | None:
        return self.steps[-1] if self.steps and self.ending is None else None


def order(clash: bool, old: Booking) -> str:
    """What will happen in which order, and what that risks."""
    fees = {
        "free": _("free of charge now"),
        "fee possible": _("may cost a fee"),
    }
    fee = fees.get(old.cancel_terms, _("may cost a fee"))
    if clash:
        text = _(
            "The new time overlaps the old one at the same point: the old one has to be cancelled "
            "first ({fee}). Somebody may take the point in between. If the new one is refused, "
            "the old time is booked again where possible."
        )
    else:
        text = _(
            "The new one first; when its operator has confirmed it, the old one is cancelled "
            "({fee}). If the new one is refused, the old one stands."
        )
    return text.format(fee=fee)


def step_lines(change: Change) -> Iterator[Content]:
    """A line a step, in their order, with a mark for what became of it."""
    for number, step in enumerate(_steps(change), 1):
        mark = _mark(change, step)
        style = {NOW: "bold", DONE: "$text-success", FAILED: "$text-error"}.get(mark, "")
        yield Content.styled(f"{mark} {number} {_name(step)}", style)


def heading(ending: Ending) -> str:
    texts = {
        "rebooked": _("✓ Changed"),
        "kept": _("✗ Not changed: the old booking stands"),
        "both": _("! Both bookings stand"),
        "restored": _("! Not changed: the old time was booked again"),
        "lost": _("✗ Nothing is booked any more"),
        "waiting": _("… Not finished yet"),
        "unknown": _("? We do not know yet"),
        "nothing": _("✗ Not changed: nothing was sent"),
    }
    return texts[ending]


def advice(ending: Ending) -> str:
    """What is safe now, and what to do next."""
    texts = {
        "rebooked": _("The new booking stands and the old one is cancelled."),
        "kept": _("Nothing is lost. {bookings.change} on the booking tries another time or point."),
        "both": _(
            "Each may cost. Cancel the one that is not needed: {bookings.cancel} in the list."
        ),
        "restored": _("It is a new booking: look in the list whether its operator confirms it."),
        "lost": _("Look for another charger: {app.find}, then search."),
        "waiting": _(
            "Nothing more happens by itself. {bookings.change} on the old booking goes on from "
            "here."
        ),
        "unknown": _(
            "Book and cancel nothing for it by hand. {bookings.change} on the old booking goes on: "
            "it looks first, and sends nothing twice."
        ),
        "nothing": _("The booking is as it was. {bookings.change} on it tries again."),
    }
    return keyed(texts[ending])


def dropping(standing: Standing) -> str:
    """What dropping an interrupted change does: nothing at the server, where this stands."""
    return " ".join((_("Dropping it sends nothing and cannot be undone."), dropped(standing)))


def dropped(standing: Standing) -> str:
    """What is left of a change that is dropped."""
    texts = {
        "old": _("The old booking stands; no new one is made."),
        "both": _("Both bookings stand, and each may cost: cancel the one that is not needed."),
        "new": _(
            "The old one is cancelled and the new one stands. Should its operator refuse it, the "
            "old time is not booked again."
        ),
        "none": _("The old one is cancelled and nothing is booked in its place."),
        "unclear": _("What is marked ? stays open and is looked for."),
    }
    return texts[standing]


def _steps(change: Change) -> list[Step]:
    settle: list[Step] = ["settle"] if "settle" in change.steps or change.rebooking.unclear else []
    restore: list[Step] = ["restore"] if _restores(change) else []
    return [*settle, *change.rebooking.steps, *restore]


def _restores(change: Change) -> bool:
    known = change.rebooking.done | change.rebooking.unclear
    return "restore" in change.steps or "restore" in known


def _mark(change: Change, step: Step) -> str:
    if step in change.steps:
        if step != change.steps[-1]:
            failed = "restore" in change.steps and step in ("book", "wait")
            return FAILED if failed and step == _before_restore(change) else DONE
        if change.ending is None:
            return NOW
        marks = {"rebooked": DONE, "restored": DONE, "waiting": TO_COME, "unknown": UNCLEAR}
        return marks.get(change.ending, FAILED)
    if step in change.rebooking.done:
        return DONE
    return UNCLEAR if step in change.rebooking.unclear else TO_COME


def _before_restore(change: Change) -> Step:
    return change.steps[change.steps.index("restore") - 1]


def _name(step: Step) -> str:
    texts = {
        "settle": _("Look up what was sent (may take a minute)"),
        "book": _("Book the new one"),
        "wait": _("Wait for its operator (2 minutes at most)"),
        "cancel": _("Cancel the old one"),
        "restore": _("Book the old time again"),
    }
    return texts[step]
