"""Typed times: every form, and every day of every clock change of three years in three zones."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pm_tui import formats, i18n
from pm_tui.services.when import (
    Ambiguous,
    NoSuchTime,
    Unit,
    WhenError,
    at,
    later,
    parse_when,
    refuse_over,
    show_when,
    step,
)
from tests.strategies import CHARACTERS, unicode_text

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 21, 10, 3, 27, tzinfo=BERLIN)  # a Saturday

FORWARD = {  # the day, the first minute that is skipped; each by an hour
    "Europe/Berlin": ((date(2026, 3, 29), 2), (date(2027, 3, 28), 2), (date(2028, 3, 26), 2)),
    "Europe/London": ((date(2026, 3, 29), 1), (date(2027, 3, 28), 1), (date(2028, 3, 26), 1)),
    "America/New_York": ((date(2026, 3, 8), 2), (date(2027, 3, 14), 2), (date(2028, 3, 12), 2)),
}
BACK = {  # the day, the hour that comes twice
    "Europe/Berlin": ((date(2026, 10, 25), 2), (date(2027, 10, 31), 2), (date(2028, 10, 29), 2)),
    "Europe/London": ((date(2026, 10, 25), 1), (date(2027, 10, 31), 1), (date(2028, 10, 29), 1)),
    "America/New_York": ((date(2026, 11, 1), 1), (date(2027, 11, 7), 1), (date(2028, 11, 5), 1)),
}
GAPS = [(ZoneInfo(zone), day, hour) for zone, days in FORWARD.items() for day, hour in days]
FOLDS = [(ZoneInfo(zone), day, hour) for zone, days in BACK.items() for day, hour in days]
CHANGES = GAPS + FOLDS


NO_MOMENTS = (
    "| |soon|25:00|12:60|13pm|0 am|25.11|31.11. 9|29.2.2027 9|11/12 9|9-12|9:00-12:00|14:30 CEST"
    "|14:30 A|Mon 24 Nov 9|+|+2|+2x|+9999w 1h|--2h|14:30 14:30|2026-13-01 9|[bold]14:30"
    "|9999-12-31 23:59|0001-01-01 0:00|1969-12-31 9|+999w +9999d"
)


def utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


def real_hours(one: datetime, two: datetime) -> float:
    return (utc(two) - utc(one)) / timedelta(hours=1)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("14:30", "2026-11-21T14:30"),
        ("1430", "2026-11-21T14:30"),
        ("14.30", "2026-11-21T14:30"),
        ("14 Uhr", "2026-11-21T14:00"),
        ("14 Uhr 30", "2026-11-21T14:30"),
        ("14:30 Uhr", "2026-11-21T14:30"),
        ("2:30 pm", "2026-11-21T14:30"),
        ("12am", "2026-11-22T00:00"),
        ("24:00", "2026-11-22T00:00"),
        ("9", "2026-11-22T09:00"),
        ("930", "2026-11-22T09:30"),
        ("10:03", "2026-11-22T10:03"),
        ("10:04", "2026-11-21T10:04"),
        ("now", "2026-11-21T10:04"),
        ("jetzt", "2026-11-21T10:04"),
        ("+2h", "2026-11-21T12:04"),
        ("+90m", "2026-11-21T11:34"),
        ("+1h30", "2026-11-21T11:34"),
        ("+1:30", "2026-11-21T11:34"),
        ("+1d 2h", "2026-11-22T12:04"),
        ("+1w", "2026-11-28T10:04"),
        ("in 2 Stunden", "2026-11-21T12:04"),
        ("in 1 Tag", "2026-11-22T10:04"),
        ("tomorrow 9", "2026-11-22T09:00"),
        ("morgen 9", "2026-11-22T09:00"),
        ("Morgen um 9 Uhr", "2026-11-22T09:00"),
        ("übermorgen 7", "2026-11-23T07:00"),
        ("today 18:00", "2026-11-21T18:00"),
        ("today 9", "2026-11-21T09:00"),
        ("heute", "2026-11-21T10:04"),
        ("morgen", "2026-11-22T10:04"),
        ("fri 8", "2026-11-27T08:00"),
        ("Freitag 8:30", "2026-11-27T08:30"),
        ("Freitag 8.30", "2026-11-27T08:30"),
        ("sat 9", "2026-11-28T09:00"),
        ("Sa. 11", "2026-11-21T11:00"),
        ("2026-11-25 14:30", "2026-11-25T14:30"),
        ("2026-11-25T14:30:00", "2026-11-25T14:30"),
        ("25.11. 14:30", "2026-11-25T14:30"),
        ("25.11 14:30", "2026-11-25T14:30"),
        ("25.11.2026 14:30", "2026-11-25T14:30"),
        ("25.11.26 1430", "2026-11-25T14:30"),
        ("20.11. 9", "2027-11-20T09:00"),
        ("29.2. 9", "2028-02-29T09:00"),
        ("21 Nov 9:00", "2026-11-21T09:00"),
        ("24. November 9:00", "2026-11-24T09:00"),
        ("Nov 24, 9:00", "2026-11-24T09:00"),
        ("24 Dez 2026 9", "2026-12-24T09:00"),
        ("3. März 9", "2027-03-03T09:00"),
        ("Tue 24 Nov 14:30 CET", "2026-11-24T14:30"),
        ("14:30 MEZ", "2026-11-21T14:30"),
        ("13:30 UTC", "2026-11-21T14:30"),
        ("2026-11-25T13:30Z", "2026-11-25T14:30"),
        ("2026-11-25T14:30+05:00", "2026-11-25T10:30"),
    ],
)
def test_forms(text: str, meant: str) -> None:
    assert parse_when(text, now=NOW, zone=BERLIN) == datetime.fromisoformat(meant).replace(
        tzinfo=BERLIN
    )


@pytest.mark.parametrize(
    "text",
    NO_MOMENTS.split("|"),
)
def test_what_is_no_moment_says_so(text: str) -> None:
    with pytest.raises(WhenError) as caught:
        parse_when(text, now=NOW, zone=BERLIN)
    assert str(caught.value).endswith((".", "B."))


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("14:30", "2026-11-24T14:30"),
        ("9", "2026-11-25T09:00"),
        ("12:00", "2026-11-25T12:00"),
        ("+2h", "2026-11-24T14:00"),
        ("+1d", "2026-11-25T12:00"),
        ("wed", "2026-11-25T12:00"),
        ("Di 18", "2026-11-24T18:00"),
        ("di 9", "2026-12-01T09:00"),
        ("today 18:00", "2026-11-21T18:00"),
        ("25.11.", "2026-11-25T12:00"),
        ("24:00", "2026-11-25T00:00"),
    ],
)
def test_an_end_counts_from_its_start(text: str, meant: str) -> None:
    base = datetime(2026, 11, 24, 12, tzinfo=BERLIN)
    moment = parse_when(text, now=NOW, zone=BERLIN, base=base)
    assert moment == datetime.fromisoformat(meant).replace(tzinfo=BERLIN)


def test_now_may_be_told_in_any_zone() -> None:
    assert parse_when("9", now=NOW.astimezone(UTC), zone=BERLIN) == datetime(
        2026, 11, 22, 9, tzinfo=BERLIN
    )
    tokyo = ZoneInfo("Asia/Tokyo")  # 18:03 there
    assert parse_when("today 9", now=NOW, zone=tokyo).tzinfo is tokyo


@pytest.mark.parametrize(("zone", "day", "hour"), GAPS)
@given(minute=st.integers(0, 59))
def test_a_skipped_hour_is_refused_with_the_next_valid_time(
    zone: ZoneInfo, day: date, hour: int, minute: int
) -> None:
    now = datetime.combine(day, time(), zone) - timedelta(days=30)
    with pytest.raises(NoSuchTime) as caught:
        parse_when(f"{day} {hour}:{minute:02}", now=now, zone=zone)
    after = caught.value.next_valid
    assert (after.date(), after.hour, after.minute) == (day, hour + 1, 0)
    assert real_hours(at(day, time(hour - 1), zone), after) == 1
    assert f"{hour:02}:{minute:02}" in str(caught.value)
    assert f"{hour + 1:02}:00" in str(caught.value)


@pytest.mark.parametrize(("zone", "day", "hour"), FOLDS)
@given(minute=st.integers(0, 59))
def test_a_repeated_hour_asks_which_and_takes_the_answer(
    zone: ZoneInfo, day: date, hour: int, minute: int
) -> None:
    now = datetime.combine(day, time(), zone) - timedelta(days=30)
    typed = f"{day} {hour}:{minute:02}"
    with pytest.raises(Ambiguous) as caught:
        parse_when(typed, now=now, zone=zone)
    first, second = caught.value.first, caught.value.second
    assert real_hours(first, second) == 1
    for letter, choice in (("A", first), ("B", second)):
        for mark in (letter, choice.tzname(), formats.offset(choice)):
            assert utc(parse_when(f"{typed} {mark}", now=now, zone=zone)) == utc(choice)
    assert utc(parse_when(f"{typed}{formats.offset(second)}", now=now, zone=zone)) == utc(second)


@pytest.mark.parametrize(("zone", "day", "hour"), CHANGES)
@given(start=st.integers(0, 24 * 60), minutes=st.integers(0, 600))
def test_a_span_is_real_time_over_a_clock_change(
    zone: ZoneInfo, day: date, hour: int, start: int, minutes: int
) -> None:
    base = later(at(day, time(), zone), timedelta(minutes=start))
    end = parse_when(f"+{minutes}m", now=NOW, zone=zone, base=base)
    assert real_hours(base, end) * 60 == pytest.approx(minutes)
    assert utc(step(base, "hour", 2)) - utc(base) == timedelta(hours=2)


@pytest.mark.parametrize(("zone", "day", "hour"), CHANGES)
@given(
    minute=st.integers(0, 26 * 60),
    viewer=st.sampled_from([None, ZoneInfo("UTC"), ZoneInfo("Asia/Tokyo")]),
    language=st.sampled_from(i18n.LANGUAGES),
)
def test_what_is_shown_is_read_back_as_the_same_moment(
    zone: ZoneInfo, day: date, hour: int, minute: int, viewer: ZoneInfo | None, language: str
) -> None:
    value = later(at(day, time(), zone), timedelta(minutes=minute))
    i18n.use(language)
    try:
        shown = show_when(value, zone, viewer, now=None)
    finally:
        i18n.use("en")
    assert utc(parse_when(shown.partition(" (")[0], now=NOW, zone=zone)) == utc(value)


@pytest.mark.parametrize(("zone", "day", "hour"), CHANGES)
@given(clock=st.times(), wait=st.integers(0, 48 * 60))
def test_a_bare_time_is_the_next_such_and_never_another_clock_time(
    zone: ZoneInfo, day: date, hour: int, clock: time, wait: int
) -> None:
    now = later(at(day, time(), zone), timedelta(minutes=wait - 24 * 60))
    clock = clock.replace(second=0, microsecond=0)
    try:
        meant = parse_when(f"{clock:%H:%M}", now=now, zone=zone)
    except (NoSuchTime, Ambiguous):
        assert clock.hour == hour
        return
    assert (meant.hour, meant.minute) == (clock.hour, clock.minute)
    assert timedelta(0) <= utc(meant) - utc(now) <= timedelta(hours=25)


def test_when_the_first_of_two_hours_is_over_only_the_second_can_be_meant() -> None:
    between = datetime(2026, 10, 25, 0, 45, tzinfo=UTC)  # 02:45 CEST
    meant = parse_when("2:30", now=between, zone=BERLIN)
    assert meant.tzname() == "CET"
    end = parse_when("2:30", now=NOW, zone=BERLIN, base=between)
    assert real_hours(between, end) == 0.75


def test_a_skipped_hour_of_today_that_is_over_means_tomorrow() -> None:
    now = datetime(2026, 3, 29, 10, tzinfo=BERLIN)
    assert parse_when("2:30", now=now, zone=BERLIN) == datetime(2026, 3, 30, 2, 30, tzinfo=BERLIN)


def test_a_whole_day_more_keeps_the_clock_and_the_offset() -> None:
    base = datetime(2026, 10, 24, 2, 30, tzinfo=BERLIN)
    assert parse_when("+1d", now=NOW, zone=BERLIN, base=base).tzname() == "CEST"
    with pytest.raises(NoSuchTime):
        parse_when("+1d", now=NOW, zone=BERLIN, base=datetime(2026, 3, 28, 2, 30, tzinfo=BERLIN))


@given(
    start=st.integers(0, 366 * 24 * 60),
    unit=st.sampled_from(["minute", "hour", "day"]),
    amount=st.integers(-60, 60).filter(bool),
)
def test_a_step_goes_the_way_of_its_sign_and_lands_on_a_real_time(
    start: int, unit: Unit, amount: int
) -> None:
    value = later(datetime(2026, 1, 1, tzinfo=BERLIN), timedelta(minutes=start))
    moved = step(value, unit, amount)
    assert (utc(moved) > utc(value)) == (amount > 0)
    assert utc(moved).astimezone(BERLIN).replace(tzinfo=None) == moved.replace(tzinfo=None)


def test_steps() -> None:
    value = datetime(2026, 11, 21, 14, 3, tzinfo=BERLIN)
    assert f"{step(value, 'minute', 15):%H:%M}" == "14:15"
    assert f"{step(value, 'minute', -15):%H:%M}" == "14:00"
    assert f"{step(step(value, 'minute', -15), 'minute', -15):%H:%M}" == "13:45"
    gap = step(datetime(2026, 3, 28, 2, 30, tzinfo=BERLIN), "day", 1)
    assert f"{gap:%H:%M}" == "03:00"
    with pytest.raises(TypeError):
        step(NOW.astimezone(UTC), "day", 1)


def test_a_window_is_over_at_its_end() -> None:
    refuse_over(NOW + timedelta(seconds=1), NOW)
    for end in (NOW.astimezone(UTC), NOW - timedelta(days=1)):
        with pytest.raises(WhenError, match=r"The end has passed\."):
            refuse_over(end, NOW)


@given(
    unicode_text(max_size=70)
    | st.from_regex(r"(\+|in )?[0-9a-zäü:.+ -]{1,20}", fullmatch=True, alphabet=CHARACTERS)
)
def test_any_text_is_a_moment_or_a_told_reason(text: str) -> None:
    try:
        moment = parse_when(text, now=NOW, zone=BERLIN)
    except WhenError as problem:
        assert str(problem)
    else:
        assert moment.tzinfo is BERLIN
