"""Addresses and keys that may be used, and those that must not."""

from __future__ import annotations

import traceback

import pytest
from hypothesis import given
from pydantic import SecretStr

from pm_tui.api.endpoint import check_key, check_url
from tests.strategies import unicode_text


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://api.petitmonde.energy/api/v1/client", None),
        (" https://api.example.org:8443/x/ ", "https://api.example.org:8443/x"),
        ("http://127.0.0.1:8000/api", None),
        ("http://127.9.9.9", None),
        ("http://localhost:1/", "http://localhost:1"),
        ("http://[::1]:8000/api", None),
    ],
)
def test_addresses_that_may_be_used(url: str, expected: str | None) -> None:
    assert check_url(url) == (expected or url)


@pytest.mark.parametrize(
    "url",
    [
        "http://api.example.org",
        "http://127.0.0.1.example.org",
        "http://localhost.example.org",
        "http://0.0.0.0:80",
        "ftp://localhost",
        "api.example.org",
        "",
        "https://",
        "https://x:99999",
        "https://x:0",
        "https://x:y",
        "https://[::1",
        "https://user:pass@x",
        "https://user@x",
        "https://x/?a=b",
        "https://x/#a",
        "https://x/a b",
        "https://x\n.y",
        "file:///etc/passwd",
    ],
)
def test_addresses_that_must_not_be_used(url: str) -> None:
    with pytest.raises(ValueError, match=r"address"):
        check_url(url)


@given(unicode_text())
def test_any_text_is_an_address_or_a_value_error(url: str) -> None:
    try:
        found = check_url(url)
    except ValueError:
        return
    assert check_url(found) == found


def test_a_key_loses_the_space_around_it() -> None:
    assert check_key(SecretStr(" pm_live_0\n")).get_secret_value() == "pm_live_0"


@pytest.mark.parametrize("tail", ["\nX-Evil: 1", "ä", " two", "\x00", "\u2028", "\x7f"])
def test_an_impossible_key_is_not_shown(tail: str) -> None:
    with pytest.raises(ValueError, match="key") as caught:
        check_key(SecretStr("canary" + tail + "end"))
    shown = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    # the frames of this test hold the pieces; none holds the whole
    assert ("canary" + tail) not in "".join(shown.format())


@pytest.mark.parametrize("key", ["", "  ", "\n"])
def test_no_key_is_no_key(key: str) -> None:
    with pytest.raises(ValueError, match="key"):
        check_key(SecretStr(key))
