"""Opening an address in a browser, where there is one to be seen by whoever sits here."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping

Which = Callable[[str], str | None]


def opener(
    env: Mapping[str, str], which: Which = shutil.which, platform: str = sys.platform
) -> str | None:
    """The program that opens an address on this screen; None where there is none. Over SSH it
    would open on the other side, and a browser for terminals would write over ours."""
    if env.get("SSH_CONNECTION") or env.get("SSH_TTY"):
        return None
    if platform == "darwin":
        return which("open")
    if not (env.get("DISPLAY") or env.get("WAYLAND_DISPLAY")):
        return None
    chosen = env.get("BROWSER", "").partition(":")[0]
    if chosen and not set(chosen) & set("% "):
        return which(chosen)
    return which("xdg-open")


def open_address(program: str, address: str) -> subprocess.Popen[bytes]:
    """Raises `OSError` where it does not start. It outlives us and writes nowhere."""
    if not address.startswith("https://"):
        raise ValueError("only the web is opened")
    return subprocess.Popen(  # a program of the person's own, and an address of ours
        [program, address],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
