import csv
import gzip
import io
import random
import re
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pm_tui.sandbox.network_geo import distance_km
from pm_tui.sandbox.register import COLUMNS, RegisterError, RegisterNetwork
from pm_tui.sandbox.register_cells import CellError, parse_hours, parse_points
from pm_tui.sandbox.register_parties import party_ids
from pm_tui.sandbox.stations import Network
from tests.strategies import unicode_text

# all columns of the real file, in its order
PLAIN = {
    "station_id": "1000001",
    "operator": "Stadtwerke Düsseldorf AG",
    "street": "Forststraße",
    "house_no": "29",
    "postcode": "40597",
    "city": "Düsseldorf",
    "state": "Nordrhein-Westfalen",
    "lat": "51.169901",
    "lon": "6.876787",
    "power_kw_total": "44",
    "n_points": "2",
    "connectors": "IEC_62196_T2+DOMESTIC_F|IEC_62196_T2",
    "power_kw": "22|11",
    "commissioned_on": "2017-06-01",
    "formats": "C+S|S",
    "power_source": "2023",
    "site_id": "1000001",
    "brand": "",
    "status": "in_service",
    "access": "",
    "opening_hours": "",
    "payment": "",
}
HEADER = list(PLAIN)


def row(**changes: str) -> dict[str, str]:
    assert set(changes) <= set(HEADER)
    return PLAIN | changes


def text(*rows: dict[str, str], header: list[str] = HEADER) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, header, lineterminator="\n", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def network(folder: Path, *rows: dict[str, str], seed: int = 1) -> RegisterNetwork:
    path = folder / "register.csv"
    path.write_text(text(*rows), encoding="utf-8")
    return RegisterNetwork(path, seed)


def scattered(count: int) -> list[dict[str, str]]:
    rng = random.Random(5)
    return [
        row(
            station_id=str(n),
            site_id=str(n),
            operator=f"Betreiber {n % 37} GmbH",
            lat=f"{rng.uniform(47.3, 55.0):.6f}",
            lon=f"{rng.uniform(5.9, 15.0):.6f}",
        )
        for n in range(1_000_000, 1_000_000 + count)
    ]


def test_reads_a_station(tmp_path: Path) -> None:
    asked: Network = network(tmp_path, row(opening_hours="Mo-Fr 07:00-20:00"))
    [(distance, station)] = asked.near(51.17, 6.88, 5)
    assert distance == pytest.approx(distance_km(51.17, 6.88, 51.169901, 6.876787))
    assert (station.address, station.postal_code) == ("Forststraße 29", "40597")
    assert (station.city, station.cpo.name) == ("Düsseldorf", "Stadtwerke Düsseldorf AG")
    assert station.location_id == f"DE-{station.cpo.party_id}-E1000001"
    assert [evse.uid for evse in station.evses] == [
        f"DE*{station.cpo.party_id}*E1000001*{n}" for n in (1, 2)
    ]
    first, second = (evse.connectors for evse in station.evses)
    assert [(c.id, c.standard, c.format, c.power_type, c.max_electric_power) for c in first] == [
        ("1", "IEC_62196_T2", "CABLE", "AC_3_PHASE", 22_000),
        ("2", "DOMESTIC_F", "SOCKET", "AC_1_PHASE", 3_700),  # capped
    ]
    assert [(c.format, c.max_electric_power) for c in second] == [("SOCKET", 11_000)]
    assert station.opening is not None
    assert station.opening.periods == tuple((day, "07:00", "20:00") for day in range(1, 6))
    assert asked.get(station.location_id) is station
    assert list(asked.cpos) == [station.cpo]


def test_stations_of_a_site_are_one_location(tmp_path: Path) -> None:
    asked = network(
        tmp_path,
        row(),
        row(station_id="1000009", site_id="1000009", lat="51.2"),
        row(station_id="1000010", lat="51.1700", connectors="CHADEMO", power_kw="50", formats="C")
        | {"n_points": "1"},
    )
    first, second = (station for _, station in asked.near(51.17, 6.877, 10))
    assert [evse.uid[-10:] for evse in first.evses] == ["E1000001*1", "E1000001*2", "E1000001*3"]
    assert first.evses[2].connectors[0].standard == "CHADEMO"
    assert (first.latitude, second.latitude) == (51.169901, 51.2)


def test_packed_or_plain_is_the_same(tmp_path: Path) -> None:
    plain, packed, marked = (tmp_path / name for name in ("a.csv", "b.csv.gz", "c.csv"))
    content = text(*scattered(20)).encode()
    plain.write_bytes(content)
    packed.write_bytes(gzip.compress(content))
    marked.write_bytes(b"\xef\xbb\xbf" + content)
    found = [RegisterNetwork(path, 1).near(51, 10, 600) for path in (plain, packed, marked)]
    assert len(found[0]) == 20
    assert found[0] == found[1] == found[2]


