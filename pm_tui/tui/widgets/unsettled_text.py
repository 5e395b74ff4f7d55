"""What is said, wherever it is shown, of a booking or cancellation whose outcome nobody knows."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from pm_tui.i18n import _
from pm_tui.tui.key_names import keyed

if TYPE_CHECKING:
    from pm_tui.services.unsettled import Unsettled


def question(unsettled: Unsettled) -> str:
    """What is not known, with a sign of its own."""
    return "? " + (_("booked?") if unsettled.kind == "book" else _("cancelled?"))


def doing(unsettled: Unsettled, now: datetime, viewer: ZoneInfo) -> str:
    """What happens next, by itself or by whom."""
    if unsettled.next_look is None:
        text = _(
            "Nothing more happens by itself. Ask the operator or look at the charger, then press "
            "{bookings.decide} in the list of bookings and say so. {bookings.look} looks once more."
        )
        return keyed(text)
    if unsettled.next_look <= now:
        return keyed(
            _("It is looked for at the next reading of the list. {bookings.look} reads it now.")
        )
    at = f"{unsettled.next_look.astimezone(viewer):%H:%M:%S}"
    return _("It is looked for once more at {time}.").format(time=at)


def must_not(unsettled: Unsettled) -> str:
    """What would do harm meanwhile."""
    if unsettled.kind == "cancel":
        return _("Until then take it that the booking stands, and that it may cost a fee.")
    return _("Do not book this point and time again until this is settled: you could pay twice.")
