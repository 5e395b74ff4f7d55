"""What the environment says of the terminal: whether it has more than ASCII."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

# consoles and old terminals with a few hundred glyphs at most
_POOR = ("linux", "dumb", "vt", "cons", "ansi", "sun", "wyse")


def speaks_utf8(env: Mapping[str, str]) -> bool:
    """Whether the locale's encoding is UTF-8; where none is named it is taken for granted."""
    told = next((env[name] for name in ("LC_ALL", "LC_CTYPE", "LANG") if env.get(name)), "UTF-8")
    return "utf8" in told.lower().replace("-", "")


def is_poor(env: Mapping[str, str]) -> bool:
    """Whether borders and marks have to be made of ASCII."""
    return not speaks_utf8(env) or env.get("TERM", "").startswith(_POOR)


def ground(env: Mapping[str, str]) -> Literal["light", "dark"] | None:
    """What some terminals say of their ground: `COLORFGBG=15;0`, the last of it being one of the
    sixteen colours. Consoles are dark."""
    if is_poor(env):
        return "dark"
    last = env.get("COLORFGBG", "").rpartition(";")[2]
    if not last.isdecimal() or int(last) > 15:
        return None
    return "light" if int(last) in (7, *range(9, 16)) else "dark"
