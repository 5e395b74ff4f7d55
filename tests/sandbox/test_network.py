import os
import re
import subprocess
import sys
from collections import Counter
from decimal import Decimal
from math import atan2, cos, hypot, radians, sin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pm_tui.sandbox import network_sites
from pm_tui.sandbox.network import GeneratedNetwork
from pm_tui.sandbox.network_geo import EARTH_KM, box_degrees, distance_km
from pm_tui.sandbox.network_operators import OPERATORS
from pm_tui.sandbox.stations import Network, Station

BERLIN = (52.52, 13.405)
SEARCHES = [(*BERLIN, 25.0), (48.137, 11.575, 25.0), (53.6, 7.2, 40.0), (49.2, 8.1, 3.0)]


@pytest.fixture(scope="module")
def network() -> GeneratedNetwork:
    return GeneratedNetwork(7)


@pytest.fixture(scope="module")
def everything(network: GeneratedNetwork) -> list[Station]:
    return [station for _, station in network.near(51.2, 10.4, 700)]


def by_vectors(lat1: float, lng1: float, lat2: float, lng2: float) -> float:
    """The angle between two unit vectors: a second way to the same distance."""
    (x1, y1, z1), (x2, y2, z2) = (
        (cos(a) * cos(b), cos(a) * sin(b), sin(a))
        for a, b in ((radians(lat1), radians(lng1)), (radians(lat2), radians(lng2)))
    )
    cross = (y1 * z2 - z1 * y2, z1 * x2 - x1 * z2, x1 * y2 - y1 * x2)
    return EARTH_KM * atan2(hypot(*cross), x1 * x2 + y1 * y2 + z1 * z2)


latitudes, longitudes = st.floats(-90, 90), st.floats(-180, 180)


@given(latitudes, longitudes, latitudes, longitudes)
def test_distance_is_the_great_circle(a: float, b: float, c: float, d: float) -> None:
    assert distance_km(a, b, c, d) == pytest.approx(by_vectors(a, b, c, d), abs=1e-3)


def test_distance_of_two_known_towns() -> None:
    assert distance_km(52.52437, 13.41053, 48.13743, 11.57549) == pytest.approx(504.4, abs=0.5)


@given(st.floats(-89, 89), st.floats(0.1, 400), st.floats(0, 360))
def test_the_box_holds_the_circle(latitude: float, radius: float, bearing: float) -> None:
    high, wide = box_degrees(latitude, radius)
    angle, course = radius / EARTH_KM, radians(bearing)
    phi = radians(latitude)
    # the point `radius` away in that direction, by vectors
    x = cos(phi) * cos(angle) - sin(phi) * sin(angle) * cos(course)
    y = sin(angle) * sin(course)
    z = sin(phi) * cos(angle) + cos(phi) * sin(angle) * cos(course)
    away_lat = abs(atan2(z, hypot(x, y)) - phi)
    assert away_lat <= radians(high) + 1e-12
    assert abs(atan2(y, x)) <= radians(wide) + 1e-12


def test_is_a_network_of_tens_of_thousands(everything: list[Station]) -> None:
    network: Network = GeneratedNetwork(7)  # the type is checked by mypy
    assert 40_000 < len(everything) < 60_000
    sizes = Counter(len(station.evses) for station in everything)
    assert 2 <= sum(n * c for n, c in sizes.items()) / len(everything) <= 3
    assert sizes.most_common(1)[0][0] == 2
    assert max(sizes) == 40
    assert 35 <= len(network.cpos) <= 48
    assert {station.cpo for station in everything} == set(network.cpos)


@pytest.mark.parametrize("search", SEARCHES)
def test_near_finds_what_brute_force_finds(
    network: GeneratedNetwork, everything: list[Station], search: tuple[float, float, float]
) -> None:
    lat, lng, radius = search
    found = network.near(lat, lng, radius)
    expected = {
        s.location_id for s in everything if by_vectors(lat, lng, s.latitude, s.longitude) <= radius
    }
    assert len(found) > 5
    assert {station.location_id for _, station in found} == expected
    assert len(found) == len(expected)
    distances = [distance for distance, _ in found]
    assert distances == sorted(distances)
    for distance, station in found[::50]:
        assert distance == pytest.approx(by_vectors(lat, lng, station.latitude, station.longitude))


def test_one_seed_makes_one_network_in_whatever_order_it_is_asked() -> None:
    one, two = GeneratedNetwork(3), GeneratedNetwork(3)
    two.near(50.9, 6.9, 60)
    two.near(52.0, 12.5, 90)
    assert one.near(*BERLIN, 15) == two.near(*BERLIN, 15)


def test_another_seed_makes_another_network() -> None:
    one = {station.location_id for _, station in GeneratedNetwork(1).near(*BERLIN, 5)}
    two = {station.location_id for _, station in GeneratedNetwork(2).near(*BERLIN, 5)}
    assert one and two and one != two


