"""References that a monthly report can take apart again: `{department}-{employee}-{YYYYMMDD}`.

The convention is the API's own (`contract/agent-api.md §11`). It is read from the right, because
departments hold hyphens. A lost answer is found again by its reference (§14 U4), so a reference
that is taken already gets a counter behind the date.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from pm_tui.i18n import _
from pm_tui.models.zones import CHARGERS_ZONE

LONGEST = 64
"""Characters of a reference that we make (`contract/agent-api.md §14 U12`)."""

VISITOR = "visitor"

_LONGEST_EMPLOYEE = 24
_LONGEST_TAIL = len("-20260210-9999")
_SHAPE = re.compile(
    r"(?P<department>.+)-(?P<employee>[^-]+)-(?P<day>\d{8})(?:-(?P<counter>\d{1,4}))?", re.ASCII
)
_SPELLED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "ø": "o"})


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference that follows the convention, taken apart."""

    department: str
    employee: str
    day: date

    @property
    def is_visitor(self) -> bool:
        """Whether this is a guest's booking, with the desk in place of the employee."""
        return self.department == VISITOR


def suggest(department: str, employee: str, day: date, taken: Collection[str] = ()) -> str:
    """A reference for a booking on `day`, of `[A-Za-z0-9_-]` and at most `LONGEST` characters.

    `-2`, `-3` ... follow the date where `taken` holds the plain one. Raises `ValueError` when
    department or employee has no letter or digit to show.
    """
    person = _plain(employee).replace("-", "_")[:_LONGEST_EMPLOYEE].strip("_")
    team = _plain(department)[: LONGEST - _LONGEST_TAIL - 1 - len(person)].strip("-_")
    if not person or not team:
        raise ValueError(_("Department and employee need a letter or a digit."))
    plain = f"{team}-{person}-{day:%Y%m%d}"
    counter, reference = 1, plain
    while reference in taken:
        counter += 1
        reference = f"{plain}-{counter}"
    return reference


def visitor(desk: str, day: date, taken: Collection[str] = ()) -> str:
    """A reference for a guest whom `desk` receives: `visitor-reception-20260210`."""
    return suggest(VISITOR, desk, day, taken)


def is_visitor_of(reference: str | None, desk: str) -> bool:
    """Whether that is a guest's booking whom `desk` received, on whichever day."""
    known = parse(reference)
    if known is None or not known.is_visitor:
        return False
    ours = parse(visitor(desk, known.day))
    return ours is not None and known.employee == ours.employee


def parse(text: str | None) -> Reference | None:
    """The parts of a reference, read from the right; None when it is in free form."""
    match = _SHAPE.fullmatch(text or "")
    if match is None:
        return None
    digits = match["day"]
    try:
        day = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None
    return Reference(match["department"], match["employee"], day)


def next_reference(old: str | None, start: datetime, taken: Collection[str]) -> str | None:
    """For a booking that takes the place of the one with `old`: by the convention where that one
    was; else the old one with a number behind it. None: it had none, and one is made."""
    known = parse(old)
    if known is not None:
        day = start.astimezone(CHARGERS_ZONE).date()
        return suggest(known.department, known.employee, day, taken)
    if not old:
        return None
    number, reference = 2, old
    while reference in taken or reference == old:
        reference = f"{old[: LONGEST - 5]}-{number}"
        number += 1
    return reference


def _plain(text: str) -> str:
    """Lower case, umlauts spelled out, everything else outside `[a-z0-9_]` one hyphen."""
    spread = unicodedata.normalize("NFKD", text.casefold().translate(_SPELLED))
    ascii_only = "".join(letter for letter in spread if not unicodedata.combining(letter))
    return re.sub(r"[^a-z0-9_]+", "-", ascii_only).strip("-_")
