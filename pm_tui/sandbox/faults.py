"""Faults on demand: which requests go wrong, how, and how often.

A fault is armed at the control endpoint or by a profile and waits for requests that it matches.
What then happens is in `fault_layer` (answers), `relay` (the wire) or, for the logical kinds, in
search and bookings.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Collection
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from fnmatch import fnmatchcase
from typing import Any

# The request is processed, the answer damaged on the wire by the relay.
WIRE = frozenset(
    {
        "accept_then_hang",
        "accept_then_reset",
        "accept_then_close",
        "lost_body",
        "truncated",
        "drip",
    }
)
# The answer is another one than the API's.
ANSWERS = frozenset(
    {
        "drop",
        "late",
        "error",
        "slow",
        "empty",
        "malformed",
        "raw",
        "html",
        "html_502",
        "redirect",
        "suspended",
        "429_seconds",
        "429_date",
        "429_bare",
        "429_monthly",
        "bomb",
        "hostile_error",
    }
)
# The API answers well; the world behind it does not.
WORLD = frozenset({"cpo_down", "never_confirms", "refused"})
KINDS = WIRE | ANSWERS | WORLD


@dataclass(slots=True)
class Fault:
    """One armed fault.

    `match` is a pattern of `METHOD /path`, the path relative to the client base (that of the fleet
    base begins with `/fleet`): `POST /bookings`, `GET /bookings/*`, `* /search`, `*`. `times`
    counts down, None is for ever; `skip` lets the first ones pass. The rest is read by some kinds:
    `process` (is the request carried out before it fails?), `status`, `seconds`, `size` (bytes, of
    the bomb or of each piece of a drip), `encoding` (`gzip`), `location` (of a redirect), `text`
    (of the error; of `raw` the whole body), `cpo` (party id, `*` for all).
    """

    fault: str
    match: str = "*"
    times: int | None = 1
    skip: int = 0
    probability: float = 1.0
    process: bool = False
    status: int | None = None
    seconds: float | None = None
    size: int | None = None
    encoding: str | None = None
    location: str | None = None
    text: str | None = None
    cpo: str | None = None
    id: int = 0
    hits: int = 0

    @classmethod
    def of(cls, document: dict[str, Any]) -> Fault:
        """Raises `ValueError` for an unknown kind or field, or a value of the wrong type."""
        known = {field.name: field for field in fields(cls)} if document else {}
        for name, value in document.items():
            if name not in known or name in ("id", "hits"):
                raise ValueError(f"unknown field {name!r}")
            if not _fits(value, str(known[name].type)):
                raise ValueError(f"{name} must be {known[name].type}")
        if document.get("fault") not in KINDS:
            raise ValueError("fault must be one of " + ", ".join(sorted(KINDS)))
        return cls(**document)

    def matches(self, method: str, path: str) -> bool:
        return self.match == "*" or fnmatchcase(f"{method} {path}", self.match)

    def describe(self) -> dict[str, Any]:
        return asdict(self)


def _fits(value: object, annotation: str) -> bool:
    kinds: dict[str, type | tuple[type, ...]] = {
        "str": str,
        "int": int,
        "float": (int, float),
        "bool": bool,
        "None": type(None),
    }
    names = annotation.split(" | ")
    if isinstance(value, bool):
        return "bool" in names
    return any(isinstance(value, kinds[name]) for name in names)


class Faults:
    """The armed ones, in the order of arming; the first that matches is taken."""

    def __init__(self, seed: int) -> None:
        self._rng = random.Random(f"faults/{seed}")
        self._armed: list[Fault] = []
        self._next = 1
        self._cleared = asyncio.Event()

    def arm(self, fault: Fault) -> Fault:
        fault.id, self._next = self._next, self._next + 1
        self._armed.append(fault)
        return fault

    def armed(self) -> list[Fault]:
        return list(self._armed)

    def disarm(self, fault_id: int | None = None) -> int:
        """Disarm one, or all; the number that were armed."""
        if fault_id is None:
            self._cleared.set()
            self._cleared = asyncio.Event()
        before = len(self._armed)
        self._armed = [f for f in self._armed if fault_id is not None and f.id != fault_id]
        return before - len(self._armed)

    async def hold(self, seconds: float) -> None:
        """Wait as a slow answer does: that long, or until all faults are disarmed."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._cleared.wait(), seconds)

    def take(self, kinds: Collection[str], method: str, path: str) -> Fault | None:
        """The fault of these kinds that strikes this request, counted, or None."""
        for fault in self._armed:
            if fault.fault not in kinds or not fault.matches(method, path):
                continue
            if fault.probability < 1 and self._rng.random() >= fault.probability:
                continue
            if fault.skip > 0:
                fault.skip -= 1
                continue
            fault.hits += 1
            if fault.times is not None:
                fault.times -= 1
                if fault.times <= 0:
                    self._armed.remove(fault)
            return fault
        return None
