"""Real places in which a program cannot write: a small filesystem, a read-only one, none at all.

Rights are no fault for root, which runs the tests in a container: so a process gets mounts of its
own (`unshare`), where the system lets it have them.
"""

from __future__ import annotations

import ctypes
import functools
import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

SMALL = 700  # kB: enough for an account's files, and soon full
_NEW_USER, _NEW_MOUNTS = 0x10000000, 0x00020000  # of <sched.h>
_SETUP = {
    "small": 'mount -t tmpfs -o "size={size}k,mode=700" small "$1"',
    "read-only": 'mount -t tmpfs -o "size={size}k,mode=700" small "$1"; mount -o remount,ro "$1"',
}
_SETUP["full"] = _SETUP["small"]  # and then filled


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
    """The module and arguments that run `command`, such ones too, where `folder` is such a
    place."""
    folder.mkdir(mode=0o700, exist_ok=True)
    return ["tests.faulty_places", kind, str(folder), *command]


def enter(kind: str, folder: Path) -> None:
    """Make `folder` such a place for this process, which must have one thread only, as
    `unshare --map-root-user --mount` would. Raises `OSError` or `CalledProcessError`."""
    user, group = os.getuid(), os.getgid()
    library = ctypes.CDLL(None, use_errno=True)
    if library.unshare(_NEW_USER | _NEW_MOUNTS) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    for file, line in (
        ("setgroups", "deny"),
        ("uid_map", f"0 {user} 1"),
        ("gid_map", f"0 {group} 1"),
    ):
        Path("/proc/self", file).write_text(line)
    script = "mount --make-rprivate /; " + _SETUP[kind].format(size=SMALL)
    subprocess.run(["/bin/sh", "-ec", script, "sh", str(folder)], check=True)
    if kind == "full":
        fill(folder)


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


if __name__ == "__main__":
    kind, folder, module, *sys.argv[1:] = sys.argv[1:]
    enter(kind, Path(folder))
    runpy.run_module(module, run_name="__main__", alter_sys=True)
