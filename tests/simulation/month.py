"""A working month through the real planner, watcher, session and client, against the real sandbox
in the same process; only the time and the wire between them are made up."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast
from unittest import mock

import httpx

from pm_tui import config
from pm_tui.api.errors import ApiError
from pm_tui.api.limits import RateGate
from pm_tui.api.transport import Transport
from pm_tui.models.booking import Booking
from pm_tui.models.query import SearchQuery
from pm_tui.models.request import BookingRequest
from pm_tui.models.result import Result
from pm_tui.sandbox.app import make_app
from pm_tui.sandbox.clock import Clock as SandboxClock
from pm_tui.sandbox.gateway import Gateway
from pm_tui.sandbox.lifecycle import Script
from pm_tui.sandbox.options import Options
from pm_tui.services import watcher as watching
from pm_tui.services.bookings import BookingList
from pm_tui.services.host import Host
from pm_tui.services.ledger import Ledger, Place
from pm_tui.services.plan import Look, Presence, Why
from pm_tui.services.session import Session
from pm_tui.services.watcher import Watcher
from tests.sandbox.tiny_network import TinyNetwork
from tests.simulation.office import CLOSES, FIRST_DAY, OPENS, Office, Visit, Wish, changes
from tests.simulation.office import taken_back as taken_back_by
from tests.simulation.virtual import AtOnce, VirtualClock, VirtualLoop

WIRE = 0.06  # seconds there and back
URL = "http://127.0.0.1:1/api/v1/client"
AWAY = FIRST_DAY - timedelta(days=1)


@dataclass
class Made:
    """A booking as it was made, and where."""

    window: int
    script: Script
    start: datetime
    end: datetime


@dataclass
class Month:
    """What happened. `sent` are the moments of requests with whether no person asked for them;
    `seen` when a window showed a booking in a status first; `there` who was awake when."""

    office: Office
    made: dict[str, Made] = field(default_factory=dict)
    sent: list[tuple[datetime, bool]] = field(default_factory=list)
    whys: dict[str, int] = field(default_factory=dict)
    seen: dict[tuple[int, str, str], datetime] = field(default_factory=dict)
    there: dict[int, list[tuple[datetime, datetime]]] = field(default_factory=dict)
    open_hours: list[tuple[datetime, datetime]] = field(default_factory=list)
    refused: int = 0

    @property
    def background(self) -> int:
        return sum(one for _at, one in self.sent)


class Window:
    """A session with its watcher, and whoever sits before it."""

    def __init__(self, number: int, month: Month, session: Session, now: Callable[[], datetime]):
        self.number, self._month, self.session, self._now = number, month, session, now
        self.known = Ledger()
        self._here = self._shown = False
        self._touched_at = AWAY
        self.why = Why.FIRST
        self.watcher = Watcher(session, self.known, self, now)

    # -- the audience ----------------------------------------------------------

    def presence(self) -> Presence:
        return Presence(self._shown, self._here, self._now() if self._here else self._touched_at)

    def read(self, result: Result[BookingList], places: dict[str, Place]) -> None:
        self.known.take(result, places)
        for booking in result.value.bookings:
            self._show(booking)

    def told(self, result: Result[Booking]) -> None:
        self.known.take_one(result)
        self._show(result.value)

    def failed(self, problem: Exception) -> None:
        self.known.fail(str(problem))

    async def take_stock(self, listed: Sequence[Booking] | None) -> None:
        """No screen shows it."""

    def no_journal(self, problem: Exception) -> None:
        raise problem

    def planned(self, look: Look) -> None:
        """Nobody reads the status bar here."""
        self.why = look.why

    def _show(self, booking: Booking) -> None:
        self._month.seen.setdefault((self.number, booking.id, booking.status), self._now())

    # -- the person ------------------------------------------------------------

    async def visit(self, visit: Visit, make: Callable[[Window, Wish], Any]) -> None:
        """Come, search and book or just look, and leave."""
        was_awake = self.presence().is_awake(self._now())
        self._here, came = True, self._now()
        if not was_awake:
            self.watcher.wake()
        if visit.wish is None:
            self._shown = True
            self._opened()
            await asyncio.sleep((visit.ends - visit.begins).total_seconds())
        else:
            await asyncio.sleep((visit.wish.at - visit.begins).total_seconds())
            made = await make(self, visit.wish)
            if made is not None:
                self.told(made)
                self._shown = True
                self.watcher.soon()
            await asyncio.sleep(max((visit.ends - self._now()).total_seconds(), 15))
        self._here = self._shown = False
        self._touched_at = self._now()
        self._month.there.setdefault(self.number, []).append((came, self._touched_at))

    def _opened(self) -> None:
        """As the view of the bookings does when it is opened."""
        known = self.known.result
        if known is None or known.age(self._now()) > watching.FRESH:
            self.watcher.soon()


class Simulation:
    def __init__(self, office: Office, folder: Path) -> None:
        self.office, self._folder = office, folder
        self.month = Month(office)
        self._rng = random.Random(f"{office.seed}/operators")
        self._free = 0
        self._written = asyncio.Event()

    def run(self) -> Month:
        loop = VirtualLoop()
        self._clock = VirtualClock(loop, FIRST_DAY, self._rng)
        self._gateway = self._open_gateway()
        try:
            with self._patched():
                asyncio.set_event_loop(loop)
                loop.run_until_complete(self._month())
        finally:
            asyncio.set_event_loop(None)
            loop.close()
            self._gateway.store.close()
        return self.month

    def _open_gateway(self) -> Gateway:
        gateway = Gateway.open(Options(seed=self.office.seed, history=False), TinyNetwork())
        gateway.clock = SandboxClock(source=self._clock.now)
        gateway.history_ready.set()
        return gateway

    # -- the days --------------------------------------------------------------

    async def _month(self) -> None:
        for day in self.office.working_days():
            await self._until(day + OPENS)
            await self._day(day)

    async def _day(self, day: datetime) -> None:
        windows = [self._window(number) for number in range(self.office.windows)]
        for window in windows:
            await window.session.__aenter__()
        watchers = [asyncio.ensure_future(window.watcher.run()) for window in windows]
        self.month.open_hours.append((day + OPENS, day + CLOSES))
        visits = [asyncio.ensure_future(self._visit(windows, v)) for v in self.office.visits(day)]
        await asyncio.gather(*visits)
        await self._until(day + CLOSES)
        for watcher in watchers:
            watcher.cancel()
        await asyncio.gather(*watchers, return_exceptions=True)
        for window in windows:
            await window.session.close()

    async def _visit(self, windows: list[Window], visit: Visit) -> None:
        await self._until(visit.begins)
        await windows[visit.window].visit(visit, self._make)

    async def _until(self, moment: datetime) -> None:
        await asyncio.sleep(max((moment - self._clock.now()).total_seconds(), 0))

    def _window(self, number: int) -> Window:
        session = Session(self._settings(), now=self._clock.now, clock=self._clock)
        session._worker = cast(Any, AtOnce())
        return Window(number, self.month, session, self._clock.now)

    def _settings(self) -> config.Settings:
        env = {
            "HOME": str(self._folder),
            "PM_TUI_CACHE_DIR": str(self._folder / "cache"),
            "PM_TUI_STATE_DIR": str(self._folder / "state"),
            "PM_TUI_TIMEZONE": "Europe/Berlin",
            "PM_TUI_API_KEY": self._gateway.api_key,
            "PM_TUI_BASE_URL": URL,
        }
        return config.load({"language": "en"}, env)

    # -- what people do --------------------------------------------------------

    async def _make(self, window: Window, wish: Wish) -> Result[Booking] | None:
        """Search, then book what is free; the operator's fate for it may be a loss."""
        await window.session.search(SearchQuery(52.52, 13.405), label="Berlin")
        for _try in range(3):
            location, evse = self._next_point()
            now = self._clock.now()
            request = BookingRequest(
                location_id=location,
                evse_uid=evse,
                reservation_start=max(wish.start, now + timedelta(minutes=16)),
                reservation_end=max(wish.end, now + timedelta(minutes=60)),
                external_id=f"sim-e{wish.number:03}-{now:%Y%m%d}",
            )
            try:
                ended = await window.session.book(request)
            except ApiError:
                continue
            if ended.answer is not None:
                self._note(window.number, ended.answer.value, wish)
                return Result(ended.answer.value, "live", ended.answer.received_at)
        self.month.refused += 1
        return None

    def _next_point(self) -> tuple[str, str]:
        """Another charging point each time: nobody stands in anybody's way."""
        stations = [one for _km, one in TinyNetwork().near(52.52, 13.405, 1000) if one.reservable]
        points = [(station.location_id, evse.uid) for station in stations for evse in station.evses]
        self._free += 1
        return points[self._free % len(points)]

    def _note(self, window: int, booking: Booking, wish: Wish) -> None:
        kept = self._gateway.store.get(booking.id)
        assert kept is not None
        script = kept.script
        if wish.loss is not None:
            script = taken_back_by(script, kept.starts, wish.loss)
            self._gateway.store.set_script(booking.id, script)
        self.month.made[booking.id] = Made(window, script, kept.starts, kept.ends)

    # -- the wire and the time ---------------------------------------------------

    @contextmanager
    def _patched(self) -> Iterator[None]:
        """The wire ends in the sandbox's own application; nothing else of the client is touched,
        but that a window does not glance at a file to which nobody has written."""
        app = make_app(self._gateway)
        month, clock = self.month, self._clock
        count, settle = RateGate._leave, Host._do

        async def wired(scope: Any, receive: Any, send: Any) -> None:
            await asyncio.sleep(WIRE / 2)
            await app(scope, receive, send)
            await asyncio.sleep(WIRE / 2)

        def client(transport: Transport, _method: str) -> httpx.AsyncClient:
            key = transport._key.get_secret_value()
            wire = httpx.ASGITransport(app=wired)
            return httpx.AsyncClient(transport=wire, headers={"X-API-Key": key})

        async def counted(gate: RateGate, background: bool) -> float:
            wait = await count(gate, background)
            if wait == 0:
                month.sent.append((clock.now(), background))
                self._tell_written()
            return wait

        async def noticed(host: Host, work: Any, *args: object) -> Any:
            before = host.common
            done = await settle(host, work, *args)
            if before is not None and work.__name__ == "<lambda>" and _writes(work):
                self._tell_written()
            return done

        read = Watcher._read

        async def reading(watcher: Watcher, *, background: bool) -> None:
            due = watcher._plan()
            wanted = due.at is None or due.at > clock.now() + timedelta(seconds=1)
            why = "opened" if wanted else due.why.value
            month.whys[why] = month.whys.get(why, 0) + 1
            await read(watcher, background=background)

        async def nap(watcher: Watcher, seconds: float) -> None:
            await self._nap(watcher, seconds)

        with (
            mock.patch.object(Transport, "_client", client),
            mock.patch.object(RateGate, "_leave", counted),
            mock.patch.object(Host, "_do", noticed),
            mock.patch.object(Watcher, "_nap", nap),
            mock.patch.object(Watcher, "_read", reading),
        ):
            yield

    def _tell_written(self) -> None:
        self._written.set()
        self._written = asyncio.Event()

    async def _nap(self, watcher: Watcher, seconds: float) -> None:
        """As the original, which glances every `TICK`: here only at the tick after a write."""
        began, end = self._clock.monotonic(), self._clock.monotonic() + seconds
        waiting = {
            asyncio.ensure_future(watcher._woken.wait()),
            asyncio.ensure_future(self._written.wait()),
        }
        try:
            done, _rest = await asyncio.wait(
                waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            for task in waiting:
                task.cancel()
        if done and not watcher._woken.is_set():
            awake = watcher._audience.presence().is_awake(self._clock.now())
            tick = watching.TICK if awake else watching.SLOW_TICK
            now = self._clock.monotonic()
            rest = min(tick - (now - began) % tick, max(end - now, 0.0))
            try:
                await asyncio.wait_for(watcher._woken.wait(), rest)
            except TimeoutError:
                return


def _writes(work: Any) -> bool:
    return bool({"tell", "failed"} & set(work.__code__.co_names))


def moments(month: Month) -> Iterator[tuple[str, str, Any, Made]]:
    """Every change that a person wants to know: its kind, the booking, when, and the booking."""
    for booking_id, made in month.made.items():
        for kind, step in changes(made.script):
            yield kind, booking_id, step, made
