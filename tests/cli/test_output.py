"""Tables for people, pipes and screen readers."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pm_tui.cli.output import Column, cells, complain, layout, table

COLUMNS = (Column("KM", right=True), Column("NAME", shrinks=True), Column("FREE", right=True))


def test_columns_are_aligned_without_trailing_spaces() -> None:
    rows = [("1.5", "Köln", "1/2"), ("10.0", "Bonn am Rhein", "0/10")]
    assert layout(COLUMNS, rows, None) == [
        "  KM  NAME           FREE",
        " 1.5  Köln            1/2",
        "10.0  Bonn am Rhein  0/10",
    ]
    assert layout((Column("A"), Column("B")), [("x", "")], None) == ["A  B", "x"]


def test_wide_and_combining_characters_count_as_cells() -> None:
    assert cells("充電") == 4
    assert cells("a\u0301") == 1
    lines = layout((Column("N"), Column("B")), [("充電", "x"), ("abcd", "x")], None)
    assert lines == ["N     B", "充電  x", "abcd  x"]


@given(
    st.lists(st.tuples(*[st.text(st.characters(min_codepoint=32, max_codepoint=255))] * 3)),
    st.integers(20, 100),
)
def test_a_table_fits_as_far_as_its_columns_shrink(
    rows: list[tuple[str, str, str]], width: int
) -> None:
    columns = [Column("A", shrinks=True), Column("B", shrinks=True), Column("C", shrinks=True)]
    for line in layout(columns, rows, max(width, 3 * 10 + 4)):
        assert cells(line) <= max(width, 3 * 10 + 4)


def test_only_what_shrinks_is_cut() -> None:
    rows = [("1.5", "A very long name of a charger", "1/2")]
    line = layout(COLUMNS, rows, 24)[1]
    assert cells(line) == 24
    assert line.startswith("1.5")
    assert line.endswith("1/2")
    assert "…" in line


def test_columns_are_left_out_in_their_order() -> None:
    columns = (
        Column("ID"),
        Column("CITY", shrinks=True, drops=2),
        Column("PLACE", shrinks=True, drops=1),
    )
    rows = [("i" * 20, "c" * 20, "p" * 20)]
    seen = [layout(columns, rows, width)[0].split() for width in (64, 44, 43, 32, 31, 5)]
    assert seen == [
        ["ID", "CITY", "PLACE"],
        ["ID", "CITY", "PLACE"],
        ["ID", "CITY"],
        ["ID", "CITY"],
        ["ID"],
        ["ID"],
    ]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("env", "bold"),
    [
        ({"TERM": "xterm"}, True),
        ({"TERM": "xterm", "NO_COLOR": "1"}, False),
        ({"TERM": "dumb"}, False),
    ],
)
def test_no_escape_codes_but_on_a_terminal_that_wants_them(
    monkeypatch: pytest.MonkeyPatch, env: dict[str, str], bold: bool
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    for stream, expected in ((Terminal(), bold), (io.StringIO(), False)):
        monkeypatch.setattr("sys.stdout", stream)
        table(COLUMNS, [("1", "2", "3")])
        assert ("\x1b" in stream.getvalue()) is expected


def test_a_complaint_is_one_harmless_line(capsys: pytest.CaptureFixture[str]) -> None:
    complain("a\nb\x1b[31m" + "x" * 2000)
    text = capsys.readouterr().err
    assert text.count("\n") == 1
    assert text.startswith("pm-tui: a b")
    assert "\x1b" not in text
    assert len(text) < 600
