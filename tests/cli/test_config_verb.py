"""`pm-tui config`: values, where each is from, and no key."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pm_tui.cli import main
from pm_tui.config import load
from tests import canary


@pytest.fixture(autouse=True)
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("API_KEY", "API_KEY_FILE", "BASE_URL", "PROFILE", "LANGUAGE", "TIMEZONE"):
        monkeypatch.delenv(f"PM_TUI_{name}", raising=False)
    path = tmp_path / "config.toml"
    canary.given(path, f'theme = "nord"\n[profiles.staging]\napi_key = "{canary.KEY}"\n')
    monkeypatch.setenv("PM_TUI_CONFIG", str(path))
    return path


def test_show(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "show", "--profile", "staging", "--offline"]) == 0
    text = capsys.readouterr().out
    lines = {line.split()[0]: line for line in text.splitlines()}
    assert "********" in lines["api_key"]
    assert "[profiles.staging] api_key" in lines["api_key"]
    assert lines["theme"].split()[1:] == ["nord", str(config), "theme"]
    assert lines["offline"].split()[1:] == ["yes", "--offline"]
    assert canary.KEY[:6] not in text


def test_show_as_json(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "show", "--json", "--profile", "staging", "--no-mouse"]) == 0
    text = capsys.readouterr().out
    shown = json.loads(text)
    assert list(shown) == [setting.name for setting in load({}, {}).report()]
    assert shown["mouse"] == {"value": False, "source": "--no-mouse"}
    assert shown["config_path"] == {"value": str(config), "source": "PM_TUI_CONFIG"}
    assert shown["api_key"]["value"] == "********"
    assert shown["base_url"]["source"] == "default"
    assert canary.KEY[:6] not in text


def test_a_sandbox_has_its_own_url_and_key(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "show", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["sandbox"] == {"value": True, "source": "no API key is configured"}
    for name in ("base_url", "fleet_url", "api_key"):
        assert shown[name] == {"value": None, "source": "the sandbox's own"}


def test_a_theme_that_is_none_is_told(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, code in (("auto", 0), ("pm-tui-light", 0), ("nrod", 2)):
        config.write_text(f'theme = "{name}"\n')
        assert main(["config", "show"]) == code
        out, err = capsys.readouterr()
        assert name in out
        assert ("theme: there is no theme “nrod” (did you mean nord?)" in err) == (code == 2)


def test_path_needs_no_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "path", "--config", str(tmp_path / "other.toml")]) == 0
    assert capsys.readouterr().out == f"{tmp_path}/other.toml\n"


def test_example(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "example"]) == 0
    text = capsys.readouterr().out
    assert "# [profiles.staging]" in text
    assert all(line.startswith("#") or not line for line in text.splitlines())


def test_what_is_wrong_is_one_line(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config.write_text("them = 'x'\n")
    assert main(["config", "show"]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err == f"pm-tui: {config}: unknown key 'them' (did you mean theme?)\n"


def test_keys_are_listed_by_id_and_what_is_wrong_with_ones_own_is_told(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["config", "keys", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    by_id = {one["id"]: one for one in shown["keys"]}
    assert by_id["find.book"] == {
        "id": "find.book", "keys": ["b"], "default": ["b"], "does": "Book"
    }  # fmt: skip
    assert shown["problems"] == [] and shown["preset"] == "default"
    own = '[keys]\npreset = "vi"\nfind.book = "B"\nfind.boook = "X"\nfind.note = "r"\n'
    config.write_text(own)
    assert main(["config", "keys"]) == 2
    told = capsys.readouterr()
    lines = {line.split()[0]: line for line in told.out.splitlines()}
    assert lines["find.book"].split()[1:] == ["B", "Book"]
    assert "ctrl+d, ctrl+f, pagedown" in lines["table.page_down"]
    assert lines["find.note"].split()[1:] == ["n", "Note"]
    assert f"{config} keys: find.boook: there is no such id (did you mean find.book?)" in told.err
    assert "r is “Refresh” already (find.refresh)" in told.err
    assert main(["config", "keys", "--json"]) == 2
    wrong = json.loads(capsys.readouterr().out)["problems"]
    assert [one["id"] for one in wrong] == ["find.boook", "find.note"]
