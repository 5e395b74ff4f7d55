"""The rules of a booking: each error, each warning, and the edges of time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pm_tui.services.rules import (
    IDENTITY_FIELDS,
    STRATEGY_FIELDS,
    Draft,
    Finding,
    check,
    earliest_start,
)

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 21, 9, 3, 27, tzinfo=UTC)
GOOD = Draft(
    reservation_start=datetime(2026, 11, 21, 12, tzinfo=BERLIN),
    reservation_end=datetime(2026, 11, 21, 14, tzinfo=BERLIN),
    evse_uid="DE*ENB*E1*1",
    evse_status="AVAILABLE",
    supports_reservation=True,
    token_strategy="ad_hoc",
    external_id="engineering-emp042-20261121",
)


def found(draft: Draft, field: str, now: datetime = NOW) -> list[Finding]:
    return [finding for finding in check(draft, now) if finding.field == field]


def severities(draft: Draft, field: str, now: datetime = NOW) -> list[str]:
    return [finding.severity for finding in found(draft, field, now)]


def test_a_good_draft_has_no_findings() -> None:
    assert check(GOOD, NOW) == []


def test_an_empty_draft_says_what_is_missing() -> None:
    errors = [finding.field for finding in check(Draft(), NOW) if finding.severity == "error"]
    assert errors == ["evse_uid", "reservation_start", "reservation_end"]


@pytest.mark.parametrize(
    ("seconds", "errors"),
    [(-60, 1), (0, 1), (14 * 60, 1), (15 * 60 + 29, 1), (15 * 60 + 30, 0), (3600, 0)],
)
def test_fifteen_minutes_ahead_with_a_margin(seconds: int, errors: int) -> None:
    start = NOW + timedelta(seconds=seconds)
    draft = replace(GOOD, reservation_start=start, reservation_end=start + timedelta(hours=1))
    assert severities(draft, "reservation_start") == ["error"] * errors


def test_too_early_names_the_earliest_start_in_the_zone_of_the_start() -> None:
    start = datetime(2026, 11, 21, 10, 10, tzinfo=BERLIN)
    (finding,) = found(replace(GOOD, reservation_start=start), "reservation_start")
    assert "10:19" in finding.text


@given(
    st.datetimes(NOW.replace(tzinfo=None), timezones=st.just(UTC)).filter(lambda d: d.year < 9999)
)
def test_the_earliest_start_is_allowed_and_a_minute_before_it_is_not(now: datetime) -> None:
    first = earliest_start(now)
    assert (first.second, first.microsecond) == (0, 0)
    for start, errors in ((first, 0), (first - timedelta(minutes=1), 1)):
        draft = replace(GOOD, reservation_start=start, reservation_end=start + timedelta(hours=1))
        assert len(found(draft, "reservation_start", now)) == errors


@pytest.mark.parametrize(
    ("minutes", "severity"),
    [(-60, ["error"]), (0, ["error"]), (1, []), (240, []), (241, ["warning"]), (1440, ["warning"])],
)
def test_the_length_of_a_window(minutes: int, severity: list[str]) -> None:
    assert GOOD.reservation_start is not None
    end = GOOD.reservation_start + timedelta(minutes=minutes)
    assert severities(replace(GOOD, reservation_end=end), "reservation_end") == severity


def test_the_length_is_real_time_over_a_clock_change() -> None:
    """From 01:00 to 05:30 are three and a half hours in March and five and a half in October."""
    for month, date, findings in ((3, 28, 0), (10, 31, 1)):
        day = datetime(2027, month, date, tzinfo=BERLIN)
        draft = replace(
            GOOD,
            reservation_start=day.replace(hour=1),
            reservation_end=day.replace(hour=5, minute=30),
        )
        assert len(found(draft, "reservation_end")) == findings


def test_more_than_a_day_is_said_differently() -> None:
    assert GOOD.reservation_start is not None
    end = GOOD.reservation_start + timedelta(hours=25)
    (finding,) = found(replace(GOOD, reservation_end=end), "reservation_end")
    assert finding.severity == "warning"
    assert "1 d 1 h" in finding.text


def test_which_sort_of_no_the_charger_says() -> None:
    assert severities(replace(GOOD, evse_uid=""), "evse_uid") == ["error"]
    assert severities(replace(GOOD, supports_reservation=False), "evse_uid") == ["error"]
    assert severities(replace(GOOD, supports_reservation=None), "evse_uid") == ["warning"]
    assert severities(replace(GOOD, evse_status=None), "evse_uid") == ["warning"]
    statuses = ["CHARGING", "RESERVED", "BLOCKED", "INOPERATIVE", "OUTOFORDER", "PLANNED"]
    statuses += ["REMOVED", "TELEPORTING"]
    texts = set()
    for status in statuses:
        (finding,) = found(replace(GOOD, evse_status=status), "evse_uid")
        passing = status in ("CHARGING", "RESERVED", "BLOCKED")
        assert finding.severity == ("warning" if passing else "error")
        texts.add(finding.text)
    assert len(texts) == len(statuses)


@pytest.mark.parametrize("strategy", STRATEGY_FIELDS)
def test_a_strategy_needs_its_own_fields_and_no_others(strategy: str) -> None:
    own = STRATEGY_FIELDS[strategy]
    bare = replace(GOOD, token_strategy=strategy)
    assert [finding.field for finding in check(bare, NOW)] == list(own[:1])
    for field in IDENTITY_FIELDS:
        value = "04a1b2c3" if field == "token_uid" else "x1"
        filled = replace(bare, **{field: value})  # type: ignore[arg-type]
        assert severities(filled, field) == ([] if field in own else ["error"])
        if field in own:
            assert check(filled, NOW) == []


def test_an_identity_without_a_strategy_and_a_strategy_that_is_none() -> None:
    assert check(replace(GOOD, token_strategy=None), NOW) == []
    assert severities(replace(GOOD, token_strategy=None, token_id="t"), "token_id") == ["error"]
    assert severities(replace(GOOD, token_strategy="magic"), "token_strategy") == ["error"]


@given(st.text("0123456789abcdefABCDEF", min_size=1, max_size=24))
def test_a_token_uid_is_four_seven_or_ten_bytes(uid: str) -> None:
    draft = replace(GOOD, token_strategy="pipelet", token_uid=uid)
    assert severities(draft, "token_uid") == ([] if len(uid) in (8, 14, 20) else ["error"])


@pytest.mark.parametrize("uid", ["04a1b2cg", "04 a1 b2 c3"[:8], "０４a1b2c3", "04a1b2c3\n"])
def test_a_token_uid_is_hexadecimal(uid: str) -> None:
    draft = replace(GOOD, token_strategy="pipelet", token_uid=uid)
    assert severities(draft, "token_uid") == ["error"]


@pytest.mark.parametrize("reference", [None, "", "a" * 65, "über-1", "a b"])
def test_an_odd_reference_is_a_hint_only(reference: str | None) -> None:
    assert severities(replace(GOOD, external_id=reference), "external_id") == ["warning"]
