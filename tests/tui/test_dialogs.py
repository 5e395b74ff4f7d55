"""The buttons of dialogs: what changes nothing stands first, and keys stand in the bar below."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from pm_tui.tui import screens

NOTHING = {"keep", "no", "back", "none", "memory", "wait", "not-now", "anew", "close"}


def rows() -> Iterator[tuple[str, list[ast.Call]]]:
    """By the file and line of each row of buttons in a dialog, the calls that make them."""
    for path in sorted(Path(screens.__path__[0]).glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.With) and "classes='buttons'" in ast.unparse(node.items[0]):
                made = [one for one in ast.walk(node) if isinstance(one, ast.Call)]
                buttons = [one for one in made if ast.unparse(one.func) == "Button"]
                yield f"{path.name}:{node.lineno}", sorted(buttons, key=lambda one: one.lineno)


def test_what_changes_nothing_is_the_first_button_of_every_dialog() -> None:
    found = dict(rows())
    assert len(found) > 12
    first = {
        place: next(ast.literal_eval(told.value) for told in made[0].keywords if told.arg == "id")
        for place, made in found.items()
    }
    assert {place: name for place, name in first.items() if name not in NOTHING} == {}


def test_no_button_of_a_dialog_names_its_key_beside_the_bar_that_does() -> None:
    labels = {place: [ast.unparse(one.args[0]) for one in made] for place, made in rows()}
    marks = ("with_key", "(Esc", "(Enter", "(Ctrl")
    told = [f"{place}: {one}" for place, made in labels.items() for one in made]
    assert [one for one in told if any(mark in one for mark in marks)] == []
