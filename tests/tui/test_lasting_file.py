"""A terminal that is gone stops nobody: what is written to it goes nowhere."""

from __future__ import annotations

import io
import threading
from typing import Any, cast

from textual.app import App
from textual.drivers._writer_thread import MAX_QUEUED_WRITES, WriterThread

from pm_tui.tui.driver import PatientDriver
from pm_tui.tui.lasting_file import LastingFile


class Gone(io.StringIO):
    def write(self, _text: str) -> int:
        raise OSError(5, "Input/output error")

    def flush(self) -> None:
        raise OSError(5, "Input/output error")


def test_whoever_writes_to_a_terminal_that_is_gone_ends_all_the_same() -> None:
    writer = WriterThread(cast(Any, LastingFile(Gone())))
    writer.start()

    def write() -> None:
        for _n in range(MAX_QUEUED_WRITES * 3):
            writer.write("frame")
        writer.stop()

    # in a thread of its own: without the file it would wait here for ever
    writing = threading.Thread(target=write, daemon=True)
    writing.start()
    writing.join(20)
    assert not writing.is_alive()
    assert not writer.is_alive()


def test_what_can_be_written_is_written() -> None:
    file = io.StringIO()
    lasting = LastingFile(file)
    lasting.write("frame")
    lasting.flush()
    assert file.getvalue() == "frame"


async def test_the_driver_writes_to_one() -> None:
    assert isinstance(PatientDriver(App())._file, LastingFile)
