"""How a person is called who looks at something else: the table `[notices]`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from pm_tui.config import checks
from pm_tui.config.errors import ConfigError
from pm_tui.i18n import _

Desktop = Literal["auto", "osc9", "osc777", "osc99", "off"]
DESKTOPS: tuple[Desktop, ...] = get_args(Desktop)
_KEYS = frozenset({"bell", "desktop"})


@dataclass(frozen=True, slots=True)
class NoticeSettings:
    """`bell`: the terminal's. `desktop`: by which sequence the terminal is asked for a notice of
    the desktop; `auto` goes by what the terminal calls itself."""

    bell: bool = True
    desktop: Desktop = "auto"


def check(value: object, place: str) -> NoticeSettings:
    """The table `[notices]`."""
    if not isinstance(value, dict):
        raise ConfigError(_("{place}: a table is needed: [notices]").format(place=place))
    for key in value:
        checks.known_key(key, _KEYS, place)
    bell = checks.switch(value.get("bell", True), f"{place} bell")
    desktop = value.get("desktop", "auto")
    if desktop not in DESKTOPS:
        raise ConfigError(
            _("{place} desktop: one of {words} is needed").format(
                place=place, words=", ".join(DESKTOPS)
            )
        )
    return NoticeSettings(bell, desktop)
