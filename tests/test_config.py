"""Where each setting comes from, what is refused, and that a key never shows."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
import types
from collections.abc import Callable
from datetime import time as datetime_time
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pm_tui.config import DEFAULT_BASE_URL, ConfigError, Settings, load
from pm_tui.config import keys as key_sources
from pm_tui.config.anomalies import _CHECKS
from pm_tui.config.keymap import KeySettings
from pm_tui.config.notices import NoticeSettings
from pm_tui.config.template import template
from tests import canary
from tests.canary import KEY

Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a configuration file, private as the program asks for, and give its path."""

    def write_file(body: str) -> Path:
        path = tmp_path / "config.toml"
        canary.given(path, body)
        path.chmod(0o600)
        return path

    return write_file


def at(path: Path, env: dict[str, str] | None = None, **flags: object) -> Settings:
    return load({"config": str(path), **flags}, env or {})


def refused(call: Callable[[], object]) -> str:
    with pytest.raises(ConfigError) as caught:
        call()
    text = str(caught.value)
    assert KEY not in text
    assert "\n" not in text
    return text


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)


def test_without_anything_the_sandbox_is_used(tmp_path: Path) -> None:
    settings = load({}, {})
    assert settings.sandbox
    assert settings.account == "sandbox"
    assert settings.base_url == DEFAULT_BASE_URL
    assert settings.fleet_url == "https://api.petitmonde.energy/api/v1/fleet"
    assert settings.config_path == tmp_path / ".config/pm-tui/config.toml"
    assert settings.sources["sandbox"] == "no API key is configured"
    refused(settings.api_key)


def test_the_order_of_the_layers(write: Write) -> None:
    path = write(
        f'api_key = "{KEY}"\ntimezone = "Europe/Vienna"\nlanguage = "de"\ntheme = "nord"\n'
        '[profiles.staging]\ntimezone = "Europe/Paris"\nlanguage = "en"\n'
    )
    flags: dict[str, object] = {"timezone": "Europe/Rome"}
    env = {"PM_TUI_TIMEZONE": "Europe/Oslo", "PM_TUI_PROFILE": "staging"}
    assert at(path).timezone.key == "Europe/Vienna"
    assert at(path, profile="staging").timezone.key == "Europe/Paris"
    assert at(path, env).timezone.key == "Europe/Oslo"
    settings = at(path, env, **flags)
    assert settings.timezone.key == "Europe/Rome"
    assert settings.sources == {
        **settings.sources,
        "timezone": "--timezone",
        "profile": "PM_TUI_PROFILE",
        "language": f"{path} [profiles.staging] language",
        "theme": f"{path} theme",
        "api_key": f"{path} api_key",
        "config_path": "--config",
        "mouse": "default",
    }
    assert settings.language == "en"
    assert settings.api_key().get_secret_value() == KEY


def test_every_variable(tmp_path: Path, write: Write) -> None:
    path = write("[profiles.kiosk]\n")
    settings = load(
        {},
        {
            "PM_TUI_API_KEY": KEY,
            "PM_TUI_BASE_URL": "http://127.0.0.1:8080/api/v1/client/",
            "PM_TUI_FLEET_URL": "http://[::1]:8080/fleet",
            "PM_TUI_CACHE_DIR": "~/cache",
            "PM_TUI_STATE_DIR": "state",
            "PM_TUI_CONFIG": str(path),
            "PM_TUI_TIMEZONE": "Europe/Berlin",
            "PM_TUI_PROFILE": "kiosk",
            "PM_TUI_LANGUAGE": "de",
        },
    )
    assert settings.base_url == "http://127.0.0.1:8080/api/v1/client"
    assert settings.fleet_url == "http://[::1]:8080/fleet"
    assert settings.cache_dir == tmp_path / "cache"
    assert settings.state_dir == Path.cwd() / "state"
    assert (settings.profile, settings.language) == ("kiosk", "de")
    assert not settings.sandbox
    assert settings.account.startswith("kiosk@"), "another base URL is another account"


