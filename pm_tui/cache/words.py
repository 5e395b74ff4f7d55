"""Names found however they are typed: München, Munchen, Muenchen, muenchen."""

from __future__ import annotations

import re
import unicodedata

_GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_MARKS = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]+")
_MOST_WORDS = 8  # of a query; more than anybody types, less than what makes a search slow


def german(text: str) -> str:
    """Lower case as Germans spell without umlauts; other marks fall away (é is e)."""
    composed = unicodedata.normalize("NFC", text).lower()
    return _unmarked(composed.translate(_GERMAN))


def plain(text: str) -> str:
    """Lower case without any marks: ü is u, ß is ss."""
    return _unmarked(unicodedata.normalize("NFC", text).lower().replace("ß", "ss"))


def folded(*texts: str) -> str:
    """The words of `texts` in both spellings, to be searched in."""
    joined = " ".join(texts)
    words = german(joined).split()
    if joined.isascii():
        return " ".join(words)
    return " ".join(dict.fromkeys([*words, *plain(joined).split()]))


def match(text: str, whole: bool = False) -> str:
    """An FTS5 query for entries that hold each word of `text`, or (unless `whole`) a word that
    begins so; "" when there is nothing to look for.

    Every word is quoted, so that nothing that a user types is an operator.
    """
    words = [word for word in _typed(text) if any(map(str.isalnum, word))]
    star = "" if whole else "*"
    return " AND ".join(
        "(" + " OR ".join(f'"{form}"{star}' for form in sorted({german(word), plain(word)})) + ")"
        for word in words
    )


def like(text: str) -> list[str]:
    """For SQLite without FTS5: a pattern of LIKE (escape: backslash) for each word of `text`."""
    return [f"%{_escaped(german(word))}%" for word in _typed(text)]


def _typed(text: str) -> list[str]:
    """The words of a query; quotes and what cannot be seen part them."""
    return "".join(c if c.isprintable() and c != '"' else " " for c in text).split()[:_MOST_WORDS]


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _unmarked(text: str) -> str:
    if text.isascii():
        return text
    bare = _MARKS.sub("", unicodedata.normalize("NFKD", text))
    return bare.encode("utf-8", "replace").decode()  # SQLite takes no lone surrogates
