"""The map beside the table: the same rows, the same chosen one, seen from above.

It draws lines of cells and repaints those cells only that became different: following the table's
cursor costs two cells.
"""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import wrap
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Offset, Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from pm_tui.i18n import N_, _
from pm_tui.tui.map.legend import lines as legend_lines
from pm_tui.tui.map.marks import Marks
from pm_tui.tui.map.picture import Picture, Scene, draw, runs
from pm_tui.tui.map.plane import Window, fitting

ZOOM = 4  # levels a key; the wheel goes half as many
STEP = 5  # a key moves the window by this part of it
LEGEND = (5, 9, 20)  # lines of the pane from which the legend has a first, second and third
KINDS = ("ring", "edge", "leg", "label", "town", "here", "free", "unknown", "taken")


class MapPane(Widget, can_focus=True):
    """`show` what there is, `follow` the chosen one. With `ascii` it draws in ASCII alone."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"map--{kind}" for kind in KINDS}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("plus,equals_sign", "zoom(-1)", N_("Closer"), id="map.closer", key_display="+"),
        Binding("minus", "zoom(1)", N_("Wider"), id="map.wider", key_display="-"),
        Binding("0", "fit", N_("All"), tooltip=N_("Show all on the map"), id="map.fit"),
        Binding("up,k", "go(0, -1)", N_("Charger above"), show=False, id="map.up"),
        Binding("down,j", "go(0, 1)", N_("Charger below"), show=False, id="map.down"),
        Binding("left,h", "go(-1, 0)", N_("Charger to the left"), show=False, id="map.left"),
        Binding("right,l", "go(1, 0)", N_("Charger to the right"), show=False, id="map.right"),
        Binding("space", "mate", N_("Next in the same place"), show=False, id="map.mate"),
        Binding("shift+up,K", "pan(0, -1)", N_("Move the map up"), show=False, id="map.pan_up"),
        Binding(
            "shift+down,J", "pan(0, 1)", N_("Move the map down"), show=False, id="map.pan_down"
        ),
        Binding(
            "shift+left,H", "pan(-1, 0)", N_("Move the map left"), show=False, id="map.pan_left"
        ),
        Binding(
            "shift+right,L", "pan(1, 0)", N_("Move the map right"), show=False, id="map.pan_right"
        ),
    ]

    @dataclass
    class Picked(Message):
        """A charger was chosen on the map; `again`: the one that was chosen already."""

        key: str
        again: bool = False

    def __init__(self, *, id: str, ascii: bool = False) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._ascii = ascii
        self._scene = Scene(marks=Marks(ascii=ascii))
        self._message = ""
        self._key: str | None = None
        self._window: Window | None = None  # None until there is a size
        self._own_view = False  # the person has moved or zoomed: then nothing else does
        self._picture = Picture(0, 0, [], [])
        self._legend: list[list[tuple[str, str]]] = []
        self._looks: dict[str, Style] = {}
        self._dragged: Offset | None = None
        self._was_dragged = False
        self._drawing = False

    def on_mount(self) -> None:
        self.border_title = _("Map")

    # -- what is shown -------------------------------------------------------

    def show(self, scene: Scene, key: str | None, *, message: str, anew: bool) -> None:
        """Show `scene` with the chosen `key`; `anew`: as a whole, whatever was looked at. A
        `message` stands above it (why there is nothing)."""
        self._scene, self._message, self._key = scene, message, key
        scene.marks.ascii = self._ascii
        if anew:
            self._own_view = False
        if not self._own_view and self._window is not None:
            self._window = fitting(scene.extent, self._window.width, self._window.height)
        self._redraw()

    def follow(self, key: str | None) -> None:
        """Another one is chosen: bring it into the window, around it where it was not seen."""
        if key == self._key:
            return
        before, self._key = self._chosen_cell(), key
        mark, window = self._scene.marks.get(key), self._window
        if (
            mark is not None
            and window is not None
            and not window.holds(*window.cell(mark.x, mark.y))
        ):
            self._look(window.around(mark.x, mark.y))
            return
        for cell in {before, self._chosen_cell()} - {None}:
            if cell is not None:
                self.refresh(Region(*cell, 1, 1))

    @property
    def window(self) -> Window | None:
        """What part of the plane is seen."""
        return self._window

    @property
    def chosen(self) -> str | None:
        """The key of the chosen one."""
        return self._key

    def on_resize(self) -> None:
        most = sum(self.size.height >= least for least in LEGEND)
        self._legend = legend_lines(self.size.width, most, ascii=self._ascii)
        width, height = self.size.width, self.size.height - len(self._legend)
        if width < 1 or height < 1:
            return
        if self._window is None or not self._own_view:
            self._window = fitting(self._scene.extent, width, height)
        else:
            self._window = self._window.sized(width, height)
        self._redraw()

    # -- drawing -------------------------------------------------------------

    def _look(self, window: Window) -> None:
        """Look at another part; of a burst of keys the last one is drawn."""
        self._window = window
        if not self._drawing:
            self._drawing = True
            self.call_next(self._redraw)

    def _redraw(self) -> None:
        """Draw anew, and refresh of each line what is different."""
        self._drawing = False
        if self._window is None:
            return
        old, new = self._picture, draw(self._scene, self._window)
        self._picture = new
        for row, text in enumerate(wrap(self._message, max(new.width - 2, 1))):
            for column, letter in enumerate(text):
                new.put(column + 1, row, letter, "label")
        if (old.width, old.height) != (new.width, new.height):
            self.refresh()
            return
        for row in range(new.height):
            texts, kinds = new.line(row)
            before = old.line(row)
            if (texts, kinds) != before:
                changed = [
                    at
                    for at, pair in enumerate(zip(texts, kinds, *before, strict=True))
                    if pair[:2] != pair[2:]
                ]
                self.refresh(Region(changed[0], row, changed[-1] - changed[0] + 1, 1))
        # what was chosen may have moved without a change below it
        if (cell := self._chosen_cell()) is not None:
            self.refresh(Region(*cell, 1, 1))

    def _chosen_cell(self) -> tuple[int, int] | None:
        """Where the chosen one is in the picture, if it is seen."""
        mark, window = self._scene.marks.get(self._key), self._window
        if mark is None or window is None:
            return None
        column, row = window.cell(mark.x, mark.y)
        if not window.holds(column, row):
            return None
        return column - window.left, row - window.top

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._looks.clear()

    def _style(self, kind: str) -> Style:
        found = self._looks.get(kind)
        if found is None:
            name, _dash, shared = kind.partition("-")
            found = self.get_component_rich_style(f"map--{name}") if name else self.rich_style
            if shared:
                found += Style(underline=True)
            self._looks[kind] = found
        return found

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        if y < self._picture.height:
            texts, kinds = self._picture.line(y)
            cell = self._chosen_cell()
            if cell is not None and cell[1] == y:
                at = cell[0]
                pieces = [
                    *self._segments(texts[:at], kinds[:at]),
                    Segment(texts[at], self._style(kinds[at]) + Style(reverse=True, bold=True)),
                    *self._segments(texts[at + 1 :], kinds[at + 1 :]),
                ]
            else:
                pieces = self._segments(texts, kinds)
        else:
            line = y - self._picture.height
            parts = self._legend[line] if line < len(self._legend) else []
            pieces = [Segment(text, self._style(kind)) for text, kind in parts]
        return Strip(pieces).adjust_cell_length(width, self._style(""))

    def _segments(self, texts: list[str], kinds: list[str]) -> list[Segment]:
        return [Segment(text, self._style(kind)) for text, kind in runs(texts, kinds)]

    # -- keys ----------------------------------------------------------------

    def action_zoom(self, way: int) -> None:
        """Around the chosen one where it is seen."""
        if self._window is not None:
            self._own_view = True
            self._look(self._window.zoomed(way * ZOOM, self._chosen_cell()))

    def action_pan(self, columns: int, rows: int) -> None:
        if (window := self._window) is not None:
            self._own_view = True
            by = (columns * max(window.width // STEP, 1), rows * max(window.height // STEP, 1))
            self._look(window.moved(*by))

    def action_fit(self) -> None:
        if (window := self._window) is not None:
            self._own_view = False
            self._look(fitting(self._scene.extent, window.width, window.height))

    def action_go(self, columns: int, rows: int) -> None:
        """To the next one that way; where none is chosen, to the one nearest to the middle."""
        if (window := self._window) is None:
            return
        marks = self._scene.marks
        mark = marks.get(self._key)
        if mark is None:
            found = marks.nearest(*window.middle)
        else:
            found = marks.beside(mark, columns, rows, window)
        if found is not None:
            self.post_message(self.Picked(found.key))

    def action_mate(self) -> None:
        mark = self._scene.marks.get(self._key)
        if mark is not None and self._window is not None:
            mate = self._scene.marks.mate(mark, self._window)
            if mate is not mark:
                self.post_message(self.Picked(mate.key))

    # -- the mouse -----------------------------------------------------------

    def on_click(self, event: events.Click) -> None:
        """The charger there or nearest to there; once more for the next one in the same cell, or
        for its details where it is alone."""
        at = event.get_content_offset(self)
        window = self._window
        if self._was_dragged or at is None or window is None:
            return
        if at.y >= window.height:
            return
        column, row = window.left + at.x, window.top + at.y
        chosen = self._scene.marks.get(self._key)
        if chosen is not None and window.cell(chosen.x, chosen.y) == (column, row):
            mate = self._scene.marks.mate(chosen, window)
            self.post_message(self.Picked(mate.key, again=mate is chosen))
        elif (found := self._scene.marks.nearest(*window.centre(column, row))) is not None:
            self.post_message(self.Picked(found.key))

    def on_mouse_down(self, event: events.MouseDown) -> None:
        self._dragged, self._was_dragged = event.screen_offset, False
        self.capture_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self._dragged is None or self._window is None:
            return
        moved = event.screen_offset - self._dragged
        if moved != Offset(0, 0):
            self._dragged, self._was_dragged, self._own_view = event.screen_offset, True, True
            self._look(self._window.moved(-moved.x, -moved.y))

    def on_mouse_up(self) -> None:
        self._dragged = None
        self.release_mouse()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self._zoom_at(event, -ZOOM // 2)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self._zoom_at(event, ZOOM // 2)

    def _zoom_at(self, event: events.MouseEvent, levels: int) -> None:
        """What is under the mouse stays there."""
        event.stop()
        at = event.get_content_offset(self)
        if at is not None and self._window is not None:
            self._own_view = True
            self._look(self._window.zoomed(levels, (at.x, at.y)))
