"""The configuration file with another `[kiosk]` in it, and every other line as it was."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from pm_tui.config import kiosk
from pm_tui.config.errors import ConfigError
from pm_tui.config.kiosk import KioskSettings
from pm_tui.i18n import _

_HEADER = re.compile(r"\s*\[")


def with_kiosk(body: str, profile: str | None, settings: KioskSettings) -> str:
    """`body` (TOML) with `settings` in place of its table, at the end where it had none. With a
    `profile` the table is that profile's.

    Comments inside the old table go with it. Raises `ConfigError` where the file is written in
    a way that would change something else: nothing is lost by a guess.
    """
    names = ["kiosk"] if profile is None else ["profiles", profile, "kiosk"]
    table = kiosk.table(settings)
    new = _replaced(body, names, [f"{name} = {_toml(value)}" for name, value in table.items()])
    if not _is_the_same_but_for(body, new, names, table):
        raise ConfigError(
            _("The table [{name}] of this file is written in a way of its own: change it by hand.")
            .format(name=".".join(names))
        )  # fmt: skip
    return new


def _replaced(body: str, names: list[str], rows: list[str]) -> str:
    header = re.compile(r"\s*\[\s*" + r"\s*\.\s*".join(map(re.escape, names)) + r"\s*\]\s*(#.*)?")
    lines = body.removesuffix("\n").split("\n") if body else []
    begin = next((n for n, line in enumerate(lines) if header.fullmatch(line)), None)
    if begin is None:
        space = [""] if lines and lines[-1].strip() else []
        return "\n".join([*lines, *space, f"[{'.'.join(names)}]", *rows, ""])
    end = next((n for n in range(begin + 1, len(lines)) if _HEADER.match(lines[n])), len(lines))
    while end > begin + 1 and (not lines[end - 1].strip() or lines[end - 1].lstrip()[0] == "#"):
        end -= 1  # what stands right above the next table is said of that one
    return "\n".join([*lines[: begin + 1], *rows, *lines[end:], ""])


def _toml(value: object) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    return json.dumps(value, ensure_ascii=False)  # TOML reads these texts and numbers alike


def _is_the_same_but_for(body: str, new: str, names: list[str], table: Mapping[str, Any]) -> bool:
    import tomllib  # 20 ms that a start without a file does not pay

    try:
        before, after = tomllib.loads(body), tomllib.loads(new)
    except tomllib.TOMLDecodeError:
        return False
    _taken(before, names)
    return _taken(after, names) == table and after == before


def _taken(parsed: dict[str, Any], names: list[str]) -> object:
    """What lies under `names`, which is taken out of `parsed`."""
    holder: Any = parsed
    for name in names[:-1]:
        holder = holder.setdefault(name, {})
    return holder.pop(names[-1], None)
