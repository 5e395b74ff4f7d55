"""Flags, environment, file and defaults made into one `Settings`."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

import platformdirs

from pm_tui import i18n
from pm_tui.config import (
    caps,
    checks,
    file,
    keymap,
    keys,
    kiosk,
    memory,
    notices,
    reports,
    terminal,
    zones,
)
from pm_tui.config.errors import ConfigError
from pm_tui.config.home import DEFAULT_HOME_URL, REACH, HomeSettings, token_url_of
from pm_tui.config.settings import (
    ADDRESS_AGE,
    BOOKING_AGE,
    PRICE_AGE,
    SEARCH_AGE,
    STATUS_AGE,
    Settings,
)
from pm_tui.i18n import N_, _

APP = "pm-tui"
DEFAULT_BASE_URL = "https://api.petitmonde.energy/api/v1/client"
DEFAULT = N_("default")
# no home, no folder: below this no folder can be made, so the stores fall back to memory and say so
NOWHERE = Path(os.devnull)
ENVIRONMENT = {
    name: f"PM_TUI_{name.upper()}"
    for name in (
        "profile",
        "base_url",
        "fleet_url",
        "cache_dir",
        "state_dir",
        "timezone",
        "language",
        "search_age",
        "home_url",
        "home_token_url",
        "home_client_id",
        "home_user",
    )
}

T = TypeVar("T")
Check = Callable[[object, str], T]


@dataclass(frozen=True, slots=True)
class Layer:
    """One place that may hold settings; `say` names a setting's place in it."""

    values: Mapping[str, Any] = field(repr=False)
    say: Callable[[str], str]
    base: Path | None = None


@dataclass(slots=True)
class Choice:
    """Picks each setting from the first layer that has it, and notes from where."""

    layers: list[Layer]
    sources: dict[str, str] = field(default_factory=dict)

    def find(self, name: str) -> tuple[Any, Layer] | None:
        for layer in self.layers:
            if layer.values.get(name) is not None:
                return layer.values[name], layer
        return None

    def pick(self, name: str, check: Check[T], default: T, default_source: str = DEFAULT) -> T:
        found = self.find(name)
        if found is None:
            self.sources[name] = default_source
            return default
        value, layer = found
        self.sources[name] = layer.say(name)
        return check(value, layer.say(name))

    def folder(self, name: str, default: str) -> Path:
        """A folder; relative ones count from where they were written."""
        found = self.find(name)
        base = found[1].base if found else None
        path = self.pick(name, lambda v, p: checks.folder(v, p, base), Path(default))
        return path if path.is_absolute() else NOWHERE / APP


def load(flags: Mapping[str, Any] | None = None, env: Mapping[str, str] | None = None) -> Settings:
    """The settings in force. `flags` by setting name (`config` for the file's path), None unset.

    Raises `ConfigError`. The key itself is not fetched.
    """
    zones.use_packaged_tables()
    env = os.environ if env is None else env
    flag_layer = Layer(flags or {}, _flag)
    env_layer = Layer(
        {name: env[variable] for name, variable in ENVIRONMENT.items() if env.get(variable)},
        ENVIRONMENT.__getitem__,
    )
    config, config_source = _read_file(flags or {}, env)
    file_layer = _file_layer(config, config.defaults, "")
    choice = Choice([flag_layer, env_layer, file_layer])
    profile = choice.pick("profile", _optional(checks.profile), None)
    table = config.table(profile, choice.sources["profile"])
    choice.layers.insert(2, _file_layer(config, table, f" [profiles.{profile}]"))
    choice.sources["config_path"] = config_source
    return _settle(choice, env, config, profile)


def _settle(
    choice: Choice, env: Mapping[str, str], config: file.ConfigFile, profile: str | None
) -> Settings:
    key = _key(choice, env, "api_key")
    sandbox = choice.pick("sandbox", checks.switch, False)
    home = _home(choice, env, sandbox, key is None)
    base_url = choice.pick("base_url", checks.url, DEFAULT_BASE_URL)
    if key is None and not sandbox:
        if choice.sources["base_url"] != DEFAULT:
            raise ConfigError(
                _("{place}: a base URL needs an API key with it").format(
                    place=choice.sources["base_url"]
                )
            )
        sandbox = True
        choice.sources["sandbox"] = _("no API key is configured")
    derived = base_url[: -len("client")] + "fleet" if base_url.endswith("/client") else None
    zone, zone_source = zones.system_zone(env)
    return Settings(
        profile=profile,
        base_url=base_url,
        fleet_url=choice.pick("fleet_url", _optional(checks.url), derived, _("from base_url")),
        key=key,
        home=home,
        cache_dir=choice.folder("cache_dir", platformdirs.user_cache_dir(APP)),
        state_dir=choice.folder("state_dir", platformdirs.user_state_dir(APP)),
        config_path=config.path,
        timezone=choice.pick("timezone", zones.zone, zone, zone_source),
        language=choice.pick("language", checks.language, i18n.preferred(), _("locale")),
        theme=choice.pick("theme", _optional(checks.theme), None),
        ascii=_ascii(choice, env),
        letters=terminal.speaks_utf8(env),
        ground=terminal.ground(env),
        offline=choice.pick("offline", checks.switch, False),
        sandbox=sandbox,
        memory=choice.pick("memory", memory.check, True),
        lean=_lean(choice, env),
        mouse=choice.pick("mouse", checks.switch, True),
        keymap=choice.pick("keys", keymap.check, keymap.KeySettings()),
        search_age=choice.pick("search_age", checks.span, SEARCH_AGE),
        status_age=choice.pick("status_age", checks.span, STATUS_AGE),
        booking_age=choice.pick("booking_age", checks.span, BOOKING_AGE),
        price_age=choice.pick("price_age", checks.span, PRICE_AGE),
        address_age=choice.pick("address_age", checks.span, ADDRESS_AGE),
        reports=choice.pick("report", reports.check, reports.ReportSettings()),
        caps=choice.pick("caps", caps.check, caps.CapSettings()),
        kiosk=choice.pick("kiosk", kiosk.check, kiosk.KioskSettings()),
        notices=choice.pick("notices", notices.check, notices.NoticeSettings()),
        sources=choice.sources,
        base_url_overridden=choice.sources["base_url"] in ("--base-url", "PM_TUI_BASE_URL"),
    )


