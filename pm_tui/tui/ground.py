"""Whether the terminal is light or dark: by asking it, and by its report when its colours change.
Both come between the keys."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from time import monotonic

from textual._xterm_parser import XTermParser
from textual.events import Key
from textual.keys import Keys
from textual.message import Message

ASK = "\x1b]11;?\x1b\\"  # OSC 11: the colour of the ground, which most terminals tell
# contour's extension, which others have taken over: which of the two is preferred now, and a report
# of the same form whenever colours change; a terminal that does not know them writes nothing
ASK_PREFERRED = "\x1b[?996n"
HEAR, HEAR_NO_MORE = "\x1b[?2031h", "\x1b[?2031l"
PATIENCE = 5.0  # seconds after a question in which its answer may come in pieces
PIECE = 0.05  # seconds after which a beginning is something else: the Escape key, most of all
CUT = 1.0  # seconds after which the rest of a report does not come any more
_COLOUR = r"rgba?:([0-9a-fA-F]{1,4}(?:/[0-9a-fA-F]{1,4}){2,3})"
_ANSWER = re.compile(rf"\x1b\]11;(?:{_COLOUR})?[^\x07\x1b]*(?:\x07|\x1b\\)")
_BEGINNING = re.compile(r"\x1b(?:\](?:1(?:1(?:;[^\x07\x1b]{0,40}\x1b?)?)?)?)?\Z")
_REPORT = re.compile(r"\x1b\[\?997;([0-9]+)n")
_REST = re.compile(r"\[\?997;([0-9]+)n")  # of one whose first byte was taken for Escape
_REPORT_BEGINNING = re.compile(r"\x1b\[(?:\?(?:9(?:9(?:7(?:;[0-9]{0,3})?)?)?)?)?\Z")
_ALT_BRACKET = "\x1b["  # the only key among those
_LIGHT = 2  # in a report; 1 is dark


class GroundTold(Message):
    """What the terminal said of its ground."""

    def __init__(self, *, light: bool) -> None:
        super().__init__()
        self.light = light


class GroundChanged(Message):
    """The terminal reports that its colours may be others now. `light` is what is preferred, by
    the desktop perhaps: the colour itself need not be."""

    def __init__(self, *, light: bool) -> None:
        super().__init__()
        self.light = light


class Asked:
    """When the terminal was asked last: who writes tells it to who reads, in another thread."""

    def __init__(self) -> None:
        self.at = monotonic()


class GroundParser(XTermParser):
    """Takes answers and reports out of what is typed, whenever they come: Textual does not know
    them and would take their letters for keys."""

    def __init__(self, debug: bool = False, asked: Asked | None = None) -> None:
        super().__init__(debug)
        self._held, self._held_at = "", 0.0
        self._asked = asked or Asked()
        self._gave_up = False  # waiting for more of a sequence, just now

    def feed(self, data: str) -> Iterable[Message]:
        if not data:  # the end
            yield from super().feed(data)
            return
        text, self._held = self._held + data, ""
        if self._gave_up and (rest := _REST.match(text)):
            yield from _changed(rest[1])
            text = text[rest.end() :]
        self._gave_up = False
        for match in _ANSWER.finditer(text):
            if match[1]:
                yield GroundTold(light=is_light(match[1]))
        for match in _REPORT.finditer(text):
            yield from _changed(match[1])
        text = _REPORT.sub("", _ANSWER.sub("", text))
        if beginning := self._beginning(text):
            text, self._held, self._held_at = text[: beginning.start()], beginning[0], monotonic()
        if text:
            yield from super().feed(text)

    def _beginning(self, text: str) -> re.Match[str] | None:
        awaited = monotonic() < self._asked.at + PATIENCE
        return _REPORT_BEGINNING.search(text) or (_BEGINNING.search(text) if awaited else None)

    def tick(self) -> Iterable[Message]:
        cut = _REPORT_BEGINNING.match(self._held)
        if self._held and monotonic() - self._held_at >= (CUT if cut else PIECE):
            held, self._held = self._held, ""
            if not cut or held == _ALT_BRACKET:
                yield from super().feed(held)
        for message in super().tick():
            self._gave_up = True
            yield message

    def _sequence_to_key_events(self, sequence: str, alt: bool = False) -> Iterable[Key]:
        """A report whose first byte Textual has got already, as an Escape key must not wait."""
        if sequence.endswith("n") and (report := _REPORT.fullmatch(sequence)):
            self._tokens.extend(_changed(report[1]))
            return [Key(Keys.Ignore, sequence)]
        return super()._sequence_to_key_events(sequence, alt)


def _changed(told: str) -> Iterator[GroundChanged]:
    if int(told) in (1, _LIGHT):
        yield GroundChanged(light=int(told) == _LIGHT)


def is_light(told: str) -> bool:
    """`ffff/ffff/ffff`, with one to four digits a colour, by its brightness (ITU-R BT.601)."""
    most = [int("f" * len(one), 16) for one in told.split("/")]
    parts = [int(one, 16) / top for one, top in zip(told.split("/"), most, strict=True)]
    return 0.299 * parts[0] + 0.587 * parts[1] + 0.114 * parts[2] > 0.5
