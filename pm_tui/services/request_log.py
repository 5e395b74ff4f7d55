"""What this session has sent: read, filtered, put in order, and as the line that would send it."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import quote

from pm_tui.api.record import MASK, Sent, Sums, Why
from pm_tui.services import request_month
from pm_tui.services.request_month import Month

if TYPE_CHECKING:
    from pm_tui.services.account import Account

KEYS = {"agent": "X-API-Key: $PM_API_KEY", "home": "Authorization: Bearer $EV_ENERGY_TOKEN"}
_KEYS_IN = frozenset(["x-api-key", "authorization"])
_TELLING = frozenset(["evenergy-version", "evenergy-user", "accept-language", "content-type"])


@dataclass(frozen=True, slots=True)
class Log:
    """The requests as far as they are kept, newest first, and the sums of all; as of `at`. `month`
    is the account's count where it is known."""

    rows: tuple[Sent, ...]
    sums: Sums
    at: datetime
    month: Month | None = None

    @property
    def forgotten(self) -> int:
        """How many are counted and not kept any more."""
        return self.sums.requests + self.sums.unsent - len(self.rows)


def read(account: Account) -> Log:
    """All that is known now; costs nothing."""
    record = account.record
    month = request_month.read(account)
    return Log(tuple(reversed(record.rows())), record.sums(), account.now(), month)


def arranged(
    rows: Sequence[Sent], text: str, sort: str, reverse: bool, word: Callable[[Why], str]
) -> list[Sent]:
    """Those in which `text` (folded) is found, in the order of column `sort`; as they are where
    there is none. `word` names a reason as it is shown."""

    def fits(one: Sent) -> bool:
        said = (one.method, one.path, word(one.why), str(one.status or ""), one.fault, one.api)
        return any(text in part.casefold() for part in said)

    orders: dict[str, Callable[[Sent], object]] = {
        "time": lambda one: one.number,
        "method": lambda one: one.method,
        "path": lambda one: one.path,
        "answer": lambda one: (one.status or 0, one.left),
        "took": lambda one: one.seconds,
        "size": lambda one: one.received,
        "left": lambda one: -1 if one.remaining is None else one.remaining,
        "why": lambda one: word(one.why),
        "attempt": lambda one: one.attempt,
    }
    kept = [one for one in rows if not text or fits(one)]
    if sort in orders:
        kept.sort(key=orders[sort], reverse=reverse)  # type: ignore[arg-type]
    return kept


def curl(sent: Sent) -> str:
    """The line for a shell that would send it, with a variable in place of the key. What is not
    shown is not in it either; a body would have to be written to `body.json` first."""
    words = ["curl"]
    if sent.method != "GET":
        words += ["-X", sent.method]
    for name, told in sent.headers:
        if name.lower() in _KEYS_IN:
            words += ["-H", f'"{KEYS[sent.api]}"']
        elif name.lower() in _TELLING and told != MASK:
            words += ["-H", shlex.quote(f"{name}: {told}")]
    if sent.size:
        words += ["--data", "@body.json"]
    return " ".join([*words, shlex.quote(sent.url)])


def booking_curl(base_url: str, booking_id: str) -> str:
    """The line that would read one booking (contract/agent-api.md §8)."""
    url = f"{base_url.rstrip('/')}/bookings/{quote(booking_id, safe='')}"
    return f'curl -H "{KEYS["agent"]}" {shlex.quote(url)}'
