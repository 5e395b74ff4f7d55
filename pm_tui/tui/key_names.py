"""Keys in sentences: the person's own where there are some, as they are written there.

A text names a key by the id of its binding in braces: `_("{find.note} writes a note")`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from textual._context import active_app
from textual.keys import format_key

from pm_tui.i18n import _

# the first key in the code of every binding that a text names: the bindings themselves are in
# modules that take too long to import before the first paint
NAMED: Mapping[str, str] = {
    "app.book_free": "f6",
    "app.bookings": "2",
    "app.clear_notices": "ctrl+g",
    "app.copy": "y",
    "app.find": "1",
    "app.help_anywhere": "f1",
    "app.home": "4",
    "app.notices": "N",
    "app.palette": "ctrl+p",
    "app.report": "3",
    "app.requests": "5",
    "app.tour": "ctrl+t",
    "app.tour_next": "ctrl+n",
    "app.undo": "u",
    "app.watched": "w",
    "batch.check": "r",
    "batch.send": "ctrl+s",
    "batch.stop": "x",
    "booking.book": "ctrl+s",
    "bookings.batch": "t",
    "bookings.calendar": "i",
    "bookings.cancel": "c",
    "bookings.change": "m",
    "bookings.decide": "x",
    "bookings.look": "r",
    "columns.reset": "0",
    "columns.undo": "u",
    "dialog.do": "ctrl+s",
    "favourites.copy": "y",
    "favourites.note": "n",
    "favourites.remove": "d",
    "favourites.undo": "u",
    "favourites.watch": "t",
    "find.book": "b",
    "find.drafts": "D",
    "find.favourites": "v",
    "find.keep": "plus",
    "find.map": "m",
    "find.note": "n",
    "find.recent": "ctrl+r",
    "find.refresh": "r",
    "find.star": "asterisk",
    "find.watch": "t",
    "home.after": "greater_than_sign",
    "home.before": "less_than_sign",
    "home.commands": "c",
    "home.onboard": "n",
    "home.reconnect": "R",
    "home.sessions": "e",
    "link.code": "q",
    "location.book": "b",
    "profiles.save": "s",
    "rebook.change": "ctrl+s",
    "report.earlier": "less_than_sign",
    "report.file": "t",
    "report.findings": "n",
    "report.read": "r",
    "report.stop": "x",
    "requests.copy": "y",
    "watched.stop": "d",
    "when.day": "pageup",
    "when.day_back": "pagedown",
    "when.earlier": "down",
    "when.hour": "right_parenthesis",
    "when.hour_back": "left_parenthesis",
    "when.later": "up",
    "when.quarter": "greater_than_sign",
    "when.quarter_back": "less_than_sign",
}


def keyed(text: str, **values: object) -> str:
    """`text` with the keys that it names, and with `values` as `str.format` puts them in."""
    return text.format_map(_Keys(values))


def key_name(binding_id: str) -> str:
    """As a sentence names it: `b`, `Ctrl+S`, `F6`; the palette, for a command without a key."""
    key = _first_key(binding_id)
    if key:
        return name_of(key)
    return _("the palette ({key})").format(key=name_of(_first_key("app.palette")))


def with_key(text: str, binding_id: str) -> str:
    """For a button or the like: `Book (Ctrl+S)`, and `Book` where that has no key."""
    key = _first_key(binding_id)
    return f"{text} ({name_of(key)})" if key else text


def after_key(binding_id: str, text: str, between: str = ": ") -> str:
    """For something to be clicked: `i: calendar`, and `calendar` where that has no key."""
    key = _first_key(binding_id)
    return f"{name_of(key)}{between}{text}" if key else text


def when_keys() -> str:
    """The hint of a form with times: what moves them."""
    text = _(
        "times: {when.later} {when.earlier} a part · {when.quarter_back} {when.quarter} 15 min · "
        "{when.hour_back} {when.hour} 1 h · {when.day} {when.day_back} 1 day"
    )
    return keyed(text)


def name_of(key: str) -> str:
    """A key, by Textual's name, as a person reads it."""
    if key.startswith("ctrl+"):
        return _("Ctrl+{key}").format(key=name_of(key.removeprefix("ctrl+")).upper())
    if key.startswith("shift+"):
        return _("Shift+{key}").format(key=name_of(key.removeprefix("shift+")))
    if key in ("pageup", "pagedown"):
        return _("PgUp") if key == "pageup" else _("PgDn")
    return key.upper() if key[1:].isdigit() else format_key(key)  # a function key


def _first_key(binding_id: str) -> str:
    """ "" for none."""
    keymap = getattr(active_app.get(None), "keymap", {})
    keys = keymap.get(binding_id, (NAMED[binding_id],))
    return keys[0] if keys else ""


class _Keys(dict[str, Any]):
    """What a text names that is no value is the first half of the id of a binding."""

    def __missing__(self, name: str) -> _Group:
        return _Group(name)


class _Group:
    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> str:
        return key_name(f"{self._name}.{name}")
