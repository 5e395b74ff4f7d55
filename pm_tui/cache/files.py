"""Files for a person: there whole or not at all, and for their owner only."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def write_private(path: Path, body: bytes) -> None:
    """Put `body` in place of what `path` holds, in one step, synced. Raises `OSError`; then what
    was there still is."""
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
