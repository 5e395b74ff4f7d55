"""What a visitor is told when something went wrong: what is booked and what to do, nothing else.

No status codes, no names of systems, no text of a server: who reads it wants to charge a car.
"""

from __future__ import annotations

import math
from datetime import datetime

from pm_tui.api import errors
from pm_tui.config.kiosk import KioskSettings
from pm_tui.i18n import _
from pm_tui.models.zones import CHARGERS_ZONE
from pm_tui.services.account import NothingRemembered
from pm_tui.services.book import Ended
from pm_tui.services.kiosk_stay import How, Left


def whom_to_ask(kiosk: KioskSettings) -> str:
    """The desk's phone, or the desk itself."""
    if kiosk.phone:
        return _("The desk helps you: {phone}").format(phone=kiosk.phone)
    return _("Please ask at the desk.")


def not_booked(ended: Ended) -> str:
    """Why a booking is refused or unclear; "" for one that is booked."""
    if ended.kind == "booked":
        return ""
    if ended.kind == "unknown":
        return _(
            "It is not certain yet whether your charger is booked. Please do not book again: the "
            "desk can see what became of it."
        )
    return _explained(ended.problem)


def not_shown(problem: Exception | None) -> str:
    """Why there are no chargers to choose from."""
    return _explained(problem)


def how_longer(how: How, end: datetime | None = None) -> str:
    """How it stands with a booking that was to be made longer, until `end`."""
    longer = _("Your booking has been made longer.")
    if end is not None:
        clock = f"{end.astimezone(CHARGERS_ZONE):%H:%M}"
        longer = _("Your booking has been made longer: until {time}.").format(time=clock)
    words: dict[How, str] = {
        "extended": longer,
        "kept": _("It could not be made longer. Your booking stands as it was."),
        "lost": _("It could not be made longer, and your time is no longer booked."),
        "waiting": _("The operator has not answered yet. Please do not try again."),
        "unknown": _("It is not certain yet how your booking stands. Please do not try again."),
    }
    return words[how]


def how_left(how: Left) -> str:
    """How it stands with a booking that was to be cancelled."""
    words: dict[Left, str] = {
        "left": _("Your booking is cancelled. Have a good journey."),
        "over": _("Your booking has ended already. Have a good journey."),
        "charging": _("Your car is plugged in: unplug it, and your booking ends by itself."),
        "refused": _("It could not be cancelled. Your booking stands."),
        "unknown": _("It is not certain yet whether your booking is cancelled."),
    }
    return words[how]


def next_try(seconds: float) -> str:
    """After a wrong PIN or number; whole seconds, never too few. 0 or less: it is waited for no
    more."""
    if seconds <= 0:
        return _("The next try is possible now.")
    return _("The next try is possible in {n} s.").format(n=math.ceil(seconds))


def no_answer() -> str:
    """The operator has neither agreed nor refused for as long as anybody waits."""
    return _(
        "The operator has not answered yet. Your booking is under way: please do not book again."
    )


def turned_down() -> str:
    """The operator has said no."""
    return _("The operator has turned this down. Nothing is booked: please choose another charger.")


def _explained(problem: Exception | None) -> str:
    if isinstance(problem, NothingRemembered):
        problem = problem.problem
    if isinstance(problem, errors.Conflict):
        return _("This charger has just been taken. Nothing is booked: please choose another one.")
    if isinstance(problem, errors.NotFound):
        return _("This charger is not there any more. Nothing is booked: please choose another.")
    if isinstance(problem, errors.RateLimited):
        return _("Nothing more can be booked here at the moment. Nothing is booked.")
    if isinstance(problem, errors.Unreachable | errors.Timeout | errors.ServerTrouble):
        return _(
            "The charging service cannot be reached. Nothing is booked: please try again in a "
            "minute."
        )
    return _("That did not work. Nothing is booked.")
