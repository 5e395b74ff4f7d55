"""Filters and sorting: unknown is last and never passes for a yes."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pm_tui.models.charger import Connector, Evse, Location
from pm_tui.services.filters import SORT_KEYS, Filters, SortKey, apply, sort_locations

CCS = Evse("DE*A*E1*1", "AVAILABLE", (Connector("1", "IEC_62196_T2_COMBO", power_kw=Decimal(150)),))
KOELN = Location(
    "L1",
    name="Köln Messe",
    distance_km=2.5,
    cpo_name="EnBW",
    cpo_party_id="EBW",
    supports_reservation=True,
    city="Köln",
    evses=(CCS,),
    estimated_price=Decimal("9.50"),
    currency="EUR",
)
BARE = Location("L2")
NEAR = Location(
    "L3",
    name="Straße 7",
    distance_km=0.0,
    cpo_name="Allego",
    cpo_party_id="ALL",
    supports_reservation=False,
    estimated_price=Decimal(0),
    currency="EUR",
)
ALL = [KOELN, BARE, NEAR]


def ids(found: list[Location]) -> list[str]:
    return [location.location_id for location in found]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(), ["L1", "L2", "L3"]),
        (Filters(reservable_only=True), ["L1"]),
        (Filters(operator="enb"), ["L1"]),
        (Filters(operator="ALL"), ["L3"]),
        (Filters(operator="  "), ["L1", "L2", "L3"]),
        (Filters(operator="eb"), []),
        (Filters(text="koln"), ["L1"]),
        (Filters(text="MESSE köln"), ["L1"]),
        (Filters(text="koln allego"), []),
        (Filters(text="strasse"), ["L3"]),
        (Filters(text="ccs"), ["L1"]),
        (Filters(text="DE*A*E1"), ["L1"]),
        (Filters(text="l2"), ["L2"]),
        (Filters(reservable_only=True, operator="allego"), []),
    ],
)
def test_filters(filters: Filters, expected: list[str]) -> None:
    assert ids(apply(ALL, filters)) == expected
    assert bool(filters) == (expected != ["L1", "L2", "L3"])


@pytest.mark.parametrize(
    ("key", "up", "down"),
    [
        ("distance", ["L3", "L1", "L2"], ["L1", "L3", "L2"]),
        ("price", ["L3", "L1", "L2"], ["L1", "L3", "L2"]),
        ("power", ["L1", "L2", "L3"], ["L1", "L2", "L3"]),
        ("name", ["L1", "L3", "L2"], ["L3", "L1", "L2"]),
        ("operator", ["L3", "L1", "L2"], ["L1", "L3", "L2"]),
        ("plugs", ["L1", "L2", "L3"], ["L1", "L2", "L3"]),
        ("free", ["L1", "L2", "L3"], ["L1", "L2", "L3"]),
        ("reservable", ["L3", "L1", "L2"], ["L1", "L3", "L2"]),
    ],
)
def test_sorting_puts_the_unknown_last_both_ways(
    key: SortKey, up: list[str], down: list[str]
) -> None:
    assert ids(sort_locations(ALL, key)) == up
    assert ids(sort_locations(ALL, key, reverse=True)) == down


def test_sorting_by_age() -> None:
    times = {f"L{n}": datetime(2026, 11, n, tzinfo=UTC) for n in (1, 2, 3)}
    assert ids(sort_locations(ALL, "age", time_of=times.__getitem__)) == ["L3", "L2", "L1"]
    with pytest.raises(ValueError, match="time_of"):
        sort_locations(ALL, "age")


def test_two_currencies_are_not_mixed() -> None:
    swiss = Location("CH", estimated_price=Decimal(1), currency="CHF")
    cheap = Location("EU", estimated_price=Decimal("0.5"), currency="EUR")
    dear = Location("EV", estimated_price=Decimal(2), currency="EUR")
    assert ids(sort_locations([dear, swiss, cheap], "price")) == ["CH", "EU", "EV"]


prices = st.none() | st.decimals(0, 99, places=2)


@given(
    st.lists(st.tuples(prices, st.none() | st.floats(0, 200))),
    st.sampled_from([key for key in SORT_KEYS if key != "age"]),
    st.booleans(),
)
def test_sorting_keeps_every_row_and_the_order_of_equals(
    rows: list[tuple[Decimal | None, float | None]], key: SortKey, reverse: bool
) -> None:
    found = [
        Location(str(n), estimated_price=price, distance_km=km)
        for n, (price, km) in enumerate(rows)
    ]
    ranked = sort_locations(found, key, reverse)
    assert sorted(ids(ranked), key=int) == ids(found)
    assert sort_locations(ranked, key, reverse) == ranked
