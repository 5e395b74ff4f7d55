"""`GET /search` over real HTTP: contract/agent-api.md §3, §9 and §15."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from pm_tui.sandbox.stations import Connector
from tests.sandbox.tiny_network import TinyNetwork
from tests.sandbox_process import Sandbox

BERLIN = {"lat": "52.52", "lng": "13.405"}


def search(api: httpx.Client, **params: str) -> dict[str, Any]:
    answer = api.get("/search", params={**BERLIN, **params})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_shape_and_order(api: httpx.Client) -> None:
    found = search(api)
    distances = [row["distance_km"] for row in found["results"]]
    assert distances == sorted(distances) and len(distances) == found["total"] == 12
    first = found["results"][0]
    assert first["location_id"] == "DE-ENB-E100000"
    assert first["cpo_name"] == "Energienetz Baden" and first["cpo_party_id"] == "ENB"
    assert first["coordinates"] == {"latitude": "52.520000", "longitude": "13.405000"}
    assert (first["country"], first["time_zone"]) == ("DEU", "Europe/Berlin")
    assert first["pricing"]["estimated_price"] > 0 and first["pricing"]["currency"] == "EUR"
    assert set(first["evses"][0]) == {"evse_uid", "status", "connectors"}
    assert first["evses"][0]["connectors"][0] == {
        "id": "1",
        "standard": "IEC_62196_T2",
        "format": "SOCKET",
        "power_type": "AC_3_PHASE",
        "max_electric_power": 22000,
    }


def test_opening_times_in_all_three_forms(api: httpx.Client) -> None:
    forms = [row["opening_times"] for row in search(api)["results"][:3]]
    assert forms[0] is None and forms[1] == {"twentyfourseven": True}
    hours = forms[2]["regular_hours"]
    assert len(hours) == 6
    assert hours[0] == {"weekday": 1, "period_begin": "06:00", "period_end": "22:00"}


def test_limit_cuts_the_rows_but_not_the_total(api: httpx.Client) -> None:
    found = search(api, limit="2")
    assert len(found["results"]) == 2 and found["total"] == 12


def test_radius(api: httpx.Client) -> None:
    assert search(api, radius="3.4")["total"] == 4
    assert search(api, radius="0.001")["total"] == 1


def test_every_operator_is_told_of(api: httpx.Client) -> None:
    found = search(api)
    assert [row["cpo_party_id"] for row in found["cpo_results"]] == ["ENB", "ION", "STW"]
    assert sum(row["count"] for row in found["cpo_results"]) == found["total"]
    assert all(row["error"] is None and row["duration_ms"] >= 0 for row in found["cpo_results"])


def test_one_connector_must_have_plug_and_power(api: httpx.Client) -> None:
    ccs = search(api, connector_type="IEC_62196_T2_COMBO", power_min="200")
    assert ccs["total"] == 3
    # CHAdeMO stands beside a 150 kW CCS, but has 50 kW itself
    assert search(api, connector_type="CHADEMO", power_min="51")["total"] == 0
    assert search(api, connector_type="CHADEMO", power_min="50")["total"] == 3


def test_a_window_leaves_only_what_can_be_reserved(
    api: httpx.Client, body: Callable[..., dict[str, Any]]
) -> None:
    wanted = body()
    window = {"start_time": wanted["reservation_start"], "end_time": wanted["reservation_end"]}
    found = search(api, **window)
    assert 0 < found["total"] < 12
    assert all(row["supports_reservation"] for row in found["results"])
    # with all EVSEs of one location booked, it is gone
    place = next(r for r in found["results"] if r["location_id"] == wanted["location_id"])
    for evse in place["evses"]:
        request = {**wanted, "evse_uid": evse["evse_uid"]}
        assert api.post("/bookings", json=request).status_code in (202, 409)
    ids = {row["location_id"] for row in search(api, **window)["results"]}
    assert wanted["location_id"] not in ids and len(ids) == found["total"] - 1


def test_a_down_operator_leaves_a_gap_that_is_named(api: httpx.Client, sandbox: Sandbox) -> None:
    sandbox.fault("cpo_down", cpo="ION")
    found = search(api)
    assert found["total"] == 8
    assert {row["cpo_party_id"] for row in found["results"]} == {"ENB", "STW"}
    ion = next(row for row in found["cpo_results"] if row["cpo_party_id"] == "ION")
    assert ion["count"] == 0 and "unreachable" in ion["error"]
    assert search(api)["total"] == 12


def test_all_operators_down_is_still_an_answer(api: httpx.Client, sandbox: Sandbox) -> None:
    sandbox.fault("cpo_down", cpo="*")
    found = search(api)
    assert found["total"] == 0 and len([r for r in found["cpo_results"] if r["error"]]) == 3


@pytest.mark.parametrize(
    ("params", "text"),
    [
        ({"lat": "91"}, "Invalid latitude: must be between -90 and 90"),
        ({"lng": "-180.5"}, "Invalid longitude: must be between -180 and 180"),
        ({"lat": "north"}, "Invalid lat: must be a number"),
        ({"lat": "nan"}, "Invalid lat: must be a number"),
        ({"lat": "5_2"}, "Invalid lat: must be a number"),
        ({"radius": "0"}, "Invalid radius"),
        ({"radius": "200.1"}, "Invalid radius"),
        ({"power_min": "-1"}, "Invalid power_min"),
        ({"connector_type": "CCS"}, "Invalid connector_type"),
        ({"limit": "501"}, "Invalid limit: must be an integer between 1 and 500"),
        ({"limit": "0"}, "Invalid limit"),
        ({"limit": "1.0"}, "Invalid limit"),
        ({"start_time": "2030-01-01T10:00:00Z"}, "must be given together"),
        ({"start_time": "2030-01-01T10:00:00", "end_time": "2030-01-01T11:00:00Z"}, "time zone"),
        ({"start_time": "2030-01-01T10:00:00Z", "end_time": "2030-01-01T10:00:00Z"}, "after"),
    ],
)
def test_bad_parameters(api: httpx.Client, params: dict[str, str], text: str) -> None:
    answer = api.get("/search", params={**BERLIN, **params})
    assert answer.status_code == 400 and text in answer.json()["error"]


def test_a_point_is_required(api: httpx.Client) -> None:
    assert api.get("/search", params={"lat": "52"}).json() == {
        "error": "Missing required parameter: lng"
    }


def test_hostile_texts_on_demand(api: httpx.Client, sandbox: Sandbox) -> None:
    plain = search(api)["results"]
    sandbox.texts("hostile")
    hostile = search(api)
    assert [r["location_id"] for r in hostile["results"]] == [r["location_id"] for r in plain]
    names = {row["name"] for row in hostile["results"]}
    assert len(names) > 5 and not names & {row["name"] for row in plain}
    assert any("\x1b" in n or "[" in n or not n.strip() for n in names)
    assert hostile == {**search(api), "cpo_results": hostile["cpo_results"]}  # the same again


def test_the_tiny_network_is_what_the_tests_think() -> None:
    network = TinyNetwork()
    near = network.near(52.52, 13.405, 50)
    assert len(near) == 12 and near[0][0] == 0
    assert sum(not station.reservable for _, station in near) == 2
    assert Connector("2", "CHADEMO", "CABLE", "DC", 50_000) in near[1][1].evses[0].connectors
