"""Problem bodies in every condition, and limits: words for a person, the right leaf, no trust."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pm_tui.api.answers import Reply, status_line
from pm_tui.api.errors import ApiError, BadRequest, ServerTrouble
from pm_tui.api.home_errors import (
    BadPage,
    HourSpent,
    NoSuchDevice,
    NotAllowed,
    NotTakenOn,
    TokenRefused,
    WrongVersion,
    home_error,
    home_leaf,
    said_at_home,
)
from pm_tui.api.hour import HourGate
from pm_tui.api.limits import RateHeaders
from pm_tui.models.text import clean
from tests.api.wire import FakeClock
from tests.strategies import unicode_text

AT = datetime(2026, 11, 21, tzinfo=UTC)


def reply(body: bytes | object, status: int = 400, kind: str = "application/problem+json") -> Reply:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Reply(status, kind, data, AT)


@pytest.mark.parametrize(
    ("body", "kind", "said"),
    [
        ({"title": "Not found", "detail": "No.", "status": 200}, "", "Not found · No."),
        ({"title": "Same", "detail": "Same"}, "", "Same"),
        (
            {"title": "Bad", "detail": "x", "field_errors": {"location": ["a", "b"], "z": "c"}},
            "",
            "Bad · x · location: a b · z: c",
        ),
        ({"error": "invalid_client"}, "", "invalid_client"),
        ({"error": "e", "error_description": "why"}, "", "why"),
        (b"Forbidden by \x1b[31mproxy", "text/plain", "Forbidden by �[31mproxy"),
        (b'{"title": "cut', "", "HTTP 400 Bad Request"),
        (b"<html>x", "text/html", "HTTP 400 Bad Request"),
        ([], "", "HTTP 400 Bad Request"),
        ({"title": 3, "detail": None}, "", "HTTP 400 Bad Request"),
    ],
)
def test_what_is_said(body: object, kind: str, said: str) -> None:
    assert said_at_home(reply(body, kind=kind or "application/problem+json")) == said


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | unicode_text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(unicode_text(), inner, max_size=3),
    max_leaves=8,
)
members = st.sampled_from(["title", "detail", "status", "type", "field_errors", "error"])


@given(st.dictionaries(members, json_values), st.integers(400, 599))
def test_no_body_breaks_it_and_every_word_is_harmless(body: object, status: int) -> None:
    said = said_at_home(reply(body, status))
    assert said == clean(said, 300) and 0 < len(said) <= 300
    error = home_error(status, said)
    assert isinstance(error, ApiError) and error.status == status
    assert str(error) and error.advice


@given(st.binary(max_size=80), st.sampled_from(["text/plain", "", "application/json"]))
def test_no_bytes_break_it(body: bytes, kind: str) -> None:
    said = said_at_home(reply(body, 503, kind))
    assert said == clean(said, 300) or said == status_line(503)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, BadRequest),
        (401, TokenRefused),
        (403, NotAllowed),
        (404, NoSuchDevice),
        (405, BadRequest),
        (406, BadRequest),
        (422, NotTakenOn),
        (503, ServerTrouble),
    ],
)
def test_the_leaf_is_the_http_statuss(status: int, kind: type[ApiError]) -> None:
    assert type(home_error(status, "the body says 200")) is kind


PAGING = "https://api.ev.energy/v2/problems/pagination-parameters/"


@pytest.mark.parametrize(
    ("body", "status", "kind"),
    [
        ({"type": PAGING, "title": "Invalid pagination parameter"}, 400, BadPage),
        ({"type": PAGING.replace("parameters", "paramaters")}, 400, BadPage),
        ({"type": PAGING, "title": "Unsupported version"}, 400, WrongVersion),
        ({"type": PAGING, "title": "Not found"}, 404, None),
        ({"type": 7, "title": "Request failed validation."}, 400, None),
        ([], 400, None),
        (b"{", 400, None),
    ],
)
def test_a_400_by_its_title_and_its_type(
    body: object, status: int, kind: type[ApiError] | None
) -> None:
    found = home_leaf(reply(body, status), "said")
    assert kind is None if found is None else type(found) is kind


@given(
    st.one_of(st.none(), unicode_text(max_size=12), st.floats(0, 1e7).map(lambda n: f"{n:.3f}")),
    st.one_of(st.none(), st.integers(-5, 10**7)),
    st.one_of(st.none(), st.integers(-5, 10**7)),
)
def test_limits_of_any_kind_close_the_gate_for_a_while(
    retry_after: str | None, limit: int | None, remaining: int | None
) -> None:
    clock = FakeClock()
    gate = HourGate(clock=clock)
    headers = RateHeaders(clock.now(), limit, remaining, None, retry_after)
    refusal = gate.refused(headers, clock.monotonic(), "said")
    assert isinstance(refusal, HourSpent), "never the month's: there is none"
    assert 1 <= gate.wait() <= 32 * 86400
    snapshot = gate.snapshot()
    assert snapshot.limit >= 1 and snapshot.remaining >= 0 and not snapshot.quota_spent
