"""Taking something along: into the clipboard of the terminal (OSC 52), or into a browser."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING

from textual import work
from textual.app import App, SystemCommand

from pm_tui.i18n import _
from pm_tui.models.text import clean
from pm_tui.tui.key_names import keyed
from pm_tui.tui.unclear_actions import LONG, SHORT

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Iterator

    from pm_tui.config import Settings
    from pm_tui.services.copies import Copy
    from pm_tui.services.session import Session

TOLD = 80  # characters of a text in the message that says it was copied


class CopyActions(App[None]):
    """Mixed into the application."""

    if TYPE_CHECKING:
        settings: Settings
        _session: asyncio.Future[Session] | None

    _told_of_tmux = False

    @property
    def base_url(self) -> str:
        """Where the Agent API answers; "" for a sandbox that is not there yet."""
        opening, told = self._session, ""
        if opening is not None and opening.done() and not opening.cancelled():
            told = "" if opening.exception() else opening.result().line.base_url
        return told or ("" if self.settings.sandbox else self.settings.base_url)

    def offered_copies(self) -> tuple[Copy, ...]:
        """What can be copied of what is chosen on the screen that is up."""
        from pm_tui.tui.screens.base import Spoken

        return tuple(self.screen.copies()) if isinstance(self.screen, Spoken) else ()

    @work(exclusive=True, group="copy", exit_on_error=False)
    async def action_copy(self) -> None:
        """Ask which of several, and take it along."""
        offered = self.offered_copies()
        if not offered:
            self.notify(
                _("There is nothing to copy here: choose a charger, a booking or a request."),
                markup=False,
            )
            return
        chosen: Copy | None = offered[0]
        if len(offered) > 1:
            from pm_tui.tui.screens.copy import CopyScreen

            chosen = await self.push_screen_wait(CopyScreen(offered))
        if chosen is not None:
            self.take_along(chosen)

    def take_along(self, one: Copy) -> None:
        """Copy it, or open it where it is an address that is to be opened."""
        if one.why_not:
            title = _("Not copied: {what}").format(what=one.label)
            self.notify(one.why_not, title=title, severity="warning", markup=False, timeout=LONG)
            return
        if one.opens:
            self._open(one)
            return
        self.copy_to_clipboard(one.text)
        told = "" if one.secret else clean(one.text, TOLD)
        words = [told, one.warning, self._tmux_hint()]
        title = _("Copied: {what}").format(what=one.label)
        self.notify(
            "\n".join(filter(None, words)) or _("It is in the clipboard."),
            title=title,
            severity="warning" if one.warning else "information",
            markup=False,
            timeout=LONG if one.warning else SHORT,
        )

    def _tmux_hint(self) -> str:
        """Once: tmux keeps what a program copies to itself unless it is told to pass it on."""
        if self._told_of_tmux or not os.environ.get("TMUX"):
            return ""
        self._told_of_tmux = True
        return _("If it does not arrive: tmux needs “set -g set-clipboard on”.")

    def _open(self, one: Copy) -> None:
        from pm_tui.tui import opening

        program = opening.opener(os.environ)
        try:
            if program is not None:
                opening.open_address(program, one.text)
                self.notify(one.text, title=_("Opened"), markup=False, timeout=SHORT)
                return
        except OSError as problem:
            why = problem.strerror or str(problem)
        else:
            why = _("There is no browser on this screen.")
        text = keyed(
            _("{why} The link can be copied instead: {app.copy}, then its letter."), why=why
        )
        self.notify(text, title=_("Not opened"), severity="warning", markup=False, timeout=LONG)

    def copy_commands(self) -> Iterator[SystemCommand]:
        """Each text of what is chosen, for the palette."""
        for one in self.offered_copies():
            title = one.label if one.opens else _("Copy: {what}").format(what=one.label)
            shown = "" if one.secret else clean(one.text or one.why_not, TOLD)
            yield SystemCommand(title, shown, partial(self.take_along, one))
