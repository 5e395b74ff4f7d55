"""What the terminal shows now, cell by cell, and the least to write for what it is to show next.

Textual repaints whatever may have changed. Over a slow line that is most of the wait for a key, and
most of it is on the screen already. Everything that is drawn passes here once more: cells that look
the same are left out, colours are written where they change, and lines that only moved up or down
(a table that scrolls) are moved by the terminal itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import compress
from operator import gt, is_not, ne, or_

from rich.color import ColorSystem
from rich.segment import Segment

from pm_tui.tui.lean.cells import REST, cells, mend
from pm_tui.tui.lean.looks import PLAIN, Look, change, look_of

Span = tuple[int, int, Iterable[Segment]]  # line, column, what stands there from now on
Piece = tuple[int, int]  # of a line: its column, and the one after it
UNKNOWN = "\0"  # never drawn, so that it is never what is wanted
GAP = 4  # cells that are cheaper written again than stepped over
TORN = 4  # cells of a line (a scrollbar's) that may move for a moment and come back
LINES = 6  # fewer of them that moved are not worth the words for it
SAVED = 40  # cells: as those cost about a byte each, and moving lines costs about thirty


class Row:
    """A line of the screen."""

    __slots__ = ("letters", "looks")

    def __init__(self, letters: list[str], looks: list[Look]) -> None:
        self.letters, self.looks = letters, looks

    @classmethod
    def unknown(cls, width: int) -> Row:
        return cls([UNKNOWN] * width, [PLAIN] * width)

    def copy(self) -> Row:
        return Row(self.letters.copy(), self.looks.copy())

    def same(self, other: Row) -> bool:
        return self.letters == other.letters and self.looks == other.looks

    def differs_from(self, other: Row) -> list[bool]:
        """Cell by cell."""
        letters = map(ne, self.letters, other.letters)
        looks = map(is_not, self.looks, other.looks)
        return list(map(or_, letters, looks))

    def write(self, column: int, segments: Iterable[Segment], colors: ColorSystem) -> int:
        """Returns the column after the last."""
        for text, style, _control in segments:
            room = len(self.letters) - column
            letters = cells(text)[: max(room, 0)]
            look = look_of(style, colors)
            looks = [look] * len(letters)
            if look.blank is not look and " " in text:
                blank = look.blank
                looks = [blank if letter == " " else look for letter in letters]
            end = column + len(letters)
            self.letters[column:end], self.looks[column:end] = letters, looks
            column = end
        return column


class Shown:
    """The memory of one terminal."""

    def __init__(self) -> None:
        self._rows: list[Row] = []
        self._width = 0

    def forget(self) -> None:
        """Nobody knows what the terminal shows: all that is drawn is written."""
        self._rows = [Row.unknown(self._width) for _row in self._rows]

    def paint(
        self,
        size: tuple[int, int],
        spans: Iterable[Span],
        colors: ColorSystem,
        *,
        whole: bool = True,
    ) -> str:
        """What to write for a screen of `size` to show `spans`; empty when it does already.

        `whole` says that the terminal shows all of it at once, so that nobody sees what is moved
        for a moment and put back.
        """
        width, height = size
        if (self._width, len(self._rows)) != size:
            self._width = width
            self._rows = [Row.unknown(width) for _line in range(height)]
        wanted: dict[int, Row] = {}
        pieces: Counter[Piece] = Counter()
        for line, column, segments in spans:
            if 0 <= line < height:
                row = wanted.get(line) or wanted.setdefault(line, self._rows[line].copy())
                pieces[column, row.write(column, segments, colors)] += 1
        for line, row in list(wanted.items()):
            if REST in row.letters:
                mend(row.letters)
            if row.same(self._rows[line]):
                del wanted[line]
        out = self._scroll(wanted, pieces, whole) if len(wanted) >= LINES else []
        current = PLAIN
        for line in sorted(wanted):
            if wanted[line].same(self._rows[line]):  # since it was moved
                continue
            current = _rewrite(line, self._rows[line], wanted[line], current, out)
            self._rows[line] = wanted[line]
        if current is not PLAIN:
            out.append(change(current, PLAIN))
        return "".join(out)

    def _scroll(self, wanted: dict[int, Row], pieces: Counter[Piece], whole: bool) -> list[str]:
        """Let the terminal move lines, where that leaves less to be written."""
        by, top, bottom = _moved(self._rows, wanted, pieces)
        if not by or bottom - top < LINES:
            return []
        old = self._rows[top : bottom + 1]
        blank = [Row.unknown(self._width) for _line in range(abs(by))]
        moved = [*old[by:], *blank] if by > 0 else [*blank, *old[:by]]
        new = [wanted.get(line, self._rows[line]) for line in range(top, bottom + 1)]
        before = [one.differs_from(row) for one, row in zip(old, new, strict=True)]
        after = [one.differs_from(row) for one, row in zip(moved, new, strict=True)]
        if sum(map(sum, before)) - sum(map(sum, after)) < SAVED:
            return []
        if not whole and any(
            sum(map(gt, *cells)) > TORN for cells in zip(after, before, strict=True) if cells
        ):
            return []
        for line, row in enumerate(new, top):  # what stood still has moved with its neighbours
            wanted[line] = row
        self._rows[top : bottom + 1] = moved
        # lines between margins, as VT102 has them: every terminal does (not every one scrolls)
        move = f"\x1b[{abs(by)}{'M' if by > 0 else 'L'}"
        return [f"\x1b[{top + 1};{bottom + 1}r\x1b[{top + 1}H{move}\x1b[r"]


def _moved(rows: list[Row], wanted: dict[int, Row], pieces: Counter[Piece]) -> tuple[int, int, int]:
    """How far what was written in one place of the lines (the table's, not the pane's beside it)
    has moved up (below 0: down), and the first and the last line of the part that moved."""
    best: tuple[int, int, int] = 0, 0, 0
    most = 0
    for (column, end), count in pieces.items():
        if count < LINES:
            continue
        ways = _ways([row.letters[column:end] for row in rows], wanted, column, end)
        for by, lines in ways.items():
            if len(lines) * (end - column) > most:
                most = len(lines) * (end - column)
                best = by, min(*lines, min(lines) + by), max(*lines, max(lines) + by)
    return best


def _ways(
    stood: list[list[str]], wanted: dict[int, Row], column: int, end: int
) -> dict[int, list[int]]:
    """The lines that moved, by how far."""
    texts = ["".join(letters) for letters in stood]
    once = {text: line for line, text in enumerate(texts) if texts.count(text) == 1}
    ways: dict[int, list[int]] = {}
    for line, row in wanted.items():
        was = once.get("".join(row.letters[column:end]), line)
        if was != line:
            ways.setdefault(was - line, []).append(line)
    return ways


def _rewrite(line: int, old: Row, new: Row, current: Look, out: list[str]) -> Look:
    """Write the cells of a line that are different; the look that was written last."""
    letters, looks = new.letters, new.looks
    dirty = _dirty(old, new)
    at = -1  # where the terminal writes next; nowhere known
    for column in dirty:
        letter, look = letters[column], looks[column]
        if column != at:
            if 0 <= at < column <= at + GAP and all(
                one is current or (letter == " " and current.blank is one)
                for letter, one in zip(letters[at:column], looks[at:column], strict=True)
            ):
                out += letters[at:column]
            else:
                out.append(_move(line, column, at))
        if look is not current and not (letter == " " and current.blank is look):
            out.append(change(current, look))
            current = look
        if len(letter) > 1:  # uncertain how far it reaches: nothing old may show beside it
            out.append(f"{' ' * _width(letters, column)}\x1b[{column + 1}G")
        out.append(letter)
        wide = len(letter) > 1 or letters[column + 1 : column + 2] == [REST]
        at = -1 if wide else column + 1
    return current


def _width(letters: list[str], column: int) -> int:
    end = column + 1
    while end < len(letters) and letters[end] == REST:
        end += 1
    return end - column


def _dirty(old: Row, new: Row) -> list[int]:
    """The columns to write."""
    letters = map(ne, old.letters, new.letters)
    looks = map(is_not, old.looks, new.looks)
    dirty = list(compress(range(len(new.letters)), map(or_, letters, looks)))
    if dirty and (REST in old.letters or REST in new.letters):
        first, end = dirty[0], dirty[-1] + 1
        while first and REST in (old.letters[first], new.letters[first]):
            first -= 1
        while end < len(new.letters) and REST in (old.letters[end], new.letters[end]):
            end += 1
        return [column for column in range(first, end) if new.letters[column] != REST]
    return dirty


def _move(line: int, column: int, at: int) -> str:
    if 0 <= at < column:
        return f"\x1b[{column - at if column - at > 1 else ''}C"
    return f"\x1b[{line + 1};{column + 1}H" if column else f"\x1b[{line + 1}H"
