"""Telling a person when a charger is free: asked, watched, told, booked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import work
from textual.worker import Worker

from pm_tui.i18n import _
from pm_tui.tui.in_turn import opens
from pm_tui.tui.key_names import keyed
from pm_tui.tui.making_actions import MakingActions
from pm_tui.tui.unclear_actions import LONG

if TYPE_CHECKING:
    from pm_tui.models.charger import Location
    from pm_tui.services.ages import Limits
    from pm_tui.services.free import FreeWatcher
    from pm_tui.services.free_plan import Watch
    from pm_tui.services.plan import Look


class FreeActions(MakingActions):
    """Mixed into the application: it is the `Audience` of what watches chargers."""

    if TYPE_CHECKING:
        limits: Limits

    _free: FreeWatcher | None = None  # made when something is watched
    _free_run: Worker[None] | None = None

    @work(exclusive=True, group="watch-free", exit_on_error=False)
    @opens
    async def watch_free(
        self, location: Location, plug: str | None = None, power_kw: float | None = None
    ) -> None:
        """Ask what of it to watch and within how many requests, and do it. What is watched
        already is shown instead."""
        from pm_tui.services.free_plan import Wish
        from pm_tui.tui.screens.watch_free import Costs, WatchFreeScreen

        watch = self.watch_of(location.location_id)
        if watch is not None and watch.state == "waiting":
            self.action_watched()
            return
        session = await self.session()
        costs = Costs(self.now, self.settings.timezone, session.budget, self.limits.status)
        wish = Wish(location, plug=plug, power_kw=power_kw)
        agreed = await self.push_screen_wait(WatchFreeScreen(wish, costs, self.connection))
        if agreed is None:
            return
        watcher = await self._watcher_of_free()
        if watch is not None:
            watcher.stop(watch.id)  # its end is known, it begins anew
        watcher.start(*agreed)
        if self._free_run is None or self._free_run.is_finished:
            self._free_run = self._watch_free(watcher)

    async def _watcher_of_free(self) -> FreeWatcher:
        if self._free is None:
            from pm_tui.services.free import FreeWatcher

            self._free = FreeWatcher(await self.session(), self, lambda: self.now())
        return self._free

    @work(group="free", exit_on_error=False)
    async def _watch_free(self, watcher: FreeWatcher) -> None:
        await watcher.run()

    # -- what is watched -----------------------------------------------------

    @property
    def free_watches(self) -> tuple[Watch, ...]:
        return () if self._free is None else self._free.watches

    @property
    def free_look(self) -> Look:
        """When what is watched is looked at next."""
        from pm_tui.services.plan import Look, Why

        return Look(None, Why.NOTHING) if self._free is None else self._free.look

    def watch_of(self, location_id: str) -> Watch | None:
        """What is watched of a location; of several the last."""
        found = [one for one in self.free_watches if one.location.location_id == location_id]
        return found[-1] if found else None

    # -- what the watcher tells ----------------------------------------------

    def is_awake(self) -> bool:
        return self.presence().is_awake(self.now())

    def watched(self) -> None:
        from pm_tui.tui.screens.base import View
        from pm_tui.tui.screens.watched import WatchedScreen

        for screen in self.screen_stack:
            if isinstance(screen, View):
                screen.show_watched()
            elif isinstance(screen, WatchedScreen) and screen.is_mounted:
                screen.show_watches()

    def ended(self, watch: Watch) -> None:
        from pm_tui.tui.widgets.free_text import told

        title, text = told(watch, self.now(), self.settings.timezone)
        severity = "information" if watch.state == "free" else "warning"
        self.notify(text, title=title, severity=severity, markup=False, timeout=LONG)
        self.ring(title, text)

    # -- actions -------------------------------------------------------------

    @work(exclusive=True, group="watched", exit_on_error=False)
    @opens
    async def action_watched(self) -> None:
        """List what is watched; book or stop one."""
        from pm_tui.tui.screens.watched import WatchedScreen

        chosen = await self.push_screen_wait(WatchedScreen(await self._watcher_of_free()))
        if chosen is not None:
            self._book_watched(chosen)

    def action_book_free(self) -> None:
        """The booking form for what became free last."""
        free = [one for one in self.free_watches if one.free_at is not None]
        if free:
            self._book_watched(max(free, key=lambda one: (one.free_at, one.id)))
        else:
            text = _(
                "Nothing that is watched has become free; {app.watched} shows what is watched."
            )
            self.notify(keyed(text), markup=False)

    def _book_watched(self, watch: Watch) -> None:
        """It has served its purpose where it became free; else it is watched on."""
        if self._free is not None and watch.state != "waiting":
            self._free.stop(watch.id)
        uid = watch.evse_uid or watch.wish.evse_uid
        at = watch.looked_at if watch.told is not None else None
        self.open_booking_form(watch.location, uid, None, None, seen_at=at)
