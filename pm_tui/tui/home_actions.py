"""What changes something at a home charger, from the view that shows them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from textual import work

from pm_tui.i18n import _
from pm_tui.models.text import visible_id
from pm_tui.tui.screens.base import View

if TYPE_CHECKING:
    from pm_tui.api.limits import RateSnapshot
    from pm_tui.cache.deeds import Deed
    from pm_tui.models.home import Evse
    from pm_tui.models.result import Result
    from pm_tui.services.copies import Copy
    from pm_tui.services.home import Home
    from pm_tui.services.home_list import Listing

LONG = 20.0  # seconds a message about something that matters stays


class HomeActions(View):
    """The half of `HomeView` that sends; one worker each, one answer told."""

    listing: Listing | None = None
    unclear: tuple[Deed, ...] = ()
    side: Home | None = None
    _asks_for_link = False

    @property
    def _links(self) -> dict[str, Literal["made", "unclear"]]:
        """How the link ended that was asked for last here, by the charger's id."""
        if not hasattr(self, "_links_asked_for"):
            self._links_asked_for: dict[str, Literal["made", "unclear"]] = {}
        return self._links_asked_for

    async def home(self) -> Home:
        """The side of home chargers. Raises what opening the session raises."""
        self.side = (await self.app.session()).home
        return self.side

    @property
    def rate(self) -> RateSnapshot | None:
        """What is left of the hour, once something was asked."""
        return None if self.side is None else self.side.rate

    @property
    def chosen(self) -> Result[Evse] | None:
        """The charger under the cursor."""
        raise NotImplementedError

    def copies(self) -> Sequence[Copy]:
        from pm_tui.services import copies

        return () if self.chosen is None else copies.of_home(self.chosen.value)

    def replace_row(self, row: Result[Evse]) -> None:
        raise NotImplementedError

    def show_rows(self, *, from_top: bool = False) -> None:
        raise NotImplementedError

    async def settle(self) -> None:
        """Look what became of decommissions that nobody knows the outcome of, and tell it."""
        from pm_tui.services.home_deeds import DeedsUnavailable

        try:
            remover = await (await self.home()).remover()
            if not self.app.settings.offline:
                for settled in await remover.settle():
                    self._tell_removed(settled.evse_id, settled.kind, settled.reason)
            self.unclear = tuple(await remover.open_ones())
        except DeedsUnavailable as problem:  # nothing can be taken off; looking goes on
            self.app.notify(str(problem), severity="warning", markup=False, timeout=LONG)

    def action_decommission(self) -> None:
        if (row := self._needed()) is not None:
            self._decommission(row.value.id)

    @work(exclusive=True, group="home-change", exit_on_error=False)
    async def _decommission(self, evse_id: str) -> None:
        """Read it again and ask."""
        from pm_tui.tui.screens.home_dialogs import DecommissionScreen

        try:
            remover = await (await self.home()).remover()
            current = await remover.look(evse_id)
        except Exception as problem:
            self._refuse(_("Not taken off"), problem)
            return
        self.replace_row(current)
        typed = await self.app.push_screen_wait(DecommissionScreen(current.value))
        if typed is not None:
            self._send_decommission(evse_id, typed)

    @work(group="home-sending", exit_on_error=False)
    async def _send_decommission(self, evse_id: str, typed: str) -> None:
        """Not given up for another question: what is on its way cannot be called back."""
        remover = await (await self.home()).remover()
        try:
            ended = await remover.remove(evse_id, typed)
        except Exception as problem:
            self._refuse(_("Not taken off"), problem)
            return
        if ended.kind == "gone" and self.listing is not None:
            self.listing.drop(evse_id)
        self.unclear = tuple(await remover.open_ones())
        self._tell_removed(evse_id, ended.kind, ended.reason)
        self.show_rows()

    def _tell_removed(self, evse_id: str, kind: str, reason: str) -> None:
        shown = visible_id(evse_id)
        titles = {
            "gone": (_("Taken off"), "information"),
            "refused": (_("Not taken off"), "error"),
            "unknown": (_("Not known yet"), "warning"),
        }
        title, severity = titles[kind]
        text = f"{shown}: {reason}" if reason else shown
        level: Any = severity
        self.app.notify(text, title=title, severity=level, markup=False, timeout=LONG)

    def action_place(self) -> None:
        if (row := self._needed()) is not None:
            self._set_place(row)

    @work(exclusive=True, group="home-change", exit_on_error=False)
    async def _set_place(self, row: Result[Evse]) -> None:
        from pm_tui.services import home_words
        from pm_tui.tui.screens.home_dialogs import PlaceScreen

        evse = row.value
        place = await self.app.push_screen_wait(PlaceScreen(home_words.name(evse), evse.location))
        if not isinstance(place, str):
            self._send_place(evse.id, place)

    @work(group="home-sending", exit_on_error=False)
    async def _send_place(self, evse_id: str, place: tuple[float, float] | None) -> None:
        from pm_tui.services import home_words

        try:
            row = await (await self.home()).set_location(evse_id, place)
        except Exception as problem:
            self._refuse(_("Location not saved"), problem)
            return
        self.replace_row(row)
        text = f"{home_words.name(row.value)}: {home_words.placed(place, row.value)}"
        self.app.notify(text, markup=False)

    def action_onboard(self) -> None:
        self._onboard()

    @work(exclusive=True, group="home-change", exit_on_error=False)
    async def _onboard(self) -> None:
        from pm_tui.tui.screens.home_dialogs import AskOnboardScreen, LinkScreen

        row = self.chosen
        make, user = ("", None) if row is None else (row.value.make_name or "", row.value.user)
        email = None if user is None or user.value is None else user.value.email
        who = email or (user.id if user is not None else None) or ""
        asked = await self.app.push_screen_wait(AskOnboardScreen(make, who))
        if asked is None:
            return
        try:
            found = await (await self.home()).onboarding(*asked)
        except Exception as problem:
            self._refuse(_("No link"), problem)
        else:
            self.app.push_screen(LinkScreen(found, _("A link to take a charger on")))

    def action_reconnect(self) -> None:
        if (row := self._needed()) is None:
            return
        if self._asks_for_link:  # an impatient key: one is on its way
            self.app.notify(_("It is being asked for."))
            return
        self._asks_for_link = True
        self._reconnect(row)

    @work(group="home-sending", exit_on_error=False)
    async def _reconnect(self, row: Result[Evse]) -> None:
        """Sent once; a link that may have been made is not asked for again by itself."""
        from pm_tui.api.errors import OutcomeUnknown
        from pm_tui.services import home_words
        from pm_tui.services.home import Onboarding
        from pm_tui.tui.screens.home_dialogs import LinkScreen

        evse = row.value
        try:
            if not await self._wants_link(evse):
                return
            self.show_rows()
            url = await (await self.home()).reconnect(evse.id)
        except Exception as problem:
            if isinstance(problem, OutcomeUnknown):
                self._links[evse.id] = "unclear"
            self._refuse(_("No link"), problem)
            return
        finally:
            self._asks_for_link = False
            self.show_rows()
        self._links[evse.id] = "made"
        found = Onboarding(url, home_words.name(evse), evse.user_name or "–")
        self.app.push_screen(LinkScreen(found, _("A link to connect this charger anew")))

    async def _wants_link(self, evse: Evse) -> bool:
        """A second one for the same charger is a question."""
        from pm_tui.services import home_words
        from pm_tui.tui.screens.home_dialogs import AnotherLinkScreen

        before = self._links.get(evse.id)
        if before is None:
            return True
        question = AnotherLinkScreen(home_words.name(evse), unclear=before == "unclear")
        wanted = await self.app.push_screen_wait(question)
        return wanted is True

    def tell_notices(self) -> None:
        """What the stores and the server's version have to say; each is told once."""
        for notice in [] if self.side is None else self.side.take_notices():
            self.app.notify(notice, severity="warning", markup=False, timeout=LONG)

    def _needed(self) -> Result[Evse] | None:
        """The chosen charger; says why where nothing can be done with one."""
        row = self.chosen
        if row is None:
            self.app.notify(_("There is no charger here."))
        return row

    def _refuse(self, title: str, problem: Exception) -> None:
        text = self.app.explain(problem)
        self.app.notify(text, title=title, severity="error", markup=False, timeout=LONG)
        self.show_rows()
