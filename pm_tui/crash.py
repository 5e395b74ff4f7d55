"""A fault of ours, written down: one private file a crash, with the traceback and without values.

No local variable is ever in it, and whatever `hide` was told is replaced, should an error's own
text hold it. The standard library alone, so that it works where everything else has failed, and
what is slow to import not before there is something to report.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from pm_tui import __version__
from pm_tui.i18n import _

KEPT = 5  # reports; older ones go
LONGEST = 100_000  # characters of one: an error's text can be a whole answer
_SHORTEST = 4  # what is shorter is found in every word
_PACKAGES = ("textual", "rich", "httpx", "pydantic", "diskcache")

_hidden: set[str] = set()
_written: dict[tuple[object, ...], Path] = {}  # by place: a worker that dies again and again
_folder: Path | None = None


def hide(secret: str) -> None:
    """This text, in whatever form, is in no report."""
    if len(secret) >= _SHORTEST:
        _hidden.add(secret)


def keep_in(folder: Path) -> None:
    """Where reports go unless `report` is told otherwise."""
    global _folder
    _folder = folder


def verb() -> str:
    """What was called, without its arguments: they say whose booking it is."""
    return " ".join(["pm-tui", *(one for one in sys.argv[1:2] if one.isalpha())])


def is_ours(error: BaseException) -> bool:
    """Whether nobody foresaw it: what has a class of ours explains itself and is no crash."""
    return not any(kind.__module__.split(".")[0] == "pm_tui" for kind in type(error).__mro__)


def report(error: BaseException, doing: str, folder: Path | None = None) -> Path | None:
    """Write a report of `error`; the file. None where it cannot be written (or nobody said where).

    The same fault at the same place is written down once a run.
    """
    import traceback

    folder = folder or _folder
    if folder is None:
        return None
    frame = traceback.extract_tb(error.__traceback__)[-1:]
    place = (folder, type(error), *((one.filename, one.lineno) for one in frame))
    if place in _written:
        return _written[place]
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = _write(folder, text(error, doing))
    except OSError:
        return None
    _written[place] = path
    return path


def told(error: BaseException, doing: str, folder: Path | None = None) -> str:
    """Write a report; the line for a person says what it was and where the report lies."""
    said = _("unexpected error: {error}").format(error=line(error))
    path = report(error, doing, folder)
    if path is None:
        return said
    return said + ". " + _("The report, without your key, is {path}").format(path=path)


def reports(folder: Path) -> list[Path]:
    """The reports in a folder, the oldest first."""
    return sorted(folder.glob("crash-*.txt"), key=_age)


def text(error: BaseException, doing: str) -> str:
    """What a report says: printable ASCII and line breaks only, whatever a server put into it."""
    import traceback

    told = traceback.TracebackException.from_exception(error, capture_locals=False)
    lines = "".join(told.format())
    if len(lines) > LONGEST:
        lines = f"{lines[: LONGEST // 2]}\n[...]\n{lines[-LONGEST // 2 :]}"
    head = [f"pm-tui {__version__}: {doing}", f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC"]
    head += [f"{name} {version}" for name, version in _versions()]
    return harmless("\n".join([*head, "", lines]))


def line(error: BaseException) -> str:
    """The error in one harmless line, and where it was."""
    import traceback

    frame = traceback.extract_tb(error.__traceback__)[-1:]
    where = f" ({Path(frame[0].filename).name}:{frame[0].lineno})" if frame else ""
    told = traceback.TracebackException.from_exception(error, capture_locals=False)
    said = harmless("".join(told.format_exception_only())).split("\n")[0]
    return said[:300] + where


def harmless(said: str) -> str:
    """Without what is hidden and without what acts on a terminal."""
    for secret in sorted({form for one in _hidden for form in _forms(one)}, key=len, reverse=True):
        said = said.replace(secret, "********")
    plain = said.encode("ascii", "backslashreplace").decode()
    return re.sub("[\x00-\x09\x0b-\x1f\x7f]", lambda found: f"\\x{ord(found[0]):02x}", plain)


def _forms(secret: str) -> Iterator[str]:
    import base64
    import json
    from urllib.parse import quote

    yield from (secret, repr(secret)[1:-1], json.dumps(secret)[1:-1], quote(secret, safe=""))
    yield base64.b64encode(secret.encode()).decode()


def _versions() -> list[tuple[str, str]]:
    import platform
    import sqlite3
    from importlib import metadata

    found = [
        ("python", platform.python_version()),
        ("sqlite", sqlite3.sqlite_version),
        ("system", f"{platform.system()} {platform.release()}"),
        ("terminal", os.environ.get("TERM", "")),
    ]
    for name in _PACKAGES:
        with suppress(metadata.PackageNotFoundError):
            found.append((name, metadata.version(name)))
    return found


def _write(folder: Path, content: str) -> Path:
    stem = f"crash-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    for number in range(100):
        path = folder / f"{stem}{f'-{number}' if number else ''}.txt"
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            continue
        break
    else:
        raise FileExistsError(stem)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(content)
    except OSError:
        path.unlink()  # a full disk: half a report is none
        raise
    for old in reports(folder)[:-KEPT]:
        old.unlink(missing_ok=True)
    return path


def _age(path: Path) -> tuple[int, str]:
    return path.stat().st_mtime_ns, path.name
