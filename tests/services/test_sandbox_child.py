"""The sandbox's process runs our code only, and is told nothing that is not for it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from pm_tui.sandbox.store import Store
from pm_tui.services.sandbox_child import SandboxChild, SandboxFailed
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


async def test_a_damaged_one_is_named_with_what_to_do_and_none_is_left_running(
    tmp_path: Path,
) -> None:
    (tmp_path / "sandbox.db").write_bytes(b"no database " * 1000)
    child = SandboxChild(tmp_path)
    with pytest.raises(SandboxFailed, match=r"sandbox\.db is damaged .*Move it away"):
        await child.start()
    assert child.is_gone, "waited for, else asyncio tells of it on the terminal"


def test_a_full_disk_is_called_full(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store._db.execute("PRAGMA max_page_count=1")
    with pytest.raises(sqlite3.OperationalError, match="full"), store.transaction():
        store.set_meta("large", "x" * 100_000)
    store.close()
