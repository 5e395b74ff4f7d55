"""Where in this process a text is still held: a walk over all that the collector knows."""

from __future__ import annotations

import gc
from types import FrameType
from typing import Any


def holders(*backwards: str) -> list[Any]:
    """The objects that hold a text in which one of `backwards`, read backwards, occurs. They are
    written backwards so that the search does not find itself. Takes most of a second."""
    gc.collect()
    found: list[Any] = []
    for owner in gc.get_objects():
        if isinstance(owner, FrameType):
            continue  # what runs now is not what is kept
        waiting, seen = gc.get_referents(owner), set[int]()
        while waiting:
            held = waiting.pop()
            if isinstance(held, str):
                if any(one in held[::-1].casefold() for one in backwards):
                    found.append(owner)
            elif isinstance(held, bytes | bytearray):
                if any(one.encode() in bytes(held[::-1]).lower() for one in backwards):
                    found.append(owner)
            elif (
                isinstance(held, tuple | dict) and not gc.is_tracked(held) and id(held) not in seen
            ):
                seen.add(id(held))  # the collector does not list what holds nothing but texts
                waiting += gc.get_referents(held)
    return found
