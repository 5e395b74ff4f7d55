"""Drafts of bookings: kept while somebody types, offered when the same charger's form is opened,
gone before anything is sent."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

from textual import work
from textual.app import App

from pm_tui.i18n import _, ngettext
from pm_tui.tui.in_turn import opens
from pm_tui.tui.key_names import keyed

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from typing import Any

    from pm_tui.config import Settings
    from pm_tui.models.charger import Location
    from pm_tui.services.drafts import FormDraft
    from pm_tui.services.session import Session
    from pm_tui.tui.screens.form_draft import DraftInForm


REMINDED = timedelta(days=1)  # so long a start speaks of a draft


class DraftActions(App[None]):
    """Mixed into the application; needs its session, clock and settings."""

    if TYPE_CHECKING:
        settings: Settings
        now: Callable[[], datetime]

        async def session(self) -> Session: ...
        def open_booking_form(
            self,
            location: Location,
            evse_uid: str | None,
            start: datetime | None,
            end: datetime | None,
            draft: FormDraft | None = None,
            *,
            seen_at: datetime | None = None,
        ) -> Any: ...
        def undoable(self, text: str, back: Callable[[], Any]) -> None: ...

    _one_at_a_time: asyncio.Lock | None = None

    def on_mount(self) -> None:
        if self.settings.memory:
            self.call_after_refresh(self._forget_old_drafts)  # not before the first paint

    @work(group="drafts", exit_on_error=False)
    async def _forget_old_drafts(self) -> None:
        session = await self.session()
        from pm_tui.services import drafts

        async with self._in_turn():
            await drafts.forget_old(session)
            left = await drafts.listed(session)
        if n := sum(self.now() - one.saved_at < REMINDED for one in left):
            text = ngettext(
                "{n} booking was left half filled in: {find.drafts} lists it.",
                "{n} bookings were left half filled in: {find.drafts} lists them.",
                n,
            )
            self.notify(keyed(text, n=n), markup=False)

    async def on_draft_in_form_draft_changed(self, event: DraftInForm.DraftChanged) -> None:
        self._keep_draft(event.draft)

    @work(group="drafts", exit_on_error=False)
    async def _keep_draft(self, draft: FormDraft) -> None:
        await self.keep_draft(draft)

    async def keep_draft(self, draft: FormDraft) -> bool:
        """Keep what was typed; in the order in which it was."""
        from pm_tui.services import drafts

        session = await self.session()
        async with self._in_turn():
            return await drafts.keep(session, draft)

    async def drop_draft(self, location_id: str) -> None:
        """Forget the draft for a charger."""
        from pm_tui.services import drafts

        session = await self.session()
        async with self._in_turn():
            await drafts.drop(session, location_id)

    def _in_turn(self) -> asyncio.Lock:
        if self._one_at_a_time is None:
            self._one_at_a_time = asyncio.Lock()
        return self._one_at_a_time

    async def wanted_draft(self, location: Location) -> FormDraft | None:
        """The draft for a charger, if there is one and the person takes it. One that is not taken
        goes, and comes back by an undo."""
        from pm_tui.services import drafts
        from pm_tui.tui.screens.draft import DraftScreen

        session = await self.session()
        async with self._in_turn():
            draft = await drafts.draft_of(session, location.location_id)
        if draft is None:
            return None
        now, zone = self.now(), self.settings.timezone
        if await self.push_screen_wait(DraftScreen(location, draft, now, zone)):
            return draft
        await self.throw_away(draft)
        return None

    async def throw_away(self, draft: FormDraft) -> None:
        """Forget a draft, which an undo brings back."""
        from pm_tui.tui.screens.draft import made_at

        await self.drop_draft(draft.location_id)
        at = made_at(draft, self.now(), self.settings.timezone)
        text = _("the draft of {time}").format(time=at)
        self.undoable(text, lambda: self.keep_draft(draft))

    @work(exclusive=True, group="list-drafts", exit_on_error=False)
    @opens
    async def list_drafts(self) -> None:
        """Every booking that was left half filled in; go on with one."""
        from pm_tui.services import drafts
        from pm_tui.tui.screens.drafts import DraftsScreen

        session = await self.session()
        async with self._in_turn():
            left = await drafts.listed(session)
        seen = await session.locations(one.location_id for one in left)
        places = {key: found.value for key, found in seen.items()}
        screen = DraftsScreen(left, places, self.now(), self.settings.timezone)
        draft = await self.push_screen_wait(screen)
        if draft is None:
            return
        if draft.location_id in places:
            at = seen[draft.location_id].fetched_at
            self.open_booking_form(places[draft.location_id], None, None, None, draft, seen_at=at)
        else:
            text = _("This charger is not remembered: search for it, then press {find.book}.")
            self.notify(keyed(text), markup=False)

    async def action_quit(self) -> None:
        """What was typed in the last second is kept as well."""
        for screen in self.screen_stack:
            tell = getattr(screen, "tell_draft", None)
            draft = tell() if tell is not None else None
            if draft is not None:
                await self.keep_draft(draft)
        await super().action_quit()
