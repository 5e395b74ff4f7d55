"""The grammar: what goes where, what is refused with one line and code 2."""

from __future__ import annotations

import gettext

import pytest

from pm_tui import i18n
from pm_tui.cli import main, parser
from pm_tui.cli.exits import CliError
from pm_tui.cli.run import early_language
from pm_tui.services.filters import SORT_KEYS


@pytest.mark.parametrize(
    "argv",
    [
        ["--offline", "--profile", "p", "bookings"],
        ["bookings", "--offline", "--profile", "p"],
        ["--offline", "bookings", "--profile", "p"],
    ],
)
def test_global_flags_go_before_and_after_the_verb(argv: list[str]) -> None:
    arguments = parser.build().parse_args(argv)
    assert (arguments.offline, arguments.profile, arguments.verb) == (True, "p", "bookings")
    assert not hasattr(arguments, "timezone"), "not given is not there"


def test_the_documented_search() -> None:
    line = (
        "search Bad Homburg --radius 10 --connector ccs --min-power 50 --from 14:30 --to +2h "
        "--reservable --operator EnBW --sort price --limit 5 --offline --json"
    )
    arguments = parser.build().parse_args(line.split())
    assert vars(arguments) == {
        "verb": "search",
        "place": ["Bad", "Homburg"],
        "route": "",
        "radius": 10.0,
        "connector": "ccs",
        "min_power": 50.0,
        "start": "14:30",
        "end": "+2h",
        "reservable": True,
        "operator": "EnBW",
        "sort": "price",
        "limit": 5,
        "yes": False,
        "offline": True,
        "json": True,
    }


@pytest.mark.parametrize(
    "line",
    [
        "frob",
        "search",
        "search Berlin --radius far",
        "search Berlin --limit 0",
        "search Berlin --sort colour",
        "search Berlin --reserv",
        "bookings --status LOST",
        "booking",
        "config",
        "config frob",
        "completion tcsh",
        "--language fr bookings",
        "usage extra",
    ],
)
def test_usage_errors_are_one_line(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(line.split()) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("pm-tui: ")
    assert told.err.count("\n") == 1
    assert "--help)" in told.err


def test_choices_are_those_of_the_models() -> None:
    assert set(parser.SORTS) <= set(SORT_KEYS)


def test_the_status_is_read_in_any_case() -> None:
    assert parser.build().parse_args(["bookings", "--status", "no_show"]).status == "NO_SHOW"


def test_an_error_names_the_verb() -> None:
    with pytest.raises(CliError, match=r"\(see pm-tui search --help\)"):
        parser.build().parse_args(["search", "Berlin", "--radius", "far"])


@pytest.mark.parametrize(
    ("argv", "env", "language"),
    [
        ([], {"LANG": "de_DE.UTF-8"}, "de"),
        ([], {"LANG": "de_DE.UTF-8", "PM_TUI_LANGUAGE": "en"}, "en"),
        (["--language", "de", "usage"], {}, "de"),
        (["usage", "--language=de"], {}, "de"),
        (["--language"], {}, ""),
    ],
)
def test_the_language_of_help(
    monkeypatch: pytest.MonkeyPatch, argv: list[str], env: dict[str, str], language: str
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG", "PM_TUI_LANGUAGE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    assert early_language(argv) == language


def test_argparse_speaks_through_our_catalogue(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class German(gettext.NullTranslations):
        def gettext(self, message: str) -> str:
            return {"usage: ": "Aufruf: ", "options": "Optionen"}.get(message, message)

    monkeypatch.setattr(i18n, "use", lambda language: None)
    monkeypatch.setattr(i18n, "_catalogue", German())
    assert main(["usage", "--help"]) == 0
    text = capsys.readouterr().out
    assert text.startswith("Aufruf: pm-tui usage")
    assert "\nOptionen:" in text


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("search Berlin --radius weit", "Argument --radius: „weit“ ist keine Zahl"),
        ("search Berlin --radius nan", "Argument --radius: „nan“ ist keine Zahl"),
        ("search Berlin --limit 2,5", "Argument --limit: „2,5“ ist keine ganze Zahl"),
        ("search Berlin --limit 0", "Argument --limit: muss mindestens 1 sein, nicht 0"),
        ("sandbox --port 70000", "Argument --port: muss von 0 bis 65535 sein, nicht 70000"),
        (
            "sandbox --confirm-seconds 9-2",
            "Argument --confirm-seconds: „9-2“ ist kein Bereich wie 1-10",
        ),
        ("home location one", "nötig ist eines von: LAT,LNG --clear"),
    ],
)
def test_what_a_word_must_be_is_told_in_the_readers_language(
    line: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--language", "de", *line.split()]) == 2
    assert told in capsys.readouterr().err


@pytest.mark.parametrize("written", ["12.5", "12,5"])
def test_a_number_may_have_a_comma(written: str) -> None:
    arguments = parser.build().parse_args(["search", "Berlin", "--radius", written])
    assert arguments.radius == 12.5
