"""What a reception kiosk is told once: the table `[kiosk]`, written by `pm-tui kiosk setup`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal, get_args

from pm_tui.config import checks, opening, pin
from pm_tui.config.errors import ConfigError
from pm_tui.config.opening import Hours
from pm_tui.i18n import LANGUAGES, _

Ask = Literal["nothing", "name", "plate"]
ASKS: tuple[Ask, ...] = get_args(Ask)
KEYS = frozenset(
    {
        "desk", "point", "radius", "locations", "languages", "hours", "longest", "phone", "ask",
        "print_command", "pin",
    }
)  # fmt: skip
LONGEST_STAY = timedelta(hours=4)  # what operators usually allow (contract/agent-api.md §13)
MOST_RADIUS = 25.0  # km: a site, not a region
RADIUS = 1.0
MOST_LOCATIONS = 50
_LONGEST_DESK = 24  # what a reference keeps of it
_SPELLED = frozenset("äöüÄÖÜß")  # letters that a reference spells out


@dataclass(frozen=True, slots=True, kw_only=True)
class KioskSettings:
    """`point` (WGS 84 degrees) and `radius_km` are where the site's chargers are looked for;
    with `locations` only those of them are the site's. `hours` empty: always open. `ask` is what
    a visitor may leave about themselves. `print_command` gets a slip on its standard input.
    """

    desk: str = ""
    point: tuple[float, float] | None = None
    radius_km: float = RADIUS
    locations: tuple[str, ...] = ()
    languages: tuple[str, ...] = ("de", "en")
    hours: tuple[Hours, ...] = ()
    longest: timedelta = LONGEST_STAY
    phone: str = ""
    ask: Ask = "nothing"
    print_command: tuple[str, ...] = ()
    pin: str = field(default="", repr=False)

    @property
    def missing(self) -> tuple[str, ...]:
        """What a kiosk cannot start without and has not been told, in words."""
        needed = {
            _("a site"): self.point is not None,
            _("the desk's name"): bool(self.desk),
            _("a PIN"): bool(self.pin),
        }
        return tuple(words for words, there in needed.items() if not there)


def check(value: object, place: str) -> KioskSettings:
    """The table `[kiosk]`. Raises `ConfigError`, which never repeats the PIN's hash."""
    if not isinstance(value, dict):
        raise ConfigError(_("{place}: a table is needed: [kiosk]").format(place=place))
    for key in value:
        checks.known_key(key, KEYS, place)
    found: dict[str, Any] = {}
    for key, told in value.items():
        name = "radius_km" if key == "radius" else key
        found[name] = _CHECKS[key](told, f"{place} {key}")
    return KioskSettings(**found)


def table(kiosk: KioskSettings) -> Mapping[str, Any]:
    """As `check` reads it; what is not said is left out."""
    known = {
        "desk": kiosk.desk,
        "point": kiosk.point and list(kiosk.point),
        "radius": kiosk.radius_km if kiosk.point else None,
        "locations": list(kiosk.locations),
        "languages": list(kiosk.languages),
        "hours": [one.text for one in kiosk.hours],
        "longest": checks.span_text(kiosk.longest),
        "phone": kiosk.phone,
        "ask": kiosk.ask,
        "print_command": list(kiosk.print_command),
        "pin": kiosk.pin,
    }
    return {name: value for name, value in known.items() if value}


# -- one check a key -----------------------------------------------------------


def line(value: object, place: str) -> str:
    """One visible line of at most 100 characters."""
    text = checks.text(value, place).strip()
    if not text.isprintable() or len(text) > 100:
        raise ConfigError(_("{place}: one line of at most 100 characters").format(place=place))
    return text


def desk(value: object, place: str) -> str:
    """A name that a reference can hold: `visitor-{desk}-{date}` (contract/agent-api.md §11)."""
    name = line(value, place)
    can_be_spelled = any((letter.isascii() and letter.isalnum()) or letter in _SPELLED
                         for letter in name)  # fmt: skip
    if not can_be_spelled or len(name) > _LONGEST_DESK:
        raise ConfigError(
            _(
                "{place}: a desk's name has a letter a–z or a digit and at most {n} characters"
            ).format(place=place, n=_LONGEST_DESK)
        )
    return name


def point(value: object, place: str) -> tuple[float, float]:
    """Latitude and longitude in degrees."""
    numbers = value if isinstance(value, list | tuple) else []
    good = len(numbers) == 2 and all(
        isinstance(one, int | float) and not isinstance(one, bool) for one in numbers
    )
    if not good or not (-90 <= numbers[0] <= 90 and -180 <= numbers[1] <= 180):
        raise ConfigError(_("{place}: [latitude, longitude] is needed").format(place=place))
    return float(numbers[0]), float(numbers[1])


def radius(value: object, place: str) -> float:
    """Kilometres; above 0."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not math.isfinite(value) or not 0 < value <= MOST_RADIUS:  # type: ignore[operator, arg-type]
        raise ConfigError(
            _("{place}: kilometres above 0, at most {n:g}").format(place=place, n=MOST_RADIUS)
        )
    return float(value)  # type: ignore[arg-type]


def locations(value: object, place: str) -> tuple[str, ...]:
    """Ids as a search tells them, each once."""
    return tuple(dict.fromkeys(_lines(value, place, MOST_LOCATIONS)))


def languages(value: object, place: str) -> tuple[str, ...]:
    """The languages a visitor may choose from; the first is the one to begin with."""
    named = [checks.language(one, place) for one in _lines(value, place, len(LANGUAGES))]
    if not named:
        raise ConfigError(_("{place}: a text is needed").format(place=place))
    return tuple(dict.fromkeys(named))


def hours(value: object, place: str) -> tuple[Hours, ...]:
    return tuple(opening.read(one, place) for one in _lines(value, place, 20))


def longest(value: object, place: str) -> timedelta:
    """The longest stay: half an hour to a day."""
    span = checks.span(value, place)
    if not timedelta(minutes=30) <= span <= timedelta(hours=24):
        raise ConfigError(_("{place}: 30 min to 24 h").format(place=place))
    return span


def ask(value: object, place: str) -> Ask:
    for known in ASKS:
        if value == known:
            return known
    raise ConfigError(_("{place}: one of {known}").format(place=place, known=", ".join(ASKS)))


def command(value: object, place: str) -> tuple[str, ...]:
    """A program and its arguments, run without a shell."""
    return tuple(_lines(value, place, 50))


def kept_pin(value: object, place: str) -> str:
    if not isinstance(value, str) or not pin.is_kept(value):
        raise ConfigError(
            _("{place}: not a PIN that pm-tui kiosk setup has written").format(place=place)
        )
    return value


def _lines(value: object, place: str, most: int) -> list[str]:
    if not isinstance(value, list | tuple) or len(value) > most:
        raise ConfigError(
            _("{place}: a list of at most {n} texts is needed").format(place=place, n=most)
        )
    return [checks.text(one, place) for one in value]


_CHECKS = {
    "desk": desk,
    "point": point,
    "radius": radius,
    "locations": locations,
    "languages": languages,
    "hours": hours,
    "longest": longest,
    "phone": line,
    "ask": ask,
    "print_command": command,
    "pin": kept_pin,
}