def test_an_empty_variable_is_unset() -> None:
    assert load({}, {"PM_TUI_API_KEY": "", "PM_TUI_TIMEZONE": ""}).sandbox


def test_relative_folders_count_from_the_file(write: Write) -> None:
    path = write('cache_dir = "kept"\n')
    assert at(path).cache_dir == path.parent / "kept"


def test_accounts_are_kept_apart(write: Write) -> None:
    path = write(
        f'[profiles.one]\napi_key = "{KEY}"\n[profiles.two]\napi_key = "{KEY}"\nsandbox = true\n'
    )
    live = load({}, {"PM_TUI_API_KEY": KEY})
    other_key = load({}, {"PM_TUI_API_KEY": KEY + "x"})
    other_url = load(
        {}, {"PM_TUI_API_KEY": KEY, "PM_TUI_BASE_URL": "https://example.org/api/v1/client"}
    )
    names = [s.account for s in (live, other_key, other_url)]
    assert len(set(names)) == 3
    assert all(name.startswith("default-") and len(name) == 16 for name in names)
    assert at(path, profile="one").account == "one"
    assert at(path, profile="two").account == "sandbox"
    assert at(path, profile="one", sandbox=True).account == "sandbox"


def test_a_base_url_without_a_key_is_no_sandbox() -> None:
    url = "https://example.org/api/v1/client"
    assert "--base-url" in refused(lambda: load({"base_url": url}, {}))
    assert load({"base_url": url, "sandbox": True}, {}).sandbox


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/client",
        "http://127.0.0.1.example.org/client",
        "http://128.0.0.1/client",
        "ftp://127.0.0.1/",
        "example.org",
        "https://",
        "https://[::1/",
        "https://example.org:99999/",
        "https://exa mple.org/",
        "https://example.org\\@127.0.0.1/",
        "https://example.org/?a=b",
        "https://example.org/#c",
        f"https://user:{KEY}@example.org/",
        "https://exämple.org/",
    ],
)
def test_urls_refused(url: str) -> None:
    refused(lambda: load({"base_url": url}, {"PM_TUI_API_KEY": KEY}))


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.9.9.9", "[::1]"])
def test_http_to_this_machine(host: str) -> None:
    url = f"http://{host}:1234/api"
    settings = load({"base_url": url}, {"PM_TUI_API_KEY": KEY})
    assert settings.base_url == url
    assert settings.fleet_url is None, "nothing says where a fleet base would be"


# -- the file ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("base_ulr = 1\n", "unknown key 'base_ulr' (did you mean base_url?)"),
        ("[profiles.a]\nprofile = 'b'\n", "[profiles.a]: unknown key 'profile'"),
        ("mouse = 'yes'\n", "mouse: true or false"),
        ("a = 1\nb = = 2\n", "line 2"),
        ("[profiles]\na = 1\n", "[profiles.NAME]"),
        ("profiles = 3\n", "[profiles.NAME]"),
        ("[profiles.'../up']\n", "a profile's name"),
        ("[profiles.sandbox]\n", "a profile's name"),
        ("profile = 'stagin'\n[profiles.staging]\n", "'stagin' in"),
        ("profile = 'stagin'\n[profiles.staging]\n", "(did you mean staging?)"),
        ("timezone = 'Europe/Berln'\n", "(did you mean Europe/Berlin?)"),
        ("timezone = '../../etc/passwd'\n", "no time zone"),
        ("timezone = 'Europe'\n", "no time zone"),
        ("timezone = 3\n", "no time zone"),
        ("language = 'fr'\n", "there are en, de"),
        ("theme = '[bold]'\n", "not a theme's name"),
        ("cache_dir = ''\n", "cache_dir: a text"),
        ("cache_dir = 'a\\u0000b'\n".replace("'", '"'), "not a path"),
        ("api_key_file = 'a'\napi_key_keyring = 'b/c'\n", "only one of"),
        ("api_key_keyring = 'b'\n", "service/user"),
        ("api_key_command = []\n", "a command"),
        ("api_key_command = 'a \"b'\n", "api_key_command"),
        (f"api_key = '{KEY} {KEY}\n", "at its end"),
        ("api_key = 3\n", "a text is needed"),
    ],
)
def test_files_refused(write: Write, body: str, said: str) -> None:
    path = write(body)
    text = refused(lambda: at(path))
    assert said in text
    assert str(path) in text