def test_columns_may_stand_in_any_order(tmp_path: Path) -> None:
    path = tmp_path / "register.csv"
    path.write_text(text(row(), header=sorted(COLUMNS)), encoding="utf-8")
    assert RegisterNetwork(path, 1).near(51.17, 6.88, 5) == network(tmp_path, row()).near(
        51.17, 6.88, 5
    )


@pytest.mark.parametrize(
    "search", [(51.0, 10.0, 120.0), (47.6, 8.0, 60.0), (54.9, 14.9, 200.0), (51.0, 10.0, 0.5)]
)
def test_near_finds_what_brute_force_finds(
    tmp_path: Path, search: tuple[float, float, float]
) -> None:
    rows = scattered(3000)
    lat, lng, radius = search
    found = network(tmp_path, *rows).near(lat, lng, radius)
    expected = {
        r["site_id"]: away
        for r in rows
        if (away := distance_km(lat, lng, float(r["lat"]), float(r["lon"]))) <= radius
    }
    assert {station.location_id[8:]: away for away, station in found} == expected
    assert [away for away, _ in found] == sorted(expected.values())
    assert radius < 1 or len(found) > 50


def test_near_where_nothing_is(tmp_path: Path) -> None:
    asked = network(tmp_path, row())
    for lat, lng in ((90, 0), (-90, 180), (0, 0), (51.17, -173)):
        assert asked.near(lat, lng, 200) == []


def test_what_is_invented_depends_on_seed_and_site_only(tmp_path: Path) -> None:
    rows = scattered(400)
    one = {s.location_id: s for _, s in network(tmp_path, *rows, seed=1).near(51, 10, 600)}
    again = {s.location_id: s for _, s in network(tmp_path, *rows, seed=1).near(50, 9, 700)}
    other = {s.location_id: s for _, s in network(tmp_path, *rows, seed=2).near(51, 10, 600)}
    assert one == again
    assert set(one) == set(other)
    assert [one[key].reservable for key in one] != [other[key].reservable for key in one]
    assert [one[key].energy_price for key in one] != [other[key].energy_price for key in one]


def test_a_fifth_can_only_be_searched_and_prices_are_usual(tmp_path: Path) -> None:
    stations = [s for _, s in network(tmp_path, *scattered(4000)).near(51, 10, 700)]
    assert len(stations) == 4000
    share = sum(not station.reservable for station in stations) / len(stations)
    assert share == pytest.approx(0.2, abs=0.03)
    for station in stations:
        assert Decimal("0.39") <= station.energy_price <= Decimal("0.61")
        assert station.energy_price.as_tuple().exponent == -2


def test_ids_have_the_documented_form_and_are_unique(tmp_path: Path) -> None:
    stations = [s for _, s in network(tmp_path, *scattered(300)).near(51, 10, 700)]
    uids = [evse.uid for station in stations for evse in station.evses]
    assert len(set(uids)) == len(uids) == 600
    assert all(re.fullmatch(r"DE\*[A-Z0-9]{3}\*E[A-Z0-9*]+", uid) for uid in uids)
    assert len({station.cpo for station in stations}) == 37
    assert len({station.cpo.party_id for station in stations}) == 37


def test_brands_are_the_operators_we_know(tmp_path: Path) -> None:
    asked = network(
        tmp_path,
        row(operator="EnBW mobility+ AG und Co.KG", brand="EnBW"),
        row(site_id="1000002", operator="EnBW Ostwürttemberg DonauRies AG", brand="EnBW"),
        row(site_id="1000003", operator="Tesla Germany GmbH", brand="Tesla"),
    )
    assert {(cpo.party_id, cpo.name) for cpo in asked.cpos} == {("ENB", "EnBW"), ("TSL", "Tesla")}
    station = asked.get("DE-ENB-E1000002")
    assert station is not None and station.name == "EnBW Forststraße"


