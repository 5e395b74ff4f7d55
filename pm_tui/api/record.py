"""What was sent, and why: a few facts a request, in memory alone, for the person whose quota it is.

No key gets in here and no body. Of addresses and headers only what is known to be harmless is kept
as it is; whatever names a person (an e-mail address, a user's id, a serial number) is `MASK`.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from urllib.parse import parse_qsl, quote, urlsplit

from pm_tui.models.text import clean

# why a request was sent; handed down by who wants the answer (`because`)
Why = Literal[
    "search",  # a person looks for chargers
    "watched",  # a charger is watched until it is free
    "plan",  # the plan of looks says that the list can have changed
    "confirmation",  # a booking waits for its operator
    "look",  # a person wants to see the bookings now
    "read",  # one booking
    "booking",  # a person books
    "table",  # a row of a table is booked
    "cancelling",  # a person cancels
    "change",  # a person changes a booking
    "settling",  # what nobody knows the outcome of is looked for
    "report",
    "export",
    "usage",  # the month's count
    "home",  # a person looks at home chargers
    "home change",  # and changes something there
    "login",  # a token for ev.energy
    "other",
]

MOST = 1000  # requests that are kept
MASK = "…"
SECRET = "********"  # noqa: S105 - what stands in its place

_why: ContextVar[Why] = ContextVar("why", default="other")

_HARMLESS_PARAMS = frozenset(
    """lat lng radius limit connector_type power_min start_time end_time status from_date to_date
    period_start period_end page_size expand response_type sampled_at__gte sampled_at__lte
    logged_at__gte logged_at__lte""".split()  # noqa: SIM905
)
_HARMLESS_HEADERS = frozenset(
    """accept accept-encoding accept-language age cache-control connection content-encoding
    content-length content-type date evenergy-version host keep-alive retry-after retryafter server
    transfer-encoding user-agent vary x-ratelimit-limit x-ratelimit-remaining
    x-ratelimit-reset""".split()  # noqa: SIM905
)
_SECRET_HEADERS = frozenset(
    ["authorization", "x-api-key", "proxy-authorization", "cookie", "set-cookie"]
)
_MOST_HEADERS = 40

Headers = tuple[tuple[str, str], ...]


@contextmanager
def because(why: Why, *, unless_said: bool = False) -> Iterator[None]:
    """Requests in here are sent for this reason; `unless_said`: only where nobody further out
    has given one. Not around a `yield` of an asynchronous generator: its caller would have it."""
    if unless_said and _why.get() != "other":
        yield
        return
    token = _why.set(why)
    try:
        yield
    finally:
        _why.reset(token)


def reason() -> Why:
    """The one in force here."""
    return _why.get()


@dataclass(frozen=True, slots=True)
class Sent:
    """One request as it went out: a second try is another one.

    `at` is aware, UTC; `seconds` how long it took; `status` None where no answer came, `fault`
    says why then, in words. `left` False: not a byte of it left, it cost nothing. `size` is the
    body that went, `received` the bytes of the answer's body as they travelled. `limit` and
    `remaining` are the minute's (or hour's) as this answer's headers told them; no header tells
    the month (contract/agent-api.md §13). `api` is which of the two was asked, `path` begins
    below its base address.
    """

    number: int
    at: datetime
    api: str
    why: Why
    method: str
    url: str
    path: str
    attempt: int
    seconds: float
    status: int | None = None
    fault: str = ""
    left: bool = True
    size: int = 0
    received: int = 0
    limit: int | None = None
    remaining: int | None = None
    reset_at: datetime | None = None
    headers: Headers = ()
    answer_headers: Headers = ()

    @property
    def is_good(self) -> bool:
        """Whether the answer was a yes."""
        return self.status is not None and 200 <= self.status < 300 and not self.fault


@dataclass(frozen=True, slots=True)
class Sums:
    """Of the whole session, also of what the record has forgotten. `unsent` never left."""

    requests: int = 0
    unsent: int = 0
    size: int = 0
    received: int = 0
    by_why: tuple[tuple[Why, int], ...] = ()
    from_memory: int = 0


class Record:
    """The last `MOST` requests of this process, oldest first. `on_change` is called for each, on
    the event loop; nobody listens unless somebody looks."""

    def __init__(self, most: int = MOST) -> None:
        self._sent: deque[Sent] = deque(maxlen=most)
        self._requests = self._unsent = self._size = self._received = 0
        self._by_why: Counter[Why] = Counter()
        self._from_memory = 0
        self.on_change: Callable[[], None] | None = None
        self.broken = 0  # requests that could not be written down: a fault of ours

    @property
    def next_number(self) -> int:
        return self._requests + self._unsent + 1

    def add(self, sent: Sent) -> None:
        """Keep one more; the oldest goes where there are too many."""
        self._sent.append(sent)
        if sent.left:
            self._requests += 1
            self._by_why[sent.why] += 1
            self._size += sent.size
            self._received += sent.received
        else:
            self._unsent += 1
        self._tell()

    def spared(self) -> None:
        """Somebody asked, and memory answered: no request."""
        self._from_memory += 1
        self._tell()

    def rows(self) -> tuple[Sent, ...]:
        return tuple(self._sent)

    def sums(self) -> Sums:
        by_why = tuple(self._by_why.most_common())
        return Sums(
            self._requests, self._unsent, self._size, self._received, by_why, self._from_memory
        )

    def _tell(self) -> None:
        if self.on_change is not None:
            self.on_change()


def address(url: str, params: Mapping[str, str | Sequence[str]]) -> str:
    """`url` with its query, without what could name a person; `MASK` for what is none."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return MASK
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    for name, value in params.items():
        pairs += [(name, one) for one in ([value] if isinstance(value, str) else value)]
    query = "&".join(f"{_quoted(name)}={_shown(name, value)}" for name, value in pairs)
    whole = f"{parts.scheme}://{parts.netloc}{parts.path}"
    return clean(f"{whole}?{query}" if query else whole, 2000)


def _shown(name: str, value: str) -> str:
    return _quoted(value) if name in _HARMLESS_PARAMS else MASK


def _quoted(text: str) -> str:
    return quote(text, safe=":,*", errors="replace")


def below(url: str, bases: Iterable[str]) -> str:
    """The part of `url` behind the longest of `bases` that it begins with; else its path."""
    fitting = [base for base in bases if url.startswith(base)]
    if fitting:
        return url[len(max(fitting, key=len)) :] or "/"
    return url[url.find("/", url.find("//") + 2) :]


def shown_headers(pairs: Iterable[tuple[str, str]]) -> Headers:
    """Every name; the value of those that are known to be harmless, cleaned."""
    found = []
    for name, value in pairs:
        told = clean(value, 200) if name.lower() in _HARMLESS_HEADERS else MASK
        if name.lower() in _SECRET_HEADERS:
            told = SECRET
        found.append((clean(name, 60), told))
    return tuple(found[:_MOST_HEADERS])