def _ascii(choice: Choice, env: Mapping[str, str]) -> bool:
    told = choice.pick("ascii", checks.switch_or_auto, None)
    if told is not None:
        return told
    choice.sources["ascii"] = _("the terminal and the locale")
    return terminal.is_poor(env)


def _lean(choice: Choice, env: Mapping[str, str]) -> bool:
    told = choice.pick("lean", checks.switch_or_auto, None)
    if told is not None:
        return told
    over_ssh = bool(env.get("SSH_CONNECTION"))
    if over_ssh and choice.find("lean") is None:
        choice.sources["lean"] = "SSH_CONNECTION"
    return over_ssh


def default_config_path() -> Path:
    return Path(platformdirs.user_config_dir(APP)) / "config.toml"


def default_folders() -> tuple[Path, Path]:
    """The caches' and the state's."""
    return Path(platformdirs.user_cache_dir(APP)), Path(platformdirs.user_state_dir(APP))


def config_path(flags: Mapping[str, Any], env: Mapping[str, str]) -> tuple[Path, str]:
    """The file to read and what named it."""
    if flags.get("config"):
        return checks.folder(flags["config"], "--config"), "--config"
    if env.get("PM_TUI_CONFIG"):
        return checks.folder(env["PM_TUI_CONFIG"], "PM_TUI_CONFIG"), "PM_TUI_CONFIG"
    return default_config_path(), DEFAULT


def _read_file(flags: Mapping[str, Any], env: Mapping[str, str]) -> tuple[file.ConfigFile, str]:
    path, source = config_path(flags, env)
    return file.read(path, required=source != DEFAULT), source


def _home(choice: Choice, env: Mapping[str, str], sandbox: bool, without_key: bool) -> HomeSettings:
    """A sandbox that was asked for serves home chargers too; one that is there for want of a key
    only where there are no credentials of ev.energy either."""
    url = choice.pick("home_url", checks.url, DEFAULT_HOME_URL)
    token_url = choice.pick("home_token_url", _optional(checks.token_url), None, _("from home_url"))
    home = HomeSettings(
        url=url,
        token_url=token_url or token_url_of(url),
        token=_key(choice, env, "home_token"),
        client_id=choice.pick("home_client_id", _optional(checks.text), None),
        secret=_key(choice, env, "home_secret"),
        secret_in_form=choice.pick("home_secret_in_form", checks.switch, False),
        user=choice.pick("home_user", _optional(checks.text), None),
        user_as_url=choice.pick("home_user_as_url", checks.switch, False),
        reach=choice.pick("home_reach", checks.span, REACH),
    )
    return replace(home, sandboxed=sandbox or (without_key and home.access is None))


def _key(choice: Choice, env: Mapping[str, str], name: str) -> keys.KeySource | None:
    """The first key there is: two variables, then the profile's table, then the file's top."""
    choice.sources[name] = DEFAULT
    source: keys.KeySource | None = None
    variable = f"PM_TUI_{name.upper()}"
    if key := env.get(variable):
        source = keys.from_text(key, variable)
    elif path := env.get(f"{variable}_FILE"):
        place = f"{variable}_FILE"
        source = keys.from_file(checks.folder(path, place), place)
    else:
        source = _file_key(choice, name)
    if source:
        choice.sources[name] = source.where
    return source


def _file_key(choice: Choice, name: str) -> keys.KeySource | None:
    for layer in choice.layers[2:]:
        forms = [name + way for way in file.WAYS if name + way in layer.values]
        if len(forms) > 1:
            raise ConfigError(
                _("{place}: only one of {forms} can be set").format(
                    place=layer.say(forms[0]), forms=", ".join(forms)
                )
            )
        if forms:
            form = forms[0]
            base = layer.base or Path.cwd()
            return keys.from_setting(form, layer.values[form], layer.say(form), base)
    return None


def _flag(name: str) -> str:
    return ("--no-" if name in ("memory", "mouse") else "--") + name.replace("_", "-")


def _file_layer(config: file.ConfigFile, table: Mapping[str, Any], where: str) -> Layer:
    return Layer(table, lambda name: f"{config.path}{where} {name}", config.path.parent)


def _optional(check: Check[T]) -> Check[T | None]:
    """The same check, typed for a setting whose default is None."""
    return check
