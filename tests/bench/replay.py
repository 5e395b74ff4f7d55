"""What was on the screen when: recorded output fed to an emulated terminal, frame by frame."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pyte

from tests.bench.pty_child import SYNC_END, Piece

PAUSE = 0.008  # seconds of silence that end a frame of a program without synchronised output
# what pyte would take for text: private modes it does not know, and strings to the terminal
_FOREIGN = re.compile(
    rb"\x1b\[[<>=][0-9;:]*[A-Za-z]"
    rb"|\x1b\[\?[0-9;]*(?:\$p|[nu])"
    rb"|\x1b\[[0-9;]*(?: q|t)"
    rb"|\x1b[P_^X\]][^\x07\x1b]*(?:\x07|\x1b\\)"
)
_MODE = re.compile(rb"\x1b\[\?([0-9;]+)([hl])")
_MODES = {
    b"1049": "alternate screen",
    b"1000": "mouse",
    b"1002": "mouse drag",
    b"1003": "mouse motion",
    b"1006": "mouse SGR",
    b"1004": "focus reports",
    b"2004": "bracketed paste",
    b"2031": "reports of other colours",
}


@dataclass(frozen=True, slots=True)
class Frame:
    """`at` and `cpu` are those of its last piece; `data` what it consists of."""

    at: float
    cpu: float
    data: bytes


def frames(pieces: Sequence[Piece]) -> Iterator[Frame]:
    """Cut output into frames: at the end of a synchronised update, or at a pause."""
    data = b""
    for place, piece in enumerate(pieces):
        data += piece.data
        while (end := data.find(SYNC_END)) >= 0:
            end += len(SYNC_END)
            yield Frame(piece.at, piece.cpu, data[:end])
            data = data[end:]
        last = place + 1 == len(pieces) or pieces[place + 1].at - piece.at > PAUSE
        if data and last:
            yield Frame(piece.at, piece.cpu, data)
            data = b""


class Replay:
    def __init__(self, size: tuple[int, int]) -> None:
        self._screen = pyte.Screen(*size)
        self._stream = pyte.ByteStream(self._screen)

    def feed(self, data: bytes) -> None:
        self._stream.feed(_FOREIGN.sub(b"", data))

    @property
    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self._screen.display)


def first_showing(pieces: Sequence[Piece], size: tuple[int, int], wanted: str) -> Frame | None:
    """The first frame after which the screen matches `wanted`; its data is all output so far."""
    replay, so_far = Replay(size), b""
    for frame in frames(pieces):
        replay.feed(frame.data)
        so_far += frame.data
        if re.search(wanted, replay.text, re.DOTALL):
            return Frame(frame.at, frame.cpu, so_far)
    return None


def screen_of(pieces: Sequence[Piece], size: tuple[int, int]) -> str:
    replay = Replay(size)
    for frame in frames(pieces):
        replay.feed(frame.data)
    return replay.text


def left_on(pieces: Sequence[Piece]) -> list[str]:
    """The modes that a program switched on in the terminal and did not switch off again."""
    on: dict[bytes, bool] = {}
    for modes, switch in _MODE.findall(b"".join(piece.data for piece in pieces)):
        for mode in modes.split(b";"):
            on[mode] = switch == b"h"
    left = [name for mode, name in _MODES.items() if on.get(mode)]
    return [*left, "hidden cursor"] if on.get(b"25") is False else left
