"""Server text made harmless, once, at the model boundary.

What a server says is data: a charger's name can hold escape codes, bidi controls or a thousand
combining marks. After `clean` a text is one line that no terminal, table or log takes for
anything but text. Markup is not touched: `[bold]` is a harmless name when it is drawn as text.
"""

from __future__ import annotations

import re
import unicodedata

_ELLIPSIS = "…"
_MARKS_PER_BASE = 4

# printable, composed already, no combining marks: nothing to do (nearly every text is like this)
_PLAIN = re.compile("[\x20-\x7e\xa1-\xac\xae-\u02ff]*")
_SPACES = re.compile("[\t\n\v\f\r\x85\xa0\u2028\u2029]")
# C0, C1, soft hyphen, zero width, bidi, line separators, invisible operators, tags, surrogates
_BAD = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\uffff"
    "\U000e0000-\U000e0fff\ud800-\udfff]"
)
_VISIBLE = re.compile(r"[^A-Za-z0-9*._-]")


def clean(text: str, limit: int = 200) -> str:
    """`text` as one line of at most `limit` characters, without controls; idempotent.

    Line breaks and tabs become a space, other controls U+FFFD, runs of spaces one; a base keeps
    at most four combining marks; a cut is marked with an ellipsis.
    """
    if not (text.isascii() and text.isprintable()) and not _PLAIN.fullmatch(text):
        text = text[: limit * 8]  # no work on what is cut off anyway
        text = _BAD.sub("\ufffd", _SPACES.sub(" ", text))
        text = _thin(unicodedata.normalize("NFC", text))
    if "  " in text or text != text.strip():
        text = " ".join(text.split())
    if len(text) > limit:
        text = text[: limit - 1].rstrip() + _ELLIPSIS
    return text


def _thin(text: str) -> str:
    """Drop what stands above four marks on one base (they would be drawn over the next lines)."""
    kept: list[str] = []
    marks = 0
    for char in text:
        marks = marks + 1 if unicodedata.category(char) in ("Mn", "Me") else 0
        if marks <= _MARKS_PER_BASE:
            kept.append(char)
    return "".join(kept)


def visible_id(text: str) -> str:
    r"""An id with every character outside `[A-Za-z0-9*._-]` shown as `\uXXXX`.

    Ids stay verbatim in the models (they are compared and sent back), so that look-alikes and
    controls must be made visible where an id is shown.
    """
    return _VISIBLE.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
