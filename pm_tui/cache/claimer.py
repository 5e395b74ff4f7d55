"""Who is sending an intent: a process, told apart from one that later gets the same number."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
_START_TIME = 19  # field 22 of /proc/PID/stat, counted from behind the name (proc_pid_stat(5))


@dataclass(frozen=True, slots=True)
class Claimer:
    """`host` holds what makes process numbers comparable (machine, its boot, the namespace);
    `started` is when the process began, in the kernel's own count, "" where that is not known."""

    host: str
    pid: int
    started: str


def me() -> Claimer:
    """This process."""
    pid = os.getpid()
    return Claimer(_host(), pid, _start(pid) or "")


def is_gone(claimer: Claimer) -> bool:
    """Whether that process surely runs no more. False when it runs, or nobody here can tell."""
    if not claimer.host or claimer.host != _host():
        return False
    if _PROC.joinpath("self", "stat").exists():
        return _start(claimer.pid) != claimer.started
    if os.name != "posix":
        return False
    try:
        os.kill(claimer.pid, 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


def _host() -> str:
    parts = [platform.node()]
    try:
        parts.append((_PROC / "sys/kernel/random/boot_id").read_text().strip())
        parts.append(str((_PROC / "self/ns/pid").readlink()))
    except OSError:
        pass  # no Linux: the name has to do, and the lease decides the rest
    return "|".join(parts)


def _start(pid: int) -> str | None:
    """Start time in clock ticks since boot; None when there is no such process (or its corpse)."""
    try:
        text = (_PROC / str(pid) / "stat").read_text(errors="replace")
    except OSError:
        return None
    fields = text.rpartition(")")[2].split()
    return None if fields[0] in ("Z", "X") else fields[_START_TIME]
