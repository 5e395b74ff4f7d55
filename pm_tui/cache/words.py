"""Names found however they are typed: München, Munchen, Muenchen, muenchen."""

from __future__ import annotations

import unicodedata

_GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_MOST_WORDS = 8  # of a query; more than anybody types, less than what makes a search slow


def german(text: str) -> str:
    """Lower case as Germans spell without umlauts; other marks fall away (é is e)."""
    composed = unicodedata.normalize("NFC", text).lower()
    return _unmarked(composed.translate(_GERMAN))


def plain(text: str) -> str:
    """Lower case without any marks: ü is u, ß is ss."""
    return _unmarked(unicodedata.normalize("NFC", text).lower().replace("ß", "ss"))


def folded(*texts: str) -> str:
    """Both spellings of `texts`, each word once, to be searched in."""
    joined = " ".join(texts)
    first, second = german(joined), plain(joined)
    return first if first == second else f"{first} {second}"


def match(text: str) -> str:
    """An FTS5 query for entries that hold a word beginning with each word of `text`; "" for none.

    Every word is quoted, so that nothing that a user types is an operator.
    """
    words = [word for word in text.replace('"', " ").split() if any(map(str.isalnum, word))]
    return " AND ".join(
        "(" + " OR ".join(f'"{form}"*' for form in sorted({german(word), plain(word)})) + ")"
        for word in words[:_MOST_WORDS]
    )


def like(text: str) -> list[str]:
    """For SQLite without FTS5: a pattern of LIKE (escape: backslash) for each word of `text`."""
    return [f"%{_escaped(german(word))}%" for word in text.split()[:_MOST_WORDS]]


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _unmarked(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    bare = "".join(char for char in decomposed if not unicodedata.combining(char))
    return bare.encode("utf-8", "replace").decode()  # SQLite takes no lone surrogates
