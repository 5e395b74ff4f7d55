"""The application: it owns the session, the views and what is told to the person."""

from __future__ import annotations

import asyncio
import gc
import signal
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on, work
from textual.app import SystemCommand
from textual.binding import ActiveBinding, Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.screen import Screen
from textual.worker import Worker, WorkerState

from pm_tui import crash
from pm_tui.i18n import N_, _
from pm_tui.services.ages import Limits
from pm_tui.services.connection import Connection
from pm_tui.tui import keymap
from pm_tui.tui.batch_actions import BatchActions
from pm_tui.tui.copy_actions import CopyActions
from pm_tui.tui.free_actions import FreeActions
from pm_tui.tui.jump import Jumping
from pm_tui.tui.lean.display import Sparing
from pm_tui.tui.memory_actions import MemoryActions
from pm_tui.tui.plain import Plain
from pm_tui.tui.rebook_actions import RebookActions
from pm_tui.tui.screens.base import Spoken, View
from pm_tui.tui.screens.find import FindView
from pm_tui.tui.styles import style
from pm_tui.tui.themes import Dressed
from pm_tui.tui.undo_actions import UndoActions
from pm_tui.tui.widgets.status_bar import clock

if TYPE_CHECKING:
    from textual.dom import DOMNode
    from textual.driver import Driver

    from pm_tui.config import Settings
    from pm_tui.models.result import Result
    from pm_tui.services.places import Gazetteer
    from pm_tui.services.session import Session


AFTER_A_CRASH = N_(
    "No booking is lost: the journal knows what was under way. “pm-tui recover” settles it, "
    "or start again."
)


def bookings_view() -> Screen[Any]:
    """Imported when first looked at: not before the first paint."""
    from pm_tui.tui.screens.bookings import BookingsView

    return BookingsView()


def batch_view() -> Screen[Any]:
    """As above."""
    from pm_tui.tui.screens.batch import BatchView

    return BatchView()


def report_view() -> Screen[Any]:
    """As above."""
    from pm_tui.tui.screens.report import ReportView

    return ReportView()


def requests_view() -> Screen[Any]:
    """As above."""
    from pm_tui.tui.screens.requests import RequestsView

    return RequestsView()


def home_view() -> Screen[Any]:
    """As above."""
    from pm_tui.tui.screens.home import HomeView

    return HomeView()


