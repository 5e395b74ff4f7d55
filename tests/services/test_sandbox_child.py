"""The sandbox's process runs our code only, and is told nothing that is not for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from pm_tui.services.sandbox_child import SandboxChild
from tests.canary import KEY as CANARY


async def test_neither_the_folder_nor_the_live_key_reaches_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    planted = tmp_path / "shared"
    planted.mkdir()
    marker = planted / "ran"
    (planted / "random.py").write_text(f"open({str(marker)!r}, 'w').close()\n")
    monkeypatch.chdir(planted)
    monkeypatch.setenv("PM_TUI_API_KEY", CANARY)
    child = SandboxChild(tmp_path / "state")
    try:
        gateway = await child.start()
        assert not marker.exists()
        assert gateway.api_key != CANARY
        assert child._process is not None
        environment = Path(f"/proc/{child._process.pid}/environ")
        if environment.exists():  # Linux tells what a process was given
            assert CANARY.encode() not in environment.read_bytes()
    finally:
        await child.stop()
