"""What may be booked, and what is said when it may not (contract/agent-api.md §4, §5)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from pydantic import ValidationError

from pm_tui.models.booking import BookingRequest
from pm_tui.models.request import problems
from pm_tui.models.text import clean
from tests.strategies import unicode_text

START = datetime(2026, 12, 1, 10, 0, 0, 700, tzinfo=timezone(timedelta(hours=1)))
GOOD: dict[str, Any] = {
    "location_id": "DE-ENB-E1",
    "evse_uid": "DE*ENB*E1*1",
    "reservation_start": START,
    "reservation_end": START + timedelta(hours=1),
}


def test_only_what_is_set_is_sent() -> None:
    assert BookingRequest(**GOOD).body() == {
        "location_id": "DE-ENB-E1",
        "evse_uid": "DE*ENB*E1*1",
        "reservation_start": "2026-12-01T09:00:00Z",
        "reservation_end": "2026-12-01T10:00:00Z",
    }


@pytest.mark.parametrize(
    "fields",
    [
        {"token_strategy": "driver_token", "customer_id": "cust_emp042"},
        {"token_strategy": "driver_token", "token_id": "t"},
        {"token_strategy": "driver_token", "token_id": "t", "customer_id": "c"},
        {"token_strategy": "group_token", "fleet_group_id": "group_abc123"},
        {"token_strategy": "ad_hoc", "connector_id": "1"},
        {"token_strategy": "pipelet", "token_uid": "04AABBCC"},
        {"token_strategy": "pipelet", "token_uid": "04AABBCCDDEEFF"},
        {"token_strategy": "pipelet", "token_uid": "04AABBCCDDEEFF001122"},
        {"external_id": "Abteilung Köln-emp 1-20260210"},
    ],
)
def test_what_may_be_booked(fields: dict[str, str]) -> None:
    assert BookingRequest(**{**GOOD, **fields}).body().items() >= fields.items()


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"reservation_end": START}, "reservation_end"),
        ({"reservation_end": START + timedelta(microseconds=1)}, "reservation_end"),
        ({"reservation_end": START - timedelta(hours=1)}, "reservation_end"),
        ({"reservation_start": datetime(2026, 12, 1)}, "reservation_start"),  # noqa: DTZ001
        ({"reservation_start": "2026-12-01T10:00:00Z"}, "reservation_start"),
        ({"location_id": " "}, "location_id"),
        ({"evse_uid": ""}, "evse_uid"),
        ({"evse_uid": "x" * 201}, "evse_uid"),
        ({"evse_uid": 5}, "evse_uid"),
        ({"token_strategy": "other"}, "token_strategy"),
        ({"token_strategy": "driver_token"}, "customer_id"),
        ({"token_strategy": "group_token"}, "fleet_group_id"),
        ({"token_strategy": "pipelet"}, "token_uid"),
        ({"token_strategy": "pipelet", "token_uid": "04AABB"}, "token_uid"),
        ({"token_strategy": "pipelet", "token_uid": "04AABBCG"}, "token_uid"),
        ({"token_strategy": "pipelet", "token_uid": "04AABBC٣"}, "token_uid"),
        ({"token_strategy": "ad_hoc", "customer_id": "c"}, "customer_id"),
        ({"token_strategy": "group_token", "fleet_group_id": "g", "token_id": "t"}, "token_id"),
        ({"customer_id": "c"}, "customer_id"),
        ({"external_id": ""}, "external_id"),
        ({"external_id": "a\nb"}, "external_id"),
        ({"external_id": " a"}, "external_id"),
        ({"external_id": "x" * 201}, "external_id"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_may_not_be_booked(fields: dict[str, Any], where: str) -> None:
    with pytest.raises(ValidationError) as caught:
        BookingRequest(**{**GOOD, **fields})
    (problem,) = problems(caught.value)
    assert problem.field == where
    assert problem.message.endswith(".")
    assert "Value error" not in problem.message


def test_what_is_missing_is_named() -> None:
    with pytest.raises(ValidationError) as caught:
        BookingRequest.model_validate({"location_id": "L"})
    assert [problem.field for problem in problems(caught.value)] == [
        "evse_uid",
        "reservation_start",
        "reservation_end",
    ]
    assert {problem.message for problem in problems(caught.value)} == {"This is needed."}
    with pytest.raises(ValidationError) as caught:
        BookingRequest(**{**GOOD, "reservation_start": START.replace(tzinfo=None)})
    (problem,) = problems(caught.value)
    assert problem.message == "This time needs a time zone."


def test_foreign_fields_pass_when_wanted() -> None:
    request = BookingRequest(**GOOD, token_strategy="ad_hoc", customer_id="c", allow_foreign=True)
    assert request.body()["customer_id"] == "c"
    assert "allow_foreign" not in request.body()


def test_a_token_uid_is_sent_in_capitals() -> None:
    request = BookingRequest(**GOOD, token_strategy="pipelet", token_uid="04aabbcc")
    assert request.token_uid == "04AABBCC"


def test_a_request_does_not_change() -> None:
    request = BookingRequest(**GOOD)
    with pytest.raises(ValidationError):
        request.location_id = "other"  # type: ignore[misc]


def test_an_error_does_not_repeat_what_was_typed() -> None:
    with pytest.raises(ValidationError) as caught:
        BookingRequest(**{**GOOD, "token_uid": "secret-thing", "token_strategy": "pipelet"})
    assert "secret-thing" not in str(caught.value)


@given(unicode_text(max_size=220))
def test_an_external_id_that_is_sent_comes_back_the_same(text: str) -> None:
    try:
        request = BookingRequest(**GOOD, external_id=text)
    except ValidationError:
        return
    assert request.external_id == clean(text) == text
    assert request.body()["reservation_start"] == START.astimezone(UTC).strftime(
        "%Y-%m-%dT%H:%M:%SZ"
    )
