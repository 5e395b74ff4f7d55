"""What an import brings along: the screen waits for it."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    ("module", "without"),
    [
        ("pm_tui.models.query", ["pydantic", "httpx", "asyncio"]),
        ("pm_tui.models.text", ["pydantic", "httpx", "asyncio"]),
        ("pm_tui.models.search", ["pydantic", "httpx", "asyncio"]),
        ("pm_tui.api.errors", ["pydantic", "httpx", "asyncio"]),
        ("pm_tui.api.limits", ["pydantic", "httpx"]),
        ("pm_tui.models.booking", ["httpx", "asyncio"]),
        ("pm_tui.api.agent", ["click", "pygments", "textual", "rich"]),
    ],
)
def test_an_import_stays_light(module: str, without: list[str]) -> None:
    code = f"import sys, {module}; print([n for n in {without!r} if n in sys.modules])"
    line = [sys.executable, "-c", code]
    done = subprocess.run(line, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"
