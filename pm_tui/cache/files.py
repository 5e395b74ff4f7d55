"""Files for a person: there whole or not at all, and for their owner only."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def write_private(path: Path, body: bytes) -> None:
    """Put `body` in place of what `path` holds, in one step, synced. Raises `OSError`, which names
    `path`; then what was there still is."""
    with named(path):
        _write(path, body)


@contextmanager
def named(path: Path) -> Iterator[None]:
    """An `OSError` within names `path`, which somebody asked for, and no file of our own beside
    it."""
    try:
        yield
    except OSError as error:
        if error.errno is None:
            raise
        raise OSError(error.errno, error.strerror, str(path)) from error


def _write(path: Path, body: bytes) -> None:
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
