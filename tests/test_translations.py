"""The catalogues: complete, in step with the code, and really spoken."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from textual.binding import Binding

from pm_tui import formats, i18n
from pm_tui.api import errors
from pm_tui.cli import search
from pm_tui.cli.output import layout
from pm_tui.i18n import _, ngettext
from pm_tui.models.charger import Location
from pm_tui.models.statuses import STATUSES
from pm_tui.services.ages import Limits
from pm_tui.tui.app import PmTuiApp
from pm_tui.tui.screens.base import View
from pm_tui.tui.screens.batch import BatchView
from pm_tui.tui.screens.bookings import BookingsView
from pm_tui.tui.screens.find import FindView
from pm_tui.tui.widgets import batch_table, booking_table, location_table
from pm_tui.tui.widgets.paged_table import PagedTable
from tests import messages
from tests.fakes import NOON

# {name}, {name!r}, {seconds:g}, %s, %r, %(choices)s
PLACEHOLDER = re.compile(r"\{[^{}]*\}|%(?:\(\w+\))?[a-z%]")


@pytest.fixture(autouse=True)
def _english_again() -> Iterator[None]:
    yield
    i18n.use("en")


@pytest.fixture(scope="module")
def template() -> Catalog:
    return messages.extracted()


@pytest.fixture(params=messages.TRANSLATED, scope="module")
def catalogue(request: pytest.FixtureRequest) -> Catalog:
    return messages.translated(request.param)


def forms(message: Message) -> tuple[list[str], list[str]]:
    """The texts in the code and the translations, one or two of each."""
    said = [message.id] if isinstance(message.id, str) else list(message.id)
    spoken = [message.string] if isinstance(message.string, str) else list(message.string or ())
    return said, spoken


def test_the_extractor_finds_every_kind_of_mark(template: Catalog) -> None:
    for text in ("Bookings", "usage: ", "port on loopback (default: a free one)"):
        assert template.get(text) is not None
    assert template.get(("{n} booking", "{n} bookings")) is not None
    assert len(messages.texts(template)) > 500


def test_no_text_is_missing_or_left_over(template: Catalog, catalogue: Catalog) -> None:
    told = {message.id for message in messages.texts(catalogue)}
    assert told == {message.id for message in messages.texts(template)}, "python -m tests.messages"


def test_nothing_is_untranslated_or_guessed(catalogue: Catalog) -> None:
    open_ones = [one.id for one in messages.texts(catalogue) if not messages.is_complete(one)]
    assert open_ones == []
    assert not catalogue.obsolete


def test_an_untranslated_or_guessed_text_counts_as_such() -> None:
    one, many = "{n} day", "{n} days"
    assert messages.is_complete(Message("Help", "Hilfe"))
    assert not messages.is_complete(Message("Help", ""))
    assert not messages.is_complete(Message("Help", "Hilfe", flags=["fuzzy"]))
    assert not messages.is_complete(Message((one, many), ("{n} Tag", "")))


def test_placeholders_agree(catalogue: Catalog) -> None:
    for message in messages.texts(catalogue):
        said, spoken = forms(message)
        wanted = [sorted(PLACEHOLDER.findall(text)) for text in said]
        for text in spoken:
            assert sorted(PLACEHOLDER.findall(text)) in wanted, message.id


def test_blanks_at_the_edges_and_line_breaks_agree(catalogue: Catalog) -> None:
    for message in messages.texts(catalogue):
        said, spoken = forms(message)
        for text in spoken:
            assert _frame(text) == _frame(said[0]), message.id


def _frame(text: str) -> tuple[int, int, int]:
    return len(text) - len(text.lstrip()), len(text) - len(text.rstrip()), text.count("\n")


def test_german_has_two_forms() -> None:
    german = messages.translated("de")
    assert german.num_plurals == 2
    assert german.plural_expr == "(n != 1)"
    i18n.use("de")
    found = [ngettext("{n} booking", "{n} bookings", n).format(n=n) for n in (0, 1, 2)]
    assert found == ["0 Buchungen", "1 Buchung", "2 Buchungen"]


@pytest.mark.parametrize("language", messages.TRANSLATED)
def test_what_is_compiled_is_what_is_written(language: str) -> None:
    written = messages.merged(
        messages.translated(language), messages.translated(language), language
    )
    compiled = messages.folder(language) / f"{i18n.DOMAIN}.mo"
    assert compiled.read_bytes() == messages.mo_bytes(written), "python -m tests.messages"


def test_updating_twice_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(messages, "LOCALE_DIR", tmp_path)
    assert messages.main() == 1  # a new catalogue has everything to translate
    first = {path.name: path.read_bytes() for path in messages.folder("de").iterdir()}
    messages.main()
    assert {path.name: path.read_bytes() for path in messages.folder("de").iterdir()} == first
    assert "de: to translate: 'Bookings'" in capsys.readouterr().out
    assert b"POT-Creation-Date" not in first["pm_tui.po"]


def test_a_translation_is_kept_and_a_gone_one_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(messages, "LOCALE_DIR", tmp_path)
    old = messages.Stable("de")
    old.add("Bookings", "Buchungen")
    old.add("Said once", "Einst gesagt")
    old.add("Help", "Geraten", flags=["fuzzy"])
    messages.folder("de").mkdir(parents=True)
    (messages.folder("de") / "pm_tui.po").write_bytes(messages.po_bytes(old))
    new = messages.update("de")
    assert capsys.readouterr().out == "de: gone: 'Said once': 'Einst gesagt'\n"
    texts = {message.id: message.string for message in messages.texts(new)}
    assert texts["Bookings"] == "Buchungen"
    assert not texts["Help"]
    assert "Said once" not in texts


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_nothing_to_say_stays_nothing(language: str) -> None:
    i18n.use(language)
    assert _("") == ""


def test_texts_errors_and_formats_are_german() -> None:
    i18n.use("de")
    assert str(errors.Unreachable()) == "Der Server ist nicht erreichbar."
    assert formats.status_mark("CONFIRMED").word == "bestätigt"
    assert formats.duration(timedelta(days=2, hours=3)) == "2 Tg. 3 h"
    i18n.use("en")
    assert str(errors.Unreachable()) == "The server cannot be reached."


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_titles_of_columns_fit_their_columns(language: str) -> None:
    i18n.use(language)
    for column in (*location_table.COLUMNS, *booking_table.COLUMNS, *batch_table.COLUMNS):
        assert len(_(column.label)) <= (column.width or 18), column.label


ALONE = ("batch.stop",)  # while a table is sent it stands there in the place of two others


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_no_status_of_a_booking_is_cut_off(language: str) -> None:
    i18n.use(language)
    for status in STATUSES:
        assert len(str(booking_table.status_words(status))) <= booking_table.STATUS_WIDTH


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_an_old_figure_is_whole(language: str) -> None:
    i18n.use(language)
    evses = [{"evse_uid": f"E{n}", "status": "AVAILABLE"} for n in range(20)]
    pricing = {"estimated_price": 42.77, "currency": "EUR"}
    place = Location.read({"location_id": "L", "evses": evses, "pricing": pricing})
    second = timedelta(seconds=1)
    limits = Limits(second, second, second, second)
    shown = location_table.cells(place, NOON, NOON + 2 * second, limits)
    assert str(shown["free"]) == "20/20?"
    assert len(str(shown["price"])) <= location_table.PRICE_WIDTH
    assert "42" in str(shown["price"]) and "77" in str(shown["price"])


@pytest.mark.parametrize("language", i18n.LANGUAGES)
@pytest.mark.parametrize("view", [FindView, BookingsView, BatchView])
def test_the_keys_fit_into_80_columns(view: type[View], language: str) -> None:
    i18n.use(language)
    width = 0
    told: set[str] = set()  # an action stands there once
    for binding in (*PagedTable.BINDINGS, *view.BINDINGS, *PmTuiApp.BINDINGS):
        if not isinstance(binding, Binding) or binding.action in told or binding.id in ALONE:
            continue
        if binding.show:
            told.add(binding.action)
            key = binding.key_display or binding.key.replace("ctrl+", "^")
            width += len(f" {key} {_(binding.description)} ")
    assert 40 < width <= 80


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_the_table_of_a_search_fits_into_80_columns_whole(language: str) -> None:
    i18n.use(language)
    row = ["12,3 km", "Parkhaus " * 5, "Stadtwerke " * 3, "Typ 2, CCS", "400 kW", "7/8", "43,80 €"]
    columns = search._columns()
    header, *_rows = layout(columns, [[*row, formats.UNKNOWN]], 80)
    assert all(column.title in header for column in columns)


def pm_tui(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pm_tui", *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={"PATH": "", "LC_ALL": "de_DE.UTF-8", "PYTHONUTF8": "1", "COLUMNS": "80"},
        check=False,
        timeout=60,
    )


def test_help_is_german_for_a_german_locale() -> None:
    done = pm_tui("search", "--help")
    assert done.returncode == 0
    assert done.stdout.startswith("Aufruf: pm-tui search ")
    for word in ("Optionen:", "Argumente:", "diese Hilfe zeigen und beenden", "Vorgabe: 25"):
        assert word in done.stdout
    for words in (done.stdout, pm_tui("--help").stdout, pm_tui("sandbox", "--help").stdout):
        assert not re.search(r"\b(?:the|show|and|default|options|of)\b", words)


def test_a_usage_error_is_german_and_english_can_be_chosen() -> None:
    german = pm_tui("search", "Berlin", "--sort", "colour")
    assert german.returncode == 2
    assert "Argument --sort: 'colour' gibt es nicht (zur Wahl: " in german.stderr
    english = pm_tui("--language", "en", "search", "Berlin", "--sort", "colour")
    assert "argument --sort: invalid choice: 'colour'" in english.stderr
