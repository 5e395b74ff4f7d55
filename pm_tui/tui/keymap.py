"""Keys of one's own, put in the place of the built-in ones where a widget is made.

Textual's own `set_keymap` comes too late: it leaves out the keys that a field types by the keys in
the code, so that a command moved from a letter to a function key would be dead in a field; and it
takes a binding with two keys for a clash with itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from textual._context import active_app
from textual.binding import Binding, BindingsMap

from pm_tui.i18n import _

if TYPE_CHECKING:
    from pm_tui.config import Settings

Keymap = Mapping[str, tuple[str, ...]]  # keys as Textual names them, by the id of a binding
_SHOWN_PROBLEMS = 4
# moving about, and the palette itself, are no commands of the palette
NO_COMMANDS = ("app.palette", "app.commands", "app.help_anywhere", "table.", "choices.", "list.")
COMMANDS = ("table.sort", "table.reverse")  # of those


def is_command(binding_id: str) -> bool:
    """Whether the palette offers it."""
    return binding_id in COMMANDS or not binding_id.startswith(NO_COMMANDS)


def rebound(bindings: BindingsMap, keymap: Keymap) -> BindingsMap:
    """The same bindings, those in `keymap` at its keys, in their old order."""
    if not keymap:
        return bindings
    new = BindingsMap()
    done: set[str] = set()
    for _key, binding in bindings:
        keys = keymap.get(binding.id or "")
        if keys is None:
            new._add_binding(binding)
        elif binding.id not in done:
            done.add(binding.id or "")
            for key in keys:
                new._add_binding(binding.with_key(key, None))
    return new


class Keyed:
    """What has bindings with ids: mixed into every screen and widget of ours that has. No `DOMNode`
    itself, since Textual looks for styles along the first one it finds."""

    _bindings: BindingsMap

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        keymap: Keymap = getattr(active_app.get(None), "keymap", {})
        self._bindings = rebound(self._bindings, keymap)


def first_keys(bindings: BindingsMap, binding_id: str) -> list[Binding]:
    """Every key of a binding, the one that is shown first."""
    return [binding for _key, binding in bindings if binding.id == binding_id]


def chosen(settings: Settings) -> tuple[Keymap, str]:
    """The keys to put in place, and what is wrong with the others ("" when nothing is).

    Reads all screens when there is anything to check, and only then.
    """
    if not settings.keymap:
        return {}, ""
    from pm_tui.tui.key_check import resolve

    keymap, problems = resolve(settings.keymap)
    told = [str(problem) for problem in problems[:_SHOWN_PROBLEMS]]
    if len(problems) > len(told):
        told.append("…")
    if told:
        told.insert(0, settings.keymap.place)
        told.append(_("Those stay as they were. “pm-tui config keys” lists what there is."))
    return keymap, "\n".join(told)
