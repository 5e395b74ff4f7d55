"""Locations in every shape that the contract leaves open (contract/agent-api.md §14, §15)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pm_tui.models.charger import Connector, Evse, Location
from pm_tui.models.json import dumps, loads
from pm_tui.models.opening import OpeningPeriod
from pm_tui.models.search import CpoResult, SearchAnswer
from tests.models.shapes import LOCATIONS, sandbox_location


def read(**fields: Any) -> Location:
    return Location.read({"location_id": "L", **fields})


def test_the_sandboxes_shape() -> None:
    location = Location.read(sandbox_location())
    assert location == Location(
        location_id="DE-ENB-E123456",
        name="Rathaus",
        distance_km=1.25,
        cpo_name="EnBW",
        cpo_party_id="ENB",
        supports_reservation=True,
        address="Markt 1",
        city="Köln",
        postal_code="50667",
        country="DEU",
        latitude=50.9375,
        longitude=6.9603,
        time_zone="Europe/Berlin",
        evses=(
            Evse(
                "DE*ENB*E123456*1",
                "AVAILABLE",
                (
                    Connector("1", "IEC_62196_T2_COMBO", "CABLE", "DC", Decimal(150)),
                    Connector("2", "CHADEMO", "CABLE", "DC", Decimal(50)),
                ),
            ),
            Evse(
                "DE*ENB*E123456*2",
                "CHARGING",
                (Connector("1", "IEC_62196_T2", "SOCKET", "AC_3_PHASE", Decimal(22)),),
            ),
        ),
        estimated_price=Decimal("12.10"),
        currency="EUR",
    )
    assert location.evses_total == 2
    assert location.evses_available == 1
    assert location.max_power_kw == 150
    assert location.connector_types == ("IEC_62196_T2_COMBO", "CHADEMO", "IEC_62196_T2")
    assert location.raw == sandbox_location()


@pytest.mark.parametrize(
    "raw",
    [
        None,
        5,
        "x",
        [],
        {},
        {"location_id": None},
        {"location_id": " "},
        {"location_id": "\ud800"},
        {"location_id": "x" * 201},
        {"location_id": True},
    ],
)
def test_without_an_id_there_is_no_location(raw: Any) -> None:
    with pytest.raises(ValueError, match="location"):
        Location.read(raw)


def test_nothing_known_is_unknown_not_zero() -> None:
    bare = Location.read({"location_id": 17})
    assert bare == Location("17")
    assert (bare.evses_available, bare.max_power_kw, bare.connector_types) == (None, None, ())


def test_ids_are_verbatim_and_texts_clean() -> None:
    location = read(name="a\x1bb", evses=[{"evse_uid": "DE*\x1b", "status": "new\x07"}])
    assert location.name == "a\ufffdb"
    assert location.evses[0].evse_uid == "DE*\x1b"
    assert location.evses[0].status == "new\ufffd"
    assert location.evses[0].available is None


@pytest.mark.parametrize(
    "fields",
    [
        {"coordinates": {"latitude": "52.5", "longitude": "13.4"}},
        {"coordinates": {"lat": 52.5, "lng": 13.4}},
        {"coordinates": None, "latitude": 52.5, "longitude": "13.4"},
        {"lat": 52.5, "lon": Decimal("13.4")},
        {"lat": " 52.5 ", "lng": "13.4", "coordinates": {"latitude": "x", "longitude": 1}},
    ],
)
def test_coordinates(fields: dict[str, Any]) -> None:
    location = read(**fields)
    assert (location.latitude, location.longitude) == (52.5, 13.4)


@pytest.mark.parametrize(
    "fields",
    [
        {"lat": 52.5},
        {"lat": 91, "lng": 1},
        {"lat": "NaN", "lng": 1},
        {"lat": True, "lng": False},
        {"coordinates": [13.4, 52.5]},
        {"lat": float("inf"), "lng": 1},
    ],
)
def test_no_coordinates(fields: dict[str, Any]) -> None:
    location = read(**fields)
    assert (location.latitude, location.longitude) == (None, None)


@pytest.mark.parametrize(
    ("fields", "power"),
    [
        ({"max_electric_power": 22000}, "22"),
        ({"max_electric_power": "3700"}, "3.7"),
        ({"max_electric_power": 50}, "50"),
        ({"power": 150000}, "150"),
        ({"power": 350}, "350"),
        ({"power": 999}, "999"),
        ({"power": 1000}, "1"),
        ({"power_kw": 1000}, "1000"),
        ({"max_power_kw": Decimal("7.4")}, "7.4"),
        ({"power_w": 500}, "0.5"),
        ({"max_electric_power": None, "power_kw": 11}, "11"),
        ({"max_electric_power": {"value": 1}, "power": 22}, "22"),
        ({"max_electric_power": 0, "power_kw": 11}, "11"),
        ({"power_kw": True}, None),
        ({"power_kw": 1}, "1"),
        ({"power_kw": -5}, None),
        ({"power_kw": "NaN"}, None),
        ({"power_kw": 10_000}, "10000"),
        ({"power_kw": 10_001}, None),
        ({"power_kw": 10**9}, None),
        ({}, None),
    ],
)
def test_power(fields: dict[str, Any], power: str | None) -> None:
    expected = None if power is None else Decimal(power)
    assert Connector.read(fields).power_kw == expected
    assert read(evses=[{"evse_uid": "e", **fields}]).max_power_kw == expected
    assert read(**fields).max_power_kw == expected


@pytest.mark.parametrize(
    "fields",
    [
        {"connectors": [{"standard": "CHADEMO"}, {"connector_type": "TESLA_S"}]},
        {"connector_types": ["CHADEMO", "TESLA_S", "CHADEMO", None, {}]},
        {"connectors": ["CHADEMO", "TESLA_S"]},
        {"connectors": [], "connector_types": ["CHADEMO", "TESLA_S"]},
    ],
)
def test_connector_types(fields: dict[str, Any]) -> None:
    assert read(evses=[{"evse_uid": "e", **fields}]).connector_types == ("CHADEMO", "TESLA_S")
    assert read(**fields).connector_types == ("CHADEMO", "TESLA_S")


def test_a_flat_connector_type() -> None:
    evse = Evse.read({"evse_uid": "e", "connector_type": "NEW_PLUG", "power": 22})
    assert evse.connectors == (Connector(None, "NEW_PLUG", power_kw=Decimal(22)),)


@pytest.mark.parametrize(
    ("states", "free"),
    [
        (["AVAILABLE", "available", "CHARGING"], 2),
        (["CHARGING", "BLOCKED"], 0),
        (["AVAILABLE", None], 1),
        (["CHARGING", None], None),
        (["CHARGING", "SOMETHING"], None),
        (["UNKNOWN"], None),
        ([], None),
    ],
)
def test_evses_available(states: list[str | None], free: int | None) -> None:
    location = read(evses=[{"evse_uid": "e", "status": state} for state in states])
    assert location.evses_available == free
    assert location.evses_total == len(states)


@pytest.mark.parametrize(
    ("fields", "price", "currency"),
    [
        ({"pricing": {"estimated_price": 12.5, "currency": "EUR"}}, "12.5", "EUR"),
        ({"estimated_price": "12.5", "currency": "EUR"}, "12.5", "EUR"),
        ({"pricing": {"estimated_price": 12.5}, "currency": "EUR"}, "12.5", "EUR"),
        ({"pricing": {"estimated_price": None}, "estimated_price": 3}, "3", None),
        (
            {
                "evses": [
                    {"pricing": {"estimated_price": 9, "currency": "EUR"}},
                    {"estimated_price": 8, "currency": "EUR"},
                ]
            },
            "8",
            "EUR",
        ),
        (
            {
                "evses": [
                    {"estimated_price": 9, "currency": "EUR"},
                    {"estimated_price": 8, "currency": "CHF"},
                ]
            },
            None,
            None,
        ),
        ({"estimated_price": 0, "currency": "EUR"}, "0", "EUR"),
        ({"estimated_price": -1, "currency": "EUR"}, None, None),
        ({"estimated_price": "NaN"}, None, None),
        ({"estimated_price": 10**9}, None, None),
        ({"estimated_price": True}, None, None),
        ({"estimated_price": 1, "currency": "€"}, "1", None),
        ({"pricing": 5}, None, None),
    ],
)
def test_price(fields: dict[str, Any], price: str | None, currency: str | None) -> None:
    location = read(**fields)
    assert location.estimated_price == (None if price is None else Decimal(price))
    assert location.currency == currency


@pytest.mark.parametrize(
    "zone",
    [
        "Europe/Nowhere",
        "../../etc/passwd",
        "/etc/localtime",
        "",
        "Europe",
        5,
        None,
        "x" * 999,
        "a\x00b",
        "\ud800",
        ["UTC"],
    ],
)
def test_a_zone_that_is_none(zone: Any) -> None:
    assert read(time_zone=zone).time_zone is None


def test_opening_hours() -> None:
    hours = [{"weekday": 1, "period_begin": "8:00", "period_end": "24:00"}]
    location = read(opening_times={"twentyfourseven": False, "regular_hours": hours})
    assert location.opening == (OpeningPeriod(1, "08:00", "24:00"),)
    assert location.always_open is False
    assert read(opening_times={"twentyfourseven": True}).always_open is True
    assert read(opening_hours="24/7").always_open is True
    assert read(opening_hours="Mo-Fr\x1b").opening_text == "Mo-Fr\ufffd"
    assert read(opening_hours=hours).opening == location.opening


@pytest.mark.parametrize(
    "period",
    [None, {}, {"weekday": 8}, {"weekday": 1, "period_begin": "25:00", "period_end": "9:00"}],
)
def test_a_week_that_is_half_known_is_unknown(period: Any) -> None:
    good = {"weekday": 1, "period_begin": "08:00", "period_end": "20:00"}
    location = read(opening_times={"regular_hours": [good, period]})
    assert (location.opening, location.always_open) == (None, None)


@pytest.mark.parametrize("flag", [None, "true", 1, [], "yes"])
def test_only_true_is_reservable(flag: Any) -> None:
    assert read(supports_reservation=flag).supports_reservation is None


@given(LOCATIONS)
def test_any_json_is_a_location_or_a_value_error(value: Any) -> None:
    raw = loads(dumps(value).encode())  # as it comes over the wire
    try:
        location = Location.read(raw)
    except ValueError:
        return
    _ = (location.evses_available, location.max_power_kw, location.connector_types)
    again = Location.read(loads(dumps(raw).encode()))
    assert again == location
    hash(location)


@settings(max_examples=30)
@given(st.lists(LOCATIONS, max_size=3), LOCATIONS, LOCATIONS)
def test_an_answer_is_read_whatever_its_rows(rows: list[Any], total: Any, cpos: Any) -> None:
    answer = SearchAnswer.read({"results": rows, "total": total, "cpo_results": cpos})
    assert len(answer.locations) + answer.skipped == len(rows)
    assert answer.cpo_results_raw == cpos


@pytest.mark.parametrize(
    "raw", [None, [], {}, {"results": {}}, {"results": "x"}, {"results": False}]
)
def test_no_results_is_no_answer(raw: Any) -> None:
    with pytest.raises(ValueError, match="search answer"):
        SearchAnswer.read(raw)


def test_null_results_are_none() -> None:
    assert SearchAnswer.read({"results": None, "total": 0}) == SearchAnswer(0, ())


@pytest.mark.parametrize(
    "raw",
    [
        [
            {
                "cpo_party_id": "ENB",
                "cpo_name": "EnBW",
                "count": 3,
                "duration_ms": 120,
                "error": None,
            },
            7,
        ],
        {"ENB": {"cpo_name": "EnBW", "count": 3, "duration_ms": "120"}},
    ],
)
def test_cpo_results(raw: Any) -> None:
    answer = SearchAnswer.read({"results": [], "cpo_results": raw})
    assert answer.cpo_results == (CpoResult("ENB", "EnBW", 3, 120.0, None),)


@pytest.mark.parametrize(
    ("error", "text"),
    [
        ("timeout\x1b", "timeout\ufffd"),
        (True, "failed"),
        ({"message": "down"}, "down"),
        ({}, "failed"),
        (False, None),
        ("", None),
        (None, None),
    ],
)
def test_cpo_error(error: Any, text: str | None) -> None:
    assert CpoResult.read({"error": error}).error == text


def test_cpo_counts_by_party() -> None:
    answer = SearchAnswer.read({"results": [], "cpo_results": {"ENB": 3}})
    assert answer.cpo_results == (CpoResult("ENB", None, 3, None, None),)
