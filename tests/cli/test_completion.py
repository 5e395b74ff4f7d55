"""Completion scripts: each shell's own reader takes them, where that shell is installed."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from pm_tui.cli import main
from pm_tui.cli.completion import script


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_every_verb_and_flag_is_in_the_script(
    shell: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["completion", shell]) == 0
    text = capsys.readouterr().out
    for word in ("search", "bookings", "booking", "usage", "config", "completion", "sandbox"):
        assert word in text
    for flag in ("reservable", "timezone", "confirm-seconds", "watch"):
        assert flag in text
    assert "CONFIRMED" in text
    assert "chademo" in text


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_shell_can_read_it(shell: str, tmp_path: Path) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    path = tmp_path / "completion"
    path.write_text(script(shell))
    subprocess.run([shell, "-n", path], check=True)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        (["boo"], {"book", "bookings", "booking"}),
        (["search", "--res"], {"--reservable"}),
        (["search", "x", "--connector", "cc"], {"ccs", "ccs1"}),
        (["bookings", "--status", "CO"], {"CONFIRMED", "COMPLETED"}),
        (["completion", ""], {"bash", "zsh", "fish"}),
    ],
)
def test_bash_completes(typed: list[str], expected: set[str], tmp_path: Path) -> None:
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("bash is not installed")
    path = tmp_path / "completion"
    path.write_text(script("bash"))
    words = " ".join(f"'{word}'" for word in ("pm-tui", *typed))
    code = (
        f"source {path}; COMP_WORDS=({words}); COMP_CWORD={len(typed)}; "
        f"_shtab_pm_tui; printf '%s\\n' \"${{COMPREPLY[@]}}\""
    )
    done = subprocess.run([bash, "-c", code], capture_output=True, text=True, check=True)
    assert {word.strip() for word in done.stdout.split()} == expected