def test_get_knows_nothing_else(tmp_path: Path) -> None:
    asked = network(tmp_path, row(brand="EnBW"))
    assert asked.get("DE-ENB-E1000001") is not None
    for other in ("DE-TSL-E1000001", "DE-ENB-E1000002", "1000001", "DE-ENB-E", ""):
        assert asked.get(other) is None


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"lat": "north"}, "lat"),
        ({"lat": ""}, "lat"),
        ({"lat": "nan"}, "lat"),
        ({"lat": "91"}, "lat"),
        ({"lon": "6,87"}, "lon"),
        ({"lon": "-181"}, "lon"),
        ({"n_points": "3"}, "n_points"),
        ({"power_kw": "22"}, "power_kw"),
        ({"power_kw": "22|x"}, "power_kw"),
        ({"power_kw": "22|0"}, "power_kw"),
        ({"power_kw": "22|inf"}, "power_kw"),
        ({"formats": "S|S"}, "formats"),
        ({"formats": "S+X|S"}, "formats"),
        ({"connectors": "type 2+DOMESTIC_F|IEC_62196_T2"}, "connectors"),
        ({"site_id": ""}, "site_id"),
        ({"site_id": "a*b"}, "site_id"),
        ({"operator": ""}, "operator"),
        ({"opening_hours": "now and then"}, "opening_hours"),
        ({"opening_hours": "Mo-Fr 25:00-26:00"}, "opening_hours"),
        ({"opening_hours": "Xx 08:00-09:00"}, "opening_hours"),
    ],
)
def test_a_bad_cell_is_named(tmp_path: Path, change: dict[str, str], column: str) -> None:
    bad = row(site_id="1000002") | change
    with pytest.raises(RegisterError, match=rf"register\.csv, line 3, column {column}: "):
        network(tmp_path, row(), bad)


def test_the_line_is_named_after_a_text_of_two_lines(tmp_path: Path) -> None:
    rows = [row(street="Haus\nHof"), row(site_id="1000002", lat="?")]
    with pytest.raises(RegisterError, match="line 4, column lat"):
        network(tmp_path, *rows)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "line 1, column site_id: there is no such column"),
        (b"a;b;c\n1;2;3\n", "line 1, column site_id"),
        (text(row(), header=[c for c in HEADER if c != "formats"]).encode(), "column formats"),
        (text(row()).encode() + b"1,2,3\n", "line 3: 3 fields instead of 22"),
        (text(row()).encode() + b'"open\n', "line 3: "),
        (text(row()).encode("latin-1"), "line 2: not UTF-8"),
        (gzip.compress(text(row()).encode())[:-9], "damaged gzip file"),
        (b"\x1f\x8bxxxxxxxxxxxxxxxx", "damaged gzip file"),
    ],
)
def test_a_file_of_another_form_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "other.csv"
    path.write_bytes(content)
    with pytest.raises(RegisterError, match=message):
        RegisterNetwork(path, 1)


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        RegisterNetwork(tmp_path / "none.csv", 1)


@pytest.mark.parametrize(
    ("connector", "power", "watts"),
    [
        ("DOMESTIC_F", "22", 3_700),
        ("DOMESTIC_F", "2.3", 2_300),
        ("IEC_62196_T2", "150", 43_000),
        ("CHADEMO", "150", 100_000),
        ("IEC_62196_T2_COMBO", "400", 400_000),
        ("IEC_62196_T2", "3.7", 3_700),
    ],
)
def test_no_plug_carries_more_than_its_kind_can(connector: str, power: str, watts: int) -> None:
    [[plug]] = parse_points(connector, power, "C")
    assert plug.max_electric_power == watts


@pytest.mark.parametrize(
    ("written", "periods"),
    [
        ("Sa 10:00-14:00", [(6, "10:00", "14:00")]),
        ("Sa-Su 00:00-24:00", [(6, "00:00", "24:00"), (7, "00:00", "24:00")]),
        ("Su-Mo 08:00-09:00", [(1, "08:00", "09:00"), (7, "08:00", "09:00")]),
        ("Mo,We 08:00-09:00", [(1, "08:00", "09:00"), (3, "08:00", "09:00")]),
        ("Mo 08:00-12:00,13:00-17:00", [(1, "08:00", "12:00"), (1, "13:00", "17:00")]),
        ("Fr 18:00-02:00; Th 07:00-12:00", [(4, "07:00", "12:00"), (5, "18:00", "02:00")]),
    ],
)
def test_reads_opening_hours(written: str, periods: list[tuple[int, str, str]]) -> None:
    hours = parse_hours(written)
    assert hours is not None and hours.periods == tuple(periods)


def test_reads_always_and_not_stated() -> None:
    for written in ("24/7", "Mo-Su 00:00-24:00", "Mo-Fr 00:00-24:00; Sa-Su 00:00-24:00"):
        hours = parse_hours(written)
        assert hours is not None and hours.always
    assert parse_hours("") is None
    assert parse_hours("restricted") is None


@given(st.text(alphabet="MoTuWeSa-,; 0127:4/", max_size=30))
def test_any_hours_are_read_or_refused(written: str) -> None:
    try:
        parse_hours(written)
    except CellError as error:
        assert error.column == "opening_hours"


@given(st.sets(unicode_text(max_size=8), max_size=60))
def test_party_ids_are_of_the_form_and_no_two_alike(names: set[str]) -> None:
    ids = party_ids(names)
    assert set(ids) == names
    assert len(set(ids.values())) == len(names)
    assert all(re.fullmatch(r"[A-Z0-9]{3}", id_) for id_ in ids.values())
    assert party_ids(sorted(names, reverse=True)) == ids
