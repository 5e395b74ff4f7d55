"""The settings in force."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

from pm_tui.config.caps import CapSettings
from pm_tui.config.checks import span_text
from pm_tui.config.errors import ConfigError
from pm_tui.config.home import HomeSettings
from pm_tui.config.keymap import KeySettings
from pm_tui.config.keys import KeySource
from pm_tui.config.kiosk import KioskSettings
from pm_tui.config.notices import NoticeSettings
from pm_tui.config.reports import ReportSettings
from pm_tui.config.zones import FALLBACK, HOST_SOURCES
from pm_tui.i18n import _

if TYPE_CHECKING:
    from pydantic import SecretStr


SEARCH_AGE = timedelta(minutes=5)  # within it a search is answered from memory first
STATUS_AGE = timedelta(minutes=2)  # then it is what it was, not what it is; so with the next two
BOOKING_AGE = timedelta(minutes=15)  # as rarely as the list is read while somebody is there
PRICE_AGE = timedelta(days=1)
ADDRESS_AGE = timedelta(days=30)
AGES = ("search_age", "status_age", "booking_age", "price_age", "address_age")


@dataclass(frozen=True, slots=True)
class Setting:
    """One value for a person to read, with its provenance. A key is never in it."""

    name: str
    value: str | bool | None
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What is in force. `sources` names, for each field, the flag, variable or file it is from."""

    profile: str | None
    base_url: str
    fleet_url: str | None
    key: KeySource | None
    cache_dir: Path
    state_dir: Path
    config_path: Path
    timezone: ZoneInfo
    language: str
    theme: str | None
    offline: bool
    sandbox: bool
    mouse: bool
    memory: bool = True
    lean: bool = False  # a slow line lies between program and terminal
    ascii: bool = False
    letters: bool = True  # beyond ASCII: the terminal has those at least
    ground: Literal["light", "dark"] | None = None  # of the terminal, where the environment tells
    keymap: KeySettings = field(default_factory=KeySettings)
    search_age: timedelta = SEARCH_AGE
    status_age: timedelta = STATUS_AGE
    booking_age: timedelta = BOOKING_AGE
    price_age: timedelta = PRICE_AGE
    address_age: timedelta = ADDRESS_AGE
    reports: ReportSettings = field(default_factory=ReportSettings)
    caps: CapSettings = field(default_factory=CapSettings)
    kiosk: KioskSettings = field(default_factory=KioskSettings)
    notices: NoticeSettings = field(default_factory=NoticeSettings)
    home: HomeSettings = field(default_factory=HomeSettings)
    sources: Mapping[str, str] = field(default_factory=dict)
    base_url_overridden: bool = False

    def api_key(self) -> SecretStr:
        """The key. May block for seconds (a command, a key ring); raises `ConfigError`."""
        from pydantic import SecretStr  # not before the first paint

        if self.key is None:
            raise ConfigError(_("no API key is configured"))
        return SecretStr(self.key.read())

    @property
    def account(self) -> str:
        """The folder name that keeps this account's caches apart from every other's.

        `sandbox`; a profile's name (with a mark of the base URL when a flag or variable replaced
        the profile's); else `default-` and eight hex digits of base URL and key, and then this
        may block, the first time, as `api_key` does.
        """
        if self.sandbox:
            return "sandbox"
        if self.profile is not None:
            mark = f"@{_digest(self.base_url)}" if self.base_url_overridden else ""
            return self.profile + mark
        return "default-" + _digest(self.base_url, self.api_key().get_secret_value())

    @property
    def report_zone(self) -> ZoneInfo:
        """Where a month of a report begins and ends: said for reports, else the time zone that was
        chosen. What a computer happens to run in is no choice: two would report differently."""
        chosen = self.sources.get("timezone", "default") not in HOST_SOURCES
        if self.reports.zone is not None and self.sources.get("timezone") != "--timezone":
            return self.reports.zone
        return self.timezone if chosen else ZoneInfo(FALLBACK)

    def report(self) -> tuple[Setting, ...]:
        """Every setting, in a fixed order. The key is shown as where it lives, never in part.

        A sandbox brings its own URLs and key when it starts: they are None here.
        """
        rows: list[tuple[str, str | bool | None]] = [
            ("profile", self.profile),
            ("base_url", self.base_url),
            ("fleet_url", self.fleet_url),
            ("api_key", "********" if self.key else None),
            ("cache_dir", str(self.cache_dir)),
            ("state_dir", str(self.state_dir)),
            ("config_path", str(self.config_path)),
            ("timezone", self.timezone.key),
            ("language", self.language),
            ("theme", self.theme),
            ("ascii", self.ascii),
            ("offline", self.offline),
            ("sandbox", self.sandbox),
            ("memory", self.memory),
            ("lean", self.lean),
            ("mouse", self.mouse),
            ("keys", self._keys_row()),
            *((name, span_text(getattr(self, name))) for name in AGES),
            ("report", f"{self.report_zone.key}; {', '.join(self.reports.patterns)}"),
            ("caps", self._caps_row()),
            ("kiosk", self._kiosk_row()),
            ("notices", f"{'bell; ' if self.notices.bell else ''}{self.notices.desktop}"),
            *self._home_rows(),
        ]
        sources = dict(self.sources)
        if self.sandbox:
            own = {name: _("the sandbox's own") for name in ("base_url", "fleet_url", "api_key")}
            if self.home.sandboxed:
                names = (
                    "home_url",
                    "home_token_url",
                    "home_token",
                    "home_client_id",
                    "home_secret",
                )
                own |= dict.fromkeys(names, own["api_key"])
            sources |= own
            rows = [(name, None if name in own else value) for name, value in rows]
        return tuple(Setting(name, value, sources.get(name, "")) for name, value in rows)

    def _keys_row(self) -> str:
        told = [f"{name} {', '.join(keys) or '–'}" for name, keys in self.keymap.keys.items()]
        return "; ".join((self.keymap.preset, *told))

    def _caps_row(self) -> str | None:
        told = [f"{kind} {name} {limit}" for (kind, name), limit in self.caps.limits.items()]
        return f"{self.caps.currency}; {', '.join(told)}" if told else None

    def _kiosk_row(self) -> str | None:
        """The desk and its site; of the PIN only whether there is one."""
        told = self.kiosk
        if told == KioskSettings():
            return None
        site = told.point and f"{told.point[0]:g},{told.point[1]:g} ({told.radius_km:g} km)"
        return "; ".join(filter(None, (told.desk, site, "PIN ********" if told.pin else "")))

    def _home_rows(self) -> Iterator[tuple[str, str | bool | None]]:
        home = self.home
        yield "home_url", home.url
        yield "home_token_url", home.token_url
        yield "home_token", "********" if home.token else None
        yield "home_client_id", home.client_id
        yield "home_secret", "********" if home.secret else None
        yield "home_secret_in_form", home.secret_in_form
        yield "home_user", home.user
        yield "home_user_as_url", home.user_as_url
        yield "home_reach", span_text(home.reach)


def _digest(*parts: str) -> str:
    """Eight hex digits; enough to keep folders apart, too few to say anything about a key."""
    return hashlib.blake2b("\0".join(parts).encode(), digest_size=4).hexdigest()
