"""Extract the texts of the program, bring every catalogue up to date, compile it.

    python -m tests.messages

Run it after a text has changed, then translate what it names. What is written depends on the
texts alone: no dates, no line numbers, sorted by text, so that a catalogue changes only where
something was said differently. There are no guesses: a text that changed starts untranslated, and
what its old translation was is printed, once.
"""

from __future__ import annotations

import io
import sys
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

import pm_tui
from pm_tui.i18n import DOMAIN, LANGUAGES, LOCALE_DIR

PACKAGE = Path(pm_tui.__file__).parent
KEYWORDS: dict[str, tuple[int, ...] | None] = {"_": None, "N_": None, "ngettext": (1, 2)}
TRANSLATED = tuple(language for language in LANGUAGES if language != "en")
# of Babel's headers those that mean something here; the others are dates and names
HEADERS = ("Language", "Plural-Forms", "MIME-Version", "Content-Type", "Content-Transfer-Encoding")
COMMENT = "# The texts of pm-tui; kept by: python -m tests.messages"


class Stable(Catalog):
    """A catalogue whose header says the same whenever and wherever it is written."""

    def __init__(self, locale: str | None = None) -> None:
        super().__init__(locale, DOMAIN, header_comment=COMMENT, fuzzy=False)

    @property
    def mime_headers(self) -> list[tuple[str, str]]:
        return [pair for pair in super().mime_headers if pair[0] in HEADERS]


def folder(language: str) -> Path:
    """Where the catalogues of `language` lie, inside the package."""
    return LOCALE_DIR / language / "LC_MESSAGES"


@cache  # reading all of the package takes its time
def extracted() -> Stable:
    """Every text that is marked in the package."""
    template = Stable()
    for path in sorted(PACKAGE.rglob("*.py")):
        name = path.relative_to(PACKAGE.parent).as_posix()
        for _line, text, _comments, _context in extract_from_file(
            "python", str(path), keywords=KEYWORDS
        ):
            template.add(text, locations=[(name, 1)])
    return template


def translated(language: str) -> Catalog:
    """The catalogue as it lies there; an empty one for a new language."""
    path = folder(language) / f"{DOMAIN}.po"
    if not path.exists():
        return Stable(language)
    with path.open("rb") as stream:
        return read_po(stream, locale=language, domain=DOMAIN)


def merged(template: Catalog, old: Catalog, language: str) -> Stable:
    """The texts of `template` with the translations that `old` has for exactly these."""
    new = Stable(language)
    for message in texts(template):
        known = old.get(message.id)
        keep = known is not None and known.id == message.id and not known.fuzzy
        new.add(
            message.id,
            known.string if known is not None and keep else None,
            locations=sorted(set(message.locations)),
        )
    return new


def texts(catalog: Catalog) -> list[Message]:
    """The messages without the header."""
    return [message for message in catalog if message.id]


def is_complete(message: Message) -> bool:
    """Whether there is a translation, in every plural form."""
    forms = message.string if isinstance(message.string, list | tuple) else [message.string]
    return all(forms) and not message.fuzzy


def po_bytes(catalog: Catalog) -> bytes:
    stream = io.BytesIO()
    write_po(
        stream, catalog, width=100, sort_output=True, include_lineno=False, ignore_obsolete=True
    )
    return stream.getvalue().rstrip(b"\n") + b"\n"


def mo_bytes(catalog: Catalog) -> bytes:
    stream = io.BytesIO()
    write_mo(stream, catalog)
    return stream.getvalue()


def update(language: str) -> Stable:
    """Write the catalogue of `language` and what it compiles to."""
    template, old = extracted(), translated(language)
    new = merged(template, old, language)
    for message in texts(old):
        if template.get(message.id) is None and message.string:
            print(f"{language}: gone: {message.id!r}: {message.string!r}")
    place = folder(language)
    place.mkdir(parents=True, exist_ok=True)
    (place / f"{DOMAIN}.po").write_bytes(po_bytes(new))
    (place / f"{DOMAIN}.mo").write_bytes(mo_bytes(new))
    return new


def main() -> int:
    """0 when every catalogue is complete; 1, after naming what is to translate."""
    missing = 0
    for language in TRANSLATED:
        catalog = update(language)
        open_ones = [message for message in texts(catalog) if not is_complete(message)]
        for message in open_ones:
            print(f"{language}: to translate: {message.id!r}")
        print(f"{language}: {len(texts(catalog))} texts, {len(open_ones)} to translate")
        missing += len(open_ones)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
