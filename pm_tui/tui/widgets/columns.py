"""The columns of a table: what there is, what a person made of it, what has room."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from rich.text import Text

NARROWEST, WIDEST = 3, 80  # cells that a person may give a column


@dataclass(frozen=True, slots=True)
class Column:
    """`width` is the least, in cells; what is left over is shared out by `grow`. Columns with a
    `rank` above 0 leave first when it gets narrow, the highest first. `extra` ones are shown only
    where a person chose them."""

    key: str
    label: str
    width: int
    grow: int = 0
    rank: int = 0
    right: bool = False
    extra: bool = False


def fit(columns: Sequence[Column], width: int, *, refill: bool = False) -> list[tuple[Column, int]]:
    """The columns that have room in `width` cells, with the width each gets; one cell of air
    behind each. `refill`: where a wide one has left, narrow ones that left before come back."""
    kept = list(columns)
    gone: list[Column] = []
    while (spare := width - sum(column.width + 1 for column in kept)) < 0:
        leaving = max(kept, key=lambda column: column.rank)
        if leaving.rank == 0:
            break
        kept.remove(leaving)
        gone.append(leaving)
    while refill and spare > 0 and gone:
        column = gone.pop()
        if column.width < spare:
            spare -= column.width + 1
            kept = [one for one in columns if one in kept or one is column]
    shares = sum(column.grow for column in kept) or 1
    spare = max(spare, 0)
    return [(column, column.width + spare * column.grow // shares) for column in kept]


class RowCells(dict[str, Text]):
    """The cells of a row; those of `extra` columns are made by `more` where they are shown."""

    def __init__(self, cells: Mapping[str, Text], more: Callable[[str], Text]) -> None:
        super().__init__(cells)
        self._more = more

    def __missing__(self, key: str) -> Text:
        return self._more(key)


@dataclass(frozen=True, slots=True)
class Layout:
    """What a person made of a table's columns: the keys in order, those that are shown, and the
    widths that were given. One without `order` leaves the table as it was made."""

    order: tuple[str, ...] = ()
    shown: frozenset[str] = frozenset()
    widths: Mapping[str, int] = field(default_factory=dict)

    def of(self, columns: Sequence[Column]) -> tuple[Column, ...]:
        """The columns to show, from left to right. Where a person has chosen, those leave first
        that leave first in the table as it was made; then the ones on the right."""
        if not self.order:
            return tuple(column for column in columns if not column.extra)
        known = {column.key: column for column in columns}
        chosen = [known[key] for key in self.order if key in self.shown and key in known]
        return tuple(
            replace(self._sized(column), rank=column.rank * len(columns) + place)
            for place, column in enumerate(chosen)
        )

    def _sized(self, column: Column) -> Column:
        width = self.widths.get(column.key)
        return column if width is None else replace(column, width=width, grow=0)

    def toggled(self, key: str) -> Layout:
        """The same with a column shown or not; the last one that is shown stays."""
        shown = self.shown ^ {key}
        return replace(self, shown=shown) if shown else self

    def moved(self, key: str, by: int) -> Layout:
        """The same with a column `by` places further to the right."""
        order = [one for one in self.order if one != key]
        place = min(max(self.order.index(key) + by, 0), len(order))
        return replace(self, order=(*order[:place], key, *order[place:]))

    def sized(self, key: str, width: int) -> Layout:
        """The same with a column of `width` cells."""
        return replace(self, widths={**self.widths, key: min(max(width, NARROWEST), WIDEST)})

    @property
    def raw(self) -> list[list[Any]] | None:
        """As it is kept: key, shown, width of each; None for a table as it was made."""
        if not self.order:
            return None
        return [[key, key in self.shown, self.widths.get(key)] for key in self.order]


def as_made(columns: Sequence[Column]) -> Layout:
    """The table as it was made, spelt out so that it can be changed."""
    return Layout(
        tuple(column.key for column in columns),
        frozenset(column.key for column in columns if not column.extra),
    )


def kept(raw: object, columns: Sequence[Column]) -> Layout:
    """What `Layout.raw` was, of another version perhaps: columns that are not known any more are
    left out, new ones stand where they were made, at the end. Nonsense is the table as made."""
    order: list[str] = []
    shown: set[str] = set()
    widths: dict[str, int] = {}
    known = {column.key for column in columns}
    for one in raw if isinstance(raw, list) else []:
        match one:
            case [str(key), bool(is_shown), width] if key in known and key not in order:
                order.append(key)
                if is_shown:
                    shown.add(key)
                if type(width) is int and NARROWEST <= width <= WIDEST:
                    widths[key] = width
    if not shown:
        return Layout()
    fresh = [column for column in columns if column.key not in order]
    order += [column.key for column in fresh]
    shown |= {column.key for column in fresh if not column.extra}
    return Layout(tuple(order), frozenset(shown), widths)
