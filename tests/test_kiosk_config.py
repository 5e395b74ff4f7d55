"""The table `[kiosk]`: what is read, what is refused, and how it is written back."""

from __future__ import annotations

import tomllib
from datetime import timedelta
from pathlib import Path

import pytest

from pm_tui.config import ConfigError, Settings, load, opening, pin
from pm_tui.config.kiosk import KioskSettings, check, table
from pm_tui.config.kiosk_file import with_kiosk

PIN = pin.kept("408215")
KIOSK = KioskSettings(
    desk="Empfang Süd",
    point=(52.52, 13.405),
    radius_km=0.5,
    locations=("DE-ENB-E100000",),
    hours=(opening.read("mon-fri 07:00-19:00", "here"),),
    longest=timedelta(hours=8),
    phone='+49 30 "1"',
    ask="plate",
    print_command=("lp", "-d", "desk"),
    pin=PIN,
)


def at(path: Path) -> Settings:
    return load({"config": str(path)}, {"PM_TUI_TIMEZONE": "Europe/Berlin"})


def test_a_pin_is_known_again_and_its_hash_says_nothing() -> None:
    assert pin.matches("408215", PIN)
    assert not pin.matches("408216", PIN)
    assert pin.kept("408215") != PIN, "salted"
    assert "408215" not in PIN
    assert not pin.matches("408215", "408215")
    assert [pin.is_pin(one) for one in ("12345", "123456", "1" * 13, "12345a", "１２３４５６")] == [
        False, True, False, False, False,
    ]  # fmt: skip
    assert PIN not in repr(KIOSK)


def test_what_is_written_is_what_is_read() -> None:
    assert check(dict(table(KIOSK)), "here") == KIOSK
    parsed = tomllib.loads(with_kiosk("", None, KIOSK))
    assert check(parsed["kiosk"], "here") == KIOSK
    assert check({}, "here") == KioskSettings()
    assert len(KioskSettings().missing) == 3
    assert KIOSK.missing == ()


@pytest.mark.parametrize(
    "table",
    [
        {"desk": ""}, {"desk": "日本"}, {"desk": "x" * 25}, {"desk": "a\nb"},
        {"point": [91, 0]}, {"point": [1]}, {"point": "52,13"}, {"point": [True, 1]},
        {"radius": 0}, {"radius": 26}, {"radius": float("nan")}, {"radius": "1"},
        {"languages": []}, {"languages": ["fr"]}, {"languages": "de"},
        {"hours": ["mon-fri"]}, {"hours": ["mon 7:00-07:00"]}, {"hours": ["xx 7:00-8:00"]},
        {"hours": ["mo 7:60-8:00"]}, {"hours": ["mo 7:00-24:01"]},
        {"longest": "10 min"}, {"longest": "2 d"}, {"ask": "age"}, {"print_command": "lp"},
        {"pin": "408215"}, {"pni": "x"},
    ],
)  # fmt: skip
def test_what_is_refused_says_where(table: dict[str, object]) -> None:
    with pytest.raises(ConfigError) as caught:
        check(table, "here kiosk")
    assert str(caught.value).startswith("here kiosk")
    assert "408215" not in str(caught.value)


def test_hours_are_read_in_both_languages() -> None:
    week = opening.read("Mo-Fr 7:00-19:30", "here")
    assert (week.days, week.begin, week.end) == ((1, 2, 3, 4, 5), 420, 1170)
    assert opening.read("wednesday 00:00-24:00", "here").days == (3,)
    assert opening.read("Sa - Di 9:00-12:00", "here").days == (6, 7, 1, 2)
    night = opening.read("mon-fri 19:00-07:00", "here")
    assert (night.begin, night.end, night.text) == (1140, 1440 + 420, "mon-fri 19:00-07:00")
    for none in ("mon 07:00-07:00", "mon 24:00-07:00", "mon 19:00-25:00"):
        with pytest.raises(ConfigError):
            opening.read(none, "here")


def test_every_other_line_of_the_file_stays() -> None:
    body = (
        '# mine\nmouse = false\n\n[kiosk]\ndesk = "old"\n\n'
        "# of the profile\n[profiles.a]\nmouse = true\n"
    )
    new = with_kiosk(body, None, KIOSK)
    assert new.startswith("# mine\nmouse = false\n\n[kiosk]\n")
    assert new.endswith("\n# of the profile\n[profiles.a]\nmouse = true\n")
    assert "old" not in new
    assert with_kiosk(new, None, KIOSK) == new
    ours = with_kiosk(body, "a", KIOSK)
    assert ours.startswith(body)
    assert tomllib.loads(ours)["profiles"]["a"]["kiosk"]["desk"] == KIOSK.desk


@pytest.mark.parametrize(
    "body",
    [
        'kiosk = { desk = "x" }\n',
        'kiosk.desk = "x"\n',
        '[kiosk]\nhours = [\n  "mon 7:00-8:00",\n[1]\n]\n',
        'theme = """\n[kiosk]\n"""\n',
        "not toml",
    ],
)
def test_a_file_written_in_a_way_of_its_own_is_left_alone(body: str) -> None:
    with pytest.raises(ConfigError, match="by hand"):
        with_kiosk(body, None, KIOSK)


def test_a_file_with_a_pin_must_be_private(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(with_kiosk("[profiles.lobby]\n", "lobby", KIOSK))
    path.chmod(0o644)
    with pytest.raises(ConfigError, match="chmod 600"):
        at(path)
    path.chmod(0o600)
    settings = load({"config": str(path), "profile": "lobby"}, {})
    assert settings.kiosk == KIOSK
    shown = {row.name: row.value for row in settings.report()}["kiosk"]
    assert shown == "Empfang Süd; 52.52,13.405 (0.5 km); PIN ********"
