"""What a kiosk does and says while nobody knows what became of a booking: it looks, and books
nothing meanwhile (the rule stands in `services/kiosk_open.py`)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from textual import work
from textual.dom import DOMNode

from pm_tui import crash
from pm_tui.i18n import _, ngettext
from pm_tui.tui.kiosk.pages import Choice, Page, back

if TYPE_CHECKING:
    from pm_tui.config import Settings
    from pm_tui.services.kiosk import Kiosk, Point, Visit
    from pm_tui.services.kiosk_open import Left

Blocked = Literal["", "looking", "undecided", "found"]


class Unclear(DOMNode):
    """The third of the kiosk for what is not known. `blocked` is why nobody may book: a booking
    is looked for; it is for the desk (or a minute without anybody) to decide; or it was found when
    its visitor had left the page, and perhaps not the kiosk.
    """

    settings: Settings
    blocked: Blocked = ""
    left: Left | None = None  # by an earlier run; the desk reads it on the first page
    unfinished = 0  # changes that were interrupted, until the desk has settled them
    _waited: tuple[str, Point] | None = None  # a booking that its operator has not answered

    if TYPE_CHECKING:

        async def kiosk(self) -> Kiosk: ...
        def go(self, page: Callable[[], Page]) -> None: ...
        def tell(self, problem: BaseException | None, words: str, *, again: bool) -> None: ...
        def follow_again(self, booking_id: str, point: Point) -> None: ...
        def shows(self, page: Callable[[], Page]) -> bool: ...

    # -- after a start -------------------------------------------------------

    @work(exclusive=True, group="settle", exit_on_error=False)
    async def wake(self) -> None:
        """Settle what an earlier run left, and say so. No request where it left nothing."""
        from pm_tui.services import kiosk_open

        try:
            kiosk = await self.kiosk()
            began = await kiosk_open.wake(kiosk)
            await self._count_changes(kiosk)  # before a look that may take long, and after it
            if began is None:
                return
            await self._settle(kiosk)
            self.left = await kiosk_open.since(kiosk, began)
            if self.left.made:  # and whoever made it may still stand here, untold
                self.blocked = "found"
            await self._count_changes(kiosk)
        except Exception as problem:  # no key, no journal: the first visitor is told of it
            self.note(problem)

    # -- after a booking -----------------------------------------------------

    @work(exclusive=True, group="settle", exit_on_error=False)
    async def find_out(self, visit: Visit, point: Point, end: datetime) -> None:
        """What became of the booking of `visit`; its visitor, if still there, is told."""
        from pm_tui.services import kiosk_open, kiosk_words

        here = self.unclear_page
        self.blocked = "looking"
        self.go(here)
        try:
            kiosk = await self.kiosk()
            await self._settle(kiosk)
            how, booking_id = await kiosk_open.outcome(kiosk, visit)
            await kiosk_open.told(kiosk)
        except Exception as problem:
            self.note(problem)
            return
        if how == "booked":
            kiosk.guests.note(booking_id, visit.name, end)
        if not self.shows(here):
            # whoever it was has gone: the desk is told, for it can see the list
            if how == "booked":
                self.left = replace(self.left or kiosk_open.Left(), made=1)
                self.blocked = "found"  # gone from that page, perhaps not from here
        elif how == "booked":
            self.follow_again(booking_id, point)
        elif how == "none":  # an earlier one was in the way, and nothing was sent
            self.tell(None, kiosk_words.not_shown(None), again=not self.blocked)
        else:
            self.go(here)  # which says by now whom to ask

    @work(exclusive=True, group="settle", exit_on_error=False)
    async def settle_rest(self) -> None:
        """Find out what became of a wish whose visitor has been told that it is not certain."""
        from pm_tui.services import kiosk_open

        try:
            kiosk = await self.kiosk()
            await self._count_changes(kiosk)
            await self._settle(kiosk)
            await self._count_changes(kiosk)
            await kiosk_open.told(kiosk)
        except Exception as problem:
            self.note(problem)

    @work(exclusive=True, group="count", exit_on_error=False)
    async def count_again(self) -> None:
        """Another tab or window may have finished one. No request."""
        try:
            await self._count_changes(await self.kiosk())
        except Exception as problem:
            self.note(problem)

    async def _count_changes(self, kiosk: Kiosk) -> None:
        from pm_tui.services.kiosk_changes import unfinished

        self.unfinished = len(await unfinished(kiosk))

    async def _settle(self, kiosk: Kiosk) -> None:
        from pm_tui.services import kiosk_open

        if await kiosk_open.unclear(kiosk):
            self.blocked = "looking"
        left = await kiosk_open.settle(kiosk)
        self.blocked = "undecided" if left else ""

    def not_answered(self, booking_id: str, point: Point, words: str) -> None:
        """A booking is made and nobody can say more of it now: not booked again by going back."""
        self.blocked = "undecided"
        self._waited = (booking_id, point)
        self.go(lambda: self._not_answered_page(words))

    def look_again(self) -> None:
        if self._waited is not None:
            self.follow_again(*self._waited)

    def forget_waited(self) -> None:
        """Whoever waited has left the page."""
        self._waited = None

    def next_visitor(self) -> None:
        """Whoever comes now is another one: what a person had to decide holds nobody up."""
        if self.blocked != "looking":
            self.blocked = ""

    def note(self, problem: BaseException) -> None:
        """Written down for the desk where it is a fault of ours."""
        if crash.is_ours(problem):
            crash.told(problem, "the kiosk goes on", self.settings.state_dir)

    # -- pages ---------------------------------------------------------------

    def noted(self, page: Page) -> Page:
        """The first page with what the desk must know, and without a booking while none may be
        made."""
        lines = [page.text]
        if self.blocked:
            lines.append(f"{self._why()} {self._whom()}")
        if self.left is not None:
            lines.append(_news(self.left))
        if self.unfinished:
            lines.append(_half_changed(self.unfinished))
        choices = tuple(
            replace(one, disabled=True) if one.id == "until" and self.blocked else one
            for one in page.choices
        )
        return replace(page, text="\n".join(filter(None, lines)), choices=choices)

    def unclear_page(self) -> Page:
        """Told to whoever waits for it."""
        title = _("Please wait") if self.blocked == "looking" else _("Please ask at the desk")
        return Page(title, f"{self._why()}\n{self._whom()}", (back(),))

    def _not_answered_page(self, words: str) -> Page:
        choices = (Choice("look", _("Look again")), back())
        return Page(_("Not confirmed yet"), f"{words}\n{self._whom()}", choices)

    def _why(self) -> str:
        if self.blocked == "looking":
            return _(
                "It is not certain yet whether a charger is booked. This is being looked up and "
                "takes about a minute; until then nothing else can be booked here."
            )
        if self.blocked == "found":
            return _(
                "A charger has just been booked here. Is it yours? The desk tells you its number: "
                "please do not book again."
            )
        return _(
            "It is not certain whether a charger is booked. The desk can see what became of it: "
            "please do not book again."
        )

    def _whom(self) -> str:
        from pm_tui.services.kiosk_words import whom_to_ask

        return whom_to_ask(self.settings.kiosk)


def _news(left: Left) -> str:
    """For the desk, of nobody in particular: what an interruption left."""
    found = []
    if left.made:
        found.append(
            ngettext("{n} booking was made", "{n} bookings were made", left.made).format(
                n=left.made
            )
        )
    if left.cancelled:
        found.append(
            ngettext(
                "{n} booking was cancelled", "{n} bookings were cancelled", left.cancelled
            ).format(n=left.cancelled)
        )
    if left.unclear:
        found.append(_("what became of a booking is not certain"))
    what = ", ".join(found) or _("nothing was booked or cancelled")
    return _("For the desk: the kiosk was interrupted; {what}.").format(what=what)


def _half_changed(n: int) -> str:
    return ngettext(
        "For the desk: {n} change of a booking was not finished; the desk's view (F10) goes on "
        "with it or drops it.",
        "For the desk: {n} changes of bookings were not finished; the desk's view (F10) goes on "
        "with them or drops them.",
        n,
    ).format(n=n)