def test_is_the_same_in_another_process() -> None:
    code = (
        "from pm_tui.sandbox.network import GeneratedNetwork\n"
        "print(repr(GeneratedNetwork(7).near(50.1, 8.6, 2)))"
    )
    env = {"PYTHONHASHSEED": "123", "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        encoding="utf-8",
        check=True,
        env=env | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.stdout.strip() == repr(GeneratedNetwork(7).near(50.1, 8.6, 2))


def test_only_the_towns_in_reach_are_made() -> None:
    network = GeneratedNetwork(7)
    assert network._made == {}
    network.near(*BERLIN, 10)
    assert {town.state for town in network._made} <= {"Berlin", "Brandenburg"}
    network.near(0, 0, 200)
    assert len(network._made) < 200


def test_near_where_nothing_is(network: GeneratedNetwork) -> None:
    assert network.near(0, 0, 200) == []
    assert network.near(90, 0, 200) == []
    assert network.near(-90, 180, 200) == []


def test_get_knows_each_station_and_nothing_else(everything: list[Station]) -> None:
    fresh = GeneratedNetwork(7)
    for station in everything[::997]:
        assert fresh.get(station.location_id) == station
    known = everything[0].location_id
    party = "IOY" if "IOY" not in known else "FAS"
    others = [f"DE-{party}-E{known[8:]}", "DE-ENB-E99999", "DE-ENB-E999999", "DE-ENB-E", ""]
    for other in [*others, known + "0", known.lower(), known[3:], "DE-ENB-E-5", "DE-ENB-E٣٤٥٦٧٨"]:
        assert fresh.get(other) is None


def test_ids_are_unique_and_of_the_documented_form(everything: list[Station]) -> None:
    for station in everything:
        party = station.cpo.party_id
        assert re.fullmatch(rf"DE-{party}-E\d{{6}}", station.location_id)
        for n, evse in enumerate(station.evses, 1):
            assert evse.uid == f"DE*{party}*{station.location_id[7:]}*{n}"
    assert re.fullmatch(r"DE\*[A-Z0-9]{3}\*E[A-Z0-9*]+", everything[0].evses[0].uid)
    assert len({station.location_id for station in everything}) == len(everything)


def test_a_fifth_can_only_be_searched(everything: list[Station]) -> None:
    share = sum(not station.reservable for station in everything) / len(everything)
    assert share == pytest.approx(0.20, abs=0.01)
    tesla = [station for station in everything if station.cpo.name == "Tesla"]
    assert sum(not station.reservable for station in tesla) / len(tesla) > 0.3


def test_prices_are_usual_and_in_whole_cents(everything: list[Station]) -> None:
    for station in everything:
        price = station.energy_price
        assert isinstance(price, Decimal) and price.as_tuple().exponent == -2
        direct = any(c.power_type == "DC" for e in station.evses for c in e.connectors)
        low, high = ("0.44", "0.89") if direct else ("0.39", "0.61")
        assert Decimal(low) <= price <= Decimal(high), station


def test_connectors_are_plausible(everything: list[Station]) -> None:
    for station in everything:
        for evse in station.evses:
            assert [c.id for c in evse.connectors] == [
                str(n) for n in range(1, len(evse.connectors) + 1)
            ]
    plugs = Counter(c for s in everything for e in s.evses for c in e.connectors)
    standards = Counter(c.standard for c in plugs.elements())
    total = standards.total()
    assert 0.65 < standards["IEC_62196_T2"] / total < 0.8
    assert 0.18 < standards["IEC_62196_T2_COMBO"] / total < 0.32
    assert {"CHADEMO", "DOMESTIC_F", "TESLA_S"} < set(standards)
    for plug in plugs:
        kilowatts = plug.max_electric_power / 1000
        if plug.standard == "DOMESTIC_F":
            assert (kilowatts, plug.power_type) == (3.7, "AC_1_PHASE")
        elif plug.standard == "IEC_62196_T2":
            assert kilowatts in (3.7, 11, 22) and plug.power_type.startswith("AC_")
        else:
            assert 50 <= kilowatts <= 400
            assert (plug.format, plug.power_type) == ("CABLE", "DC")


def test_opening_hours_are_mostly_unsaid_or_always(everything: list[Station]) -> None:
    said = [station.opening for station in everything if station.opening is not None]
    always = sum(hours.always for hours in said)
    assert 0.6 < 1 - len(said) / len(everything) < 0.9
    assert 0.7 < always / len(said) < 1
    periods = {period for hours in said for period in hours.periods}
    assert all(1 <= d <= 7 and re.fullmatch(r"\d\d:\d\d", a) and a < b for d, a, b in periods)


def test_addresses_are_whole(everything: list[Station]) -> None:
    for station in everything:
        assert station.name and station.city
        assert re.fullmatch(r"\d{5}", station.postal_code)
        assert re.fullmatch(r"\D.* \d+", station.address)


def test_operators_are_at_home(everything: list[Station]) -> None:
    mine = [s for s in everything if s.cpo.name == "Berliner Stadtwerke"]
    assert len(mine) > 300
    assert max(distance_km(*BERLIN, s.latitude, s.longitude) for s in mine) < 45
    berlin = Counter(s.cpo.name for s in everything if s.city == "Berlin")
    assert berlin.most_common(1)[0][0] == "Berliner Stadtwerke"


def test_every_operator_has_an_id_and_kinds_of_its_own() -> None:
    kinds = {kind for kind, _ in network_sites.KINDS}
    parties = [operator.cpo.party_id for operator in OPERATORS]
    assert len(set(parties)) == len(parties)
    assert all(re.fullmatch(r"[A-Z]{3}", party) for party in parties)
    assert all(set(operator.weights) <= kinds for operator in OPERATORS)
    assert all(0 <= operator.search_only < 1 for operator in OPERATORS)
