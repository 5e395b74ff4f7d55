"""The PIN of a kiosk: kept as a salted slow hash, never as what was typed."""

from __future__ import annotations

import re

SHORTEST, LONGEST = 6, 12  # digits; shorter ones are tried out too soon by whoever has the file

# scrypt: 32 MiB and about a tenth of a second each try
_N, _R, _P = 2**15, 8, 1
_MEMORY = 64 * 1024 * 1024
_KEPT = re.compile(r"scrypt\$[0-9a-f]{32}\$[0-9a-f]{64}", re.ASCII)


def is_pin(text: str) -> bool:
    """Whether `text` can be a PIN: digits, which every touch screen can give."""
    return text.isascii() and text.isdecimal() and SHORTEST <= len(text) <= LONGEST


def is_kept(text: str) -> bool:
    """Whether `text` is what `kept` returns."""
    return _KEPT.fullmatch(text) is not None


def kept(pin: str) -> str:
    """What may be written down of `pin`; another text each time."""
    import secrets  # no start of the screen needs it

    salt = secrets.token_bytes(16)
    return f"scrypt${salt.hex()}${_hash(pin, salt).hex()}"


def matches(pin: str, told: str) -> bool:
    """Whether `told` was kept of `pin`. Takes a tenth of a second: not on the event loop."""
    import hmac

    if not is_kept(told):
        return False
    _scheme, salt, wanted = told.split("$")
    return hmac.compare_digest(_hash(pin, bytes.fromhex(salt)), bytes.fromhex(wanted))


def _hash(pin: str, salt: bytes) -> bytes:
    import hashlib

    return hashlib.scrypt(pin.encode(), salt=salt, n=_N, r=_R, p=_P, maxmem=_MEMORY, dklen=32)
