"""Complete the path of a table while it is typed."""

from __future__ import annotations

import os
from pathlib import Path

TABLES = (".csv", ".tsv")
MOST = 12


def expand(text: str) -> Path:
    """The path that is meant: `~` is the home folder. Raises `RuntimeError` where there is none."""
    return Path(text.strip()).expanduser()


def complete(text: str) -> list[str]:
    """The tables, then the folders (with a slash behind) whose path begins with `text`, written
    as `text` is. What a batch wrote comes last; a folder that cannot be read has nothing in it."""
    shown, slash, start = text.rpartition("/")
    try:
        folder = Path(shown + slash or ".").expanduser()
        with os.scandir(folder) as entries:
            found = [(one.name, one.is_dir()) for one in entries if _fits(one.name, start)]
    except (OSError, RuntimeError, ValueError):
        return []
    tables = [name for name, is_folder in found if not is_folder and name.endswith(TABLES)]
    folders = [name + "/" for name, is_folder in found if is_folder]
    tables.sort(key=lambda name: (".out." in name, name.casefold()))
    names = tables + sorted(folders, key=str.casefold)
    return [shown + slash + name for name in names if name.isprintable()][:MOST]


def _fits(name: str, start: str) -> bool:
    hidden = name.startswith(".") and not start.startswith(".")
    return not hidden and name.casefold().startswith(start.casefold())
