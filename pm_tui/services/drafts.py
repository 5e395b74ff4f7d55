"""Bookings half filled in: one a charger, for a week, in a private file of the account.

A draft is what a person typed and nothing else. It never leads to a request: a form shows it, and a
person sends the form. It is gone before that form is sent, so that a run which ends in between
leaves nothing that could be sent again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Self

from pm_tui.cache.moments import believable, from_text, to_text
from pm_tui.cache.notebook import LEFT
from pm_tui.models import reading
from pm_tui.models.json import JsonObject
from pm_tui.models.text import clean

if TYPE_CHECKING:
    from pm_tui.services.account import Account

KEPT = timedelta(days=7)
MOST = 20  # drafts; the oldest goes first
_KEY = "drafts"
_LONGEST = 200
_TIMES = ("saved_at", "start", "end")


@dataclass(frozen=True, slots=True)
class FormDraft:
    """What a booking form said. `saved_at` and times are aware; `start_text` and `end_text` are
    what was typed where that is no time. `identity` holds the fields of token strategies.
    `external_id` is empty where it is the suggestion of department and employee."""

    location_id: str
    saved_at: datetime
    evse_uid: str = ""
    connector_id: str = ""
    start: datetime | None = None
    end: datetime | None = None
    start_text: str = ""
    end_text: str = ""
    token_strategy: str = ""
    department: str = ""
    employee: str = ""
    external_id: str = ""
    identity: Mapping[str, str] = field(default_factory=dict)

    def says_the_same(self, other: FormDraft) -> bool:
        """Whether nothing but the time of saving differs."""
        return replace(self, saved_at=other.saved_at) == other

    @property
    def raw(self) -> JsonObject:
        told = {name: value for name, value in asdict(self).items() if value}
        return told | {name: to_text(told[name]) for name in _TIMES if name in told}

    @classmethod
    def read(cls, location_id: str, raw: Any, now: datetime) -> Self | None:
        """None for what is none, is older than a week or comes from the future."""
        told = raw if isinstance(raw, dict) else {}
        try:
            times = {name: from_text(told[name]) for name in _TIMES if name in told}
            saved_at = times.pop("saved_at")
        except (ValueError, KeyError):
            return None
        if not believable(saved_at, now) or now - saved_at > KEPT:
            return None
        texts = reading.texts(cls, told, _LONGEST)
        identity = told.get("identity")
        kept = {
            name: clean(value, _LONGEST)
            for name, value in (identity if isinstance(identity, dict) else {}).items()
            if isinstance(value, str)
        }
        start, end = times.get("start"), times.get("end")
        return cls(location_id, saved_at, start=start, end=end, identity=kept, **texts)


async def draft_of(account: Account, location_id: str) -> FormDraft | None:
    """The draft for a charger, if there is one of the last seven days."""
    values = await account.with_notebook(LEFT, lambda book: book.read())
    return _drafts(values, account.now()).get(location_id)


async def listed(account: Account) -> list[FormDraft]:
    """Every draft, the last one first."""
    values = await account.with_notebook(LEFT, lambda book: book.read())
    found = _drafts(values, account.now()).values()
    return sorted(found, key=lambda one: one.saved_at, reverse=True)


async def keep(account: Account, draft: FormDraft) -> bool:
    """Keep a draft in place of the charger's last one; whether it is."""
    kept = replace(draft, saved_at=account.now())  # by this host's clock, not by the gateway's
    return await _change(account, lambda drafts: drafts.update({draft.location_id: kept}))


async def drop(account: Account, location_id: str) -> None:
    """Forget the draft for a charger."""

    def forget(drafts: dict[str, FormDraft]) -> None:
        drafts.pop(location_id, None)

    await _change(account, forget)


async def forget_old(account: Account) -> None:
    """Take from the disk what is older than a week, also from a file that was set aside."""
    await _change(account, lambda _drafts: None)
    before = account.now() - KEPT
    await account.with_notebook(LEFT, lambda book: book.forget_broken(before))


async def _change(account: Account, alter: Any) -> bool:
    now = account.now()

    def put(values: JsonObject) -> None:
        drafts = _drafts(values, now)
        alter(drafts)
        newest = sorted(drafts.values(), key=lambda one: one.saved_at)[-MOST:]
        values[_KEY] = {one.location_id: one.raw for one in newest}
        if not newest:
            del values[_KEY]  # nor is a file made for nothing

    return await account.with_notebook(LEFT, lambda book: book.change(put))


def _drafts(values: JsonObject, now: datetime) -> dict[str, FormDraft]:
    kept = values.get(_KEY)
    told = kept.items() if isinstance(kept, dict) else ()
    found = (FormDraft.read(location_id, raw, now) for location_id, raw in told)
    return {one.location_id: one for one in found if one is not None}
