"""Tests that leave a key behind, each at another place: not for the suite, but for the test that
the search at its end finds them (`tests/test_canary.py`)."""

from __future__ import annotations

import base64
import logging
from pathlib import Path

from tests import canary
from tests.sandbox_process import Sandbox


def test_into_a_file(tmp_path: Path, gateway: Sandbox) -> None:
    (tmp_path / "notes.txt").write_text(f"the key is {gateway.api_key}!")


def test_into_a_file_in_another_form(tmp_path: Path) -> None:
    (tmp_path / "dump").write_bytes(base64.b64encode(f"X-API-Key: {canary.KEY}".encode()))


def test_into_the_file_that_it_was_given(tmp_path: Path) -> None:
    path = canary.given(tmp_path / "config.toml", f'api_key = "{canary.KEY}"')
    path.write_text(path.read_text() + "\n# and here")


def test_into_the_log() -> None:
    logging.getLogger("pm_tui").warning("sent %s", canary.KEY)


def test_to_a_pipe() -> None:
    print(canary.KEY)


def test_to_a_terminal() -> None:
    drawn = canary.KEY[:20] + "\x1b[1;31m" + canary.KEY[20:]
    canary.keep("terminals", drawn.replace("KEY0", "KE\x1b[0mY0"))


def test_nothing(tmp_path: Path, gateway: Sandbox) -> None:
    (tmp_path / "notes.txt").write_text("there is a key, and it is not here")
    canary.given(tmp_path / "config.toml", f'api_key = "{gateway.api_key}"')
