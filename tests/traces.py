"""Where in this process a text is still held: a walk over all that the collector knows."""

from __future__ import annotations

import gc
from types import FrameType
from typing import Any


def holders(*backwards: str) -> list[Any]:
    """The objects that hold one of these texts, which are given written backwards so that the
    search finds nothing but what it is for. Takes some tenths of a second."""
    wanted = tuple(one[::-1] for one in backwards)  # the collector does not list such a tuple
    wanted_bytes = tuple(one.encode() for one in wanted)
    gc.collect()
    found: list[Any] = []
    for owner in gc.get_objects():
        if isinstance(owner, FrameType) or owner is wanted or owner is wanted_bytes:
            continue  # what runs now is not what is kept
        waiting, seen = gc.get_referents(owner), {id(wanted), id(wanted_bytes)}
        while waiting:
            held = waiting.pop()
            kind = type(held)
            if kind is str:
                if any(map(held.__contains__, wanted)):
                    found.append(owner)
            elif kind is bytes or kind is bytearray:
                if any(map(held.__contains__, wanted_bytes)):
                    found.append(owner)
            elif kind in (tuple, dict) and not gc.is_tracked(held) and id(held) not in seen:
                seen.add(id(held))  # what holds nothing but texts is not listed either
                waiting += gc.get_referents(held)
    return found
