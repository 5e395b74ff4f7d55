"""Folders that hold what an account saw and booked: private, and known to be local or not.

SQLite's locks do not work dependably over a network, and its WAL needs one host, so a cache
that would lie on a network filesystem is not opened there at all.
"""

from __future__ import annotations

import os
import platform
import re
import stat
from pathlib import Path

from pm_tui.i18n import _

PRIVATE = 0o700

# names as /proc/self/mountinfo has them; fuseblk (a local NTFS disk) is none of them
_NETWORK = re.compile(
    r"nfs\d*|cifs|smb\w*|9p|lustre|ceph|afs|gpfs|beegfs|glusterfs|ncpfs|ocfs2|gfs2|fuse(\..+)?"
)


class FolderError(OSError):
    """A folder that cannot hold private data. The text names it and says why."""


def private_folder(path: Path) -> Path:
    """`path`, made with its parents where missing: a folder of ours that nobody else can enter.

    A folder of ours that others can enter is closed to them. Raises `FolderError` when it cannot
    be made, is not a folder, or belongs to someone else (as after a `sudo` in between).
    """
    try:
        _make(path)
        found = path.stat()
        if not stat.S_ISDIR(found.st_mode):
            raise FolderError(_("{path} is not a folder.").format(path=path))
        if hasattr(os, "geteuid") and found.st_uid != os.geteuid():
            raise FolderError(_("{path} belongs to another user.").format(path=path))
        if os.name == "posix" and stat.S_IMODE(found.st_mode) & ~PRIVATE:
            path.chmod(PRIVATE)
    except FolderError:
        raise
    except OSError as error:
        text = _("{path} cannot be used: {reason}.").format(path=path, reason=error.strerror)
        raise FolderError(text) from error
    return path


def _make(path: Path) -> None:
    """Like `mkdir(parents=True)`, but the parents that it makes are private as well."""
    if path.is_dir():
        return
    if path.parent != path:
        _make(path.parent)
    path.mkdir(mode=PRIVATE, exist_ok=True)


def is_network_filesystem(path: Path, mountinfo: Path = Path("/proc/self/mountinfo")) -> bool:
    """Whether `path` (or, while it does not exist, its nearest parent) lies on another machine.

    Known on Linux only; False elsewhere.
    """
    try:
        lines = mountinfo.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
        place = path.resolve()
    except (OSError, RuntimeError):
        return False
    best, kind = -1, ""
    for line in lines:
        mount, _dash, rest = line.partition(" - ")
        fields = mount.split(" ")
        if len(fields) < 5 or not rest:
            continue
        point = Path(_unescape(fields[4]))
        # of two mounts on one point the later hides the earlier
        if place.is_relative_to(point) and len(point.parts) >= best:
            best, kind = len(point.parts), rest.split(" ")[0]
    return _NETWORK.fullmatch(kind) is not None


def own_name(stem: str) -> str:
    """What this machine's own journal is called where several machines see its folder."""
    host = re.sub(r"[^A-Za-z0-9.-]", "_", platform.node()) or "host"
    return f"{stem}-{host}.db"


def _unescape(text: str) -> str:
    """mountinfo writes space, tab, newline and backslash as octal."""
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), text)
