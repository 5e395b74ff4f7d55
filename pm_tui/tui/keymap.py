"""Keys of one's own, put in the place of the built-in ones where a widget is made.

Textual's own `set_keymap` comes too late: it leaves out the keys that a field types by the keys in
the code, so that a command moved from a letter to a function key would be dead in a field; and it
takes a binding with two keys for a clash with itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from textual import work
from textual._context import active_app
from textual.app import App
from textual.binding import ActiveBinding, Binding, BindingsMap
from textual.keys import REPLACED_KEYS, _character_to_key, key_to_character
from textual.screen import Screen

from pm_tui.config.keymap import KeySettings
from pm_tui.i18n import _

if TYPE_CHECKING:
    from pm_tui.config import Settings

Keymap = Mapping[str, tuple[str, ...]]  # keys as Textual names them, by the id of a binding
PRESETS: Mapping[str, Keymap] = {
    "default": {},
    # j, k, g, G, / and : are there in any case
    "vi": {
        "table.page_down": ("ctrl+d", "ctrl+f", "pagedown"),
        "table.page_up": ("ctrl+u", "ctrl+b", "pageup"),
        "report.earlier": ("h", "less_than_sign"),
        "report.later": ("l", "greater_than_sign"),
        "home.before": ("h", "less_than_sign"),
        "home.after": ("l", "greater_than_sign"),
        "home.location": ("L",),
        "find.edit": ("i", "f"),
    },
}
_SHOWN_PROBLEMS = 4
KEPT = ("app.quit", "app.palette")  # whoever took their keys away would be locked in
# moving about, and the palette itself, are no commands of the palette
NO_COMMANDS = ("app.palette", "app.commands", "app.help_anywhere", "table.", "choices.", "list.")
COMMANDS = ("table.sort", "table.reverse")  # of those


def is_command(binding_id: str) -> bool:
    """Whether the palette offers it."""
    return binding_id in COMMANDS or not binding_id.startswith(NO_COMMANDS)


def normal(keys: tuple[str, ...]) -> tuple[str, ...]:
    """As Textual names them: `?` and `question_mark` are one key, `ctrl+?` another."""
    found = []
    for key in keys:
        head, plus, last = ("", "", key) if len(key) == 1 else key.rpartition("+")
        if plus and not last:  # ctrl++
            head, last = head.removesuffix("+"), "+"
        if len(last) == 1:
            last = _character_to_key(last)
        found.append(f"{head}{plus}{last}")
    return tuple(dict.fromkeys(found))


def typed(key: str) -> str | None:
    """The character that a key types; None for one that does something else."""
    character = key if len(key) == 1 else key_to_character(REPLACED_KEYS.get(key, key))
    return character if character is not None and character.isprintable() else None


def rebound(bindings: BindingsMap, keymap: Keymap) -> BindingsMap:
    """The same bindings, those in `keymap` at its keys, in their old order. Esc leads back whatever
    `keymap` says."""
    if not keymap:
        return bindings
    new = BindingsMap()
    done: set[str] = set()
    for _key, binding in bindings:
        keys = keymap.get(binding.id or "")
        if keys is not None and binding.id not in done:
            done.add(binding.id or "")
            for key in keys:
                if key != "escape":
                    new._add_binding(binding.with_key(key, None))
        if keys is None or binding.key == "escape":
            new._add_binding(binding)
    return new


class Keyed:
    """What has bindings with ids: mixed into every screen and widget of ours that has. No `DOMNode`
    itself, since Textual looks for styles along the first one it finds."""

    _bindings: BindingsMap
    _merged_bindings: BindingsMap | None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rebind(getattr(active_app.get(None), "keymap", {}))

    def rebind(self, keymap: Keymap) -> None:
        """Have `keymap` in the place of the keys in the code."""
        self._bindings = rebound((self._merged_bindings or BindingsMap()).copy(), keymap)


class OwnKeys(App[None]):
    """Mixed into the application. What was asked for holds from the first frame; whether all of it
    can be is found out behind that, since it takes every screen to be imported."""

    keymap: Keymap = {}  # noqa: RUF012 - replaced, never changed

    if TYPE_CHECKING:
        settings: Settings

    def take_keys(self, told: KeySettings) -> None:
        """Put in place what is asked for, but what would be in the way of typing."""
        everywhere = {one.id for _key, one in self._bindings if one.priority}
        own = {name: normal(keys) for name, keys in told.keys.items()}
        good = {
            name: keys
            for name, keys in own.items()
            if not (name in everywhere and any(map(typed, keys))) and (keys or name not in KEPT)
        }
        self._keep({**PRESETS[told.preset], **good})

    def _keep(self, keymap: Keymap) -> None:
        self.keymap = keymap
        self._bindings = rebound((self._merged_bindings or BindingsMap()).copy(), keymap)

    def on_mount(self) -> None:
        self.call_after_refresh(self.check_keys)

    def get_key_display(self, binding: Binding) -> str:
        shown = super().get_key_display(binding)
        return binding.key if self.settings.ascii and not shown.isascii() else shown

    def without_keys(self, screen: Screen[Any]) -> Iterator[ActiveBinding]:
        """What can be done on `screen` as it is and has had its keys taken away."""
        gone = {name for name, keys in self.keymap.items() if not keys}
        for node, _bindings in screen._modal_binding_chain if gone else ():
            for _key, one in node._merged_bindings or ():
                if one.id in gone:
                    gone.remove(one.id)
                    enabled = self._check_action_state(one.action, node)
                    if enabled is not False:
                        told = replace(one, description=_(one.description))
                        yield ActiveBinding(node, told, bool(enabled), _(one.tooltip))

    @work(group="keys", exit_on_error=False)
    async def check_keys(self) -> None:
        """Take back what cannot be, and tell it. A preset alone needs no check."""
        told = self.settings.keymap
        if not told.keys:
            return
        keymap, problems = await asyncio.to_thread(_resolve, told)
        self.keymap = keymap
        if problems:
            self._keep(keymap)
            for screen in (one for stack in self._screen_stacks.values() for one in stack):
                for node in (screen, *screen.walk_children()):
                    if isinstance(node, Keyed):
                        node.rebind(keymap)
            self.refresh_bindings()
            text = "\n".join([told.place, *problems])
            self.notify(text, title=_("Keys"), severity="warning", markup=False, timeout=30)


def _resolve(told: KeySettings) -> tuple[Keymap, list[str]]:
    """The keys that can be, and what is to be told of the others."""
    from pm_tui.tui.key_check import resolve

    keymap, problems = resolve(told)
    lines = [str(problem) for problem in problems[:_SHOWN_PROBLEMS]]
    if len(problems) > len(lines):
        lines.append("…")
    if lines:
        lines.append(_("Those stay as they were. “pm-tui config keys” lists what there is."))
    return keymap, lines
