"""Sentences that name keys: they name those that are in force, whatever they are."""

from __future__ import annotations

import re
from contextvars import ContextVar
from string import Formatter

import pytest

from pm_tui import i18n
from pm_tui.tui.key_check import keys_of
from pm_tui.tui.key_names import NAMED, after_key, key_name, keyed, name_of, with_key
from pm_tui.tui.key_places import catalogue
from tests import messages

# a letter or a sign that stands alone, or a key with a name of its own. Enter, Esc and the arrows
# are not looked for: what they do cannot be taken from them
NAME = re.compile(r"(?:Ctrl|Shift|Alt)\+\S|(?<!\w)F[0-9]+\b|Pg(?:Up|Dn)")
SIGN = re.compile(
    r"(?<![\w.,’'“{}<>])[B-Zb-z0-9*+<>](?![\w.,’'{}\-]|\s*(?:h\b|km|kW|min|day))"
    r"|(?:press|\() ?[A-Za-z0-9](?=[.,)])"
)
UNIT = re.compile(r"(?:\{[^{}]*\}|[0-9]+) [smhd]\b")
# what looks like a key and is none, or is one that nobody can change
NO_KEYS = {
    "Ctrl+{key}",
    "Shift+{key}",
    "PgUp",
    "PgDn",
    "This terminal is too small: {width} x {height}, at least {least} are needed.",
    "The QR code needs a terminal of {width} x {height}.",
    "{n} answer from memory: 0 requests",
    "{n} answers from memory: 0 requests",
    "If it does not arrive: tmux needs “set -g set-clipboard on”.",
    "Berlin > Leipzig > München searches along the way.",
}


def test_the_keys_named_are_those_in_the_code() -> None:
    known = catalogue()
    assert {name: keys_of(known[name])[0] for name in NAMED} == dict(NAMED)


def test_no_text_of_the_screen_names_a_key_but_by_its_binding() -> None:
    named: set[str] = set()
    for message in messages.texts(messages.extracted()):
        files = [place for place, _line in message.locations]
        if not any(one.startswith(("pm_tui/tui/", "pm_tui/services/")) for one in files):
            continue
        if all("kiosk" in one for one in files):
            continue  # a visitors' terminal has keys of its own, which nobody changes
        for text in (message.id,) if isinstance(message.id, str) else message.id:
            fields = {name for _t, name, _f, _c in Formatter().parse(text) if name}
            named |= {name for name in fields if re.fullmatch(r"[a-z]+\.[a-z_]+", name)}
            if text in NO_KEYS:
                continue
            assert NAME.search(text) is None, text
            # what services say of times and tables is full of signs
            if any(one.startswith("pm_tui/tui/") for one in files):
                assert SIGN.search(UNIT.sub("", text)) is None, text
    assert named <= NAMED.keys()


def test_a_key_is_written_as_people_read_it() -> None:
    keys = ("b", "B", "ctrl+s", "f6", "plus", "shift+f2", "ctrl+percent_sign", "pageup", "up")
    written = ["b", "B", "Ctrl+S", "F6", "+", "Shift+F2", "Ctrl+%", "PgUp", "↑"]
    assert [name_of(key) for key in keys] == written
    assert keyed("{n} {find.book} {{x}}", n="{n}") == "{n} b {x}"
    i18n.use("de")
    assert with_key("Buchen", "booking.book") == "Buchen (Strg+S)"
    with pytest.raises(KeyError):
        key_name("find.no_such")


def test_a_command_without_a_key_is_in_the_palette(monkeypatch: pytest.MonkeyPatch) -> None:
    class App:
        keymap = {"find.book": (), "booking.book": (), "app.palette": ("f12",)}  # noqa: RUF012

    app = ContextVar[type[App]]("app")
    app.set(App)
    monkeypatch.setattr("pm_tui.tui.key_names.active_app", app)
    assert key_name("find.book") == "the palette (F12)"
    assert with_key("Book", "booking.book") == after_key("booking.book", "Book") == "Book"
