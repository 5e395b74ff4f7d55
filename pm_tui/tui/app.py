"""The application: it owns the session, the views and what is told to the person."""

from __future__ import annotations

import asyncio
import gc
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.screen import Screen
from textual.worker import Worker, WorkerState

from pm_tui import crash
from pm_tui.i18n import N_, _
from pm_tui.services.ages import Limits
from pm_tui.services.connection import Connection
from pm_tui.tui.batch_actions import BatchActions
from pm_tui.tui.copy_actions import CopyActions
from pm_tui.tui.free_actions import FreeActions
from pm_tui.tui.in_turn import InTurn
from pm_tui.tui.jump import Jumping
from pm_tui.tui.lean.display import Sparing
from pm_tui.tui.memory_actions import MemoryActions
from pm_tui.tui.palette import Palette
from pm_tui.tui.rebook_actions import RebookActions
from pm_tui.tui.screens.base import Spoken
from pm_tui.tui.styles import all_styles, style
from pm_tui.tui.themes import Dressed
from pm_tui.tui.tour_actions import TourActions
from pm_tui.tui.undo_actions import UndoActions
from pm_tui.tui.views import VIEWS
from pm_tui.tui.widgets.status_bar import clock

if TYPE_CHECKING:
    from textual.driver import Driver

    from pm_tui.config import Settings
    from pm_tui.models.result import Result
    from pm_tui.services.places import Gazetteer
    from pm_tui.services.session import Session


AFTER_A_CRASH = N_(
    "No booking is lost: the journal knows what was under way. “pm-tui recover” settles it, "
    "or start again."
)


class PmTuiApp(
    InTurn,
    TourActions,
    CopyActions,
    FreeActions,
    RebookActions,
    BatchActions,
    MemoryActions,
    UndoActions,
    Jumping,
    Sparing,
    Dressed,
    Palette,
):
    TITLE = "pm-tui"
    CSS_PATH: ClassVar[list[str | PurePath]] = [style("global"), style("find")]
    MODES: ClassVar[dict[str, str | Callable[[], Screen[Any]]]] = VIEWS
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
        Binding(
            "ctrl+g",
            "clear_notices",
            N_("Clear the messages"),
            show=False,
            id="app.clear_notices",
            priority=True,
        ),
        Binding("question_mark", "help", N_("Help"), id="app.help", key_display="?"),
        Binding("f1", "help", N_("Help"), id="app.help_anywhere", priority=True),
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
        Binding(
            "ctrl+t",
            "tour",
            N_("Tour"),
            tooltip=N_("Tour of six steps, in the sandbox"),
            show=False,
            id="app.tour",
            priority=True,
        ),
        Binding(
            "ctrl+n",
            "tour_next",
            N_("Next step of the tour"),
            show=False,
            id="app.tour_next",
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
        self.take_keys(settings.keymap)
        self.dress(settings)
        self.now = now or (lambda: datetime.now(UTC))
        self.limits = Limits.of(settings)
        self.connection = Connection("starting", self.now())
        self._make_session = session or self._open_session
        self.gazetteer: Gazetteer | None = None  # read after the first paint
        self._session: asyncio.Future[Session] | None = None
        self.last_words = ""  # after a crash, for the terminal when it is in order again

    # -- life ----------------------------------------------------------------

    def on_mount(self) -> None:
        loop = asyncio.get_running_loop()
        for name in (signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(name, self._leave, name)
        self.call_after_refresh(self._start)

    def get_driver_class(self) -> type[Driver]:
        from pm_tui.tui.driver import patient  # a POSIX terminal is only needed where there is one

        return patient(super().get_driver_class())

    def _leave(self, number: signal.Signals) -> None:
        """End as on request, so that the terminal is put back in order (128 + signal)."""
        # a terminal that goes sends SIGCONT too, at which Textual would begin anew in the middle
        signal.signal(signal.SIGCONT, signal.SIG_IGN)
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
            self._read_styles()

    def _read_styles(self) -> None:
        """Those of views and dialogs that are not open yet: read with the first of each, Textual
        would parse all there are again, and style all of the screen again."""
        for path in all_styles():
            if not self.stylesheet.has_source(str(path)):
                self.stylesheet.read(path)
        self.stylesheet.parse()

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
        if not self.is_running:
            return  # it ends: what is on the screen is half taken down
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


def _load_gazetteer() -> Gazetteer:
    from pm_tui.services.places import Gazetteer

    gazetteer = Gazetteer()
    gazetteer.complete("be")  # reads the file
    return gazetteer


def run(settings: Settings, kind: type[PmTuiApp] = PmTuiApp, *, tour: bool = False) -> int:
    """Open the full screen, with the tour if that was asked for; returns the exit code."""
    app = kind(settings)
    app.tour_at_start = tour
    app.run(mouse=settings.mouse)
    sys.stderr.write(app.last_words)
    return app.return_code or 0
