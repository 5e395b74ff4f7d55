"""The configuration file: TOML with defaults at the top and one `[profiles.NAME]` table each."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pm_tui.config import checks
from pm_tui.config.errors import ConfigError, nearest
from pm_tui.i18n import _

KEYS = ("api_key", "home_token", "home_secret")
WAYS = ("", "_file", "_command", "_keyring")  # in which a key can be named
SETTINGS = frozenset(
    {
        *(key + way for key in KEYS for way in WAYS),
        "home_url",
        "home_token_url",
        "home_client_id",
        "home_secret_in_form",
        "home_user",
        "home_user_as_url",
        "home_reach",
        "keys",
        "base_url",
        "fleet_url",
        "cache_dir",
        "state_dir",
        "timezone",
        "language",
        "theme",
        "ascii",
        "offline",
        "sandbox",
        "memory",
        "lean",
        "mouse",
        "search_age",
        "status_age",
        "booking_age",
        "price_age",
        "address_age",
        "report",
        "caps",
        "kiosk",
        "notices",
    }
)
TOP = SETTINGS | {"profile", "profiles"}


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """What the file says. Hidden from `repr`: its tables may hold a key."""

    path: Path
    defaults: dict[str, Any] = field(default_factory=dict, repr=False)
    profiles: dict[str, dict[str, Any]] = field(default_factory=dict, repr=False)

    def table(self, profile: str | None, place: str) -> dict[str, Any]:
        """The profile's table; no profile is an empty one, an unknown profile an error."""
        if profile is None:
            return {}
        if profile not in self.profiles:
            raise ConfigError(
                _("{place}: no profile {name!r} in {path}").format(
                    place=place, name=profile, path=self.path
                )
                + nearest(profile, self.profiles)
            )
        return self.profiles[profile]


def read(path: Path, *, required: bool) -> ConfigFile:
    """Read and check the whole file, the profiles not in use as well.

    A file that is not there is an empty one unless `required`. One that holds a key must be ours
    and closed to others (as ssh asks), one that names a command must not be writable by others.
    """
    try:
        with path.open("rb") as stream:
            status = os.fstat(stream.fileno())
            body = stream.read()
    except FileNotFoundError:
        if required:
            raise ConfigError(_("{path}: no such file").format(path=path)) from None
        return ConfigFile(path)
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from None
    raw = _parse(body, path)
    parsed = ConfigFile(
        path,
        {key: value for key, value in raw.items() if key != "profiles"},
        _profiles(raw.get("profiles", {}), path),
    )
    for key in raw:
        checks.known_key(key, TOP, str(path))
    _check_owner(parsed, status)
    return parsed


def _parse(body: bytes, path: Path) -> dict[str, Any]:
    import tomllib  # 20 ms that a start without a file does not pay

    try:
        return tomllib.loads(body.decode())
    except UnicodeDecodeError:
        raise ConfigError(_("{path}: not UTF-8 text").format(path=path)) from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(_not_toml(path, str(error))) from None


def _not_toml(path: Path, error: str) -> str:
    """The parser's words are English and for programmers: where, and what to do. Never the line
    itself, which may hold a key."""
    place, at = str(path), re.search(r"at line (\d+), column (\d+)", error)
    if at is not None:
        place = _("{path}, line {line}, column {column}").format(
            path=path, line=at[1], column=at[2]
        )
    elif "end of document" in error:
        place = _("{path}, at its end").format(path=path)
    if re.search(r"overwrite|twice|mutate", error):
        return _("{place}: this name is set twice; leave one of them").format(place=place)
    return _(
        "{place}: not TOML; a setting is one line, name = value, and a text is in quotes "
        "(“pm-tui config example” shows them all)"
    ).format(place=place)


def _profiles(raw: object, path: Path) -> dict[str, dict[str, Any]]:
    if not isinstance(raw, dict) or not all(isinstance(table, dict) for table in raw.values()):
        raise ConfigError(
            _("{path}: profiles are written as tables: [profiles.NAME]").format(path=path)
        )
    for name, table in raw.items():
        place = f"{path} [profiles.{name}]"
        checks.profile(name, place)
        for key in table:
            checks.known_key(key, SETTINGS, place)
    return raw


def _tables(parsed: ConfigFile) -> Iterator[dict[str, Any]]:
    yield parsed.defaults
    yield from parsed.profiles.values()


def _check_owner(parsed: ConfigFile, status: os.stat_result) -> None:
    names = {key for table in _tables(parsed) for key in table}
    kiosks = [table["kiosk"] for table in _tables(parsed) if isinstance(table.get("kiosk"), dict)]
    names |= {f"kiosk_{key}" for table in kiosks for key in table}
    if not names.isdisjoint((*KEYS, "kiosk_pin")):
        check_private(parsed.path, status, stat.S_IRWXG | stat.S_IRWXO)
    elif any(name.endswith("_command") for name in names):
        check_private(parsed.path, status, stat.S_IWGRP | stat.S_IWOTH)


def check_private(
    path: Path, status: os.stat_result, forbidden: int, *, root_too: bool = False
) -> None:
    """Refuse a file of another owner (unless root's and `root_too`) or open to others."""
    if root_too and status.st_uid == 0:
        return
    if status.st_uid != os.getuid():
        raise ConfigError(
            _("{path}: holds a key or names a command, but belongs to another user").format(
                path=path
            )
        )
    if status.st_mode & forbidden:
        raise ConfigError(
            _("{path}: holds a key or names a command, but others may use it; chmod 600").format(
                path=path
            )
        )
