"""Real places in which a program cannot write: a small filesystem, a read-only one, none at all.

Rights are no fault for root, which runs the tests in a container: so a process gets mounts of its
own (`unshare`), where the system lets it have them.
"""

from __future__ import annotations

import functools
import subprocess
from pathlib import Path

import pytest

SMALL = 700  # kB: enough for an account's files, and soon full
# `$1` is the folder, the rest the program
_SETUP = {
    "small": 'mount -t tmpfs -o "size={size}k,mode=700" small "$1"',
    "read-only": 'mount -t tmpfs -o "size={size}k,mode=700" small "$1"; mount -o remount,ro "$1"',
}


@functools.cache
def mounts_are_possible() -> bool:
    probe = ["unshare", "-rm", "sh", "-ec", "mount -t tmpfs -o size=64k small /mnt"]
    try:
        return subprocess.run(probe, capture_output=True, timeout=20, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


needs_mounts = pytest.mark.skipif(
    not mounts_are_possible(), reason="no mount namespaces for us on this system"
)


def inside(kind: str, folder: Path, *command: str) -> list[str]:
    """The command line that runs `command` where `folder` is such a place."""
    folder.mkdir(mode=0o700, exist_ok=True)
    script = _SETUP[kind].format(size=SMALL) + '; shift; exec "$@"'
    return ["unshare", "-rm", "sh", "-ec", script, "sh", str(folder), *command]


def seen_by(pid: int, folder: Path) -> Path:
    """A folder as a process inside sees it."""
    return Path(f"/proc/{pid}/root{folder}")


def fill(folder: Path) -> Path:
    """Leave not a byte free; the file that takes the place."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (4096, 1):
            try:
                while file.write(b"\0" * size):
                    pass
            except OSError:
                continue
    return filler
