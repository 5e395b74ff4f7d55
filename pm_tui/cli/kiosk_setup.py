"""`pm-tui kiosk setup`: the table `[kiosk]` of the configuration, from options or questions."""

from __future__ import annotations

import math
import shlex
import sys
from argparse import Namespace
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pm_tui.cli import common, exits
from pm_tui.cli.asking import can_ask
from pm_tui.cli.exits import CliError
from pm_tui.config import ConfigError, Settings, kiosk, pin
from pm_tui.config.kiosk import KioskSettings
from pm_tui.config.kiosk_file import with_kiosk
from pm_tui.i18n import _
from pm_tui.services.files import write_private

Changes = dict[str, Any]
OPTIONS = (
    "locations", "point", "radius", "desk", "languages", "hours", "longest", "phone", "ask",
    "print_command",
)  # fmt: skip


def run(arguments: Namespace) -> int:
    settings = common.settings_of(arguments)
    told = {name: getattr(arguments, name) for name in OPTIONS}
    told = {name: value for name, value in told.items() if value is not None}
    if told or arguments.pin_stdin:
        changes = _from_options(told, settings)
        if arguments.pin_stdin:
            changes["pin"] = kept_pin(sys.stdin.readline().rstrip("\r\n"))
        elif not settings.kiosk.pin and can_ask():
            from pm_tui.cli.kiosk_questions import new_pin

            changes["pin"] = new_pin()
    elif can_ask():
        from pm_tui.cli.kiosk_questions import ask_all

        changes = ask_all(settings)
    else:
        raise CliError(
            exits.USAGE,
            _("say what is to be written down, or run it on a terminal (see {help})").format(
                help="pm-tui kiosk setup --help"
            ),
        )
    known = replace(settings.kiosk, **changes)
    if known.missing:
        raise CliError(
            exits.USAGE,
            _("a kiosk still needs {missing}; nothing was written.").format(
                missing=", ".join(known.missing)
            ),
        )
    path = _write(settings, known)
    print(_("The kiosk of {desk} is set up in {path}.").format(desk=known.desk, path=path))
    return exits.DONE


def kept_pin(text: str) -> str:
    """What is written down of a PIN. Raises `CliError`, which does not repeat it."""
    if not pin.is_pin(text):
        raise CliError(
            exits.USAGE,
            _("a PIN has {least} to {most} digits; nothing was written.").format(
                least=pin.SHORTEST, most=pin.LONGEST
            ),
        )
    return pin.kept(text)


def site_of(text: str, settings: Settings, place: str) -> Changes:
    """The site that `text` names: coordinates, or the ids of chargers. `place` is what was asked.
    Raises `CliError` and `ConfigError`."""
    point = point_of(text)
    if point is not None:
        return {"point": point, "locations": ()}
    return _site_around(kiosk.locations(text.replace(",", " ").split(), place), settings)


def point_of(text: str) -> tuple[float, float] | None:
    """Coordinates in degrees; None where `text` is none. Raises `CliError`."""
    from pm_tui.services.places import parse_point

    try:
        return parse_point(text)
    except ValueError as wrong:
        raise CliError(exits.USAGE, str(wrong)) from None


def _site_around(ids: tuple[str, ...], settings: Settings) -> Changes:
    from pm_tui.services import kiosk_site

    if not ids:
        raise CliError(exits.USAGE, _("a site is coordinates (52.52,13.41) or ids of chargers"))
    try:
        point, radius = common.ask(settings, lambda session: kiosk_site.around(session, ids))
    except kiosk_site.NoSuchSite as unknown:
        raise CliError(exits.NOT_FOUND, str(unknown)) from None
    return {"point": point, "radius_km": radius, "locations": ids}


def _from_options(told: Mapping[str, Any], settings: Settings) -> Changes:
    changes: Changes = {}
    for name, value in told.items():
        if name == "point":
            point = point_of(value)
            if point is None:
                raise CliError(exits.USAGE, _("--point: LAT,LNG is needed"))
            changes |= {"point": point, "locations": ()}
        elif name == "locations":
            changes |= _site_around(kiosk.locations(value, "--location"), settings)
        else:
            changes |= read(name, value)
    if "radius" in told and "locations" in told:
        raise CliError(exits.USAGE, _("--radius goes with --point: ids say how far they are"))
    return changes


def read(name: str, value: Any, place: str = "") -> Changes:
    """One setting as it is typed, after its option or where `place` asks for it. Raises
    `ConfigError`."""
    place = place or "--" + name.replace("_", "-")
    readers: dict[str, Callable[[Any], Changes]] = {
        "desk": lambda text: {"desk": kiosk.desk(text, place)},
        "radius": lambda km: {"radius_km": kiosk.radius(_number(km, place), place)},
        "languages": lambda text: {"languages": kiosk.languages(_parts(text, ","), place)},
        "hours": lambda text: {"hours": kiosk.hours(_parts(text, ";"), place)},
        "longest": lambda hours: {"longest": kiosk.longest(_minutes(hours, place), place)},
        "phone": lambda text: {"phone": kiosk.line(text, place) if text.strip() else ""},
        "ask": lambda word: {"ask": kiosk.ask(word, place)},
        "print_command": lambda text: {"print_command": kiosk.command(_words(text, place), place)},
    }
    return readers[name](value)


def _parts(text: str, by: str) -> list[str]:
    return [part.strip() for part in text.split(by) if part.strip()]


def _number(told: str | float, place: str) -> float:
    try:
        number = float(told.replace(",", ".") if isinstance(told, str) else told)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise ConfigError(_("{place}: a number is needed").format(place=place))
    return number


def _minutes(hours: str | float, place: str) -> str:
    return f"{max(round(_number(hours, place) * 60), 0)} min"


def _words(text: str, place: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:
        raise ConfigError(_("{place}: a quote is not closed").format(place=place)) from None


def _write(settings: Settings, known: KioskSettings) -> Path:
    """Raises `OSError` and `ConfigError`; then the file is as it was."""
    path = settings.config_path.resolve()  # the file itself, where a link leads to it
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    body = path.read_text(encoding="utf-8") if path.exists() else ""
    write_private(path, with_kiosk(body, settings.profile, known).encode())
    return path
