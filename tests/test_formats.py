"""Formats against Babel, which knows the languages but rounds as accounts do not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

import pytest
from babel.dates import get_day_names, get_month_names
from babel.numbers import format_currency, format_decimal
from hypothesis import given
from hypothesis import strategies as st

from pm_tui import formats, i18n

BERLIN = ZoneInfo("Europe/Berlin")
LISBON = ZoneInfo("Europe/Lisbon")
KATHMANDU = ZoneInfo("Asia/Kathmandu")
AMOUNTS = st.decimals("-9999999.9999", "9999999.9999", places=4)


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    i18n.use("en")
    yield
    i18n.use("en")


def half_up(amount: Decimal) -> Decimal:
    return abs(amount).quantize(Decimal("0.01"), ROUND_HALF_UP).copy_sign(amount) + 0


@pytest.mark.parametrize("language", i18n.LANGUAGES)
@given(amount=AMOUNTS, currency=st.sampled_from(["EUR", "GBP", "USD", "CHF", "SEK"]))
def test_money_is_babels_for_the_amount_rounded_half_up(
    language: str, amount: Decimal, currency: str
) -> None:
    i18n.use(language)
    theirs = format_currency(half_up(amount), currency, locale=language)
    if language == "en":  # Babel does not know CLDR's space between a code and a number
        theirs = theirs.replace(currency, currency + "\u00a0")
    assert formats.money(amount, currency) == theirs


@pytest.mark.parametrize("language", i18n.LANGUAGES)
@given(amount=AMOUNTS, digits=st.integers(0, 3))
def test_numbers_are_babels(language: str, amount: Decimal, digits: int) -> None:
    i18n.use(language)
    rounded = amount.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP) + 0
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    assert formats.number(amount, digits) == format_decimal(rounded, pattern, locale=language)


def test_half_a_cent_goes_up() -> None:
    assert formats.money(Decimal("0.125"), "EUR") == "€0.13"
    i18n.use("de")
    assert formats.money(Decimal("1234.505"), "EUR") == "1.234,51\u00a0€"


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_names_of_days_and_months_are_babels(language: str) -> None:
    i18n.use(language)
    theirs = get_day_names("abbreviated", locale=language)
    for offset in range(7):
        day = date(2026, 11, 23) + timedelta(days=offset)
        assert formats.day(day).split()[0] == theirs[day.weekday()].rstrip(".")
    if language == "en":
        months = get_month_names("abbreviated", locale="en")
        for month in range(1, 13):
            assert formats.day(date(2026, month, 1)).split()[2] == months[month]


@pytest.mark.parametrize("nothing", [None, Decimal("NaN"), Decimal("Infinity")])
def test_what_is_not_known_is_a_dash_and_never_zero(nothing: Decimal | None) -> None:
    assert formats.money(nothing, "EUR") == "–"
    assert formats.number(nothing) == "–"
    assert formats.distance(nothing) == "–"
    assert formats.power(nothing) == "–"


def test_the_other_unknowns_are_dashes_too() -> None:
    assert formats.age(None) == formats.duration(None) == formats.plug(None) == "–"
    assert formats.when(None, BERLIN) == "–"
    assert formats.money(Decimal("1.5"), None) == "1.50"


def test_absurd_prices_stay_short() -> None:
    assert len(formats.money(Decimal("1E+999999"), "EUR")) < 20
    assert formats.money(Decimal("-0.001"), "EUR") == "€0.00"


@pytest.mark.parametrize(
    ("km", "text"), [(0, "0.0 km"), (0.44, "0.4 km"), (12.35, "12.4 km"), (1234.5, "1,235 km")]
)
def test_distances(km: float, text: str) -> None:
    assert formats.distance(km) == text.replace(" ", "\u00a0")


@pytest.mark.parametrize(("kw", "text"), [("22", "22 kW"), ("3.68", "3.7 kW"), ("350.0", "350 kW")])
def test_powers(kw: str, text: str) -> None:
    assert formats.power(Decimal(kw)) == text.replace(" ", "\u00a0")
    i18n.use("de")
    assert formats.power(Decimal(kw)) == text.replace(" ", "\u00a0").replace(".", ",")


@pytest.mark.parametrize(
    ("seconds", "english", "german"),
    [
        (-5, "0 s", "0 s"),
        (12, "12 s", "12 s"),
        (59.9, "59 s", "59 s"),
        (60, "1 min", "1 min"),
        (3599, "59 min", "59 min"),
        (3 * 3600, "3 h", "3 h"),
        (2 * 86400, "2 d", "2 Tg."),
    ],
)
def test_ages(seconds: float, english: str, german: str) -> None:
    assert formats.age(timedelta(seconds=seconds)) == english
    i18n.use("de")
    assert formats.age(timedelta(seconds=seconds)) == german


@given(st.integers(0, 10_000))
def test_a_duration_names_every_minute(minutes: int) -> None:
    units = {"d": 1440, "h": 60, "min": 1}
    words = formats.duration(timedelta(minutes=minutes)).split()
    counts = zip(words[::2], words[1::2], strict=True)
    assert sum(int(count) * units[unit] for count, unit in counts) == minutes


def test_times_are_in_the_chargers_zone_with_the_viewers_beside_it() -> None:
    value = datetime(2026, 11, 24, 13, 30, tzinfo=UTC)
    now = datetime(2026, 11, 1, tzinfo=UTC)
    assert formats.when(value, BERLIN, now=now) == "Tue 24 Nov 14:30 CET"
    assert formats.when(value, BERLIN, LISBON, now=now) == "Tue 24 Nov 14:30 CET (13:30 WET)"
    assert formats.when(value, BERLIN, ZoneInfo("Europe/Paris"), now=now) == "Tue 24 Nov 14:30 CET"
    assert formats.when(value, BERLIN, KATHMANDU).endswith("2026 14:30 CET (19:15 +05:45)")
    i18n.use("de")
    assert formats.when(value, BERLIN, now=now) == "Di 24.11. 14:30 MEZ"
    assert formats.when(value, BERLIN) == "Di 24.11.2026 14:30 MEZ"


@pytest.mark.parametrize("year", [1, 9999])
def test_times_at_the_ends_of_the_calendar_do_not_break_the_screen(year: int) -> None:
    for edge in (datetime(year, 1, 1, tzinfo=UTC), datetime(year, 12, 31, 23, 59, tzinfo=UTC)):
        assert formats.when(edge, BERLIN, LISBON).startswith(f"{year:04}-")


def test_the_viewers_other_day_is_named() -> None:
    value = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)
    text = formats.when(value, BERLIN, LISBON, now=value)
    assert text == "Wed 25 Nov 00:30 CET (Tue 24 Nov 23:30 WET)"


def test_near_a_clock_change_the_offset_tells_two_equal_hours_apart() -> None:
    one = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    two = one + timedelta(hours=1)
    assert formats.when(one, BERLIN, now=one) == "Sun 25 Oct 02:30 CEST +02:00"
    assert formats.when(two, BERLIN, now=one) == "Sun 25 Oct 02:30 CET +01:00"


def test_plugs_have_short_names_and_unknown_ones_their_code() -> None:
    assert formats.plug("IEC_62196_T2_COMBO") == "CCS"
    assert formats.plug("CHADEMO") == "CHAdeMO"
    assert formats.plug("NEW_PLUG") == "NEW_PLUG"


EVSE_STATUSES = "AVAILABLE|BLOCKED|CHARGING|INOPERATIVE|OUTOFORDER|PLANNED|REMOVED|RESERVED|UNKNOWN"
BOOKING_STATUSES = "REQUESTED|PENDING|CONFIRMED|ATTENDING|COMPLETED|CANCELLED|EXPIRED|NO_SHOW"
STATUSES = f"{EVSE_STATUSES}|{BOOKING_STATUSES}".split("|")


@pytest.mark.parametrize("status", STATUSES)
def test_a_status_is_a_glyph_and_a_word_without_any_colour(status: str) -> None:
    mark = formats.status_mark(status)
    assert len(mark.glyph) == 1
    assert mark.word != status
    assert str(mark) == f"{mark.glyph} {mark.word}"


def test_an_unknown_status_is_kept_verbatim() -> None:
    assert str(formats.status_mark("TELEPORTING")) == "? TELEPORTING"
    assert formats.status_mark(None).glyph == "–"


@pytest.mark.parametrize(
    ("told", "room", "drawn", "german"),
    [
        ("EUR", None, "EUR\u00a01,234.50", "1.234,50\u00a0EUR"),
        ("EUR", 12, "EUR\u00a01,234.50", "1.234,50\u00a0EUR"),
        ("EUR", 11, "EUR1,234.50", "1.234,50EUR"),
        ("EUR", 10, "€1,234.50", "1.234,50\u00a0€"),
        ("GBP", None, "GBP\u00a01,234.50", "1.234,50\u00a0GBP"),
        ("USD", 3, "$1,234.50", "1.234,50\u00a0$"),
        ("CHF", 3, "CHF\u00a01,234.50", "1.234,50\u00a0CHF"),
    ],
)
def test_without_a_euro_sign_its_code_stands_where_there_is_room(
    told: str, room: int | None, drawn: str, german: str
) -> None:
    formats.name_currencies(True)
    assert formats.money(Decimal("1234.5"), told, room) == drawn
    i18n.use("de")
    assert formats.money(Decimal("1234.5"), told, room) == german
