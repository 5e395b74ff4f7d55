"""Whether the full screen remembers how it was left: `[memory] on = false`, or `--no-memory`."""

from __future__ import annotations

from pm_tui.config import checks
from pm_tui.config.errors import ConfigError
from pm_tui.i18n import _

KEYS = frozenset({"on"})


def check(value: object, place: str) -> bool:
    """The table `[memory]`, or the flag's own value."""
    if isinstance(value, bool):
        return value
    if not isinstance(value, dict):
        raise ConfigError(_("{place}: a table is needed: [memory]").format(place=place))
    for key in value:
        checks.known_key(key, KEYS, place)
    return checks.switch(value.get("on", True), f"{place} on")
