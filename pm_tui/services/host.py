"""All windows, verbs and cron jobs of one account on this host as one: their count, their reading.

The file behind it lives in a thread of its own, so that neither the event loop nor the stores wait
for another process. Where it cannot be used, each counts for itself, and says so once.
"""

from __future__ import annotations

import asyncio
import uuid
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from pm_tui.api.pool import Word
from pm_tui.cache import faults
from pm_tui.cache.shared import FAULTS, WINDOW, Claim, Common, News, NotShared, SharedFile
from pm_tui.i18n import _
from pm_tui.models.json import JsonObject

T = TypeVar("T")

PATIENCE = 5  # claims in a row for which the file was locked before one reads all the same
READING = 20.0  # seconds a reading may take before another window may try (15 for the answer)


def from_stamp(seconds: float | None) -> datetime | None:
    """Aware, UTC; None for nothing."""
    return None if not seconds else datetime.fromtimestamp(seconds, UTC)


class Host:
    """A `Pool` for the gate, and the board on which the windows tell each other what they read.

    `now` is this host's clock. `common` is what was known together at the last glance.
    """

    def __init__(self, now: Callable[[], datetime], tell: Callable[[str], None]) -> None:
        self._now, self._tell = now, tell
        self._file: SharedFile | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="host")
        self._token = uuid.uuid4().hex
        self._alone_today = (now().date(), 0)  # where nothing is shared
        self._own: deque[int] = deque(maxlen=100)  # what we told ourselves is no news
        self._unanswered = 0
        self.common: Common | None = None

    async def open(self, folder: Path) -> None:
        """Join the others of this account. Never raises: then this session counts for itself."""
        try:
            self._file = await self._do(SharedFile, folder, self._token)
            await self.glance()
        except NotShared as problem:
            self._give_up(str(problem))
        except FAULTS as fault:
            self._give_up(faults.reason(fault))

    async def close(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            await self._do(_close, file)
        self._thread.shutdown(wait=False)

    # -- the gate's pool -----------------------------------------------------

    async def reserve(self, background: bool, limit: int) -> Word:
        if background:
            self._count_alone()
        done = await self._ask(lambda file: file.reserve(self._stamp(), background, limit))
        if done is None:
            return Word(background_today=self.background_today)
        wait, self.common = done
        return self._word(self.common, wait)

    def unsent(self, background: bool) -> None:
        self._send(lambda file: file.unsent(background))

    def heard(self, remaining: int, resets_in: float) -> None:
        at = self._stamp() + resets_in
        self._send(lambda file: file.heard(remaining, at))

    def closed(self, seconds: float, spent: bool) -> None:
        until = self._stamp() + seconds
        self._send(lambda file: file.closed(until, spent))

    def opened(self) -> None:
        now = self._stamp()
        self._send(lambda file: file.opened(now))

    def usage(self, used: int | None, limit: int | None) -> None:
        """What `/usage` told; None twice when it was asked in vain."""
        now = self._stamp()
        self._send(lambda file: file.usage(now, used, limit))

    # -- the board -----------------------------------------------------------

    async def glance(self) -> Word | None:
        """What is known together now; None when nothing is shared."""
        common = await self._ask(lambda file: file.look(self._stamp()))
        if common is not None:
            self.common = common
        return self.word

    @property
    def word(self) -> Word | None:
        """The last glance, for the gate."""
        if self._file is None or self.common is None:
            return None
        return self._word(self.common)

    @property
    def background_today(self) -> int:
        """Requests that no person asked for, since midnight UTC."""
        if self._file is not None and self.common is not None:
            return self.common.background_today
        day, count = self._alone_today
        return count if day == self._now().date() else 0

    async def claim(self, seen: int, *, anyway: bool = False) -> Claim:
        """As `SharedFile.claim`; alone one may always read."""
        claim = await self._ask(
            lambda file: file.claim(self._stamp(), seen, READING, anyway=anyway)
        )
        if claim is not None or self._file is None:
            self._unanswered = 0
            return claim or "yours"
        self._unanswered += 1  # many windows asked in the same instant: one of them was heard
        return "busy" if self._unanswered < PATIENCE else "yours"

    async def tell(
        self,
        rows: Sequence[JsonObject],
        at: datetime,
        *,
        whole: bool = False,
        complete: bool = False,
    ) -> None:
        """Show the others what was read at `at`."""
        seq = await self._ask(
            lambda file: file.tell(
                self._stamp(), at.timestamp(), rows, whole=whole, complete=complete
            )
        )
        self._own.append(seq or 0)

    async def failed(self, state: str, problem: str) -> None:
        """Say that a reading failed, and that nobody is reading."""
        await self._ask(lambda file: file.failed(self._stamp(), state, problem))

    async def tried_at(self) -> float | None:
        """When a reading failed last."""
        await self.glance()
        return None if self.common is None else self.common.tried_at

    def release_soon(self) -> None:
        """A reading was given up: another may do it."""
        self._send(lambda file: file.release())

    async def may_look(self, location_ids: Sequence[str]) -> bool:
        """Whether to look at these watched chargers now: not while another window does. True when
        nothing is shared."""
        mine = await self._ask(lambda file: file.look_at(self._stamp(), location_ids, READING))
        return mine is not False

    def looked(self) -> None:
        """What `may_look` allowed is done; before it, whoever waits for it may find it."""
        self._send(lambda file: file.looked())

    async def news(self, seen: int) -> list[News]:
        """What was told after `seen`, oldest first; `is_own` knows what we told ourselves."""
        if self.common is None or self.common.seq <= seen:
            return []
        return await self._ask(lambda file: file.news(self._stamp(), seen)) or []

    def is_own(self, news: News) -> bool:
        return news.seq in self._own

    async def told(self) -> dict[str, str] | None:
        """In which status a person of this host was last shown each booking, by id; of what no
        window has shown yet, in which it was met first. None where it is not to be had."""
        for _n in range(PATIENCE):  # many windows may start at once
            told = await self._ask(lambda file: file.told())
            if told is not None or self._file is None:
                return told
        return None

    async def note_told(self, statuses: Mapping[str, str]) -> bool:
        """A window of ours shows these now; False when nobody could be told."""
        now = self._stamp()
        return await self._ask(lambda file: file.note_told(now, statuses)) is True

    # -- below ---------------------------------------------------------------

    def _word(self, common: Common, wait: float = 0.0) -> Word:
        now = self._stamp()
        frees_in = 0.0 if common.oldest is None else max(common.oldest + WINDOW - now, 0.0)
        return Word(
            wait=wait,
            sent=common.sent,
            frees_in=frees_in,
            blocked=max(common.blocked_until - now, 0.0),
            spent=common.spent,
            month_used=common.month_used,
            month_limit=common.month_limit,
            background_today=common.background_today,
            opened_at=from_stamp(common.opened_at),
        )

    def _count_alone(self) -> None:
        today = self._now().date()
        day, count = self._alone_today
        self._alone_today = (today, count + 1 if day == today else 1)

    def _stamp(self) -> float:
        return self._now().timestamp()

    async def _do(self, work: Callable[..., T], *args: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, *args)

    async def _ask(self, work: Callable[[SharedFile], T]) -> T | None:
        """None when there is nothing shared, or it is not to be had in time."""
        file = self._file
        if file is None:
            return None
        try:
            return await self._do(work, file)
        except FAULTS as fault:
            if not faults.is_busy(fault):  # else only this once
                self._give_up(faults.reason(fault))
            return None

    def _send(self, work: Callable[[SharedFile], object]) -> None:
        """Without waiting; in the order in which it was said."""
        file = self._file
        if file is None:
            return
        future = asyncio.get_running_loop().run_in_executor(self._thread, work, file)
        future.add_done_callback(self._sent)

    def _sent(self, future: asyncio.Future[object]) -> None:
        if future.cancelled():
            return
        fault = future.exception()
        if isinstance(fault, FAULTS) and not faults.is_busy(fault):
            self._give_up(faults.reason(fault))

    def _give_up(self, reason: str) -> None:
        if self._file is not None:
            asyncio.get_running_loop().run_in_executor(self._thread, _close, self._file)
        self._file = None
        self._tell(
            _(
                "The windows of this host cannot share their count of requests ({reason}): each "
                "counts its own, and reads the bookings for itself."
            ).format(reason=reason)
        )


def _close(file: SharedFile) -> None:
    with suppress(*FAULTS):  # whoever claims next sees that we are gone
        file.release()
    file.close()
