"""A list that comes page by page (contract/evenergy-v2.md §6): one page a call, by the links."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from pm_tui.api.answers import Reply, json_list
from pm_tui.api.home_errors import ForeignLink
from pm_tui.api.links import next_url
from pm_tui.i18n import _
from pm_tui.models.json import JsonObject

T = TypeVar("T")

LARGEST_PAGE = 100
MOST_PAGES = 10_000
_CURSORS = frozenset({"page_size", "page_after", "page_before"})

Fetch = Callable[[str, Mapping[str, str | Sequence[str]], bool, timedelta], Awaitable[Reply]]


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """What one request brought: rows read, the same as they were sent, when (aware, UTC), and how
    many could not be read."""

    rows: tuple[T, ...]
    raws: tuple[JsonObject, ...]
    received_at: datetime
    skipped: int = 0


class Pages(Generic[T]):
    """Where a reader stands in a list. Nothing is sent before `next` is called."""

    def __init__(
        self,
        fetch: Fetch,
        url: str,
        params: Mapping[str, str | Sequence[str]],
        reader: Callable[[Any], T],
    ) -> None:
        self._fetch, self._reader = fetch, reader
        self._url, self._params = url, dict(params)
        self._wanted = {name: value for name, value in params.items() if name not in _CURSORS}
        self._followed: set[str] = set()
        self._broken: ForeignLink | None = None
        self.is_over = False

    async def next(
        self, *, background: bool = False, patience: timedelta = timedelta(seconds=2)
    ) -> Page[T] | None:
        """The next page, which may be empty; None when the last was read.

        Raises a leaf of `ApiError`; the same page is asked for again by the next call. A link that
        cannot be followed is `ForeignLink` when its page is asked for, every time.
        """
        if self._broken is not None:
            raise self._broken.with_traceback(None)
        if self.is_over:
            return None
        reply = await self._fetch(self._url, self._params, background, patience)
        page = self._read(reply)
        try:
            self._turn(next_url(reply.link, self._url, self._wanted))
        except ForeignLink as foreign:
            self._broken = foreign
        return page

    def _turn(self, url: str | None) -> None:
        if url is None:
            self.is_over = True
            return
        if url in self._followed or len(self._followed) >= MOST_PAGES:
            raise ForeignLink(_("it leads back to where we were"))
        self._followed.add(url)
        self._url, self._params = url, {}

    def _read(self, reply: Reply) -> Page[T]:
        rows: list[T] = []
        raws: list[JsonObject] = []
        skipped = 0
        for raw in json_list(reply):
            try:
                rows.append(self._reader(raw))
                raws.append(raw)
            except ValueError:
                skipped += 1
        return Page(tuple(rows), tuple(raws), reply.received_at, skipped)
