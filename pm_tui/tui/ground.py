"""Whether the terminal is light or dark, by asking it: the answer comes between the keys."""

from __future__ import annotations

import re
from collections.abc import Iterable
from time import monotonic

from textual._xterm_parser import XTermParser
from textual.message import Message

ASK = "\x1b]11;?\x1b\\"  # OSC 11: the colour of the ground, which most terminals tell
PATIENCE = 5.0  # seconds in which an answer may come in pieces
PIECE = 0.05  # seconds after which a beginning is something else: the Escape key, most of all
_COLOUR = r"rgba?:([0-9a-fA-F]{1,4}(?:/[0-9a-fA-F]{1,4}){2,3})"
_ANSWER = re.compile(rf"\x1b\]11;(?:{_COLOUR})?[^\x07\x1b]*(?:\x07|\x1b\\)")
_BEGINNING = re.compile(r"\x1b(?:\](?:1(?:1(?:;[^\x07\x1b]{0,40}\x1b?)?)?)?)?\Z")


class GroundTold(Message):
    """What the terminal said of its ground."""

    def __init__(self, *, light: bool) -> None:
        super().__init__()
        self.light = light


class GroundParser(XTermParser):
    """Takes the answer out of what is typed, whenever it comes: Textual does not know it and would
    take its letters for keys."""

    def __init__(self, debug: bool = False) -> None:
        super().__init__(debug)
        self._held, self._held_at = "", 0.0
        self._until = monotonic() + PATIENCE

    def feed(self, data: str) -> Iterable[Message]:
        if not data:  # the end
            yield from super().feed(data)
            return
        text, self._held = self._held + data, ""
        for match in _ANSWER.finditer(text):
            if match[1]:
                yield GroundTold(light=is_light(match[1]))
        text = _ANSWER.sub("", text)
        if monotonic() < self._until and (beginning := _BEGINNING.search(text)):
            text, self._held, self._held_at = text[: beginning.start()], beginning[0], monotonic()
        if text:
            yield from super().feed(text)

    def tick(self) -> Iterable[Message]:
        if self._held and monotonic() - self._held_at >= PIECE:
            held, self._held = self._held, ""
            yield from super().feed(held)
        yield from super().tick()


def is_light(told: str) -> bool:
    """`ffff/ffff/ffff`, with one to four digits a colour, by its brightness (ITU-R BT.601)."""
    most = [int("f" * len(one), 16) for one in told.split("/")]
    parts = [int(one, 16) / top for one, top in zip(told.split("/"), most, strict=True)]
    return 0.299 * parts[0] + 0.587 * parts[1] + 0.114 * parts[2] > 0.5
