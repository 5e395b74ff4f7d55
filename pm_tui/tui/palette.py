"""The command palette: every binding of ours under its own words, and what a view adds to them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

from textual.app import SystemCommand
from textual.binding import ActiveBinding, Binding
from textual.command import CommandPalette
from textual.screen import Screen

from pm_tui.i18n import N_, _
from pm_tui.tui.keymap import OwnKeys, is_command
from pm_tui.tui.screens.base import View

if TYPE_CHECKING:
    from textual.dom import DOMNode

# of Textual's own commands those that we have no key for, as Textual words them
TEXTUAL_COMMANDS = {
    N_("Theme"): N_("Change the current theme"),
    N_("Screenshot"): N_("Save an SVG 'screenshot' of the current screen"),
}


class Palette(OwnKeys):
    """Mixed into the application; needs its `action_view`."""

    if TYPE_CHECKING:

        async def action_view(self, name: str) -> None: ...

    def action_command_palette(self) -> None:
        """One at a time, also where the help lies over it. Textual gives each the same id, and the
        program ended at the second: Ctrl+P, F1, Ctrl+P."""
        if not any(isinstance(screen, CommandPalette) for screen in self.screen_stack):
            self.push_screen(CommandPalette(placeholder=_("Search for commands…")))

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """Every binding of ours (those have an id) under its own words, with its key; and what a
        view offers besides."""
        for command in super().get_system_commands(screen):
            if command.title in TEXTUAL_COMMANDS:
                yield command._replace(title=_(command.title), help=_(command.help))
        offered: dict[str, ActiveBinding] = {}
        for active in screen.active_bindings.values():
            if active.binding.id and active.enabled and is_command(active.binding.id):
                offered.setdefault(active.binding.id, active)
        for active in self.without_keys(screen):
            if active.binding.id and active.enabled and is_command(active.binding.id):
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
                if name and name not in offered and is_command(name):
                    offered[name] = ActiveBinding(screen, binding, True)
                    yield self._command(binding, screen)
            yield from screen.commands()

    def _command(self, binding: Binding, node: DOMNode) -> SystemCommand:
        return SystemCommand(
            _(binding.tooltip or binding.description),  # the longer one, where there is one
            _("key: {key}").format(key=self.get_key_display(binding))
            if self.keymap.get(binding.id or "", True)
            else _("it has no key"),
            partial(self.call_later, self.run_action, binding.action, node),
        )
