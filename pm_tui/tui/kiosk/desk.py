"""What the desk sees behind the PIN: today's visitors, and what it does with a booking.

No visitor ever sees it: after 45 s without a key or a finger it closes itself.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Button, OptionList, Static
from textual.widgets.option_list import Option

from pm_tui import crash
from pm_tui.i18n import _
from pm_tui.tui.kiosk import desk_words as words
from pm_tui.tui.kiosk import pages
from pm_tui.tui.kiosk.choices import Choices
from pm_tui.tui.kiosk.desk_ask import DeskAsk
from pm_tui.tui.kiosk.desk_changes import DeskChanges
from pm_tui.tui.kiosk.screen import forget_measured

if TYPE_CHECKING:
    from pm_tui.models.booking import Booking
    from pm_tui.models.charger import Location
    from pm_tui.models.result import Result
    from pm_tui.services.kiosk_desk import Day, Guest
    from pm_tui.tui.kiosk.app import KioskApp

IDLE = 45.0  # seconds without a key or a finger until it closes
_GUEST, _CHANGE = "guest:", "change:"


class DeskScreen(DeskChanges, Screen[None], inherit_bindings=False):
    """Reads once when it is opened, and then only when it is told to."""

    if TYPE_CHECKING:
        app: KioskApp

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "cancel", show=False),
        Binding("l", "longer", show=False),
        Binding("p", "print", show=False),
        Binding("r", "read", show=False),
        Binding("escape", "back", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._day: Result[Day] | None = None
        self._changing = False  # something is on its way that cannot be called back

    def compose(self) -> ComposeResult:
        yield Static(id="desk-head")
        yield Static(id="desk-counts")
        yield Choices(id="desk-guests", markup=False)
        yield Static(id="desk-told")
        with Horizontal(id="desk-keys"):
            for action, label in words.keys(prints=bool(self.app.settings.kiosk.print_command)):
                button = Button(Content(label), action=f"screen.{action}", id=f"desk-{action}")
                button.can_focus = False  # the keys do the same, and the list keeps the arrows
                yield button

    def on_mount(self) -> None:
        self._show_head()
        self.query_one(OptionList).focus()
        self.set_interval(1, self.look_for_somebody)  # asks nobody
        self.action_read()

    def forget(self) -> None:
        """Names and numbers are not for whoever comes next; Textual keeps a screen for a while
        after it is closed."""
        self._day = None
        for guests in self.query(OptionList):
            guests.clear_options()
        for text in self.query(Static):
            text.update("")
        forget_measured()

    def on_screen_suspend(self) -> None:
        if self not in self.app.screen_stack:  # closed by whatever way, not asking something
            self.forget()

    def look_for_somebody(self) -> None:
        """Nobody is there: back to the visitors' first page. Not while something is changed."""
        if not self._changing and self.app.alone >= IDLE:
            self.action_back()

    # -- what is shown -------------------------------------------------------

    def _show_head(self, doing: str = "") -> None:
        """`doing` is told in the place of how old the list is."""
        kiosk, now = self.app.settings.kiosk, self.app.now()
        state = doing or ("" if self._day is None else words.age(self._day, now))
        self.query_one("#desk-head", Static).update(words.head(kiosk.desk, now, state))

    def _show_day(self, day: Result[Day]) -> None:
        self._day = day
        self.app.unfinished = len(day.value.changes)
        self._show_head()
        self.query_one("#desk-counts", Static).update(Content(words.counts(day.value)))
        chosen = self._chosen()
        guests = self.query_one(OptionList)
        guests.clear_options()
        if not (day.value.guests or day.value.unclear or day.value.changes):
            guests.add_option(Option(Content(words.nobody(day)), disabled=True))
            return
        now = self.app.now()
        for unclear in day.value.unclear:
            guests.add_option(Option(words.unclear(unclear, now)))
        for n, change in enumerate(day.value.changes):
            guests.add_option(Option(words.change(change), id=f"{_CHANGE}{n}"))
        for n, one in enumerate(day.value.guests):
            guests.add_option(Option(words.guest(one), id=f"{_GUEST}{n}"))
        ids = [one.booking.id for one in day.value.guests]
        at = len(day.value.unclear)  # a change that was interrupted comes first
        if chosen is not None and chosen.booking.id in ids:
            at += len(day.value.changes) + ids.index(chosen.booking.id)
        if ids or day.value.changes:
            guests.highlighted = at

    def tell(self, text: str) -> None:
        self.query_one("#desk-told", Static).update(Content(text))

    def _chosen(self) -> Guest | None:
        guests = self.query_one(OptionList)
        if self._day is None or guests.highlighted is None:
            return None
        named = guests.get_option_at_index(guests.highlighted).id or ""
        if not named.startswith(_GUEST):
            return None
        return self._day.value.guests[int(named.removeprefix(_GUEST))]

    # -- keys ----------------------------------------------------------------

    def action_back(self) -> None:
        if self._changing:
            self.tell(words.wait())
        else:
            self.app.start_over()

    def action_read(self) -> None:
        if not self._changing:
            self.tell("")
            self._show_head(_("asking …"))
            self._read(live=True)

    def action_cancel(self) -> None:
        from pm_tui.services.kiosk_desk import terms

        guest = self._to_change()
        if guest is None:
            return
        if guest.booking.cancel_terms == "impossible":
            self.tell(terms(guest.booking))
            return
        page = pages.Page(
            _("Cancel this booking?"),
            f"{words.plain(guest)}\n\n{terms(guest.booking)}",
            (
                pages.Choice("", _("Keep the booking")),
                pages.Choice("cancel", _("Cancel the booking")),
            ),
        )
        self.app.push_screen(DeskAsk(page), partial(self._cancel_if, guest.booking))

    def action_longer(self) -> None:
        from pm_tui.services.kiosk_desk import later_ends

        guest = self._to_change()
        if guest is None:
            return
        kiosk, closes = self.app.settings.kiosk, self.app.desk().closes
        ends = later_ends(kiosk, guest.booking, self.app.now(), closes)
        if guest.booking.is_final or not ends:
            over = _("This booking is over: it cannot be made longer.")
            longest = _("It cannot be made longer: the longest stay, or the desk's, ends then.")
            self.tell(over if guest.booking.is_final else longest)
            return
        choices = [
            pages.Choice(f"{n}", _("at {time}").format(time=pages.clock(end)))
            for n, end in enumerate(ends)
        ]
        page = pages.Page(
            _("Until when?"), words.plain(guest), (*choices, pages.Choice("", _("Leave it")))
        )
        self.app.push_screen(DeskAsk(page), partial(self._longer_if, guest.booking, ends))

    def action_print(self) -> None:
        guest = self._to_change()
        if guest is not None and not self.app.settings.kiosk.print_command:
            self.tell(_("No command prints here: pm-tui kiosk setup --print-command CMD"))
        elif guest is not None:
            self.tell(_("Printing …"))
            self._print(guest.booking, guest.location)

    def _to_change(self) -> Guest | None:
        """The chosen one, where nothing else is on its way."""
        if self._changing:
            self.tell(words.wait())
            return None
        guest = self._chosen()
        if guest is None:
            self.tell(_("Choose a visitor first."))
        return guest

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()  # Enter and a finger choose, the keys below act
        named = event.option_id or ""
        if named.startswith(_CHANGE) and self._day is not None:
            self.ask_about(self._day.value.changes[int(named.removeprefix(_CHANGE))])

    # -- what takes time; no worker is given a name, because Textual keeps workers --------

    @work(exclusive=True, group="desk", exit_on_error=False)
    async def _read(self, *, live: bool) -> None:
        from pm_tui.services.kiosk_desk import today

        try:
            self._show_day(await today(await self.app.kiosk(), live=live))
        except Exception as problem:
            self._show_head(_("not read"))
            self.tell(self._in_words(problem))

    def _cancel_if(self, booking: Booking, answer: str | None) -> None:
        if answer:
            self.change(_("Being cancelled …"), partial(self._cancelled, booking))

    def _longer_if(self, booking: Booking, ends: tuple[datetime, ...], answer: str | None) -> None:
        if answer:
            deed = partial(self._extended, booking, ends[int(answer)])
            self.change(_("Being made longer …"), deed)

    async def _cancelled(self, booking: Booking) -> str:
        from pm_tui.services import kiosk_desk, kiosk_stay

        kiosk = await self.app.kiosk()
        return kiosk_desk.how_left(await kiosk_stay.leave(kiosk, booking))

    async def _extended(self, booking: Booking, end: datetime) -> str:
        from pm_tui.services import kiosk_desk, kiosk_stay

        kiosk = await self.app.kiosk()
        try:
            return kiosk_desk.how_longer(await kiosk_stay.extend(kiosk, booking, end))
        except kiosk_stay.CannotRebook as reason:
            return str(reason)

    def change(self, doing: str, deed: Callable[[], Awaitable[str]]) -> None:
        self._changing = True
        self._show_head(doing)
        self.tell("")
        self._carry_out(deed)

    @work(group="desk-change", exit_on_error=False)
    async def _carry_out(self, deed: Callable[[], Awaitable[str]]) -> None:
        try:
            told = await deed()
        except Exception as problem:
            told = self._in_words(problem)
        finally:
            self._changing = False
        self.tell(told)
        self._read(live=False)  # what was answered is remembered: no request for it

    @work(exclusive=True, group="desk-print", exit_on_error=False)
    async def _print(self, booking: Booking, location: Location | None) -> None:
        from pm_tui.services.kiosk_slip import NotPrinted, print_slip, text

        kiosk = self.app.settings.kiosk
        try:
            await print_slip(kiosk.print_command, text(kiosk, booking, location))
        except NotPrinted as problem:
            self.tell(_("Not printed: {problem}").format(problem=problem))
        else:
            self.tell(_("Printed."))

    def _in_words(self, problem: Exception) -> str:
        """For the desk; a fault of our own is written down as well."""
        if crash.is_ours(problem):
            crash.told(problem, "the kiosk goes on", self.app.settings.state_dir)
        return words.problem(problem)
