"""Numbers, money, times and states as text, in the language in force.

Forty lines per language instead of a 32 MB library at run time; the tests compare with that
library. It rounds half to even, accounts expect half up, so rounding is done here. What is not
known is an en dash everywhere: never 0, never an empty cell.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from pm_tui.i18n import _, language

UNKNOWN = "–"
HARD_SPACE = "\u00a0"

Tone = Literal["success", "warning", "error", "accent", "muted"]

# Locale data, not texts to translate: it has to fit `_SEPARATORS` whatever the catalogue holds.
_SEPARATORS = {"en": (",", "."), "de": (".", ",")}  # thousands, decimals
_SYMBOLS = {"EUR": "€", "GBP": "£", "USD": "$"}
_by_code = False
_DAYS = {
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    "de": ("Mo", "Di", "Mi", "Do", "Fr", "Sa", "So"),
}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAY_UNIT = {"en": "d", "de": "Tg."}
_HUGE = 15  # digits before the point; beyond, a number is nonsense and shown as it came


def number(value: Decimal | float | None, digits: int = 0, *, trim: bool = False) -> str:
    """`value` with `digits` decimals, half up; with `trim` without trailing zeros."""
    exact = _decimal(value)
    if exact is None:
        return UNKNOWN
    if exact.adjusted() > _HUGE:
        return f"{exact:.3E}"
    rounded = exact.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    if rounded.is_zero():
        rounded = abs(rounded)  # no -0
    whole, _point, fraction = f"{rounded:,f}".partition(".")
    if trim:
        fraction = fraction.rstrip("0")
    thousands, point = _SEPARATORS[language()]
    return whole.replace(",", thousands) + (point + fraction if fraction else "")


def name_currencies(wanted: bool) -> None:
    """Whether money is told by codes alone, for terminals that have no `€`; one for the process."""
    global _by_code
    _by_code = wanted


def money(value: Decimal | None, currency: str | None, room: int | None = None) -> str:
    """`€1,234.50` or `1.234,50 €`; a currency without a symbol of ours is named by its code, and
    where codes are wanted `EUR` as far as there is `room`, in cells."""
    amount = number(value, 2)
    if amount == UNKNOWN or not currency:
        return amount
    symbol = _SYMBOLS.get(currency, currency)
    if not _by_code or symbol.isascii():
        return _with_symbol(amount, symbol, "" if symbol in _SYMBOLS.values() else HARD_SPACE)
    told = _with_symbol(amount, currency, HARD_SPACE)
    for shorter in (told.replace(HARD_SPACE, ""), _with_symbol(amount, symbol, "")):
        if room is not None and len(told) > room:
            told = shorter
    return told


def _with_symbol(amount: str, symbol: str, between: str) -> str:
    if language() == "de":
        return amount + (between or HARD_SPACE * (symbol in _SYMBOLS.values())) + symbol
    sign, amount = ("-", amount[1:]) if amount.startswith("-") else ("", amount)
    return sign + symbol + between + amount


def distance(km: float | Decimal | None) -> str:
    """Kilometres, with one decimal below 100."""
    exact = _decimal(km)
    if exact is None:
        return UNKNOWN
    return number(exact, 1 if abs(exact) < 100 else 0) + HARD_SPACE + "km"


def power(kw: float | Decimal | None) -> str:
    """Kilowatts, with one decimal where it says something: `22 kW`, `3.7 kW`."""
    text = number(kw, 1, trim=True)
    return text if text == UNKNOWN else text + HARD_SPACE + "kW"


def age(span: timedelta | None) -> str:
    """How long ago, in the largest full unit: `12 s`, `25 min`, `3 h`, `2 d`.

    A span below zero (two clocks that disagree) is `0 s`.
    """
    if span is None:
        return UNKNOWN
    seconds = max(0, int(span.total_seconds()))
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} min"
    if seconds < 86400:
        return f"{seconds // 3600} h"
    return f"{seconds // 86400} {_DAY_UNIT[language()]}"


def duration(span: timedelta | None) -> str:
    """`45 min`, `1 h 30 min`, `2 d 3 h`; to the minute, below zero with a minus."""
    if span is None:
        return UNKNOWN
    if span < timedelta(0):
        return "-" + duration(-span)
    minutes = int((span.total_seconds() + 30) // 60)
    days, minutes = divmod(minutes, 24 * 60)
    hours, minutes = divmod(minutes, 60)
    named = ((days, _DAY_UNIT[language()]), (hours, "h"), (minutes, "min"))
    return " ".join(f"{count} {unit}" for count, unit in named if count) or "0 min"


def day(value: date, *, year: bool = True) -> str:
    """`Tue 24 Nov 2026`, `Di 24.11.2026`."""
    name = _DAYS[language()][value.weekday()]
    if language() == "de":
        return f"{name} {value:%d.%m.}" + (f"{value:%Y}" if year else "")
    text = f"{name} {value.day} {_MONTHS[value.month - 1]}"
    return f"{text} {value:%Y}" if year else text


def weekday(number: int) -> str:
    """The short name of a day, 1 (Monday) to 7: `Mon`, `Mo`."""
    return _DAYS[language()][number - 1]


def offset(value: datetime) -> str:
    """The offset from UTC, as `+01:00`."""
    seconds = int((value.utcoffset() or timedelta(0)).total_seconds())
    hours, minutes = divmod(abs(seconds) // 60, 60)
    return f"{'-' if seconds < 0 else '+'}{hours:02}:{minutes:02}"


_GERMAN_ZONES = {"CET": "MEZ", "CEST": "MESZ"}


def zone_mark(value: datetime, *, with_offset: bool = False) -> str:
    """What a time is told in: `CET`, `CET +01:00`, or `+05:45` where the zone has no name."""
    name = value.tzname() or ""
    if not name.isalpha():
        return offset(value)
    if language() == "de":
        name = _GERMAN_ZONES.get(name, name)
    return f"{name} {offset(value)}" if with_offset and name != "UTC" else name


def when(
    value: datetime | None,
    zone: ZoneInfo,
    viewer_zone: ZoneInfo | None = None,
    *,
    now: datetime | None = None,
) -> str:
    """`Tue 24 Nov 14:30 CET (13:30 UTC)`: in `zone`, the viewer's beside it where it differs.

    The year is left out when it is that of `now`. Within a day of a clock change the offset is
    named as well, because `02:30` may then be two moments.
    """
    if value is None:
        return UNKNOWN
    if not 1 < value.year < 9999:  # at the ends of the calendar zones cannot be computed
        return value.isoformat()
    local = value.astimezone(zone)
    year = now is None or now.astimezone(zone).year != local.year
    text = f"{day(local.date(), year=year)} {local:%H:%M} {_zone(local)}"
    if viewer_zone is None:
        return text
    theirs = value.astimezone(viewer_zone)
    if theirs.utcoffset() == local.utcoffset():
        return text
    other_day = f"{day(theirs.date(), year=False)} " if theirs.date() != local.date() else ""
    return f"{text} ({other_day}{theirs:%H:%M} {_zone(theirs)})"


def plug(code: str | None) -> str:
    """The short name of a connector code (`contract/agent-api.md §9`); an unknown one as it is."""
    if not code:
        return UNKNOWN
    names = {
        "IEC_62196_T2": _("Type 2"),
        "IEC_62196_T2_COMBO": "CCS",
        "IEC_62196_T1": _("Type 1"),
        "IEC_62196_T1_COMBO": "CCS 1",
        "CHADEMO": "CHAdeMO",
        "TESLA_S": "Tesla",
        "DOMESTIC_F": "Schuko",
    }
    return names.get(code, code)


class Mark(NamedTuple):
    """A state to look at: a glyph and a word, so that colour (`tone`) is never needed."""

    glyph: str
    word: str
    tone: Tone

    def __str__(self) -> str:
        return f"{self.glyph} {self.word}"


def status_mark(status: str | None) -> Mark:
    """The mark of an EVSE or booking status (`contract/agent-api.md §7`, `§9`).

    A status that is not known is kept verbatim, as is the contract's advice (U16).
    """
    if not status:
        return Mark(UNKNOWN, _("unknown"), "muted")
    return Mark(*_marks().get(status.upper(), ("?", status, "muted")))


def _marks() -> dict[str, tuple[str, str, Tone]]:
    return {
        "AVAILABLE": ("●", _("available"), "success"),
        "CHARGING": ("◐", _("charging"), "warning"),
        "RESERVED": ("◆", _("reserved"), "warning"),
        "BLOCKED": ("■", _("blocked"), "error"),
        "INOPERATIVE": ("✗", _("inoperative"), "error"),
        "OUTOFORDER": ("✗", _("out of order"), "error"),
        "PLANNED": ("○", _("planned"), "muted"),
        "REMOVED": ("✗", _("removed"), "muted"),
        "UNKNOWN": ("?", _("unknown"), "muted"),
        "REQUESTED": ("…", _("requested"), "accent"),
        "PENDING": ("…", _("waiting for the operator"), "accent"),
        "CONFIRMED": ("✓", _("confirmed"), "success"),
        "ATTENDING": ("▸", _("vehicle there"), "success"),
        "COMPLETED": ("■", _("completed"), "muted"),
        "CANCELLED": ("✗", _("cancelled"), "error"),
        "EXPIRED": ("○", _("expired"), "warning"),
        "NO_SHOW": ("!", _("no show"), "error"),
    }


def _zone(local: datetime) -> str:
    before, after = (local + timedelta(days=days) for days in (-1, 1))
    return zone_mark(local, with_offset=before.utcoffset() != after.utcoffset())


def _decimal(value: Decimal | float | None) -> Decimal | None:
    if value is None:
        return None
    exact = value if isinstance(value, Decimal) else Decimal(str(value))
    return exact if exact.is_finite() else None
