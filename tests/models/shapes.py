"""Answers as servers might send them: one good shape, and any JSON under the names that we read."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from tests.strategies import unicode_text

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec=None, categories=None))
    | st.sampled_from(["AVAILABLE", "52.5", "1e5", "-0", "EUR", "24/7", "Europe/Berlin", 10**400])
    | st.sampled_from(["2026-02-10T14:00:00Z", Decimal("1E+300"), Decimal("1E-300"), "CONFIRMED"])
)
LOCATION_NAMES = (
    "location_id evses evse_uid status connectors id standard connector_type connector_types format"
    " power_type max_electric_power power_kw power pricing estimated_price currency name lat lng"
    " coordinates latitude longitude distance_km time_zone opening_times regular_hours weekday"
    " twentyfourseven supports_reservation cpo_party_id count error duration_ms message"
)
BOOKING_NAMES = (
    "id status status_updated_at client_price client_price_currency external_id created_at token"
    " location_id evse_uid connector_id reservation_start token_strategy token_uid my_token uid"
    " rate_limit monthly_quota limit remaining used reset_at resets_at bookings customer_id"
)


def objects(names: str) -> st.SearchStrategy[Any]:
    keys = st.sampled_from(names.split()) | unicode_text(max_size=5)
    return st.recursive(
        SCALARS,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=6),
        max_leaves=12,
    )


LOCATIONS = objects(LOCATION_NAMES) | st.dictionaries(
    st.sampled_from(LOCATION_NAMES.split()), objects(LOCATION_NAMES)
).map(lambda raw: {**raw, "location_id": "L"})
BOOKINGS = objects(BOOKING_NAMES) | st.dictionaries(
    st.sampled_from(BOOKING_NAMES.split()), objects(BOOKING_NAMES)
).map(lambda raw: {**raw, "id": "b"})


def sandbox_location() -> dict[str, Any]:
    """The shape of contract §15."""
    return {
        "location_id": "DE-ENB-E123456",
        "name": "Rathaus",
        "distance_km": Decimal("1.25"),
        "cpo_name": "EnBW",
        "cpo_party_id": "ENB",
        "supports_reservation": True,
        "address": "Markt 1",
        "city": "Köln",
        "postal_code": "50667",
        "country": "DEU",
        "coordinates": {"latitude": "50.9375", "longitude": "6.9603"},
        "time_zone": "Europe/Berlin",
        "evses": [
            {
                "evse_uid": "DE*ENB*E123456*1",
                "status": "AVAILABLE",
                "connectors": [
                    {
                        "id": "1",
                        "standard": "IEC_62196_T2_COMBO",
                        "format": "CABLE",
                        "power_type": "DC",
                        "max_electric_power": 150000,
                    },
                    {
                        "id": "2",
                        "standard": "CHADEMO",
                        "format": "CABLE",
                        "power_type": "DC",
                        "max_electric_power": 50000,
                    },
                ],
            },
            {
                "evse_uid": "DE*ENB*E123456*2",
                "status": "CHARGING",
                "connectors": [
                    {
                        "id": 1,
                        "standard": "IEC_62196_T2",
                        "format": "SOCKET",
                        "power_type": "AC_3_PHASE",
                        "max_electric_power": 22000,
                    }
                ],
            },
        ],
        "pricing": {"estimated_price": Decimal("12.10"), "currency": "EUR"},
        "unknown": [1],
    }
