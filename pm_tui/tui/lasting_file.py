"""A file to write to that does not mind being gone.

Textual's output thread ends where nothing can be written any more. What waits to be written is
then never taken, and a program whose line stalled before it broke waits for that for ever instead
of ending: an orphan that holds what it had open.
"""

from __future__ import annotations

from contextlib import suppress
from typing import IO


class LastingFile:
    """What is written to a terminal that is gone goes nowhere. Its going is told by a signal."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file

    def write(self, text: str) -> None:
        with suppress(OSError):
            self._file.write(text)

    def flush(self) -> None:
        with suppress(OSError):
            self._file.flush()

    def fileno(self) -> int:
        return self._file.fileno()
