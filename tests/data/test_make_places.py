import gzip
from pathlib import Path

import pytest

import pm_tui.data as data
from pm_tui.data import make_places

FILE = Path(data.__file__).with_name(data.PLACES_FILE)


@pytest.fixture(scope="module")
def built() -> str:
    return make_places.build()


def test_the_committed_file_is_what_the_script_makes(built: str) -> None:
    # the text, not the packed bytes: another zlib may pack it another way
    assert gzip.decompress(FILE.read_bytes()).decode() == built


def test_a_wrong_population_is_unknown(built: str) -> None:
    lines = built.splitlines()
    assert any(line.startswith("Marienthal\t\tHamburg\t") and "\t0\t" in line for line in lines)


def test_the_file_has_no_timestamp_and_is_small() -> None:
    packed = FILE.read_bytes()
    assert packed[4:8] == b"\0\0\0\0"
    assert len(packed) < 400_000


def test_every_line_is_whole_and_the_order_is_by_population() -> None:
    rows = [line.split("\t") for line in data.places_lines()]
    assert {len(row) for row in rows} == {len(data.PLACES_HEADER)}
    assert len(rows) > 11_000
    people = [int(row[5]) for row in rows]
    assert people == sorted(people, reverse=True)
    assert {row[2] for row in rows} == set(make_places.STATES.values())
    assert all(47 < float(row[3]) < 56 and 5 < float(row[4]) < 16 for row in rows)


def test_no_two_places_have_one_label() -> None:
    labels = [tuple(line.split("\t")[:2]) for line in data.places_lines()]
    assert len(set(labels)) == len(labels)


def test_towns_have_their_german_names_and_the_visitors_one_too() -> None:
    rows = {line.split("\t")[0]: line.split("\t") for line in data.places_lines()}
    for german, other in {"München": "Munich", "Köln": "Cologne", "Nürnberg": "Nuremberg"}.items():
        assert other in rows[german][6].split("|")
        assert other not in rows
    assert "GeoNames" in data.ATTRIBUTION and "CC BY 4.0" in data.ATTRIBUTION
