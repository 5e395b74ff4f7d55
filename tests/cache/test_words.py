from __future__ import annotations

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pm_tui.cache import words
from tests.strategies import unicode_text


@pytest.mark.parametrize("typed", ["München", "munchen", "MUENCHEN", "Mün", "mu", "München"])
def test_one_city_in_all_its_spellings(typed: str) -> None:
    assert found_by_fts("Stadtwerke München", typed)
    assert found_by_like("Stadtwerke München", typed)


@pytest.mark.parametrize("typed", ["Mühlenstraße", "muehlenstrasse", "muhlenstrasse", "MÜHLEN"])
def test_sharp_s(typed: str) -> None:
    assert found_by_fts("Mühlenstraße 7", typed)
    assert found_by_like("Mühlenstraße 7", typed)


def test_every_word_must_fit() -> None:
    assert found_by_fts("EnBW Köln Süd", "koeln enbw")
    assert not found_by_fts("EnBW Köln Süd", "koeln ionity")


def test_an_evse_id_is_words() -> None:
    assert found_by_fts("DE*ENB*E123456", "de*enb*e123")
    assert not found_by_fts("DE*ENB*E123456", "e999")


@pytest.mark.parametrize(
    "typed", ['"', "'", "AND", "a OR b", "NEAR(x", "words:x", "-x", "*", "^a", "x\x00y", "(", '"*']
)
def test_operators_are_words(typed: str) -> None:
    found_by_fts("x", typed)  # raises when it is parsed as a query
    assert found_by_like("AND or", "AND")


@given(unicode_text(), unicode_text())
def test_nothing_typed_is_an_error(text: str, typed: str) -> None:
    found_by_fts(text, typed)
    found_by_like(text, typed)


@given(
    st.text(alphabet=st.characters(categories=["Lu", "Ll", "Nd"], max_codepoint=0x24F), min_size=1)
)
def test_a_word_finds_itself(word: str) -> None:
    assert found_by_fts(word, word)
    assert found_by_like(word, word)


def test_a_percent_sign_is_no_wildcard() -> None:
    assert not found_by_like("abc", "a%c")
    assert not found_by_like("abc", "a_c")
    assert found_by_like("100% Öko", "100%")


def found_by_fts(text: str, typed: str) -> bool:
    query = words.match(typed)
    connection = sqlite3.connect(":memory:")
    connection.execute(
        "CREATE VIRTUAL TABLE w USING fts5(t, tokenize='unicode61 remove_diacritics 2')"
    )
    connection.execute("INSERT INTO w VALUES (?)", (words.folded(text),))
    sql = "SELECT count(*) FROM w WHERE w MATCH ?"
    return bool(query) and connection.execute(sql, (query,)).fetchone()[0] == 1


def found_by_like(text: str, typed: str) -> bool:
    connection = sqlite3.connect(":memory:")
    return all(
        connection.execute("SELECT ? LIKE ? ESCAPE '\\'", (words.folded(text), pattern)).fetchone()[
            0
        ]
        for pattern in words.like(typed)
    )
