"""The pictures of the README: `python -m tests.screenshots` makes them from the running app.

The app runs headless against a real sandbox. Seed and clock are fixed on both sides, so that the
same code makes the same pictures, byte for byte. `--sheets FOLDER` makes another kind: `sheets`.
"""

from __future__ import annotations

import asyncio
import html
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Generic, TypeVar
from unittest.mock import patch

import time_machine
from textual.app import App
from textual.pilot import Pilot

from pm_tui import config, i18n
from pm_tui.api.clock import Clock
from pm_tui.tui.app import PmTuiApp
from tests.frozen_sandbox import NOW, start_frozen_sandbox
from tests.kiosk_pictures import kiosk_app, visit
from tests.sandbox_process import ROOT, Sandbox

A = TypeVar("A", bound=App[Any])
FOLDER = ROOT / "screenshots"
WIDE, SMALL = (120, 40), (80, 24)
AWAY = timedelta(hours=3, minutes=12)
PATIENCE = 20.0  # seconds for anything to show
QUIET = 3  # looks in a row, a tenth of a second apart, that must be the same
FONTS = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)
CELL = 12.2  # units of the picture that a character is wide
TEXTS = re.compile(r'<text [^>]*?x="([\d.]+)"[^>]*?line-(\d+)\)"[^>]*>([^<]*)</text>')


def take(folder: Path) -> list[Path]:
    """Make all pictures in `folder`; gives their paths. `TimeoutError` tells what was seen."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch, _frozen() as clock:
        root = Path(scratch)
        with start_frozen_sandbox(root / "gateway") as sandbox:
            settings = _settings(sandbox, root)
            kiosk = Camera(kiosk_app(settings), folder)
            asyncio.run(visit(kiosk.app, sandbox, kiosk.shoot))
        with start_frozen_sandbox(root / "gateway-2") as sandbox:
            app = PmTuiApp(_settings(sandbox, root / "2"))
            camera = Camera(app, folder, lambda: _is_answered(app))
            asyncio.run(_tour(camera, sandbox, clock))
    return camera.made + kiosk.made


@contextmanager
def _frozen() -> Iterator[time_machine.Traveller]:
    """Hold time, chance and language: the rate limit's clock stands with the time of day, and a
    lost line is tried again as soon as may be."""
    before = i18n.language()
    i18n.use("en")
    held = patch.multiple(Clock, monotonic=lambda _self: time.time(), roll=lambda _self: 0.0)
    with time_machine.travel(NOW, tick=False) as clock, held:
        try:
            yield clock
        finally:
            i18n.use(before)


def _settings(sandbox: Sandbox, root: Path) -> config.Settings:
    root.mkdir(exist_ok=True)
    file = root / "config.toml"
    file.touch(mode=0o600)
    file.write_text(f'[profiles.demo]\napi_key = "{sandbox.api_key}"\n')
    flags = {"config": str(file), "profile": "demo", "base_url": sandbox.base_url}
    flags |= {"timezone": "Europe/Berlin", "language": "en", "cache_dir": str(root / "cache")}
    return config.load(flags, {"PM_TUI_STATE_DIR": str(root / "state")})


def _is_answered(app: PmTuiApp) -> bool:
    return app.known.result is not None and not app.connection.requests_open


@dataclass
class Camera(Generic[A]):
    """`is_quiet`: whether nothing more is to be waited for than the words."""

    app: A
    folder: Path
    is_quiet: Callable[[], bool] = lambda: True
    made: list[Path] = field(default_factory=list)

    def look(self) -> str:
        """The screen as SVG, without fonts from elsewhere: who looks at it loads nothing."""
        return FONTS.sub("", self.app.export_screenshot(simplify=True))

    async def wait(self, pilot: Pilot[None], *words: str) -> None:
        """Wait until the words are on the screen, all is answered and nothing changes any more."""
        before, quiet, deadline = "", 0, time.monotonic() + PATIENCE
        while quiet < QUIET:
            await pilot.pause(0.1)
            strips = self.app.screen._compositor.render_strips()
            seen = "\n".join(strip.text for strip in strips)
            is_there = self.is_quiet() and all(word in seen for word in words)
            quiet = quiet + 1 if is_there and seen == before else 0
            before = seen
            if time.monotonic() > deadline:
                raise TimeoutError(f"not seen or not quiet: {words}\n{seen}")

    async def shoot(self, pilot: Pilot[None], name: str, *words: str) -> None:
        await self.wait(pilot, *words)
        self.made.append(self.folder / f"{name}.svg")
        self.made[-1].write_text(self.look(), encoding="utf-8")


async def _tour(camera: Camera[PmTuiApp], sandbox: Sandbox, clock: time_machine.Traveller) -> None:
    """Through the views with the keys, as a person would."""
    async with camera.app.run_test(size=SMALL, notifications=True) as pilot:
        await camera.wait(pilot, "synced")
        await pilot.press(*"Berlin", "enter")
        await camera.wait(pilot, "25 km round Berlin")
        await pilot.press("down", "down", "down")
        await camera.shoot(pilot, "find-80x24")
        await pilot.resize_terminal(*WIDE)
        await pilot.press("g", "down", "down", "down")
        await camera.shoot(pilot, "find", "25 km")
        await pilot.press("b")
        await camera.shoot(pilot, "booking-form", "Ready to book")
        await pilot.press("escape", "2")
        await camera.shoot(pilot, "bookings", "✓ confirmed", "live")
        await pilot.press("1")
        await camera.wait(pilot, "25 km round Berlin")
        sandbox.stop()
        clock.shift(AWAY)
        await pilot.press("r")
        await camera.shoot(pilot, "offline", "OFFLINE COPY", "offline since")


def visible_text(svg: str) -> str:
    """What can be read in a picture, line by line: no colours, no ids, no title."""
    lines: dict[int, str] = {}
    for x, number, text in sorted(TEXTS.findall(svg), key=lambda found: float(found[0])):
        column = round(float(x) / CELL)
        words = html.unescape(text).replace("\xa0", " ")
        lines[int(number)] = lines.get(int(number), "").ljust(column) + words
    return "\n".join(lines[number].rstrip() for number in sorted(lines))


def main(arguments: list[str]) -> None:
    """With `--sheets FOLDER` every view at every size and look instead, for a person to look at."""
    if arguments[:1] == ["--sheets"]:
        from tests import sheets

        made: Iterable[Path] = sheets.take(Path(arguments[1]))
    else:
        made = take(Path(arguments[0]) if arguments else FOLDER)
    for path in made:
        print(path)


if __name__ == "__main__":
    main(sys.argv[1:])
