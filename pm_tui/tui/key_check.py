"""What is wrong with keys of one's own, and which of them can be used all the same.

A wrong key stops no work: what is wrong stays as it was, and is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from textual.binding import Binding
from textual.keys import Keys
from textual.widgets import Input

from pm_tui.config.errors import nearest
from pm_tui.config.keymap import KeySettings
from pm_tui.i18n import _
from pm_tui.tui.key_places import catalogue, places
from pm_tui.tui.keymap import KEPT, PRESETS, Keymap, normal, typed

MODIFIERS = frozenset({"ctrl", "alt", "shift", "super", "hyper", "meta"})
# a terminal sends the same for both, and Textual names it the second
SAME = {"ctrl+i": "tab", "ctrl+m": "enter", "ctrl+left_square_bracket": "escape"}
# what whatever has the focus needs for itself
OF_THE_FOCUS = frozenset(
    {"tab", "shift+tab", "enter", "space", "up", "down", "left", "right", "ctrl+c"}
)


@dataclass(frozen=True, slots=True)
class Problem:
    """Why the keys of `id` stay as they were."""

    id: str
    why: str

    def __str__(self) -> str:
        return f"{self.id}: {self.why}"


def resolve(told: KeySettings) -> tuple[Keymap, list[Problem]]:
    """The keys that differ from the code's, and what is wrong with what was told.

    Of two commands that would have one key where both can be reached, those told stay as they are
    without; two that change places may.
    """
    known = catalogue()
    base = {name: PRESETS[told.preset].get(name, keys_of(one)) for name, one in known.items()}
    problems: list[Problem] = []
    wanted: dict[str, tuple[str, ...]] = {}
    for name, keys in told.keys.items():
        found = normal(keys)
        why = _wrong(name, found, known)
        if why:
            problems.append(Problem(name, why))
        else:
            stays = "escape" in keys_of(known[name]) and "escape" not in found
            wanted[name] = (*found, "escape") if stays else found
    keymap = base | wanted
    while wanted and (clashes := {one.id: one for one in _clashes(keymap, set(wanted))}):
        problems += clashes.values()
        for name in clashes:
            del wanted[name]
        keymap = base | wanted
    changed = {name: keys for name, keys in keymap.items() if keys != keys_of(known[name])}
    return changed, problems


def keys_of(binding: Binding) -> tuple[str, ...]:
    """The keys in the code, as Textual names them."""
    return normal(tuple(binding.key.split(",")))


def conflicts(keymap: Keymap) -> list[Problem]:
    """Which of the ids in `keymap` take a key that another one has where both can be reached."""
    known = catalogue()
    whole = {name: keymap.get(name, keys_of(one)) for name, one in known.items()}
    return list(_clashes(whole, set(keymap)))


def is_a_key(name: str) -> bool:
    """Whether Textual can ever tell of a key of this name."""
    *modifiers, last = name.split("+") if name != "+" else ["+"]
    if not MODIFIERS.issuperset(modifiers):
        return False
    return last in _named_keys() or typed(last) is not None


@cache
def _named_keys() -> frozenset[str]:
    named = {str(one.value) for one in Keys if not one.value.startswith("<")}
    return frozenset({re.sub(r"^((ctrl|shift|alt)\+)+", "", one) for one in named})


def _wrong(name: str, keys: tuple[str, ...], known: Mapping[str, Binding]) -> str:
    """Why these keys cannot be used whatever the others are; "" when they can."""
    if name not in known:
        return _("there is no such id") + nearest(name, known)
    own = keys_of(known[name])
    if not keys and name in KEPT:
        return _("this one needs a key")
    if not keys and "escape" in own:
        return _("Esc always leads back")
    for key in keys:
        if not is_a_key(key):
            return _("“{key}” is no key").format(key=key) + nearest(key, _named_keys())
        if key in SAME:
            text = _("a terminal cannot tell {key} from {same}")
            return text.format(key=key, same=SAME[key])
        if key in own:
            continue
        if key in OF_THE_FOCUS:
            return _("{key} belongs to whatever has the focus").format(key=key)
        typing = known[name].priority or name.startswith(("when.", "choices."))
        if typing and (typed(key) is not None or key in _editing()):
            return _("{key} is needed to type in fields").format(key=shown(key))
    return ""


@cache
def _editing() -> frozenset[str]:
    return frozenset(key for key, _binding in Input._merged_bindings or ())


def shown(key: str) -> str:
    """A key as it is written: `B`, `?`, `ctrl+b`."""
    character = typed(key)
    return key if character is None or character.isspace() else character


def _clashes(keymap: Keymap, changed: set[str]) -> Iterator[Problem]:
    """The `changed` ids that have a key which something else has where both can be reached."""
    known = catalogue()
    seen: set[str] = set()
    for place in places():
        for chain in place.chains():
            for key, names in _holders(chain, keymap).items():
                for name in sorted(changed & names.keys() - seen):
                    # where two share a key in the code, the inner one is meant to win
                    if len(names) > 1 and key not in keys_of(known[name]):
                        seen.add(name)
                        other = next(one for one in names if one != name)
                        text = _("{key} is “{other}” already ({id})")
                        why = text.format(key=shown(key), other=_(names[other]), id=other)
                        yield Problem(name, why)


def _holders(chain: list[Binding], keymap: Keymap) -> dict[str, dict[str, str]]:
    """Who has a key: the description by id, or by action for Textual's own."""
    found: dict[str, dict[str, str]] = {}
    for binding in chain:
        name = binding.id if binding.id in keymap else None
        for key in keymap[name] if name else (binding.key,):
            label = binding.description or binding.action
            found.setdefault(key, {})[name or f"Textual: {binding.action}"] = label
    return found
