"""What a person makes of a table's columns, and what has room of it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pm_tui.services.filters import SORT_KEYS
from pm_tui.services.home_sort import SORT_KEYS as HOME_KEYS
from pm_tui.tui.widgets import (
    batch_table,
    booking_table,
    home_table,
    location_table,
    report_table,
    request_table,
)
from pm_tui.tui.widgets.columns import Column, Layout, as_made, fit, kept
from pm_tui.tui.widgets.too_small import LEAST
from tests.strategies import unicode_text

COLUMNS = (
    Column("a", "A", 5),
    Column("b", "B", 10, grow=1),
    Column("c", "C", 10, rank=1),
    Column("d", "D", 6, extra=True),
)


def keys(columns: object) -> list[str]:
    return [column.key for column in columns]  # type: ignore[attr-defined]


def test_a_table_that_nobody_touched_is_as_it_was_made() -> None:
    assert keys(Layout().of(COLUMNS)) == ["a", "b", "c"]
    assert Layout().of(COLUMNS) == COLUMNS[:3]
    assert Layout().raw is None


def test_chosen_ordered_and_sized() -> None:
    layout = as_made(COLUMNS).toggled("d").moved("d", -9).toggled("c").sized("b", 12)
    assert keys(layout.of(COLUMNS)) == ["d", "a", "b"]
    assert fit(layout.of(COLUMNS), 60)[2][1] == 12  # a width that was given does not grow
    assert kept(layout.raw, COLUMNS) == layout
    assert layout.moved("d", 99).order[-1] == "d"
    assert layout.sized("b", -5).widths["b"] == 3
    only = layout.toggled("d").toggled("a")
    assert only.toggled("b") == only  # the last one stays


def test_what_has_no_room_leaves_as_before_and_then_from_the_right() -> None:
    layout = as_made(COLUMNS).toggled("d").moved("d", -3)
    shown = [keys(column for column, _w in fit(layout.of(COLUMNS), n)) for n in (40, 26, 14, 3)]
    assert shown == [["d", "a", "b", "c"], ["d", "a", "b"], ["d", "a"], ["d"]]


def test_where_a_wide_one_left_narrow_ones_come_back_if_that_is_wanted() -> None:
    columns = (Column("a", "A", 10), Column("b", "B", 30, rank=1), Column("c", "C", 5, rank=2))
    assert keys(column for column, _w in fit(columns, 20)) == ["a"]
    assert fit(columns, 17, refill=True) == [(columns[0], 10), (columns[2], 5)]
    assert keys(column for column, _w in fit(columns, 16, refill=True)) == ["a"]


@pytest.mark.parametrize(
    "table", [location_table, booking_table, home_table, batch_table, report_table, request_table]
)
def test_in_the_smallest_terminal_no_column_is_cut_off(table: Any) -> None:
    fitting = fit(Layout().of(table.COLUMNS), LEAST.width - 2)  # beside a scroll bar
    assert len(fitting) >= 3
    assert sum(width + 1 for _column, width in fitting) <= LEAST.width - 2


def test_of_another_version_the_known_ones_are_kept_and_new_ones_come_at_the_end() -> None:
    raw = [["gone", True, 9], ["b", True, 7], ["d", False, None], ["a", True, "x"], ["b", True, 1]]
    layout = kept(raw, COLUMNS)
    assert layout.order == ("b", "d", "a", "c")
    assert layout.shown == {"a", "b", "c"}
    assert layout.widths == {"b": 7}


@settings(max_examples=40)
@given(st.recursive(st.none() | st.booleans() | st.integers() | unicode_text(max_size=2), st.lists))
def test_nonsense_is_the_table_as_made_or_something_that_can_be_shown(raw: object) -> None:
    layout = kept(raw, COLUMNS)
    assert layout.of(COLUMNS)
    assert set(layout.order) in (set(), {"a", "b", "c", "d"})


def test_every_column_has_an_order() -> None:
    assert set(keys(location_table.COLUMNS)) == set(SORT_KEYS)
    assert set(keys(home_table.COLUMNS)) == set(HOME_KEYS)
    assert len(set(keys(booking_table.COLUMNS))) == len(booking_table.COLUMNS)
