"""What a visitor does who has a booking here: stay longer, or leave; known by its number alone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from textual import work
from textual.dom import DOMNode

from pm_tui.i18n import _
from pm_tui.services import kiosk_hours
from pm_tui.tui.kiosk import pages
from pm_tui.tui.kiosk.pages import Page

if TYPE_CHECKING:
    from textual.worker import Worker

    from pm_tui.config import Settings
    from pm_tui.models.booking import Booking
    from pm_tui.services.kiosk import Kiosk
    from pm_tui.services.kiosk_lock import Tries

Purpose = Literal["longer", "leaving"]


class Known(DOMNode):
    """The half of the kiosk for who comes back."""

    settings: Settings
    booking: Booking | None
    stay: kiosk_hours.Stay | None
    _purpose: Purpose = "longer"
    _numbers: Tries | None = None

    if TYPE_CHECKING:
        _monotonic: Callable[[], float]
        _page: Callable[[], Page]

        async def kiosk(self) -> Kiosk: ...
        def desk(self) -> kiosk_hours.Desk: ...
        def go(self, page: Callable[[], Page], *, keep: bool = False) -> None: ...
        def tell(self, problem: BaseException | None, words: str, *, again: bool) -> None: ...
        def settle_rest(self) -> Worker[None]: ...

    def choose_known(self, name: str, number: str, typed: str) -> None:
        match name:
            case "longer" if not number:
                self._purpose = "longer"
                self._ask_number()
            case "leaving":
                self._purpose = "leaving"
                self._ask_number()
            case "number":
                self._find(typed)
            case "longer" if self.stay is not None and self.booking is not None:
                self.go(pages.please_wait)
                self._extend(self.booking, self.stay, int(number))
            case "leave" if self.booking is not None:
                self.go(pages.please_wait)
                self._leave(self.booking)

    def _ask_number(self, *, wrong: bool = False, wait: float = 0.0, keep: bool = False) -> None:
        """`wait` (seconds) is counted down; `keep` what is typed, where it was not looked at."""
        from pm_tui.services import kiosk_words

        purpose, ready = self._purpose, self._monotonic() + wait

        def page() -> Page:
            asked = pages.number(_title(purpose), wrong)
            if not wait:
                return asked
            # guessing another visitor's number must not be worth anybody's while
            left = kiosk_words.next_try(ready - self._monotonic())
            return replace(asked, text=f"{asked.text}\n{left}")  # a line as high all the while

        self.go(page, keep=keep)

    @work(exclusive=True, group="known", exit_on_error=False)
    async def _find(self, typed: str) -> None:
        from pm_tui.services import kiosk_lock, kiosk_stay

        if not kiosk_stay.is_number(typed):
            return  # and not counted
        if self._numbers is None:
            folder = self.settings.state_dir
            self._numbers = kiosk_lock.of_numbers(folder, self._monotonic)
        numbers, asked = self._numbers, self._page
        try:
            wait = await asyncio.to_thread(numbers.wait)
            if self._page is not asked:
                return  # whoever typed it has gone back
            if wait:
                self._ask_number(wait=wait, keep=True)  # not looked at
                return
            self.go(pages.please_wait)
            kiosk = await self.kiosk()
            found = await kiosk_stay.find(kiosk, typed)
            end = None if found is None else await kiosk_stay.until(kiosk, found.value)
            if found is None:
                await asyncio.to_thread(numbers.failed)
                self._ask_number(wrong=True, wait=await asyncio.to_thread(numbers.wait))
                return
        except Exception as problem:
            self.tell(problem, _("That did not work."), again=False)
            return
        self.booking = booking = found.value
        if self._purpose == "leaving":
            self.go(lambda: pages.leave(booking, end))
            return
        now, closes = kiosk.session.server_now(), self.desk().closes
        longest = self.settings.kiosk.longest
        stay = kiosk_hours.stay(now, longest, closes, start=booking.reservation_start)
        self.stay = stay
        self.go(lambda: pages.longer(booking, end, stay))

    @work(exclusive=True, group="known", exit_on_error=False)
    async def _extend(self, booking: Booking, stay: kiosk_hours.Stay, number: int) -> None:
        from pm_tui.services import kiosk_open, kiosk_stay, kiosk_words

        try:
            kiosk = await self.kiosk()
            await kiosk_open.begin(kiosk)
            done = await kiosk_stay.extend(kiosk, booking, stay.ends[number])
        except kiosk_stay.CannotRebook as reason:
            self.tell(None, str(reason), again=False)
        except Exception as problem:
            self.tell(problem, kiosk_words.how_longer("unknown"), again=False)
        else:
            words = kiosk_words.how_longer(done.how, stay.ends[number])
            self._ended(words, good=done.how == "extended")
        self.settle_rest()  # no request where nothing is unclear

    @work(exclusive=True, group="known", exit_on_error=False)
    async def _leave(self, booking: Booking) -> None:
        from pm_tui.services import kiosk_open, kiosk_stay, kiosk_words

        try:
            kiosk = await self.kiosk()
            await kiosk_open.begin(kiosk)
            left = await kiosk_stay.leave(kiosk, booking)
        except Exception as problem:
            self.tell(problem, kiosk_words.how_left("unknown"), again=False)
        else:
            good = left.how in ("left", "over", "charging")
            self._ended(kiosk_words.how_left(left.how), good=good)
        self.settle_rest()

    def _ended(self, words: str, *, good: bool) -> None:
        purpose = self._purpose
        if good:
            self.go(lambda: pages.told(_title(purpose), words))
        else:
            self.tell(None, words, again=False)


def _title(purpose: Purpose) -> str:
    return {"longer": _("I need longer"), "leaving": _("I am leaving")}[purpose]
