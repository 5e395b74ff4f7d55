"""Texts in the reader's language: gettext, English in the code, a catalogue a language beside it.

Nothing here is imported at cost: the catalogue of the language in force is read once, at the
first `use`. Machine output (`--json`, exit codes, field names) is never translated.
"""

from __future__ import annotations

import gettext
import locale
import os
from pathlib import Path

DOMAIN = "pm_tui"
LANGUAGES = ("en", "de")
LOCALE_DIR = Path(__file__).parent / "locale"

_catalogue: gettext.NullTranslations = gettext.NullTranslations()
_language = "en"


def preferred() -> str:
    """The best language we have for this environment (LC_ALL, LC_MESSAGES, LANG), else English."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            code = locale.normalize(value).partition("_")[0].lower()
            return code if code in LANGUAGES else "en"
    return "en"


def use(language: str) -> None:
    """Speak `language` from now on; one that we do not have is English."""
    global _catalogue, _language
    _language = language if language in LANGUAGES else "en"
    _catalogue = gettext.translation(DOMAIN, LOCALE_DIR, [_language], fallback=True)


def language() -> str:
    """The language in force: one of `LANGUAGES`."""
    return _language


def N_(message: str) -> str:  # noqa: N802 - the name that extractors know
    """Mark a text for the catalogue where it is written; whoever shows it calls `_`."""
    return message


def _(message: str) -> str:
    """`message` in the language in force; a catalogue answers an empty text with its header."""
    return _catalogue.gettext(message) if message else ""


def ngettext(one: str, many: str, n: int) -> str:
    return _catalogue.ngettext(one, many, n)
