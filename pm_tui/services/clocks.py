"""Whose clock it is: what the gateway's last answer said of its own, at no cost.

The gateway decides what is too soon to book (contract/agent-api.md §14 U19), so its clock counts
there. One that is far from ours is told once: somebody should set one of the two.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, TypeVar

from pm_tui.cache.moments import FUTURE
from pm_tui.i18n import _
from pm_tui.services.line import Line

if TYPE_CHECKING:
    from pm_tui.api.agent import AgentClient

T = TypeVar("T")

APART = FUTURE  # beyond it our own memory would not be believed either


class ListeningLine(Line):
    """A line that hears what time it is at the other end. `ahead` is the gateway's clock minus
    ours, None before its first answer."""

    ahead: timedelta | None = None

    async def ask(self, call: Callable[[AgentClient], Awaitable[T]]) -> T:
        async def listening(client: AgentClient) -> T:
            answer = await call(client)
            self.ahead = client.clock_offset
            return answer

        return await super().ask(listening)


def disagreement(ahead: timedelta | None, now: datetime, zone: tzinfo) -> str | None:
    """What to tell of two clocks, with both times; None while they agree well enough."""
    if ahead is None or abs(ahead) <= APART:
        return None
    text = _(
        "The gateway's clock says {theirs}, this computer's {ours}: one of them is wrong. Whether "
        "a start is far enough ahead is counted by the gateway's."
    )
    ours, theirs = now.astimezone(zone), (now + ahead).astimezone(zone)
    day = "" if ours.date() == theirs.date() else "%Y-%m-%d "
    return text.format(theirs=f"{theirs:{day}%H:%M:%S}", ours=f"{ours:{day}%H:%M:%S}")
