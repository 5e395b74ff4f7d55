"""Party ids for the register's operators, which it does not have."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator

from pm_tui.sandbox.network_operators import OPERATORS

# how the register's brands call those of the generated network
_BRANDS = {"E.ON": "EDR", "SWM": "SWM", "Vattenfall": "VAT", "N-ERGIE": "NER"}
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
_LATIN = str.maketrans({"Ä": "AE", "Ö": "OE", "Ü": "UE", "ẞ": "SS", "É": "E", "È": "E"})


def party_ids(operators: Iterable[str]) -> dict[str, str]:
    """A party id of three characters for each name, no two alike; the same for the same names.

    Raises ValueError for more names than there are ids (46,656).
    """
    known = {operator.cpo.name: operator.cpo.party_id for operator in OPERATORS} | _BRANDS
    names = sorted(set(operators))
    given = {name: known[name] for name in names if name in known}
    taken = set(known.values())
    for name in names:
        if name not in given:
            given[name] = next(id_ for id_ in _candidates(name) if id_ not in taken)
            taken.add(given[name])
    return given


def _candidates(name: str) -> Iterator[str]:
    """What one would choose, best first; at last every id there is, from anywhere on."""
    words = re.findall(r"[A-Z0-9]+", name.upper().translate(_LATIN))
    if len(words) >= 3:
        yield "".join(word[0] for word in words[:3])
    if len(words) >= 2 and len(words[0]) >= 2:
        yield words[0][:2] + words[1][0]
    letters = "".join(words)
    if len(letters) >= 3:
        yield letters[:3]
        yield letters[0] + re.sub("[AEIOU]", "", letters[1:] + "XX")[:2]
    start = zlib.crc32(name.encode())
    for step in range(36**3):
        rest, last = divmod((start + step) % 36**3, 36)
        yield _LETTERS[rest // 36] + _LETTERS[rest % 36] + _LETTERS[last]