class PmTuiApp(
    CopyActions,
    FreeActions,
    RebookActions,
    BatchActions,
    MemoryActions,
    UndoActions,
    Jumping,
    Sparing,
    Dressed,
):
    TITLE = "pm-tui"
    CSS_PATH: ClassVar[list[str | PurePath]] = [style("global"), style("find")]
    MODES: ClassVar[dict[str, str | Callable[[], Screen[Any]]]] = {
        "find": FindView,
        "bookings": bookings_view,
        "batch": batch_view,
        "report": report_view,
        "requests": requests_view,
        "home": home_view,
    }
    DEFAULT_MODE = "find"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("1,f2", "view('find')", N_("Find"), show=False, id="app.find"),
        Binding("2,f3", "view('bookings')", N_("Bookings"), show=False, id="app.bookings"),
        Binding("3,f7", "view('report')", N_("Reports"), show=False, id="app.report"),
        Binding(
            "4,f8",
            "view('home')",
            N_("Home"),
            tooltip=N_("Home chargers"),
            show=False,
            id="app.home",
        ),
        Binding("5,f9", "view('requests')", N_("Requests"), show=False, id="app.requests"),
        Binding("y", "copy", N_("Copy"), show=False, id="app.copy"),
        Binding("w,f5", "watched", N_("Watched"), show=False, id="app.watched"),
        Binding("f6", "book_free", N_("Book what became free"), show=False, id="app.book_free"),
        Binding("u", "undo", N_("Undo"), show=False, id="app.undo"),
        Binding("N", "notices", N_("Notices"), show=False, id="app.notices"),
        Binding("question_mark", "help", N_("Help"), id="app.help", key_display="?"),
        Binding("f1", "help", N_("Help"), show=False, id="app.help_anywhere", priority=True),
        Binding(
            "ctrl+p", "command_palette", N_("Commands"), id="app.palette", show=False, priority=True
        ),
        Binding(
            "ctrl+o",
            "jump",
            N_("Jump"),
            tooltip=N_("Jump to a field, a table or a button"),
            show=False,
            id="app.jump",
            priority=True,
        ),
        Binding("colon", "command_palette", N_("Commands"), id="app.commands", show=False),
        Binding("ctrl+q", "quit", N_("Quit"), id="app.quit", priority=True),
    ]
    ENABLE_COMMAND_PALETTE = True
    COMMAND_PALETTE_BINDING = "ctrl+p"

    @dataclass
    class ConnectionChanged(Message):
        connection: Connection

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, PmTuiApp.ConnectionChanged)

    def __init__(
        self,
        settings: Settings,
        *,
        now: Callable[[], datetime] | None = None,
        session: Callable[[], Session] | None = None,
    ) -> None:
        self.take_up(settings)
        super().__init__()
        self.settings = settings
        self.spare(settings)
        self.keymap, self._key_problems = keymap.chosen(settings)
        self._bindings = keymap.rebound(self._bindings, self.keymap)
        self._no_such_theme = self.dress(settings)
        if settings.ascii:
            self._filters.append(Plain(letters=settings.letters))
        self.now = now or (lambda: datetime.now(UTC))
        self.limits = Limits.of(settings)
        self.connection = Connection("starting", self.now())
        self._make_session = session or self._open_session
        self.gazetteer: Gazetteer | None = None  # read after the first paint
        self._session: asyncio.Future[Session] | None = None
        self.last_words = ""  # after a crash, for the terminal when it is in order again

    # -- life ----------------------------------------------------------------

    def on_mount(self) -> None:
        if self._no_such_theme:
            text = _("There is no theme “{theme}”. Ctrl+P, Theme lists those there are.")
            text = text.format(theme=self._no_such_theme)
            self.notify(text, severity="warning", markup=False, timeout=20)
        if self._key_problems:
            self.notify(
                self._key_problems, title=_("Keys"), severity="warning", markup=False, timeout=30
            )
        loop = asyncio.get_running_loop()
        for name in (signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(name, self._leave, name)
        self.call_after_refresh(self._start)

    def get_driver_class(self) -> type[Driver]:
        from pm_tui.tui.driver import patient  # a POSIX terminal is only needed where there is one

        return patient(super().get_driver_class())

    def _leave(self, number: signal.Signals) -> None:
        """End as on request, so that the terminal is put back in order (128 + signal)."""
        self.exit(return_code=128 + number)

    @work(exit_on_error=False, group="start")
    async def _start(self) -> None:
        """After the first paint: what is slow to import, the places, the line."""
        if not gc.isenabled():  # as the command line leaves it, to paint sooner
            gc.freeze()
            gc.enable()
        try:
            await self.session()
            self.watch_bookings()
            if not self.settings.offline:
                await self.read_usage()  # beside the list, which need not wait for it
        finally:  # places complete whatever the line does
            self.gazetteer = await asyncio.to_thread(_load_gazetteer)

    async def session(self) -> Session:
        """The one session, opened by whoever needs it first."""
        if self._session is None:
            self._session = asyncio.ensure_future(self._enter_session())
        opening = self._session
        try:
            return await asyncio.shield(opening)
        except Exception:
            if self._session is opening:
                self._session = None  # a key command may do better the next time it is asked
            raise

    async def _enter_session(self) -> Session:
        session = await asyncio.to_thread(self._make_session)
        session.line.on_change = self._tell_connection
        await session.__aenter__()
        self.post_message(self.ConnectionChanged(session.connection))
        return session

    def _open_session(self) -> Session:
        # in a thread: these imports take longer than a frame
        from pm_tui.services.session import Session

        return Session(self.settings, now=self.now)

    def _tell_connection(self, connection: Connection) -> None:
        self.post_message(self.ConnectionChanged(connection))

    async def read_usage(self) -> None:
        """Ask for the month's count, which no other answer tells."""
        from pm_tui.api.errors import ApiError
        from pm_tui.services.session import NothingRemembered

        session = await self.session()
        if not session.usage_is_old():
            return  # another window of this host has asked just now
        try:
            await session.usage(background=True)
        except (ApiError, NothingRemembered):
            return  # the status bar tells how the line is

    async def on_unmount(self) -> None:
        if self._session is not None:
            if not self._session.done():
                self._session.cancel()  # a key command may take seconds: nobody waits for it now
            try:
                session = await self._session
            except (Exception, asyncio.CancelledError):  # told when it failed, or given up here
                return
            await session.close()

    # -- what is told --------------------------------------------------------

    @property
    def account_label(self) -> str:
        """Whose data this is."""
        return "SANDBOX" if self.settings.sandbox else self.settings.profile or ""

    @on(ConnectionChanged)
    def _connection_changed(self, event: ConnectionChanged) -> None:
        self.connection = event.connection
        if self._session is not None and self._session.done():
            for notice in self._session.result().take_notices():
                self.notify(notice, severity="warning", markup=False, timeout=15)
        for screen in self.screen_stack:  # a view below a dialog is still seen
            if isinstance(screen, Spoken):
                screen.show_connection(event.connection)

    def origin_text(self, result: Result[Any]) -> Content:
        """Where a value is from and how old it is, in words."""
        from pm_tui import formats

        now = self.now()
        at = clock(result.fetched_at, now, self.settings.timezone)
        age = formats.age(result.age(now))
        if result.origin == "live":
            if not self.limits.look("status", result.fetched_at, now).old:
                return Content.styled(_("live {time}").format(time=at), "$text-success")
            return Content.styled(
                _("of {time}, {age} ago").format(time=at, age=age), "$text-warning"
            )
        text = _("OFFLINE COPY of {time}, {age} old").format(time=at, age=age)
        return Content.styled(text, "bold $text-warning")

    def explain(self, problem: BaseException) -> str:
        """What happened and what to do, for a person. A fault of ours is written down."""
        if crash.is_ours(problem):
            return crash.told(problem, "the full screen goes on", self.settings.state_dir)
        advice = getattr(problem, "advice", "")
        cause = getattr(problem, "problem", None)
        words = [str(problem) or type(problem).__name__, str(cause) if cause else "", advice]
        return " ".join(word for word in words if word)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        self.tell_failure(event)

    def tell_failure(self, event: Worker.StateChanged) -> None:
        """A worker that dies says so on screen, and in a report where nobody foresaw it."""
        if event.state is WorkerState.ERROR and event.worker.error is not None:
            self.notify(
                self.explain(event.worker.error), severity="error", markup=False, timeout=20
            )

    def _fatal_error(self) -> None:
        """Textual's would print local variables, and a key could be among them. The traceback goes
        into a report instead; the terminal gets it only where there is no place for a report."""
        self.bell()
        error = sys.exception() or self._exception
        if error is not None and not self.last_words:
            doing, folder = "the full screen ended", self.settings.state_dir
            if crash.report(error, doing, folder) is None:
                self.last_words = crash.text(error, doing) + "\n"
            self.last_words += f"pm-tui: {crash.told(error, doing, folder)}\n{_(AFTER_A_CRASH)}\n"
        self._close_messages_no_wait()

    # -- actions -------------------------------------------------------------

    async def action_view(self, name: str) -> None:
        """Show a top-level view."""
        await self.switch_mode(name)

    def action_help(self) -> None:
        """All keys."""
        from pm_tui.tui.screens.help import HelpScreen

        if not isinstance(self.screen, HelpScreen):
            self.push_screen(HelpScreen())

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """Every binding of ours (those have an id) under its own words, with its key; and what a
        view offers besides."""
        for command in super().get_system_commands(screen):
            if command.title in TEXTUAL_COMMANDS:
                yield command._replace(title=_(command.title), help=_(command.help))
        offered: dict[str, ActiveBinding] = {}
        for active in screen.active_bindings.values():
            if active.binding.id and active.enabled and keymap.is_command(active.binding.id):
                offered.setdefault(active.binding.id, active)
        for active in offered.values():
            yield self._command(active.binding, active.node)
        if isinstance(screen, View):
            if "bookings.batch" not in offered:
                yield SystemCommand(
                    _("Book a table"),
                    _("many bookings from a file"),
                    partial(self.call_later, self.action_view, "batch"),
                )
            for _key, binding in screen._bindings:
                # a key that the focused widget uses itself is not active, its action is
                name = binding.id or ""
                if name and name not in offered and keymap.is_command(name):
                    offered[name] = ActiveBinding(screen, binding, True)
                    yield self._command(binding, screen)
            yield from screen.commands()

    def get_key_display(self, binding: Binding) -> str:
        shown = super().get_key_display(binding)
        return binding.key if self.settings.ascii and not shown.isascii() else shown

    def _command(self, binding: Binding, node: DOMNode) -> SystemCommand:
        return SystemCommand(
            _(binding.tooltip or binding.description),  # the longer one, where there is one
            _("key: {key}").format(key=self.get_key_display(binding)),
            partial(self.call_later, self.run_action, binding.action, node),
        )


# of Textual's own commands those that we have no key for, as Textual words them
TEXTUAL_COMMANDS = {
    N_("Theme"): N_("Change the current theme"),
    N_("Screenshot"): N_("Save an SVG 'screenshot' of the current screen"),
}


def _load_gazetteer() -> Gazetteer:
    from pm_tui.services.places import Gazetteer

    gazetteer = Gazetteer()
    gazetteer.complete("be")  # reads the file
    return gazetteer


def run(settings: Settings, kind: type[PmTuiApp] = PmTuiApp) -> int:
    """Open the full screen; returns the exit code."""
    app = kind(settings)
    app.run(mouse=settings.mouse)
    sys.stderr.write(app.last_words)
    return app.return_code or 0