def test_a_named_file_must_be_there(tmp_path: Path) -> None:
    assert "no such file" in refused(lambda: at(tmp_path / "none.toml"))
    assert str(tmp_path) in refused(lambda: at(tmp_path))


def test_not_text(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_bytes(b"theme = '\xff'")
    assert "UTF-8" in refused(lambda: at(path))


@pytest.mark.parametrize(
    ("body", "place", "hint"),
    [
        (f'api_key = "{KEY}\n', "line 1, column ", "a text is in quotes"),
        ("mouse = true\ntheme nord\n", "line 2, column 7", "name = value"),
        ("a = 1\n[a]\n", "line 2, column 3", "set twice"),
        ("keys = [", "at its end", "name = value"),
    ],
)
def test_no_toml_is_told_where_and_what_to_do(
    write: Write, body: str, place: str, hint: str
) -> None:
    path = write(body)
    text = refused(lambda: at(path))
    assert text.startswith(f"{path}, {place}") and hint in text
    assert "Expected" not in text and "Illegal" not in text, "the parser's words"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o601])
def test_a_key_in_a_file_open_to_others_is_refused(write: Write, mode: int) -> None:
    path = write(f'[profiles.unused]\napi_key = "{KEY}"\n')
    path.chmod(mode)
    assert "chmod 600" in refused(lambda: at(path))


def test_a_command_in_a_file_that_others_write_is_refused(write: Write) -> None:
    path = write("api_key_command = 'true'\n")
    path.chmod(0o644)
    assert not at(path).sandbox
    path.chmod(0o664)
    assert "chmod 600" in refused(lambda: at(path))


