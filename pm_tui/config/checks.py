"""One check a kind of setting: text or TOML value in, the value that the program uses out.

Every check takes the raw value and the name of its place ("--base-url", "config.toml base_url"),
and raises `ConfigError` naming that place.
"""

from __future__ import annotations

import ipaddress
import os
import re
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from pm_tui.config.errors import ConfigError, nearest
from pm_tui.i18n import LANGUAGES, _

PROFILE_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")


def text(value: object, place: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ConfigError(_("{place}: a text is needed").format(place=place))
    return value


def switch(value: object, place: str) -> bool:
    if not isinstance(value, bool):
        raise ConfigError(_("{place}: true or false is needed").format(place=place))
    return value


def switch_or_auto(value: object, place: str) -> bool | None:
    """None: by what the terminal can do."""
    if value == "auto":
        return None
    if not isinstance(value, bool):
        raise ConfigError(_('{place}: true, false or "auto" is needed').format(place=place))
    return value


_SPAN = re.compile(r"(\d{1,7})\s*(s|sec|min|h|d)?", re.ASCII)
_UNITS = {"s": 1, "sec": 1, "min": 60, "h": 3600, "d": 86400}
_LONGEST = timedelta(days=3650)


def span(value: object, place: str) -> timedelta:
    """How long: seconds as a number, or `90 s`, `5 min`, `2 h`, `30 d`."""
    given = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    match = _SPAN.fullmatch(given.strip())
    found = timedelta(seconds=int(match[1]) * _UNITS[match[2] or "s"]) if match else None
    if found is None or found > _LONGEST:
        raise ConfigError(
            _("{place}: a time such as 90 s, 5 min, 2 h or 30 d is needed").format(place=place)
        )
    return found


def span_text(value: timedelta) -> str:
    """As `span` reads it, in the largest unit that is exact."""
    seconds = int(value.total_seconds())
    for unit in ("d", "h", "min"):
        if seconds and seconds % _UNITS[unit] == 0:
            return f"{seconds // _UNITS[unit]} {unit}"
    return f"{seconds} s"


def language(value: object, place: str) -> str:
    code = text(value, place).lower()
    if code not in LANGUAGES:
        known = ", ".join(LANGUAGES)
        raise ConfigError(
            _("{place}: no language {code!r}; there are {known}").format(
                place=place, code=code, known=known
            )
        )
    return code


def theme(value: object, place: str) -> str:
    """A theme's name as Textual spells them; whether it exists only Textual can say."""
    name = text(value, place)
    if not re.fullmatch(r"[A-Za-z0-9_-]+", name):
        raise ConfigError(_("{place}: not a theme's name").format(place=place))
    return name


def profile(value: object, place: str) -> str:
    """A name that can be a folder: it separates the caches. `sandbox` and `default-…` are ours."""
    name = text(value, place)
    if not PROFILE_NAME.fullmatch(name) or name == "sandbox" or name.startswith("default-"):
        raise ConfigError(
            _(
                "{place}: a profile's name is 1 to 32 of a-z, 0-9, _ and -, "
                "and neither sandbox nor default-…"
            ).format(place=place)
        )
    return name


def folder(value: object, place: str, base: Path | None = None) -> Path:
    """An absolute path; a relative one counts from `base` (default: the working folder)."""
    try:
        path = Path(text(value, place)).expanduser()
    except RuntimeError:
        raise ConfigError(_("{place}: no home folder is known").format(place=place)) from None
    if "\0" in str(path):
        raise ConfigError(_("{place}: not a path").format(place=place))
    return Path(os.path.normpath((base or Path.cwd()) / path))


def url(value: object, place: str) -> str:
    """A base URL without its last slash: https, or http to this machine alone.

    A user, a query or a fragment in it is refused without repeating it: it may hold a secret.
    """
    given = text(value, place)
    try:
        parts = urlsplit(given)
        parts.port  # noqa: B018  (reading it is the check)
    except ValueError:
        raise ConfigError(_("{place}: not a URL").format(place=place)) from None
    if not parts.hostname or not given.isascii() or re.search(r"[\x00-\x20\x7f\\]", given):
        raise ConfigError(_("{place}: not a URL").format(place=place))
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise ConfigError(
            _("{place}: a URL without user, password, ? and # is needed").format(place=place)
        )
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(parts.hostname)):
        raise ConfigError(
            _("{place}: https is needed (http only to this machine itself)").format(place=place)
        )
    return given.rstrip("/")


def token_url(value: object, place: str) -> str:
    """As `url`, but with the slash at its end where there is one: a POST follows no redirect."""
    given = text(value, place)
    return url(given, place) + "/" * given.endswith("/")


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def known_key(key: str, known: frozenset[str], place: str) -> None:
    if key not in known:
        raise ConfigError(
            _("{place}: unknown key {key!r}").format(place=place, key=key) + nearest(key, known)
        )
