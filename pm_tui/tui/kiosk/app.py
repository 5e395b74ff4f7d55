"""The kiosk: a visitor's three steps, and then the first page again.

An application of its own: it has no palette, no views and no key but those of its one screen.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.events import Event, InputEvent
from textual.screen import Screen

from pm_tui import crash, i18n
from pm_tui.models.zones import CHARGERS_ZONE
from pm_tui.services import kiosk_hours
from pm_tui.tui.kiosk import pages
from pm_tui.tui.kiosk.gate import GateScreen
from pm_tui.tui.kiosk.known import Known
from pm_tui.tui.kiosk.locked import Locked
from pm_tui.tui.kiosk.pages import Page
from pm_tui.tui.kiosk.printing import Printing
from pm_tui.tui.kiosk.screen import KioskScreen
from pm_tui.tui.kiosk.unclear import Unclear
from pm_tui.tui.plain import Plain
from pm_tui.tui.styles import style

if TYPE_CHECKING:
    from pm_tui.config import Settings
    from pm_tui.models.booking import Booking
    from pm_tui.models.charger import Location
    from pm_tui.services.kiosk import Kiosk, Point, Visit
    from pm_tui.services.session import Session

# how the language that F2 changes to names itself, whatever language is in force
NAMES = {"en": "F2 English", "de": "F2 Deutsch"}


IDLE = 45.0  # seconds without a key or a finger until a visitor is asked
ASKED = 15.0  # seconds to answer


class KioskApp(Known, Unclear, Printing, Locked, inherit_bindings=False):
    """For the site and desk of `settings.kiosk`, which must not lack anything."""

    TITLE = "pm-tui kiosk"
    CSS_PATH: ClassVar[list[str | PurePath]] = [style("kiosk"), style("kiosk-gate")]
    BINDINGS: ClassVar[list[BindingType]] = [Binding("f10", "gate", show=False, priority=True)]
    ENABLE_COMMAND_PALETTE = False
    ALLOW_SELECT = False  # what one visitor marked is not for the next

    def __init__(
        self,
        settings: Settings,
        *,
        now: Callable[[], datetime] | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__()
        self.settings = settings
        if settings.ascii:
            self._filters.append(Plain(letters=settings.letters))
        self.now = now or (lambda: datetime.now(UTC))
        self._session: Session | None = None
        self._kiosk: Kiosk | None = None
        self._opening = asyncio.Lock()
        self._monotonic = monotonic
        self._touched = monotonic()  # when somebody was last there
        self._page: Callable[[], Page] = self._first_page
        self._left_at = self._page  # where who is asked goes on
        self._shown: Page | None = None
        self._forget()

    def _forget(self) -> None:
        """Nothing of a visitor is kept for the next one."""
        self._visit: Visit | None = None
        self.stay: kiosk_hours.Stay | None = None
        self._end: datetime | None = None
        self._points: tuple[Point, ...] = ()
        self._point: Point | None = None
        self.booking: Booking | None = None
        self._printed: bool | None = None
        self._location: Location | None = None
        self._left_at = self._first_page
        self.forget_waited()

    # -- life ----------------------------------------------------------------

    def get_default_screen(self) -> Screen[Any]:
        return KioskScreen()

    @on(KioskScreen.Ready)
    def _screen_is_ready(self) -> None:
        self.show_desk_name()
        self._start()
        self.wake()
        self.set_interval(1, self.look_for_somebody)  # asks nobody

    async def on_event(self, event: Event) -> None:
        if isinstance(event, InputEvent):
            self._touched = self._monotonic()
        await super().on_event(event)

    @property
    def alone(self) -> float:
        """Seconds since somebody was last there."""
        return self._monotonic() - self._touched

    def look_for_somebody(self) -> None:
        """Nobody is there: ask, then clear all that a visitor has left. Never while a booking is
        on its way."""
        if not self.screen_stack:
            return  # it is about to end
        if self._kiosk is not None:
            self._kiosk.guests.tidy(self.now())
        if not isinstance(self.screen, KioskScreen):
            if isinstance(self.screen, GateScreen) and self._monotonic() - self._touched >= IDLE:
                self.close_gate()  # and then asks who is still there
            return
        if self._page == self._first_page:
            if self._monotonic() - self._touched >= IDLE + ASKED:
                self.next_visitor()
            if self._first_page() != self._shown:  # the desk has opened or closed
                self._show()
            return
        if self._shown is None or not self._shown.choices:
            self._touched = self._monotonic()
        elif self._shown.field is not None and (page := self._page()) != self._shown:
            self._shown = page  # it counts seconds down
            self.screen.say(page)
        alone = self._monotonic() - self._touched
        if alone >= IDLE + ASKED:
            self._start()
        elif alone >= IDLE and self._page is not pages.still_there:
            self._left_at = self._page
            self.go(pages.still_there)

    async def on_unmount(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def kiosk(self) -> Kiosk:
        """The kiosk's services; opened for the first visitor, so that an idle one asks nobody."""
        async with self._opening:
            if self._kiosk is None:
                session, kiosk = await asyncio.to_thread(_services)
                self._session = session(self.settings, now=self.now)
                await self._session.__aenter__()
                self._kiosk = kiosk(self._session, self.settings.kiosk)
            return self._kiosk

    def _fatal_error(self) -> None:
        """Into a report: a visitor sees no traceback, and whoever supervises starts it again."""
        import sys

        error = sys.exception() or self._exception
        if error is not None:
            crash.report(error, "the kiosk ended", self.settings.state_dir)
        self._close_messages_no_wait()

    # -- pages ---------------------------------------------------------------

    def go(self, page: Callable[[], Page], *, keep: bool = False) -> None:
        """`keep` what stands in the field."""
        self._page = page
        self._show(keep=keep)

    def shows(self, page: Callable[[], Page]) -> bool:
        return page in (self._page, self._left_at)

    def _show(self, *, keep: bool = False) -> None:
        screen = self.screen
        if isinstance(screen, KioskScreen):
            self._shown = self._page()
            other = NAMES[self._other_language()] if len(self.settings.kiosk.languages) > 1 else ""
            screen.show(self._shown, other, keep=keep)

    def _other_language(self) -> str:
        """The one that F2 changes to; with one language only, that one."""
        offered = self.settings.kiosk.languages
        at = offered.index(i18n.language()) if i18n.language() in offered else -1
        return offered[(at + 1) % len(offered)]

    def start_over(self) -> None:
        """Close whatever was opened over the pages; the first one is there."""
        while len(self.screen_stack) > 1:
            self.pop_screen()
        self._start()

    def _start(self) -> None:
        """The first page, in the first language, with nothing of whoever was here before."""
        self.workers.cancel_group(self, "look")
        self._forget()
        i18n.use(self.settings.kiosk.languages[0])
        self.go(self._first_page)
        if self.unfinished:
            self.count_again()

    def _first_page(self) -> Page:
        return self.noted(pages.start(self.desk()))

    def desk(self) -> kiosk_hours.Desk:
        return kiosk_hours.desk(self.settings.kiosk.hours, self.now(), CHARGERS_ZONE)

    @on(KioskScreen.Language)
    def _change_language(self) -> None:
        if len(self.settings.kiosk.languages) < 2:
            return
        i18n.use(self._other_language())
        self._show(keep=True)

    # -- choices -------------------------------------------------------------

    @on(KioskScreen.Chosen)
    def _chosen(self, event: KioskScreen.Chosen) -> None:
        if event.id not in (one.id for one in self._page().choices):
            return  # of a page that is gone: a key pressed too often
        name, _colon, number = event.id.partition(":")
        match name:
            case "start":
                self._start()
            case "stay":
                self.go(self._left_at)
            case "until":
                self._ask_until()
            case "end" if self.stay is not None:
                self._take_end(self.stay.ends[int(number)])
            case "pick" | "later" | "earlier":
                self._pick({"later": 1, "earlier": -1}.get(name, 0))
            case "take" if self._end is not None:
                self._take_end(self._end)
            case "point":
                self._take_point(self._points[int(number)])
            case "named":
                self._take_name(event.typed)
            case "book":
                self.go(pages.booking_it)
                self._book()
            case "again" if self._end is not None:
                self._take_end(self._end)
            case "print":
                self._print_slip()
            case "look":
                self.look_again()
            case _:
                self.choose_known(name, number, event.typed)

    def _ask_until(self) -> None:
        desk = self.desk()
        if self.blocked or not desk.is_open:
            self._start()
            return
        now = self._session.server_now() if self._session is not None else self.now()
        stay = kiosk_hours.stay(now, self.settings.kiosk.longest, desk.closes)
        self.stay = stay
        self.go(lambda: pages.until(stay))

    def _pick(self, steps: int) -> None:
        if self.stay is None or not self.stay.ends:
            return
        stay = self.stay
        end = stay.moved(self._end, steps) if self._end and steps else self._end or stay.ends[0]
        self._end = end
        self.go(lambda: pages.pick(stay, end))

    def _take_end(self, end: datetime) -> None:
        self._end = end
        self.go(pages.looking)
        self._look(end)

    @work(exclusive=True, group="look", exit_on_error=False)
    async def _look(self, end: datetime) -> None:
        from pm_tui.services import kiosk_words

        try:
            found = await (await self.kiosk()).points(end, self._visit)
        except Exception as problem:  # whatever it is: a visitor is told in a visitor's words
            self.tell(problem, kiosk_words.not_shown(problem), again=False)
            return
        if found.origin != "live":  # what was free is not what is free
            self.tell(found.problem, kiosk_words.not_shown(found.problem), again=False)
            return
        self._points = found.value
        self.go(lambda: pages.chargers(found.value))

    def _take_point(self, point: Point) -> None:
        self._point = point
        ask = self.settings.kiosk.ask
        if ask == "nothing" or self._visit is not None:  # whose name is known
            self._take_name("")
        else:
            self.go(lambda: pages.name(ask))

    def _take_name(self, name: str) -> None:
        from pm_tui.services.kiosk import Visit

        point, stay, end = self._point, self.stay, self._end
        if point is None or stay is None or end is None:
            return
        # the same visit goes on after a refusal: its id is what forbids a second booking
        self._visit = Visit(name=name) if self._visit is None else self._visit
        self.go(lambda: pages.confirm(point, stay, end))

    # -- the booking ---------------------------------------------------------

    @work(exclusive=True, group="book", exit_on_error=False)
    async def _book(self) -> None:
        from pm_tui.services import kiosk_open, kiosk_words
        from pm_tui.services.book import JournalUnavailable
        from pm_tui.services.rules import earliest_start

        visit, point, end = self._visit, self._point, self._end
        if visit is None or point is None or end is None:
            return
        try:
            kiosk = await self.kiosk()
            if end <= earliest_start(kiosk.session.server_now()):
                self._ask_until()  # who thought for so long chooses again; nothing was sent
                return
            await kiosk_open.begin(kiosk)
            ended = await kiosk.book(visit, point, end)
            if ended.kind == "unknown":
                self.find_out(visit, point, end)
                return
            if ended.booking_id is None:
                await kiosk_open.told(kiosk)
                self.tell(ended.problem, kiosk_words.not_booked(ended), again=True)
                return
            self.go(pages.waiting)
            await self._follow(kiosk, ended.booking_id, point)
        except JournalUnavailable as problem:  # told before anything is sent, never after
            self.tell(problem, kiosk_words.not_shown(None), again=False)
        except Exception as problem:
            # sent or not is what the journal knows: no word of ours may invite to try again
            self.note(problem)
            self.find_out(visit, point, end)

    def follow_again(self, booking_id: str, point: Point) -> None:
        self.go(pages.waiting)
        self._follow_on(booking_id, point)

    @work(exclusive=True, group="book", exit_on_error=False)
    async def _follow_on(self, booking_id: str, point: Point) -> None:
        await self._follow(await self.kiosk(), booking_id, point)

    async def _follow(self, kiosk: Kiosk, booking_id: str, point: Point) -> None:
        from pm_tui.services import kiosk_open, kiosk_words
        from pm_tui.services.kiosk import anew
        from pm_tui.services.kiosk_stay import token_number

        booking: Booking | None = None
        try:
            async for result in kiosk.session.watch(booking_id):
                if result.origin == "live":
                    booking = result.value
            known = await kiosk.session.locations([point.location_id])
        except Exception as problem:  # it is booked all the same
            self.note(problem)
            known = {}
        await kiosk_open.told(kiosk)
        if booking is None or booking.is_waiting:
            self.not_answered(booking_id, point, kiosk_words.no_answer())
            return
        self.next_visitor()
        if booking.is_final:
            kiosk.guests.forget(booking_id)
            if self._visit is not None:
                self._visit = anew(self._visit, booking)
            self.tell(None, kiosk_words.turned_down(), again=True)
        else:
            self._location = known[point.location_id].value if known else None
            self.booking = booking
            link, number, told = pages.link(self._location), token_number(booking), booking
            self.go(lambda: pages.done(kiosk.settings, told, point, number, link, self._printed))

    def tell(self, problem: BaseException | None, words: str, *, again: bool) -> None:
        """A fault in a visitor's words; one of our own is written down for the desk."""
        from pm_tui.services.kiosk_words import whom_to_ask

        if problem is not None:
            self.note(problem)
        self.go(lambda: pages.sorry(words, whom_to_ask(self.settings.kiosk), again=again))


def _services() -> tuple[type[Session], type[Kiosk]]:
    # in a thread: these imports take longer than a frame
    from pm_tui.services.kiosk import Kiosk
    from pm_tui.services.session import Session

    return Session, Kiosk
