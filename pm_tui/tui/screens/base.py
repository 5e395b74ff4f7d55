"""What every view shares: the bars above and below, and keys named in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult, SystemCommand
from textual.binding import ActiveBinding, Binding, BindingType
from textual.events import ScreenResume
from textual.screen import ModalScreen, Screen, ScreenResultType
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import OptionList

from pm_tui.i18n import N_, _
from pm_tui.tui.keymap import Keyed
from pm_tui.tui.widgets.key_bar import KeyBar
from pm_tui.tui.widgets.paged_table import PagedTable
from pm_tui.tui.widgets.status_bar import StatusBar
from pm_tui.tui.widgets.too_small import TooSmall, is_too_small
from pm_tui.tui.widgets.top_bar import TopBar

if TYPE_CHECKING:
    from pm_tui.services.connection import Connection
    from pm_tui.services.copies import Copy
    from pm_tui.services.plan import Look
    from pm_tui.tui.app import PmTuiApp


CURSOR_RESTS = 0.1  # seconds without another move
HIGH = 28  # lines from which a message and a dialog have room beside each other
WIDE = 110  # columns from which there is room for a detail pane beside a table


class Spoken(Keyed, Screen[ScreenResultType]):
    """Binding texts are marked in the code and translated where they are shown, so that the
    language can change while the program runs."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "step('down')", N_("Down"), show=False, id="list.down"),
        Binding("k", "step('up')", N_("Up"), show=False, id="list.up"),
    ]

    if TYPE_CHECKING:
        app: PmTuiApp

    _focus_before: Widget | None = None  # of a terminal that has become too small

    @property
    def active_bindings(self) -> dict[str, ActiveBinding]:
        return {
            key: active._replace(
                binding=replace(
                    active.binding,
                    description=_(active.binding.description),
                    tooltip=active.binding.tooltip and _(active.binding.tooltip),
                )
            )
            for key, active in super().active_bindings.items()
        }

    def show_connection(self, connection: Connection) -> None:
        """What is known of the line has changed; most dialogs do not mind."""

    def copies(self) -> Sequence[Copy]:
        """What can be taken along of what is chosen here."""
        return ()

    def on_compose(self) -> None:
        # before there are children: the first resize would style every one of them again
        size = self.app.size
        for length, points in (
            (size.width, self.HORIZONTAL_BREAKPOINTS),
            (size.height, self.VERTICAL_BREAKPOINTS),
        ):
            fits = max((point for point in points or () if point[0] <= length), default=None)
            for point in points or ():
                self.set_class(point is fits, point[1], update=False)

    def on_resize(self) -> None:
        self._mind_the_size()
        self.refresh_bindings()  # where there is more room more of them are named

    def on_screen_resume(self, event: ScreenResume) -> None:
        # everything was styled where it was mounted and at each change since, of the theme as well:
        # Textual would style all of it again each time a view is come back to
        event.refresh_styles = False
        self._mind_the_size()

    def _mind_the_size(self) -> None:
        """Say so where the terminal is too small, until it is not. Meanwhile no key goes to a
        field or a button that nobody sees."""
        covers = self.query(TooSmall)
        if is_too_small(self.app.size):
            if covers:
                covers.refresh()
                return
            self._focus_before = self.focused
            self.set_focus(None)
            self.styles.overflow_y = "hidden"  # nor does a bar say that there is more
            self.mount(TooSmall())
        elif covers:
            covers.remove()
            self.styles.clear_rule("overflow_y")
            if self._focus_before is not None and self._focus_before.is_attached:
                # as when the window comes back: what is marked in a field stays marked
                self.set_focus(self._focus_before, from_app_focus=True)

    async def action_step(self, way: str) -> None:
        """One line on in a table, a list or a text."""
        focused = self.focused
        if focused is not None:
            kind = "cursor" if isinstance(focused, OptionList | PagedTable) else "scroll"
            await self.app.run_action(f"{kind}_{way}", focused)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Nor does one set off what nobody sees; going back it may."""
        if is_too_small(self.app.size) and action not in ("dismiss", "back"):
            return False
        return super().check_action(action, parameters)


class Dialog(Spoken[ScreenResultType], ModalScreen[ScreenResultType]):
    """Something asked over a view."""

    VERTICAL_BREAKPOINTS = [(0, "-low"), (HIGH, "-high")]  # noqa: RUF012 - as in Screen


class View(Spoken[None]):
    """A top-level view."""

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]  # noqa: RUF012 - as in Screen
    NAME: ClassVar[str] = ""

    def __init__(self) -> None:
        super().__init__()
        self._resting: Timer | None = None
        # a view is made after the app has read the base styles: without this Textual reads every
        # one of them twice more before the first paint
        self._css_update_count = self.app._css_update_count

    def _compositor_refresh(self) -> None:
        # in a batch the app throws a painted frame away, and marks what it showed as up to date:
        # the first frame would be painted twice and lack half of the form
        if not self.app._batch_count:
            super()._compositor_refresh()

    def compose(self) -> ComposeResult:
        yield TopBar(self.NAME)
        yield from self.compose_view()
        settings = self.app.settings
        yield StatusBar(now=self.app.now, profile=settings.profile or "", zone=settings.timezone)
        self.call_after_refresh(self.mount, KeyBar())

    def compose_view(self) -> ComposeResult:
        """The widgets between the bars."""
        raise NotImplementedError

    def commands(self) -> Iterable[SystemCommand]:
        """What this view offers in the palette beside its keys: what can be copied, columns, and an
        order for each."""
        yield from self.app.copy_commands()
        for table in self.query(PagedTable):
            if table.display and not table.has_focus:  # else its key is among the others
                yield SystemCommand(
                    _("Columns"), _("choose, order and size them"), table.action_columns
                )
            for column in table.all_columns:
                yield SystemCommand(
                    _("Sort by {column}").format(column=_(column.label)),
                    _("again for the other way round"),
                    partial(table.request_sort, column.key),
                )

    def show_soon(self, show: Callable[[], None]) -> None:
        """Call `show` once the cursor rests: a held key must not redraw a pane for every row."""
        if self._resting is not None:
            self._resting.stop()
        self._resting = self.set_timer(CURSOR_RESTS, show)

    def show_connection(self, connection: Connection) -> None:
        """Put what is known of the line into the bars."""
        for status in self.query(StatusBar):  # none while the view is being put together
            status.connection = connection
        for bar in self.query(TopBar):
            bar.account = self.app.account_label

    def show_next_look(self, look: Look) -> None:
        """Put into the bar below when the bookings are read next, and why."""
        for status in self.query(StatusBar):
            status.next_look = look

    def show_watched(self) -> None:
        """Put into the bar below which chargers are watched until they are free."""
        from pm_tui.tui.widgets.free_text import status_text

        now, zone = self.app.now(), self.app.settings.timezone
        text = status_text(self.app.free_watches, self.app.free_look, now, zone)
        for status in self.query(StatusBar):
            status.watched = text

    def on_screen_resume(self, event: ScreenResume) -> None:
        self.show_connection(self.app.connection)
        if self.app.free_watches:
            self.show_watched()
        if self.app.next_look is not None:
            self.show_next_look(self.app.next_look)