def test_a_file_of_another_user_is_refused(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(f'api_key = "{KEY}"\n')
    monkeypatch.setattr("os.getuid", lambda: path.stat().st_uid + 1)
    assert "another user" in refused(lambda: at(path))


def test_a_file_without_a_key_may_be_open(write: Write) -> None:
    path = write("mouse = false\n")
    path.chmod(0o666)
    assert not at(path).mouse


def test_the_template_is_a_file_that_changes_nothing(write: Write) -> None:
    body = template()
    assert at(write(body)) == at(write(""))
    uncommented = "".join(
        line.removeprefix("# ") + "\n"
        for line in body.splitlines()
        if " = " in line or line.startswith("# [")
    )
    for form in ("api_key = ", "api_key_file", "api_key_keyring"):
        uncommented = "\n".join(ln for ln in uncommented.split("\n") if not ln.startswith(form))
    settings = at(write(uncommented + "\n"))
    assert settings.profile == "staging"
    assert "default" not in {s.source for s in settings.report() if s.name != "api_key"}


# -- keys --------------------------------------------------------------------


def test_keys_of_ones_own_by_id(write: Write) -> None:
    path = write('[keys]\npreset = "vi"\nfind.book = "B"\n"app.find" = [1, "f9, f10"]\n')
    keymap = at(path).keymap
    assert keymap.preset == "vi" and keymap.place == f"{path} keys"
    assert keymap.keys == {"find.book": ("B",), "app.find": ("1", "f9", "f10")}
    assert keymap and not at(write("")).keymap
    profile = write('profile = "x"\n[keys]\na.b = ","\n[profiles.x.keys]\nc.d = "x"\n')
    assert at(profile).keymap.keys == {"c.d": ("x",)}
    assert at(write('[keys]\na.b = ""\nc.d = []\n')).keymap.keys == {"a.b": (), "c.d": ()}
    comma = KeySettings(keys={"a.b": (",",)})
    assert at(write('[keys]\na.b = ","\n')).keymap == comma


@pytest.mark.parametrize(
    "body",
    ["keys = 1", '[keys]\npreset = "emacs"', "[keys]\na.b = [[]]", "[keys]\na.b = true",
     '[keys]\na.b = ["x", 12]', '[keys]\na.b = " "'],
)  # fmt: skip
def test_a_table_of_keys_in_a_wrong_form_is_refused(write: Write, body: str) -> None:
    path = write(body + "\n")
    assert f"{path} keys" in refused(lambda: at(path))


def test_lean_is_chosen_or_found_out(write: Write) -> None:
    over_ssh = {"SSH_CONNECTION": "192.0.2.1 40000 192.0.2.2 22"}
    auto = write('lean = "auto"\n')
    assert not at(auto).lean and at(auto, over_ssh).lean
    assert at(auto, over_ssh).sources["lean"] == f"{auto} lean"
    assert at(write(""), over_ssh).sources["lean"] == "SSH_CONNECTION"
    assert at(write("")).sources["lean"] == "default"
    assert not at(write("lean = false\n"), over_ssh).lean
    assert at(write("lean = false\n"), lean=True).lean
    assert "auto" in refused(lambda: at(write("lean = 1\n")))


def test_ascii_alone_is_chosen_or_found_out(write: Write) -> None:
    auto = write('ascii = "auto"\n')
    assert not at(auto).ascii and at(auto).letters
    for env in ({"LANG": "de_DE.UTF-8"}, {"LC_ALL": "C.utf8", "LANG": "C"}, {"TERM": "xterm"}):
        assert not at(auto, env).ascii
    console = at(auto, {"TERM": "linux", "LANG": "de_DE.UTF-8"})
    assert console.ascii and console.letters
    latin = at(auto, {"LANG": "de_DE.UTF-8", "LC_ALL": "de_DE.ISO-8859-1"})
    assert latin.ascii and not latin.letters
    assert at(write("ascii = true\n")).ascii and at(write("ascii = false\n"), ascii=True).ascii
    assert not at(write("ascii = false\n"), {"TERM": "linux"}).ascii
    assert "auto" in refused(lambda: at(write('ascii = "yes"\n')))


# -- reports -----------------------------------------------------------------


def test_a_month_of_a_report_begins_where_it_was_chosen_and_not_where_the_computer_stands(
    write: Write,
) -> None:
    """Two computers must report alike: the host's own zone is no choice."""
    empty, told = write(""), '[report]\ntimezone = "America/Lima"\n'
    assert at(empty, {"TZ": "Asia/Tokyo"}).report_zone.key == "Europe/Berlin"
    assert at(empty, {"PM_TUI_TIMEZONE": "Asia/Tokyo"}).report_zone.key == "Asia/Tokyo"
    assert at(write('timezone = "Asia/Tokyo"\n' + told)).report_zone.key == "America/Lima"
    assert at(write(told), timezone="UTC").report_zone.key == "UTC"
    profile = write('profile = "x"\n[profiles.x]\n[profiles.x.report]\npatterns = ["{date}"]\n')
    assert at(profile).reports.patterns == ("{date}",)


def test_thresholds_of_anomalies_one_by_one(write: Write) -> None:
    path = write('[report.anomalies]\nprice = 2.5\ncount = false\nnight = "23:30-6:00"\n')
    rules = at(path).reports.anomalies
    assert (rules.price, rules.count, rules.no_show) == (Decimal("2.5"), None, Decimal(20))
    assert rules.night == (datetime_time(23, 30), datetime_time(6))
    off = "".join(f"{name} = false\n" for name in _CHECKS if name != "least")
    rules = at(write(f"[report.anomalies]\n{off}least = 9\n")).reports.anomalies
    assert not any(getattr(rules, name) for name in _CHECKS if name != "least")
    assert rules.least == 9


@pytest.mark.parametrize(
    "table",
    [
        "patterns = []",
        'patterns = "{date}"',
        "patterns = [1]",
        'zone = "UTC"',
        'timezone = "X"',
        "anomalies = true",
        "anomalies = {prise = 3}",
        "anomalies = {price = true}",
        "anomalies = {price = 1}",
        "anomalies = {price = inf}",
        "anomalies = {no_show = 101}",
        "anomalies = {least = false}",
        "anomalies = {least = 2.5}",
        'anomalies = {night = "22-5"}',
        'anomalies = {night = "25:00-05:00"}',
        "anomalies = {overlap = 1}",
    ],
)
def test_a_table_of_reports_that_is_refused(write: Write, table: str) -> None:
    path = write(f"[report]\n{table}\n")
    assert refused(lambda: at(path)).startswith(f"{path} report")


def test_budgets_are_exact_and_a_star_is_everybody_else(write: Write) -> None:
    path = write(
        '[caps]\nwarn_at = 75.5\n[caps.employee]\nemp042 = 250.10\n"*" = "150"\n'
        "[caps.group]\ngroup_field = 0\n"
    )
    caps = at(path).caps
    assert (caps.currency, caps.warn_at, bool(caps)) == ("EUR", Decimal("75.5"), True)
    assert caps.limit("employee", "emp042") == Decimal("250.10")
    assert caps.limit("employee", "anna") == 150 and caps.limit("department", "sales") is None
    assert caps.limit("group", "group_field") == 0
    assert not at(write("")).caps


@pytest.mark.parametrize(
    "table",
    [
        "caps = 1",
        "[caps]\nemployees = {}",
        "[caps]\ncurrency = 'euro'",
        "[caps]\nwarn_at = 0",
        "[caps]\nemployee = 5",
        "[caps.employee]\nanna = -1",
        "[caps.employee]\nanna = true",
        "[caps.employee]\nanna = nan",
        "[caps.employee]\nanna = '1e9'",
    ],
)
def test_budgets_that_are_refused(write: Write, table: str) -> None:
    path = write(f"{table}\n")
    assert refused(lambda: at(path)).startswith(f"{path} caps")


# -- the key -----------------------------------------------------------------


@pytest.mark.parametrize("bad", [KEY + "\n", f" {KEY}", f"{KEY} {KEY}", "schlüssel", "\x1b[31m"])
def test_keys_refused(bad: str) -> None:
    settings = load({}, {"PM_TUI_API_KEY": bad})
    assert "PM_TUI_API_KEY: not an API key" in refused(settings.api_key)
    refused(lambda: settings.account)


@given(st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=200))
def test_every_printable_key_is_taken(key: str) -> None:
    assert load({}, {"PM_TUI_API_KEY": key}).api_key().get_secret_value() == key


