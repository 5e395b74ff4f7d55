"""The words of a day: which dates a person may mean by `fri`, `morgen`, `25.11.` or `21 Nov`.

English and German are read whatever the language in force: a mixed team types both. What could
be two things (`11/12`) is not read at all.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, timedelta, tzinfo

from pm_tui import formats
from pm_tui.i18n import _

LONGEST = 64
_MONTHS = (
    ("january", "januar", "janner"),
    ("february", "februar"),
    ("march", "marz", "maerz"),
    ("april",),
    ("may", "mai"),
    ("june", "juni"),
    ("july", "juli"),
    ("august",),
    ("september",),
    ("october", "oktober"),
    ("november",),
    ("december", "dezember"),
)
_WEEKDAYS = (
    ("monday", "montag"),
    ("tuesday", "dienstag"),
    ("wednesday", "mittwoch"),
    ("thursday", "donnerstag"),
    ("friday", "freitag"),
    ("saturday", "samstag"),
    ("sunday", "sonntag"),
)
_NEAR_DAYS = {
    "today": 0,
    "heute": 0,
    "tomorrow": 1,
    "morgen": 1,
    "ubermorgen": 2,
    "uebermorgen": 2,
    "day after tomorrow": 2,
}

_ISO_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})", re.ASCII)
_DOTTED_DAY = re.compile(r"(\d{1,2})\. ?(\d{1,2})(?:\. ?(\d{4}|\d{2})?)?", re.ASCII)

_DAY_MONTH = re.compile(r"(\d{1,2})\.? ?([a-z]{3,})\.?(?: (20\d{2}))?", re.ASCII)
_MONTH_DAY = re.compile(r"([a-z]{3,})\.? (\d{1,2})\.?(?: (20\d{2}))?", re.ASCII)


class WhenError(ValueError):
    """Typed text that is no moment; the message is for the person who typed it."""


def days_meant(words: str, anchor: datetime, now: datetime, zone: tzinfo) -> list[date]:
    """The days that `words` may mean, in the order of trying; none when it names no day.

    `words` come from `fold`. A date without a year is the next such from `anchor` on.
    Raises `WhenError` for a day that no calendar has.
    """
    if words in _NEAR_DAYS:
        return [now.astimezone(zone).date() + timedelta(days=_NEAR_DAYS[words])]
    first, _space, rest = words.partition(" ")
    weekday = _index(first.rstrip("."), _WEEKDAYS, shortest=2)
    if weekday is None:
        return _calendar_day(words, anchor.date())
    if not rest:
        ahead = (weekday - anchor.weekday()) % 7
        return [anchor.date() + timedelta(days=ahead + week) for week in (0, 7)]
    days = _calendar_day(rest, anchor.date())
    if days and days[0].weekday() != weekday:
        raise WhenError(_("{day} is another weekday.").format(day=formats.day(days[0])))
    return days


def _calendar_day(words: str, today: date) -> list[date]:
    if iso := _ISO_DAY.fullmatch(words):
        return [_real_day(int(iso[1]), int(iso[2]), int(iso[3]))]
    year: str | None
    if dotted := _DOTTED_DAY.fullmatch(words):
        day, month, year = int(dotted[1]), int(dotted[2]), dotted[3]
    else:
        named = _DAY_MONTH.fullmatch(words)
        if named:
            day, word, year = int(named[1]), named[2], named[3]
        elif named := _MONTH_DAY.fullmatch(words):
            day, word, year = int(named[2]), named[1], named[3]
        else:
            return []
        index = _index(word, _MONTHS, shortest=3)
        if index is None:
            return []
        month = index + 1
    if year:
        return [_real_day(int(year) + (2000 if len(year) == 2 else 0), month, day)]
    for coming in range(today.year, today.year + 9):  # 29 February is at most eight years away
        try:
            found = date(coming, month, day)
        except ValueError:
            continue
        if found >= today:
            return [found]
    return [_real_day(today.year, month, day)]


def _real_day(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise WhenError(_("There is no such day in the calendar.")) from None


def _index(word: str, names: tuple[tuple[str, ...], ...], *, shortest: int) -> int | None:
    if len(word) < shortest:
        return None
    return next(
        (i for i, spellings in enumerate(names) if any(n.startswith(word) for n in spellings)), None
    )


def fold(text: str) -> str:
    """Lower case without accents, commas and filling words; `T` between date and time a space."""
    spread = unicodedata.normalize("NFKD", text[: 4 * LONGEST].casefold())
    plain = "".join(letter for letter in spread if not unicodedata.combining(letter))
    plain = plain.replace("−", "-").replace("–", "-")
    plain = re.sub(r"^(\d{4}-\d{1,2}-\d{1,2})t(?=\d)", r"\1 ", plain.strip())
    plain = re.sub(r"\b(?:at|um|on)\b|^am\b", " ", plain)
    return re.sub(r"[\s,]+", " ", plain).strip()
