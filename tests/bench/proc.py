"""What Linux tells of a process: its CPU time, its memory, its children."""

from __future__ import annotations

import os
import re
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")
_RSS = re.compile(r"^Rss:\s+(\d+)", re.MULTILINE)


def cpu_seconds(pid: int) -> float:
    """User and system time of all threads. By the scheduler's nanoseconds where Linux keeps them
    (threads that ended are not in them), else by ticks of a hundredth of a second."""
    try:
        threads = list(Path(f"/proc/{pid}/task").iterdir())
        return sum(int((one / "schedstat").read_text().split()[0]) for one in threads) / 1e9
    except OSError:
        return _by_ticks(pid)


def _by_ticks(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / _TICK


def rss_mb(pid: int) -> float:
    """Resident memory of one process in MB (2^20), 0 when it is gone."""
    try:
        return int(_RSS.findall(Path(f"/proc/{pid}/smaps_rollup").read_text())[0]) / 1024
    except OSError:
        return 0.0


def children(pid: int) -> list[int]:
    """The processes that `pid` started and that still live."""
    try:
        lists = [one / "children" for one in Path(f"/proc/{pid}/task").iterdir()]
        return [int(child) for one in lists for child in one.read_text().split()]
    except OSError:
        return []


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