def test_a_key_file(tmp_path: Path) -> None:
    path = tmp_path / "key"
    canary.given(path, f"{KEY}\n")
    path.chmod(0o600)
    settings = load({}, {"PM_TUI_API_KEY_FILE": str(path)})
    assert settings.api_key().get_secret_value() == KEY
    path.unlink()
    assert settings.api_key().get_secret_value() == KEY, "fetched once"
    assert "PM_TUI_API_KEY_FILE" in refused(load({}, {"PM_TUI_API_KEY_FILE": str(path)}).api_key)


def test_a_key_file_open_to_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "key"
    canary.given(path, KEY)
    path.chmod(0o644)
    owner = path.stat().st_uid
    if owner:
        assert "chmod 600" in refused(load({}, {"PM_TUI_API_KEY_FILE": str(path)}).api_key)
    else:  # root's files are the administrator's choice: a container's secret is 0444
        assert load({}, {"PM_TUI_API_KEY_FILE": str(path)}).api_key().get_secret_value() == KEY


def command(write: Write, code: str) -> Settings:
    return at(write(f"api_key_command = {[sys.executable, '-c', code]!r}\n"))


def test_a_command(write: Write) -> None:
    settings = command(write, f"print('{KEY}')")
    assert settings.api_key().get_secret_value() == KEY
    assert settings.account.startswith("default-")


