"""What a person does to change a booking: ask, carry out beside whatever else happens, be told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from textual import work

from pm_tui import formats
from pm_tui.i18n import _
from pm_tui.models.text import visible_id
from pm_tui.tui.booking_actions import BookingActions
from pm_tui.tui.in_turn import opens
from pm_tui.tui.key_names import keyed
from pm_tui.tui.unclear_actions import LONG, SHORT

if TYPE_CHECKING:
    from pm_tui.models.booking import Booking
    from pm_tui.models.result import Result
    from pm_tui.services.rebook import Rebooked, Rebooking, Step
    from pm_tui.services.session import Session
    from pm_tui.tui.widgets.rebook_text import Change, Ending


class RebookActions(BookingActions):
    """Mixed into the application: what is done with bookings, and changing them."""

    _looked_for_halves = False

    @property
    def _changing(self) -> set[str]:
        """The ids of the bookings that are being changed here and now."""
        if not hasattr(self, "_changing_ids"):
            self._changing_ids: set[str] = set()
        return self._changing_ids

    # -- what was interrupted --------------------------------------------------

    async def take_stock(self, listed: Sequence[Booking] | None) -> None:
        await super().take_stock(listed)
        if listed is not None and not self._looked_for_halves:
            self._looked_for_halves = True
            await self._tell_halves(listed)

    async def _tell_halves(self, listed: Sequence[Booking]) -> None:
        """Name the changes that an earlier run did not finish; `listed` was read just now."""
        await self._note_halves(await self.session(), listed)
        self._refresh_lists()
        for booking_id in self.known.half_changed:
            text = _(
                "Bookings ({app.bookings}), choose it, {bookings.change}: says what is done and "
                "what is left."
            )
            self.notify(
                keyed(text),
                title=_("A change was not finished: {name}").format(name=self._name_of(booking_id)),
                severity="warning",
                markup=False,
                timeout=LONG,
            )

    async def _note_halves(self, session: Session, listed: Sequence[Booking] = ()) -> None:
        from pm_tui.services.book import JournalUnavailable
        from pm_tui.services.rebook import interrupted

        try:
            ids = await interrupted(session, listed)
        except JournalUnavailable:
            return  # told by whoever wants to send something
        self.known.half_changed = frozenset(ids) - self._changing

    def _name_of(self, booking_id: str) -> str:
        from pm_tui.tui.widgets.booking_table import window

        booking = self.known.booking(booking_id)
        if booking is None:
            return visible_id(booking_id)
        return f"{self.known.place(booking)}, {window(booking, self.known.zone(booking))}"

    # -- asking ----------------------------------------------------------------

    @work(exclusive=True, group="rebook", exit_on_error=False)
    @opens
    async def change_booking(self, booking_id: str) -> None:
        """Re-read the booking, ask, and carry out beside whatever else happens."""
        from pm_tui.api.errors import ApiError
        from pm_tui.services.book import JournalUnavailable
        from pm_tui.services.rebook import CannotRebook
        from pm_tui.services.session import NothingRemembered

        if booking_id in self._changing:
            self.notify(_("This booking is being changed now."), timeout=SHORT)
            return
        try:
            rebooking = await self._wanted(booking_id)
        except (ApiError, NothingRemembered, CannotRebook, JournalUnavailable) as problem:
            title = _("Not changed")
            text = self.explain(problem)
            self.notify(text, title=title, severity="error", markup=False, timeout=LONG)
            return
        if rebooking is not None and booking_id not in self._changing:
            self._changing.add(booking_id)
            self._carry_out(rebooking)

    async def _wanted(self, booking_id: str) -> Rebooking | None:
        """What the person wants done with this booking, None for nothing."""
        from pm_tui.services.rebook import CannotRebook, unfinished
        from pm_tui.services.session import NothingRemembered
        from pm_tui.tui.screens.rebook_progress import GoOnScreen
        from pm_tui.tui.widgets.rebook_text import Change

        session = await self.session()
        current = await session.booking(booking_id)
        if current.origin != "live":
            raise NothingRemembered(_("Changing a booking needs the network."), current.problem)
        await self.take_read(session, current)
        old = current.value
        left = await unfinished(session, old)
        if left is not None:
            answer = await self.push_screen_wait(GoOnScreen(Change(left), self._what(left)))
            if answer == "drop":
                await self._drop(session, left)
            return left if answer == "go on" else None
        if old.cancel_terms == "impossible":
            word = formats.status_mark(old.status).word
            raise CannotRebook(
                _("This booking is {status}: it cannot be changed any more.").format(status=word)
            )
        return await self._ask_for(session, old)

    async def _drop(self, session: Session, left: Rebooking) -> None:
        """End what was interrupted. Raises `CannotRebook` and `JournalUnavailable`."""
        from pm_tui.services.rebook import drop
        from pm_tui.tui.widgets.rebook_text import dropped

        await drop(session, left)
        title = _("The change was dropped: {name}").format(name=self._name_of(left.old.id))
        self.notify(dropped(left.standing), title=title, markup=False, timeout=LONG)
        await self._note_halves(session)
        self._refresh_lists()

    async def _ask_for(self, session: Session, old: Booking) -> Rebooking | None:
        from pydantic import ValidationError

        from pm_tui.models.request import problems
        from pm_tui.services.rebook import CannotRebook, prepare, wish_behind
        from pm_tui.tui.screens.rebook import RebookScreen

        wish = await wish_behind(session, old)
        seen = await session.locations([wish.location_id])
        move = await self.push_screen_wait(
            RebookScreen(
                old,
                wish,
                self.known.place(old),
                seen.get(wish.location_id),
                zone=self.known.zone(old),
                viewer_zone=self.settings.timezone,
                now=session.server_now,
                online=self.connection.can_send,
            )
        )
        if move is None:
            return None
        try:
            return await prepare(session, old, move.start, move.end, move.evse_uid)
        except ValidationError as error:
            wrong = "; ".join(f"{one.field}: {one.message}" for one in problems(error))
            raise CannotRebook(wrong) from None

    def _what(self, rebooking: Rebooking) -> str:
        """Place, old and new, in a line each."""
        from pm_tui.tui.widgets.booking_table import span

        zone, texts = self.known.zone(rebooking.old), []
        for label, wish in ((_("old"), rebooking.old_request), (_("new"), rebooking.request)):
            time = span(wish.reservation_start, wish.reservation_end, zone)
            texts.append(f"{label}: {time} · {visible_id(wish.evse_uid)}")
        return "\n".join((self.known.place(rebooking.old), *texts))

    # -- carrying out ----------------------------------------------------------

    # not exclusive: another key must not cancel what is being sent
    @work(group="sending", exit_on_error=False)
    async def _carry_out(self, rebooking: Rebooking) -> None:
        from pm_tui.api.errors import ApiError
        from pm_tui.services.book import JournalUnavailable
        from pm_tui.services.rebook import CannotRebook, go_on
        from pm_tui.tui.widgets.rebook_text import Change

        change = Change(rebooking)
        self._show_change(change)

        def step(step: Step) -> None:
            change.steps.append(step)
            self._tell_step(change)

        session = await self.session()
        try:
            ended = await go_on(session, rebooking, step, self._take_seen)
        except CannotRebook as problem:
            self._end(change, "nothing", str(problem))
        except (ApiError, JournalUnavailable) as problem:
            untouched = not change.steps and not rebooking.begun
            self._end(change, "nothing" if untouched else "unknown", self.explain(problem))
        except Exception:
            self._end(change, "unknown", "")
            raise  # and told as what it is
        else:
            self._end(change, ended.outcome, ended.reason, ended)
        finally:
            self._changing.discard(rebooking.old.id)
        await self._note_halves(session)
        self.look_soon()

    def _take_seen(self, result: Result[Booking]) -> None:
        """What this change brings about itself is no news: how it ended is told in words."""
        self.known.take_one(result)

    @work(group="rebook-progress", exit_on_error=False)
    async def _show_change(self, change: Change) -> None:
        from pm_tui.tui.screens.bookings import BookingsView
        from pm_tui.tui.screens.rebook_progress import RebookProgressScreen

        await self.push_screen_wait(RebookProgressScreen(change, self._what(change.rebooking)))
        if change.ending is None:
            text = _("The change goes on. How it ended is told here.")
            self.notify(text, timeout=SHORT)
        elif change.booking_id is not None and isinstance(self.screen, BookingsView):
            self.screen.choose(change.booking_id)

    def _tell_step(self, change: Change) -> None:
        from pm_tui.tui.screens.rebook_progress import RebookProgressScreen

        for screen in self.screen_stack:
            if isinstance(screen, RebookProgressScreen) and screen.change is change:
                screen.show()

    def _end(
        self, change: Change, ending: Ending, reason: str, ended: Rebooked | None = None
    ) -> None:
        """Told where it is looked at, else as a toast."""
        from pm_tui.tui.widgets import rebook_text

        change.ending, change.reason = ending, reason
        change.booking_id = ended.booking_id if ended else None
        if ending != "rebooked":
            self.bell()
        if change.watched:
            self._tell_step(change)
            return
        severity: Any = "information" if ending == "rebooked" else "warning"
        if ending in rebook_text.SEVERE:
            severity = "error"
        name = self._name_of(change.rebooking.old.id)
        self.notify(
            " ".join(filter(None, (reason, rebook_text.advice(ending)))),
            title=f"{rebook_text.heading(ending)}: {name}",
            severity=severity,
            markup=False,
            timeout=LONG,
        )
