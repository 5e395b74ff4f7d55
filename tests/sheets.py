"""Every view at three sizes, dark, light and without colour: one picture a view, small enough to
keep. Made by `python -m tests.screenshots --sheets FOLDER`, from the running app and canned data.
"""

from __future__ import annotations

import asyncio
import html
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple, cast
from unittest.mock import patch

from rich.color import Color
from textual.color import Color as Colour
from textual.filter import LineFilter, Monochrome
from textual.strip import Strip

from pm_tui import config, i18n
from pm_tui.services.session import Session
from pm_tui.tui.app import PmTuiApp
from pm_tui.tui.themes import DARK, LIGHT
from pm_tui.tui.widgets.map_pane import MapPane
from tests.fakes import NOON
from tests.tui import test_snapshots as steps
from tests.tui.canned import CannedSession, a_record
from tests.tui.driving import Driven, until

SIZES = ((80, 24), (120, 40), (200, 60))
WIDTH, HEIGHT, GAP = 7, 15, 14  # of a cell and between two pictures, in units of the sheet
LOOKS: tuple[tuple[str, LineFilter | None], ...] = (
    (DARK, None), (LIGHT, None), (DARK, Monochrome()),
)  # fmt: skip


async def with_the_map(seen: Driven) -> None:
    await steps.found(seen)
    await seen.press("m")
    await until(lambda: "town" in seen.app.screen.query_one(MapPane)._picture.kinds, "the map")


async def in_the_requests(seen: Driven) -> None:
    session: Any = await seen.app.session()
    session.record, session.host = a_record(), SimpleNamespace(common=None)
    await seen.press("f9")
    await until(lambda: seen.screen_name == "RequestsView" and seen.rows, "the rows")
    await seen.press("down", "down")


VIEWS: Mapping[str, steps.Steps] = {
    "find": steps.found,
    "map": with_the_map,
    "booking-form": steps.in_the_form,
    "bookings": steps.in_the_bookings,
    "cancel": steps.asked_to_cancel,
    "change": steps.asked_to_change_later,
    "table": steps.with_a_checked_table,
    "report": steps.in_a_report,
    "home": steps.at_home_without_a_scope,
    "requests": in_the_requests,
    "help": steps.in_the_help,
}


class Look(NamedTuple):
    """How a run of characters looks."""

    ink: str
    ground: str
    bold: bool


Drawn = list[list[tuple[str, Look]]]


def take(folder: Path, views: Iterable[str] = VIEWS) -> Iterator[Path]:
    """Make the sheet of each of `views` in `folder`; gives their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    before = i18n.language()
    kept = {name: os.environ[name] for name in os.environ.keys() - {"NO_COLOR", "TEXTUAL_THEME"}}
    with tempfile.TemporaryDirectory() as home:
        env = kept | {"HOME": home, "COLORTERM": "truecolor"}
        with patch.dict(os.environ, env, clear=True):
            for view in views:
                path = folder / f"{view}.svg"
                path.write_text(sheet(asyncio.run(_drawn(VIEWS[view], home))), encoding="utf-8")
                yield path
    i18n.use(before)


async def _drawn(way: steps.Steps, home: str) -> list[list[Drawn]]:
    """A row of pictures a size, in it one a look."""
    i18n.use("en")
    env = {"HOME": "/nowhere", "PM_TUI_CONFIG": "/dev/null", "PM_TUI_TIMEZONE": "Europe/Berlin"}
    rows = []
    for size in SIZES:
        # a home for each: what one remembers is not the next one's
        state = tempfile.mkdtemp(dir=home)
        env |= {"PM_TUI_CACHE_DIR": f"{state}/cache", "PM_TUI_STATE_DIR": f"{state}/state"}
        settings = config.load({"language": "en", "theme": DARK}, env)
        app = PmTuiApp(
            settings, now=lambda: NOON, session=lambda: cast(Session, CannedSession("live"))
        )
        async with app.run_test(size=size, notifications=True) as pilot:
            seen = Driven(app, pilot)
            await until(lambda app=app: app.known.result is not None, "the bookings")  # type: ignore[misc]
            await until(lambda app=app: app.gazetteer is not None, "the places")  # type: ignore[misc]
            await until(lambda app=app: app.screen.query("#filter"), "the whole view")  # type: ignore[misc]
            await way(seen)
            row = []
            for theme, without in LOOKS:
                app.theme = theme
                await pilot.pause()
                await steps.settled(seen)
                row.append(_cells(app.screen._compositor.render_strips(), without))
            rows.append(row)
    return rows


def _cells(strips: list[Strip], last: LineFilter | None) -> Drawn:
    if last is not None:
        strips = [strip.apply_filter(last, Colour(0, 0, 0)) for strip in strips]
    return [[(text, _look(style)) for text, style, _control in strip if text] for strip in strips]


def _look(style: object) -> Look:
    ink, ground = (_hex(getattr(style, name, None), usual) for name, usual in USUAL)
    if getattr(style, "reverse", False):
        ink, ground = ground, ink
    return Look(ink, ground, bool(getattr(style, "bold", False)))


USUAL = (("color", "#d0d0d0"), ("bgcolor", "#000000"))


def _hex(colour: Color | None, usual: str) -> str:
    return usual if colour is None else colour.get_truecolor().hex


def sheet(rows: list[list[Drawn]]) -> str:
    """The pictures as one SVG: grounds are rectangles, and every text has its length told, so that
    any font of even width will do."""
    looks: dict[Look, str] = {}
    body: list[str] = []
    y = widest = GAP
    for row in rows:
        x = GAP
        for drawn in row:
            body += _picture(drawn, x, y, looks)
            x += sum(len(text) for text, _look in drawn[0]) * WIDTH + GAP
        y += len(row[0]) * HEIGHT + GAP
        widest = max(widest, x)
    styles = [
        f".{name}{{fill:{look.ink}{';font-weight:bold' if look.bold else ''}}}"
        for look, name in looks.items()
    ]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {widest} {y}">',
            f"<style>text{{font:{HEIGHT - 3}px monospace;white-space:pre}}",
            *styles,
            "</style>",
            f'<rect width="{widest}" height="{y}" fill="#808080"/>',
            *body,
            "</svg>\n",
        ]
    )


def _picture(drawn: Drawn, left: int, top: int, looks: dict[Look, str]) -> Iterator[str]:
    for n, row in enumerate(drawn):
        y, x = top + n * HEIGHT, left
        for ground, run in groupby(row, key=lambda piece: piece[1].ground):
            width = sum(len(text) for text, _look in run) * WIDTH
            yield f'<rect x="{x}" y="{y}" width="{width}" height="{HEIGHT}" fill="{ground}"/>'
            x += width
        x = left
        for look, run in groupby(row, key=lambda piece: piece[1]):
            text = "".join(piece for piece, _look in run)
            if words := text.strip():
                name = looks.setdefault(look, f"a{len(looks)}")
                at = x + (len(text) - len(text.lstrip())) * WIDTH
                yield (
                    f'<text class="{name}" x="{at}" y="{y + HEIGHT - 4}" '
                    f'textLength="{len(words) * WIDTH}">{html.escape(words)}</text>'
                )
            x += len(text) * WIDTH
