"""Whose clock it is: what the gateway's last answer said of its own, at no cost.

The gateway decides what is too soon to book (contract/agent-api.md §14 U19), so its clock counts
there. One that is far from ours is told once: somebody should set one of the two.
"""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, TypeVar

from pm_tui.cache.moments import FUTURE
from pm_tui.i18n import _

if TYPE_CHECKING:
    pass

T = TypeVar("T")

APART = FUTURE  # beyond it our own memory would not be believed either


def disagreement(ahead: timedelta, now: datetime, zone: tzinfo) -> str | None:
    """What to tell of two clocks, with both times; None while they agree well enough."""
    if abs(ahead) <= APART:
        return None
    text = _(
        "The gateway's clock says {theirs}, this computer's {ours}: one of them is wrong. Whether "
        "a start is far enough ahead is counted by the gateway's."
    )
    ours, theirs = now.astimezone(zone), (now + ahead).astimezone(zone)
    day = "" if ours.date() == theirs.date() else "%Y-%m-%d "
    return text.format(theirs=f"{theirs:{day}%H:%M:%S}", ours=f"{ours:{day}%H:%M:%S}")
