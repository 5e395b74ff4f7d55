"""The tables in `tests/README.md` are whole, and every test that they name exists."""

from __future__ import annotations

import ast
import functools
import re
from pathlib import Path

from pm_tui.cli.man import VARIABLES
from pm_tui.cli.parser import build
from pm_tui.cli.run import VERBS

TESTS = Path(__file__).parent
ROWS = 40  # of table 9.3 of the research
FEATURES = 26  # of the research's table of what others give
NAMED = re.compile(r"`([a-z_/]+\.py)::(test_\w+)`")


def table() -> dict[int, tuple[str, str]]:
    """Fault and proof by number."""
    rows = {}
    for line in (TESTS / "README.md").read_text().splitlines():
        if match := re.fullmatch(r"\| (\d+) \| ([^|]+) \| ([^|]+) \|", line):
            assert int(match[1]) not in rows, f"row {match[1]} twice"
            rows[int(match[1])] = (match[2], match[3])
    return rows


@functools.cache
def names_in(file: str) -> frozenset[str]:
    tree = ast.parse((TESTS / file).read_text())
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, kinds))


def test_every_fault_has_its_row() -> None:
    assert sorted(table()) == list(range(1, ROWS + 1))


def test_every_test_that_is_named_exists() -> None:
    named = NAMED.findall((TESTS / "README.md").read_text())
    assert len(named) > ROWS
    assert [one for one in named if one[1] not in names_in(one[0])] == []


def test_every_feature_has_a_row_for_three_programs_and_a_proof() -> None:
    _before, _title, part = (TESTS / "README.md").read_text().partition("## What others give")
    lines = [line for line in part.partition("\n## ")[0].splitlines() if line.startswith("| ")]
    rows = [line.strip("| ").split(" | ") for line in lines[2:]]
    assert len({row[0] for row in rows}) == len(rows) == FEATURES
    assert [row for row in rows if len(row) != 5 or not all(row)] == []
    assert [row[0] for row in rows if not NAMED.fullmatch(row[4])] == []


def test_the_readme_names_every_verb_flag_and_variable() -> None:
    text = (TESTS.parent / "README.md").read_text()
    verbs = [verb for verb in VERBS if verb and f"pm-tui {verb}" not in text]
    flags = [action.option_strings[0] for action in build()._actions if action.option_strings]
    assert verbs + [flag for flag in flags if f"{flag}`" not in text] == ["-h", "-V"]
    named = {name for name, _meaning in VARIABLES if name not in text}
    assert {name for name in named if name.removesuffix("_FILE") not in text} == set()


def test_every_row_is_proved_or_says_why_not() -> None:
    bare = [
        number
        for number, (_fault, proof) in table().items()
        if not NAMED.search(proof) and not proof.startswith("not yet: ")
    ]
    assert bare == []
    # nothing that looks like a test escapes the check above
    for _fault, proof in table().values():
        assert len(re.findall(r"test_\w+`", proof)) == len(NAMED.findall(proof))
