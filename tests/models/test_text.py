"""Server text is harmless after `clean`, whatever it was."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pm_tui.models.text import clean, visible_id

ANYTHING = st.text(st.characters(codec=None, categories=None), max_size=400)
NASTY = st.text(
    st.sampled_from(
        "a ä\u0301\u0489\x1b\x00\x9b\n\t\u202e\u200b\u2066\ufeff\U000e0041\ud800\xad\xa0é"
    ),
    max_size=60,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Königstraße 5", "Königstraße 5"),
        ("[bold]x[/bold]", "[bold]x[/bold]"),
        ("  a\tb\r\nc  ", "a b c"),
        ("a\u2028b", "a b"),
        ("\x1b[31mred\x1b]52;c;x\x07", "\ufffd[31mred\ufffd]52;c;x\ufffd"),
        ("\x9b31m", "\ufffd31m"),
        ("abc\u202edef", "abc\ufffddef"),
        ("a\u200bb\ufeff", "a\ufffdb\ufffd"),
        ("u\u0308ber", "über"),
        ("e" + "\u0489" * 50, "e" + "\u0489" * 4),
        ("\ud800", "\ufffd"),
        ("", ""),
        ("\n", ""),
        ("充電 駅", "充電 駅"),
    ],
)
def test_clean(text: str, expected: str) -> None:
    assert clean(text) == expected


def test_a_long_text_is_cut_visibly() -> None:
    assert clean("x" * 300) == "x" * 199 + "…"
    assert clean("x" * 200) == "x" * 200
    assert clean("ü" * 10**6, 5) == "üüüü…"


@given(ANYTHING | NASTY, st.integers(1, 250))
def test_nothing_dangerous_is_left(text: str, limit: int) -> None:
    cleaned = clean(text, limit)
    assert len(cleaned) <= limit
    assert cleaned == cleaned.strip()
    run = 0
    for char in cleaned:
        kind = unicodedata.category(char)
        assert kind not in ("Cc", "Cs", "Zl", "Zp"), ascii(char)
        assert unicodedata.bidirectional(char) not in ("LRE", "RLE", "LRO", "RLO", "PDF"), ascii(
            char
        )
        assert unicodedata.bidirectional(char) not in ("LRI", "RLI", "FSI", "PDI"), ascii(char)
        run = run + 1 if kind in ("Mn", "Me") else 0
        assert run <= 4
    cleaned.encode()


@given(ANYTHING | NASTY, st.integers(1, 250))
def test_clean_twice_is_clean_once(text: str, limit: int) -> None:
    assert clean(clean(text, limit), limit) == clean(text, limit)


@given(st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), max_size=200))
def test_plain_text_is_untouched(text: str) -> None:
    assert clean(text) == text


@given(ANYTHING)
def test_an_id_is_shown_with_every_odd_character(text: str) -> None:
    shown = visible_id(text)
    assert shown.isascii()
    assert shown.isprintable()


def test_ids_that_look_alike_are_told_apart() -> None:
    assert visible_id("DE*ENB*E1-2_3.4") == "DE*ENB*E1-2_3.4"
    assert visible_id("DE*ЕNB") == "DE*\\u0415NB"
    assert visible_id("a b\U0001f50c\n") == "a\\u0020b\\U0001f50c\\u000a"
