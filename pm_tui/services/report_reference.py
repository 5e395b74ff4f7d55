"""What an `external_id` says: department, employee, group, driver, visitor's desk and date.

The conventions are patterns of the configuration, tried in order: `{department}-{employee}-{date}`.
A convention is read from the right, where the date and the short names are: the first name of a
pattern may hold hyphens (`field-service-emp042-20260210`), the later ones may not, unless the
pattern says how they look (`{employee:emp*}`). `contract/agent-api.md §11` documents three of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from pm_tui.config.reports import PATTERNS
from pm_tui.i18n import _

FIELDS = ("department", "employee", "group", "driver", "desk", "date")
LONGEST = 200  # characters of a pattern, and of what is read by it
_HOLE = re.compile(r"\{([a-z]+)(?::([^{}]*))?\}")


class PatternError(ValueError):
    """A pattern that cannot be used; the message is for whoever wrote it."""


@dataclass(frozen=True, slots=True)
class Reference:
    """What was read of one `external_id`; None is not in its pattern. `desk` is of a visitor."""

    department: str | None = None
    employee: str | None = None
    group: str | None = None
    driver: str | None = None
    desk: str | None = None
    date: date | None = None


class Pattern:
    """One convention. Raises `PatternError` for a text that is none."""

    def __init__(self, text: str) -> None:
        if not 0 < len(text) <= LONGEST:
            raise PatternError(_("a pattern has 1 to {n} characters").format(n=LONGEST))
        self.text = text
        self.fields: list[str] = []
        parts: list[str] = []
        end = 0
        for hole in _HOLE.finditer(text):
            parts += [_literal(text[end : hole.start()], text), self._hole(hole[1], hole[2])]
            end = hole.end()
        parts.append(_literal(text[end:], text))
        if not self.fields:
            raise PatternError(
                _("{text!r} names none of {fields}").format(
                    text=text, fields=", ".join(f"{{{one}}}" for one in FIELDS)
                )
            )
        if "}{" in text:
            raise PatternError(_("{text!r}: two names need something between").format(text=text))
        self._regex = re.compile("".join(parts))

    def _hole(self, name: str, spec: str | None) -> str:
        if name not in FIELDS:
            raise PatternError(
                _("there is no {name}; known are {fields}").format(
                    name=f"{{{name}}}", fields=", ".join(f"{{{one}}}" for one in FIELDS)
                )
            )
        if name in self.fields:
            raise PatternError(_("{name} stands twice").format(name=f"{{{name}}}"))
        first = not self.fields or self.fields == ["date"]
        self.fields.append(name)
        if name == "date":
            inner = "[0-9]{8}"
        elif spec is not None:
            inner = "".join({"*": ".*", "#": "[0-9]"}.get(c, re.escape(c)) for c in spec)
        else:
            inner = ".+" if first else "[^-]+"
        return f"(?P<{name}>{inner})"

    def read(self, text: str, group_id: str | None = None) -> Reference | None:
        """What `text` says by this convention; None when it does not follow it. A `{group}` must
        be `group_id` where the booking tells it."""
        match = self._regex.fullmatch(text)
        if match is None:
            return None
        found: dict[str, str] = match.groupdict()
        if not all(found.values()):
            return None
        if group_id is not None and found.get("group", group_id) != group_id:
            return None
        day = None
        if "date" in found:
            told = found.pop("date")
            try:
                day = date(int(told[:4]), int(told[4:6]), int(told[6:]))
            except ValueError:
                return None
        return Reference(**found, date=day)


class Reader:
    """Reads references by several patterns, in their order. Raises `PatternError`."""

    def __init__(self, patterns: Iterable[str] = PATTERNS) -> None:
        self.patterns: Sequence[Pattern] = tuple(Pattern(text) for text in patterns)
        self.key = "\n".join(one.text for one in self.patterns)  # another one reads otherwise
        self._read = lru_cache(maxsize=4096)(self._first)

    def read(self, external_id: str | None, group_id: str | None = None) -> Reference | None:
        """None for what follows none of the patterns."""
        if not external_id or len(external_id) > LONGEST:
            return None
        return self._read(external_id, group_id)

    def _first(self, external_id: str, group_id: str | None) -> Reference | None:
        if group_id is not None and external_id.startswith(group_id + "-"):
            # `{group_id}-{driver_id}-{date}`, whatever the group is called
            known = _OF_GROUP.read(external_id, group_id)
            if known is not None:
                return known
        for pattern in self.patterns:
            found = pattern.read(external_id, group_id)
            if found is not None:
                return found
        return None


def _literal(text: str, whole: str) -> str:
    if "{" in text or "}" in text:
        raise PatternError(_("{text!r}: a brace without its other half").format(text=whole))
    return re.escape(text)


_OF_GROUP = Pattern("{group}-{driver}-{date}")