def test_a_command_runs_without_a_shell(write: Write) -> None:
    settings = at(write("api_key_command = 'echo $HOME;id'\n"))
    assert settings.api_key().get_secret_value() == "$HOME;id"


def test_a_command_is_fetched_once_by_all_threads(write: Write, tmp_path: Path) -> None:
    tally = tmp_path / "tally"
    code = f"open({str(tally)!r}, 'a').write('x'); print('{KEY}')"
    settings = command(write, code)
    threads = [threading.Thread(target=settings.api_key) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert tally.read_text() == "x"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (f"import sys; print('{KEY}'); sys.exit('{KEY} denied')", "exit code 1"),
        ("pass", "not an API key"),
        (f"print('{KEY} two\\nlines')", "not an API key"),
        (f"while True: print('{KEY}')", "not an API key"),
    ],
)
def test_commands_that_fail(write: Write, code: str, said: str) -> None:
    assert said in refused(command(write, code).api_key)


def test_a_command_that_is_not_there(write: Write) -> None:
    settings = at(write("api_key_command = 'no-such-program-at-all'\n"))
    assert "No such file" in refused(settings.api_key)


def test_a_command_that_hangs_is_ended_with_its_children(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_sources, "COMMAND_SECONDS", 1.0)
    pid = tmp_path / "pid"
    code = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        f"open({str(pid)!r}, 'w').write(str(child.pid))\n"
        "time.sleep(60)"
    )
    assert "no key within 1 seconds" in refused(command(write, code).api_key)
    child = Path(f"/proc/{pid.read_text()}")
    for _ in range(100):
        if not child.exists() or "(zombie)" in (child / "status").read_text():
            break
        time.sleep(0.02)
    else:
        pytest.fail("the command's child lives on")


def keyring_module(monkeypatch: pytest.MonkeyPatch, ask: Callable[[str, str], str | None]) -> None:
    class KeyringError(Exception):
        pass

    errors = types.ModuleType("keyring.errors")
    errors.KeyringError = KeyringError  # type: ignore[attr-defined]
    module = types.ModuleType("keyring")
    module.get_password = ask  # type: ignore[attr-defined]
    module.errors = errors  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "keyring", module)
    monkeypatch.setitem(sys.modules, "keyring.errors", errors)


