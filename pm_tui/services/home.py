"""What a person does with home chargers: look at them, place them, take them on and off.

Live where ev.energy answers, remembered where it does not, never one as the other. Raises, beside
what each method says: `NoCredentials` and `ConfigError` (nothing to ask with).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from pm_tui.api.agent import Answer
from pm_tui.api.errors import ApiError, OutcomeUnknown
from pm_tui.api.limits import RateSnapshot
from pm_tui.cache.home import HomeStore
from pm_tui.i18n import _
from pm_tui.models.home import CommandLog, Evse, Make, Model, Moment, StatusLog, SubSession, user_id
from pm_tui.models.result import Result
from pm_tui.models.text import clean
from pm_tui.services.account import COVERED_BY_MEMORY, NothingRemembered
from pm_tui.services.home_line import HomeLine
from pm_tui.services.home_list import WHOLE, Listing
from pm_tui.services.home_words import same_place

if TYPE_CHECKING:
    from pm_tui.api.home import HomeClient
    from pm_tui.api.pages import Pages
    from pm_tui.services.account import Account
    from pm_tui.services.home_contact import Contact
    from pm_tui.services.home_deeds import Remover

T = TypeVar("T")
L = TypeVar("L", StatusLog, CommandLog)

MOST_LINES = 3000  # of a log in one answer: ten days at a sample each five minutes


class NoSuchName(LookupError):
    """A make, model or user of that name is not known; the text says which there are."""


@dataclass(frozen=True, slots=True)
class Onboarding:
    """The address that the employee opens in a browser of their own; we never do."""

    url: str
    what: str  # the make or model
    user: str


class Home:
    """Of one account. Its stores live in the account's worker thread, like all others."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self.settings = account.settings.home
        self.line = HomeLine(account)
        self._store: HomeStore | None = None
        self._remover: Remover | None = None
        self._opening = asyncio.Lock()

    def now(self) -> datetime:
        return self._account.now()

    @property
    def rate(self) -> RateSnapshot | None:
        """The hour's limit and what is left of it, once something was asked."""
        return self.line.rate

    def take_notices(self) -> list[str]:
        """What the stores have to tell; whoever asks says each once."""
        told = [] if self._store is None else list(self._store.notices)
        if (version := self.line.take_version()) is not None:
            text = _("ev.energy answers as version {told}, and this program speaks another.")
            text += " " + _("What is shown may be incomplete; look for a newer pm-tui.")
            told.append(text.format(told=clean(version, 20)))
        return told + ([] if self._remover is None else list(self._remover.deeds.notices))

    async def close(self) -> None:
        await self.line.close()
        if self._store is not None:
            await self._account.in_worker(self._store.close)
        if self._remover is not None:
            await self._account.in_worker(self._remover.deeds.close)
        self._store = self._remover = None

    # -- looking -----------------------------------------------------------------

    def listing(self, user: str | None = None, expand: Sequence[str] = WHOLE) -> Listing:
        """The chargers of everybody, or of one user (an id or a user's URL); nothing is sent yet.

        Only what was read with all of `WHOLE` is remembered.
        """
        return Listing(self, user, expand)

    async def device(self, evse_id: str) -> Result[Evse]:
        """One charger. Raises `NoSuchDevice`, and `NothingRemembered` when nobody can be asked."""

        def recall(store: HomeStore, problem: Exception) -> Result[Evse] | None:
            kept = store.get(evse_id)
            if kept is None:
                return None
            return Result(Evse.read(kept.raw), "cache", kept.fetched_at, problem)

        async def live(client: HomeClient) -> Result[Evse]:
            return await self.keep(await client.evse(evse_id, expand=WHOLE))

        return await self.live_or(live, recall)

    async def status_log(
        self, evse_id: str, since: datetime, until: datetime
    ) -> Result[tuple[StatusLog, ...]]:
        """The samples between (both aware, included), newest first; `MOST_LINES` at most."""
        return await self._log("status_logs", evse_id, since, until, StatusLog.read)

    async def command_log(
        self, evse_id: str, since: datetime, until: datetime
    ) -> Result[tuple[CommandLog, ...]]:
        """What it was told between, newest first. Raises `NotAllowed` without `debug:read`."""
        return await self._log("command_logs", evse_id, since, until, CommandLog.read)

    async def sub_sessions(self, evse_id: str) -> Result[tuple[SubSession, ...]]:
        """The last charging sub-sessions (one page), newest first."""

        def recall(store: HomeStore, problem: Exception) -> Result[tuple[SubSession, ...]] | None:
            kept = store.rows("sub_sessions", evse_id)
            if kept is None:
                return None
            rows, at = kept
            return Result(tuple(map(SubSession.read, rows)), "cache", at, problem)

        async def live(client: HomeClient) -> Result[tuple[SubSession, ...]]:
            page = await client.sub_sessions(evse_id).next()
            if page is None:
                return Result((), "live", self.now())
            raws, at = page.raws, page.received_at
            await self.with_store(lambda store: store.put_rows("sub_sessions", evse_id, raws, at))
            return Result(page.rows, "live", at)

        return await self.live_or(live, recall)

    async def contact(self, evse_id: str) -> Result[Contact]:
        """How it is reached, and its modes: two requests."""
        from pm_tui.services import home_contact

        return await home_contact.contact(self, evse_id)

    # -- changing ----------------------------------------------------------------

    async def set_location(
        self, evse_id: str, location: tuple[float, float] | None
    ) -> Result[Evse]:
        """Write latitude and longitude (degrees), or clear them. A lost answer is settled by
        reading: raises `OutcomeUnknown` only where that fails too, or shows another place."""
        client = await self.line.open()
        try:
            return await self.keep(await client.set_location(evse_id, location, expand=WHOLE))
        except OutcomeUnknown as lost:
            unclear = lost
        try:
            found = await self.keep(await client.evse(evse_id, expand=WHOLE))
        except ApiError:
            raise unclear from None
        if not same_place(found.value.location, location):
            raise unclear
        return found

    async def remover(self) -> Remover:
        """What decommissions, with its journal."""
        from pm_tui.cache.deeds import Deeds
        from pm_tui.services.home_deeds import Remover

        async with self._opening:
            if self._remover is None:
                account = await asyncio.to_thread(lambda: self._account.settings.account)
                folder = self._account.settings.state_dir
                deeds = await self._account.in_worker(Deeds.open, folder)
                self._remover = Remover(self, deeds, f"{account}/{self.settings.folder}")
            return self._remover

    async def reconnect(self, evse_id: str) -> str:
        """The address at which the owner connects it anew. Asked for once, for it may have done
        something: raises `OutcomeUnknown` when the answer is lost. Never followed."""
        return await (await self.line.open()).reconnect(evse_id)

    async def onboarding(self, what: str, user: str) -> Onboarding:
        """The link with which a user takes a charger of a make or model on. `what` and `user` are
        ids, or a name and an email. Raises `NoSuchName`."""
        client = await self.line.open()
        if self.line.client_id is None:
            raise NoSuchName(_("An onboarding link needs home_client_id, the id of your client."))
        who, name = await self.whose(client, user)
        makes = await _whole(client.makes())
        make = _named(what, makes)
        if make is not None and make.onboarding_url is not None:
            url = await client.onboarding(self.line.client_id, who, make_id=make.id)
            return Onboarding(url, make.name or what, name)
        models = await _whole(client.models(make_id=None if make is None else make.id))
        model = _named(what, models)
        if model is None:
            there = ", ".join(one.name or "?" for one in (models if make else makes))
            raise NoSuchName(_("No {name!r}; there are: {names}").format(name=what, names=there))
        url = await client.onboarding(self.line.client_id, who, model_id=model.id)
        return Onboarding(url, model.name or what, name)

    # -- below -------------------------------------------------------------------

    async def whose(self, client: HomeClient, given: str) -> tuple[str, str]:
        """The id and the name of a user, from an id or an email. Raises `NoSuchName`."""
        found = user_id(given)
        if found is not None:
            return found, given
        page = await client.users(email=given).next()
        for user in page.rows if page else ():
            if user.id is not None:
                return user.id, user.name or given
        raise NoSuchName(_("No user has the email {email!r}.").format(email=given))

    async def _log(
        self,
        kind: str,
        evse_id: str,
        since: datetime,
        until: datetime,
        reader: Callable[[object], L],
    ) -> Result[tuple[L, ...]]:
        def recall(store: HomeStore, problem: Exception) -> Result[tuple[L, ...]] | None:
            kept = store.log(kind, evse_id, since, until)
            if kept is None:
                return None
            raws, at = kept
            return Result(tuple(map(reader, raws)), "cache", at, problem)

        async def live(client: HomeClient) -> Result[tuple[L, ...]]:
            read = client.status_logs if kind == "status_logs" else client.command_logs
            pages: Pages[L] = read(evse_id, since=since, until=until)  # type: ignore[assignment]
            rows: list[L] = []
            at = self.now()
            while len(rows) < MOST_LINES and (page := await pages.next()) is not None:
                rows += page.rows
                at = page.received_at
            lines = [(_at(row), row.raw) for row in rows]
            kept = [(moment, raw) for moment, raw in lines if moment is not None]
            await self.with_store(lambda store: store.put_log(kind, evse_id, kept, at))
            return Result(tuple(rows), "live", at)

        return await self.live_or(live, recall)

    async def live_or(
        self,
        live: Callable[[HomeClient], Awaitable[Result[T]]],
        recall: Callable[[HomeStore, Exception], Result[T] | None],
    ) -> Result[T]:
        """What the server says, else what is remembered. Raises `NothingRemembered`."""
        try:
            return await live(await self.line.open())
        except COVERED_BY_MEMORY as failure:
            problem: ApiError = failure
        found = await self.with_store(lambda store: recall(store, problem))
        if found is None:
            raise NothingRemembered(_("Nothing is remembered of it."), problem)
        return found

    async def keep(self, answer: Answer[Evse]) -> Result[Evse]:
        """Remember a charger that was just read."""
        raw, at = answer.raw, answer.received_at
        await self.with_store(lambda store: store.put([raw], at))
        return Result(answer.value, "live", at)

    async def forget(self, evse_id: str) -> None:
        """It is no more."""
        await self.with_store(lambda store: store.forget(evse_id))

    async def with_store(self, work: Callable[[HomeStore], T]) -> T:
        """What `work` makes of the store, in the stores' thread."""
        async with self._opening:
            if self._store is None:
                settings = self._account.settings
                account = await asyncio.to_thread(lambda: settings.account)
                folder = settings.cache_dir / account / self.settings.folder
                clock = self._account.line.clock.now
                self._store = await self._account.in_worker(HomeStore.open, folder, clock)
        return await self._account.in_worker(work, self._store)

    async def in_worker(self, work: Callable[..., T], *args: object) -> T:
        """Run synchronous work where the stores live."""
        return await self._account.in_worker(work, *args)


def _at(row: StatusLog | CommandLog) -> datetime | None:
    moment: Moment | None = row.sampled if isinstance(row, StatusLog) else row.logged
    return None if moment is None else moment.at


N = TypeVar("N", Make, Model)


def _named(what: str, rows: Sequence[N]) -> N | None:
    wanted = what.strip().casefold()
    return next(
        (one for one in rows if one.id == what or (one.name or "").casefold() == wanted), None
    )


async def _whole(pages: Pages[N]) -> list[N]:
    rows: list[N] = []
    while (page := await pages.next()) is not None:
        rows += page.rows
    return rows
