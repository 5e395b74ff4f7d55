"""How long a figure may be shown as what it is; then it is what it was, and says of when.

The one place of this rule: a kind of figure, when it was fetched, what time it is. Whether an
answer came live or from memory does not matter to it: a list left open grows old as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal, NamedTuple

from pm_tui import formats
from pm_tui.cache.moments import FUTURE
from pm_tui.i18n import _

if TYPE_CHECKING:
    from pm_tui.config import Settings

# `status` is a charging point's, `booking` a booking's; `address` is all that describes a location
Kind = Literal["status", "booking", "price", "address"]


class Aged(NamedTuple):
    """`age` is None for what claims to come from the future: nobody knows how old that is."""

    old: bool
    age: timedelta | None

    @property
    def ago(self) -> str:
        """`25 min ago`."""
        if self.age is None:
            return _("at an unknown time")
        return _("{age} ago").format(age=formats.age(self.age))

    @property
    def lately(self) -> str:
        """The same where it is not drawn anew every second: no seconds, which would be wrong."""
        is_new = self.age is not None and self.age < timedelta(minutes=1)
        return _("just now") if is_new else self.ago


@dataclass(frozen=True, slots=True)
class Limits:
    """From this age on a figure of a kind is old."""

    status: timedelta
    booking: timedelta
    price: timedelta
    address: timedelta

    @classmethod
    def of(cls, settings: Settings) -> Limits:
        """The limits in force (`status_age`, `booking_age` and so on)."""
        return cls(
            settings.status_age, settings.booking_age, settings.price_age, settings.address_age
        )

    def look(self, kind: Kind, fetched_at: datetime, now: datetime) -> Aged:
        """A figure of `kind` at `now`. Both times aware."""
        age = now - fetched_at
        if age < -FUTURE:
            return Aged(True, None)
        limit: timedelta = getattr(self, kind)
        return Aged(age >= limit, max(age, timedelta()))