def test_the_key_ring(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    keyring_module(monkeypatch, lambda service, user: KEY if service == "pm-tui" else None)
    found = at(write('api_key_keyring = "pm-tui/production"\n'))
    assert found.api_key().get_secret_value() == KEY
    lost = at(write('api_key_keyring = "other/production"\n'))
    assert "nothing in the key ring" in refused(lost.api_key)


def test_a_key_ring_that_hangs_or_fails(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_sources, "KEYRING_SECONDS", 0.05)
    release = threading.Event()

    def ask(service: str, user: str) -> str | None:
        if service == "broken":
            raise RuntimeError(KEY)
        release.wait(20)
        return None

    keyring_module(monkeypatch, ask)
    assert "did not answer" in refused(at(write('api_key_keyring = "slow/u"\n')).api_key)
    release.set()
    assert "RuntimeError" in refused(at(write('api_key_keyring = "broken/u"\n')).api_key)


def test_without_the_extra(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    assert "pm-tui[keyring]" in refused(at(write('api_key_keyring = "a/b"\n')).api_key)


def test_no_key_in_anything_shown(write: Write) -> None:
    path = write(f'api_key = "{KEY}"\n[profiles.p]\napi_key = "{KEY}2"\n')
    for settings in (at(path), at(path, profile="p"), load({}, {"PM_TUI_API_KEY": KEY})):
        settings.api_key()
        shown = f"{settings!r} {settings.report()} {settings.key!r} {settings.api_key()!r}"
        assert KEY[:6] not in shown
        assert "********" in shown


# -- the host ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("tz", "name"),
    [
        ("Europe/Paris", "Europe/Paris"),
        (":Europe/Paris", "Europe/Paris"),
        ("/usr/share/zoneinfo/Europe/Paris", "Europe/Paris"),
        (":/usr/share/zoneinfo/posix/Europe/Paris", "Europe/Paris"),
    ],
)
def test_the_host_names_its_zone(tz: str, name: str) -> None:
    settings = load({}, {"TZ": tz})
    assert settings.timezone.key == name
    assert settings.sources["timezone"] == "TZ"


def test_the_link_of_the_host_else_berlin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    link = tmp_path / "localtime"
    monkeypatch.setattr("pm_tui.config.zones.LOCALTIME", link)
    assert load({}, {"TZ": "<+03>-3"}).timezone.key == "Europe/Berlin"
    link.symlink_to("/usr/share/zoneinfo/Asia/Tokyo")
    assert load({}, {}).timezone.key == "Asia/Tokyo"


def test_no_home_makes_folders_that_cannot_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platformdirs.user_cache_dir", lambda app: f"~/.cache/{app}")
    cache = load({}, {}).cache_dir
    with pytest.raises(OSError, match="Not a directory"):
        cache.mkdir(parents=True)


def test_importing_it_costs_only_the_standard_library() -> None:
    code = (
        "import sys, pm_tui.config as c; c.load({}, {}); "
        "print([m for m in ('pydantic', 'httpx', 'textual', 'keyring', 'asyncio') "
        "if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# -- home chargers -------------------------------------------------------------


def test_what_home_chargers_are_read_with(write: Write) -> None:
    secret = canary.HOME_SECRET
    settings = load({}, {"PM_TUI_API_KEY": KEY})
    assert settings.home.access is None and not settings.home.sandboxed
    settings = load({}, {"PM_TUI_HOME_CLIENT_ID": "c", "PM_TUI_HOME_SECRET": secret})
    home = settings.home
    assert settings.sandbox and not home.sandboxed, "for want of a key of the other API alone"
    assert home.access == "client" and home.token_url == "https://api.ev.energy/o/token/"
    assert home.secret is not None and home.secret.read() == secret
    assert secret not in f"{settings!r} {settings.report()}"
    assert load({}, {"PM_TUI_HOME_TOKEN": secret}).home.access == "token"
    assert load({}, {"PM_TUI_HOME_CLIENT_ID": "c", "PM_TUI_API_KEY": KEY}).home.access is None
    # a sandbox that was asked for serves both; nothing live is touched from it
    asked = load({"sandbox": True}, {"PM_TUI_HOME_TOKEN": secret, "PM_TUI_API_KEY": KEY})
    assert asked.home.access == "sandbox" and load({}, {}).home.access == "sandbox"
    path = write('home_url = "http://127.0.0.1:8/v2"\nhome_reach = "5 min"\nhome_user = "u"\n')
    home = at(path).home
    assert (home.token_url, home.reach.total_seconds()) == ("http://127.0.0.1:8/o/token/", 300)
    assert home.folder != load({}, {"PM_TUI_HOME_TOKEN": secret}).home.folder


def test_a_file_with_a_home_secret_must_be_closed(write: Write) -> None:
    path = write('home_secret = "x"\n')
    path.chmod(0o644)
    assert "chmod 600" in refused(lambda: at(path))
    both = write('home_token = "x"\nhome_token_file = "y"\n')
    assert "only one of" in refused(lambda: at(both))


def test_how_a_person_is_called(write: Write) -> None:
    assert at(write("")).notices == NoticeSettings(bell=True, desktop="auto")
    told = at(write('[notices]\nbell = false\ndesktop = "osc9"\n')).notices
    assert told == NoticeSettings(bell=False, desktop="osc9")
    for wrong in ('desktop = "loud"', "bell = 1", "bells = true", "desktop = 9"):
        refused(lambda wrong=wrong: at(write(f"[notices]\n{wrong}\n")))  # type: ignore[misc]
