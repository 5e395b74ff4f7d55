"""Which time zone the viewer lives in, and that every host computes it from the same tables."""

from __future__ import annotations

import os
import zoneinfo
from collections.abc import Mapping
from pathlib import Path
from zoneinfo import ZoneInfo

from pm_tui.config.errors import ConfigError, nearest
from pm_tui.i18n import _

FALLBACK = "Europe/Berlin"
LOCALTIME = Path("/etc/localtime")
HOST_SOURCES = ("TZ", str(LOCALTIME), "default")  # as `system_zone` names them


def use_packaged_tables() -> None:
    """Read zones from the packaged tzdata alone: `zoneinfo` prefers the host's, often an old copy,
    and then two desks would disagree about a reservation's hour."""
    zoneinfo.reset_tzpath(to=())


def zone(value: object, place: str) -> ZoneInfo:
    """The zone of an IANA name such as `Europe/Berlin`."""
    found = _load(value) if isinstance(value, str) else None
    if found is None:
        hint = nearest(str(value), zoneinfo.available_timezones())
        raise ConfigError(
            _("{place}: no time zone {name!r}").format(place=place, name=str(value)) + hint
        )
    return found


def system_zone(env: Mapping[str, str]) -> tuple[ZoneInfo, str]:
    """The host's zone and where it was found: TZ, /etc/localtime, else Europe/Berlin."""
    if found := _load(_name(env.get("TZ", "").removeprefix(":"))):
        return found, "TZ"
    if found := _load(_name(os.path.realpath(LOCALTIME))):
        return found, str(LOCALTIME)
    return ZoneInfo(FALLBACK), "default"


def _name(text: str) -> str:
    """`Europe/Berlin` out of itself or of `/usr/share/zoneinfo/Europe/Berlin`."""
    name = text.rpartition("zoneinfo/")[2]
    for tree in ("posix/", "right/"):
        name = name.removeprefix(tree)
    return name


def _load(name: str) -> ZoneInfo | None:
    if not name:
        return None
    try:
        return ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        # ValueError: a path that leaves the tables; OSError: the name of a folder of zones
        return None
