"""`pm-tui search`: the question asked, the document printed, the table read."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pm_tui.api.errors import Unreachable
from pm_tui.cli import main
from pm_tui.models.result import Result
from pm_tui.models.route import RouteQuery
from pm_tui.models.search import SearchAnswer
from pm_tui.services.find import Found
from pm_tui.services.session import NothingRemembered
from tests.cli.conftest import NOW, FakeSession

RAW: dict[str, Any] = {
    "total": 70,
    "results": [
        {
            "location_id": "DE-ENB-1",
            "name": "Alexanderplatz\u001b[31m 1",
            "distance_km": 0.4,
            "cpo_name": "EnBW",
            "cpo_party_id": "ENB",
            "supports_reservation": True,
            "pricing": {"estimated_price": 12.5, "currency": "EUR"},
            "evses": [
                {
                    "evse_uid": "DE*ENB*E1*1",
                    "status": "AVAILABLE",
                    "connectors": [
                        {
                            "id": "1",
                            "standard": "IEC_62196_T2_COMBO",
                            "format": "CABLE",
                            "power_type": "DC",
                            "max_electric_power": 150000,
                        }
                    ],
                },
                {"evse_uid": "DE*ENB*E1*2", "status": "CHARGING", "connectors": []},
            ],
        },
        {"location_id": "DE-ALL-2", "distance_km": 3.2, "cpo_name": "Allego"},
        {"name": "no id"},
    ],
    "cpo_results": [
        {"cpo_party_id": "ENB", "cpo_name": "EnBW", "count": 1, "duration_ms": 80, "error": None},
        {"cpo_party_id": "ION", "cpo_name": "Ionity", "count": 0, "error": "timeout"},
    ],
}


def live() -> Result[SearchAnswer]:
    return Result(SearchAnswer.read(RAW), "live", NOW)


def test_the_document(session: FakeSession, capsys: pytest.CaptureFixture[str]) -> None:
    session.answers["search"] = live()
    assert main(["search", "52.52,13.41", "--json"]) == 0
    told = capsys.readouterr()
    assert told.err == ""
    assert told.out.count("\n") == 1
    assert '"estimated_price":12.5,' in told.out, "a price is a number with its own digits"
    shown = json.loads(told.out)
    assert list(shown) == ["origin", "fetched_at", "total", "results", "cpo_results", "cut_at_km"]
    assert shown["cut_at_km"] is None
    assert (shown["origin"], shown["fetched_at"]) == ("live", "2026-11-24T12:00:00Z")
    assert shown["total"] == 70
    first, second = shown["results"]
    assert list(first) == [
        "location_id",
        "name",
        "distance_km",
        "cpo_name",
        "cpo_party_id",
        "supports_reservation",
        "evses_available",
        "evses_total",
        "max_power_kw",
        "connector_types",
        "estimated_price",
        "evses",
    ]
    assert list(second) == list(first)
    assert (first["evses_available"], first["evses_total"], first["max_power_kw"]) == (1, 2, 150)
    assert first["connector_types"] == ["IEC_62196_T2_COMBO"]
    assert first["evses"][0]["connectors"][0]["power_kw"] == 150
    assert second["estimated_price"] is None
    assert second["supports_reservation"] is None
    assert second["name"] is None
    assert second["evses_total"] is None
    assert shown["cpo_results"][1] == {
        "cpo_party_id": "ION",
        "cpo_name": "Ionity",
        "count": 0,
        "duration_ms": None,
        "error": "timeout",
    }


def test_the_table(session: FakeSession, capsys: pytest.CaptureFixture[str]) -> None:
    session.answers["search"] = live()
    assert main(["search", "Berlin", "--radius", "5"]) == 0
    told = capsys.readouterr()
    lines = told.out.replace("\u00a0", " ").splitlines()
    assert lines[0] == "Berlin, 5.0 km: 2 locations (70 in all), live"
    header, first, second = (" ".join(line.split()) for line in lines[1:])
    assert header == "DISTANCE NAME OPERATOR PLUGS POWER FREE ESTIMATE RESERVE"
    assert first == "0.4 km Alexanderplatz\ufffd[31m 1 EnBW CCS 150 kW 1/2 €12.50 yes"
    assert second == "3.2 km – Allego – – – – –"
    assert told.err.splitlines() == [
        "pm-tui: Ionity did not answer: timeout",
        "pm-tui: 1 location could not be read",
    ]
    assert "\x1b" not in told.out + told.err


def test_a_list_that_is_cut_says_so(
    session: FakeSession, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [
        {"location_id": f"L{n}", "distance_km": n / 100, "cpo_name": "Ionity" if n < 4 else "EnBW"}
        for n in range(500)
    ]
    answer = SearchAnswer.read({"total": 2249, "results": rows})
    session.answers["search"] = Found(answer, "live", NOW)
    assert main(["search", "Berlin", "--operator", "ionity"]) == 0
    told = capsys.readouterr()
    first = told.out.replace("\u00a0", " ").splitlines()[0]
    assert first == "Berlin, 25.0 km: 4 of 500 nearest, out to 5.0 km (2,249 in all), live"
    assert told.err.splitlines() == [
        "pm-tui: there are more: only the nearest are here; a smaller --radius leaves none out"
    ]
    assert main(["search", "Berlin", "--sort", "price", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["cut_at_km"] == 4.99
    assert main(["search", "Berlin", "--sort", "price"]) == 0
    told = capsys.readouterr()
    assert "500 nearest, out to" in told.out.splitlines()[0]


def test_the_question(session: FakeSession) -> None:
    session.answers["search"] = live()
    line = (
        "search bad homburg --radius 10 --connector CCS --min-power 50 --from 14:30 --to +2h "
        "--limit 1 --offline"
    )
    assert main(line.split()) == 0
    ((_method, query, options),) = session.asked
    assert options == {"label": "Bad Homburg vor der Höhe"}
    assert query.latitude == pytest.approx(50.2, abs=0.1)
    assert (query.radius_km, query.connector_type, query.power_min_kw) == (
        10,
        "IEC_62196_T2_COMBO",
        50,
    )
    assert query.start == datetime(2026, 11, 24, 13, 30, tzinfo=UTC)
    assert query.end - query.start == timedelta(hours=2)
    assert query.limit == 500, "--limit counts what is left after sorting and filtering here"
    assert session.settings is not None
    assert session.settings.offline
    assert session.open_count == 0, "closed again"


def test_along_a_way(session: FakeSession, capsys: pytest.CaptureFixture[str]) -> None:
    found = Found(SearchAnswer.read(RAW), "live", NOW, gaps=((0, 12.34), (140, 160)))
    session.answers["search"] = found
    line = ["search", "--route", "Berlin > Leipzig > 48.137,11.575 @100", "--radius", "10"]
    assert main(line) == 0
    ((_method, query, options),) = session.asked
    assert isinstance(query, RouteQuery)
    assert options == {"label": "Berlin > Leipzig > 48.137, 11.575"}
    assert (query.radius_km, query.speed_kmh, len(query.stops)) == (10, 100, 3)
    told = capsys.readouterr()
    assert "not searched whole: km 0–12, 140–160" in told.err
    assert "Berlin > Leipzig" in told.out
    assert main([*line, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["gaps_km"] == [[0, 12.3], [140, 160]]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("ccs", "IEC_62196_T2_COMBO"),
        ("Type 2", "IEC_62196_T2"),
        ("chademo", "CHADEMO"),
        ("type-1", "IEC_62196_T1"),
        ("iec_62196_t2", "IEC_62196_T2"),
        ("NEW_PLUG", "NEW_PLUG"),
    ],
)
def test_plugs_by_name_or_code(session: FakeSession, given: str, code: str) -> None:
    session.answers["search"] = live()
    assert main(["search", "Berlin", "--connector", given]) == 0
    assert session.asked[0][1].connector_type == code


@pytest.mark.parametrize(
    ("flags", "ids"),
    [
        ([], ["DE-ENB-1", "DE-ALL-2"]),
        (["--reservable"], ["DE-ENB-1"]),
        (["--operator", "alle"], ["DE-ALL-2"]),
        (["--sort", "operator"], ["DE-ALL-2", "DE-ENB-1"]),
        (["--sort", "operator", "--limit", "1"], ["DE-ALL-2"]),
        (["--sort", "power"], ["DE-ENB-1", "DE-ALL-2"]),
    ],
)
def test_what_is_done_here(
    session: FakeSession, capsys: pytest.CaptureFixture[str], flags: list[str], ids: list[str]
) -> None:
    session.answers["search"] = live()
    assert main(["search", "Berlin", "--json", *flags]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert [row["location_id"] for row in shown["results"]] == ids
    assert shown["total"] == 70


def test_the_strongest_come_first(session: FakeSession) -> None:
    strong = {"location_id": "S", "evses": [{"evse_uid": "1", "max_electric_power": 300000}]}
    raw = {"results": [RAW["results"][0], strong]}
    session.answers["search"] = Result(SearchAnswer.read(raw), "live", NOW)
    from pm_tui.cli.parser import build
    from pm_tui.cli.search import narrowed

    arguments = build().parse_args(["search", "Berlin", "--sort", "power"])
    found = narrowed(SearchAnswer.read(raw).locations, arguments)
    assert [location.location_id for location in found] == ["S", "DE-ENB-1"]


def test_from_memory_it_says_so(session: FakeSession, capsys: pytest.CaptureFixture[str]) -> None:
    old = NOW - timedelta(hours=3)
    session.answers["search"] = Result(
        SearchAnswer.read(RAW), "cache", old, Unreachable("no route")
    )
    assert main(["search", "Berlin"]) == 0
    told = capsys.readouterr()
    assert "remembered, 3 h old" in told.out.splitlines()[0]
    assert "not live: The server cannot be reached. (no route)" in told.err.splitlines()[0]
    session.answers["search"] = Result(SearchAnswer.read(RAW), "cache", old)
    assert main(["search", "Berlin", "--json"]) == 0
    told = capsys.readouterr()
    assert json.loads(told.out)["origin"] == "cache"
    assert json.loads(told.out)["fetched_at"] == "2026-11-24T09:00:00Z"
    assert told.err == ""


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("search Berlin --radius 201", "radius"),
        ("search Berlin --radius nan", "radius"),
        ("search Berlin --from 14:30", "both a start and an end"),
        ("search Berlin --from never --to +1h", "Not understood as a time"),
        ("search Berlin --from 2026-03-29T02:30 --to +1h", "does not exist"),
        ("search Berlin --from 2020-01-01T10:00 --to +2h", "The end has passed."),
        ("search Berlin --connector _!", "connector type"),
        ("search Berlin --connector foo", "'foo' is no plug; there are ccs, type2, chademo"),
        ("search Berlin --min-power -1", "minimum power"),
        ("search", "either a place or --route"),
        ("search Berlin --route Berlin>Leipzig", "either a place or --route"),
        ("search --route Berlin>", "A place is missing"),
        ("search --route Berlin>Berlin", "the same"),
    ],
)
def test_refused_before_anything_is_asked(
    session: FakeSession, capsys: pytest.CaptureFixture[str], line: str, said: str
) -> None:
    assert main(line.split()) == 2
    assert said in capsys.readouterr().err
    assert session.asked == []


def test_a_place_that_nobody_knows(
    session: FakeSession, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["search", "Xyzzyhausen"]) == 4
    assert "no place 'Xyzzyhausen' is known" in capsys.readouterr().err
    assert session.asked == []


def test_nothing_remembered(session: FakeSession, capsys: pytest.CaptureFixture[str]) -> None:
    session.answers["search"] = NothingRemembered("Nothing is remembered of this area.")
    assert main(["search", "Berlin", "--offline", "--json"]) == 7
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err == "pm-tui: Nothing is remembered of this area.\n"


def test_notices_are_told_once(session: FakeSession, capsys: pytest.CaptureFixture[str]) -> None:
    session.answers["search"] = live()
    session.notices.append("a cache was set aside")
    assert main(["search", "Berlin", "--json"]) == 0
    assert capsys.readouterr().err.splitlines()[0] == "pm-tui: a cache was set aside"
