"""The table of faults in `tests/README.md` is whole, and every test that it names exists."""

from __future__ import annotations

import ast
import functools
import re
from pathlib import Path

TESTS = Path(__file__).parent
ROWS = 40  # of table 9.3 of the research
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
