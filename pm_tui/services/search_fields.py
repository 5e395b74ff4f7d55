"""A search form as it was filled in, and how it was left last.

Texts as a person typed them, so that “tomorrow 9” is still tomorrow's nine when it comes back.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from pm_tui.cache.notebook import LEFT
from pm_tui.models import reading
from pm_tui.models.json import JsonObject
from pm_tui.models.zones import CHARGERS_ZONE

if TYPE_CHECKING:
    from pm_tui.services.account import Account

_SEARCH = "search"
_LONGEST = 500  # a way through many places


@dataclass(frozen=True, slots=True)
class Fields:
    """`text` is the filter of what is shown; `plug` a code, empty for any."""

    place: str = ""
    radius: str = ""
    plug: str = ""
    power: str = ""
    start: str = ""
    end: str = ""
    operator: str = ""
    text: str = ""
    reservable: bool = False

    @property
    def filters(self) -> Self:
        """The same without a place."""
        return replace(self, place="")

    @property
    def raw(self) -> JsonObject:
        """What says something, as JSON has it."""
        return {name: value for name, value in asdict(self).items() if value}

    @classmethod
    def read(cls, raw: Any) -> Self:
        """From `raw`; what is not as it should be is left out."""
        told = raw if isinstance(raw, dict) else {}
        texts = reading.texts(cls, told, _LONGEST)
        return cls(**texts, reservable=told.get("reservable") is True)

    def ahead(self, now: datetime) -> Self:
        """The same without a window that is over, or that cannot be read."""
        from pm_tui.services.when import WhenError, parse_when

        if not self.start:
            return replace(self, end="")
        try:
            if parse_when(self.start, now=now, zone=CHARGERS_ZONE) >= now:
                return self
        except WhenError:
            pass
        return replace(self, start="", end="")


async def last_search(account: Account) -> Fields:
    """The form as it was asked last in this account, by any window; empty where it never was."""
    values = await account.with_notebook(LEFT, lambda book: book.read())
    return Fields.read(values.get(_SEARCH)).ahead(account.now())


async def keep_search(account: Account, asked: Fields) -> None:
    """Remember the form as it was asked."""

    def put(values: JsonObject) -> None:
        values[_SEARCH] = asked.raw

    await account.with_notebook(LEFT, lambda book: book.change(put))
