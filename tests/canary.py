"""Is a key of a test anywhere but in the header of a request? Looked for when all tests are over.

Every key bears a mark: tests take theirs from here, sandboxes make `pm_sandbox_<40 hex>`. At the
end of a run everything below its base folder is searched, which holds all that the program wrote
(tests write below `tmp_path` only), what it drew and printed (`keep`), and what pytest captured.
A key may lie in two places: a file that a test wrote for the program to read (`given`), as long
as it is unchanged, and a sandbox's own state file, as long as it is the sandbox's own key.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

MARK = "canary-0KEY0-"
KEY = MARK + "3f1b9a77c5"  # no key of anyone
HOME_TOKEN = MARK + "home-token-51d0"  # of the other API: a bearer token, a client's secret
HOME_SECRET = MARK + "home-secret-77ab"
SANDBOX_MARK = "pm_sandbox_"
_SANDBOX_KEY = re.compile(rb"pm_sandbox_[0-9a-f]{4}")  # not the word alone, as our code has it
# what a terminal takes for a command may stand between two letters of a word
_COMMANDS = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|[()][0-9A-B]|[=>78])")
_SQLITE = b"SQLite format 3\0"
TRANSCRIPTS = "transcripts"

_transcripts: Path | None = None  # the folder of this process


def keep_in(base: Path) -> None:
    """Transcripts of this process go below its base folder."""
    global _transcripts
    _transcripts = base / TRANSCRIPTS
    _transcripts.mkdir(exist_ok=True)


def keep(name: str, written: bytes | str) -> None:
    """Append what the program wrote to a terminal or a pipe, to be searched in the end."""
    if _transcripts is not None:
        data = written.encode("utf-8", "surrogatepass") if isinstance(written, str) else written
        with (_transcripts / name).open("ab") as file:
            file.write(data + b"\n")


def given(path: Path, text: str, *, mode: int = 0o600) -> Path:
    """Write a file that holds a key for the program to read; nothing else may be in it later."""
    path.touch(mode=mode)
    path.write_text(text)
    if _transcripts is not None:
        line = {"path": str(path), "digest": hashlib.sha256(path.read_bytes()).hexdigest()}
        with (_transcripts / "given.jsonl").open("a") as file:
            file.write(json.dumps(line) + "\n")
    return path


def forms(mark: str) -> Iterator[bytes]:
    """A mark as it is and as it would look in a header, an address, a dump or a wide string."""
    plain = mark.encode()
    yield plain
    yield plain.swapcase()
    yield mark.encode("utf-16-le")
    yield from (plain.hex().encode(), plain.hex().upper().encode())
    percents = "".join(f"%{byte:02x}" for byte in plain)
    yield from (percents.encode(), percents.upper().encode())
    for before in range(3):  # base64 of a text in which the mark begins anywhere
        whole = base64.b64encode(b"\0" * before + plain)
        first, last = (0, 2, 3)[before], len(whole) - (4 if (before + len(plain)) % 3 else 0)
        yield whole[first:last]


_FORMS = tuple(forms(MARK))
_SANDBOX_FORMS = tuple(forms(SANDBOX_MARK))


def found_in(data: bytes) -> set[str]:
    """The marks of the keys in `data`, in whatever form."""
    found = {MARK} if any(form in data for form in _FORMS) else set()
    if any(form in data for form in _SANDBOX_FORMS[1:]) or _SANDBOX_KEY.search(data):
        found.add(SANDBOX_MARK)
    if not found and b"\x1b" in data:
        bare = _COMMANDS.sub(b"", data)
        return found_in(bare) if b"\x1b" not in bare else found_in(bare.replace(b"\x1b", b""))
    return found


def search(folder: Path) -> list[Path]:
    """The files below `folder` that hold a key and must not."""
    allowed = {
        line["path"]: line["digest"]
        for listed in _files(folder)
        if listed.parts[-2:] == (TRANSCRIPTS, "given.jsonl")
        for line in map(json.loads, listed.read_text().splitlines())
    }
    return sorted(path for path in _files(folder) if _holds_a_key(path, allowed))


def _files(folder: Path) -> Iterator[Path]:
    """Not by `rglob`, which fails when a folder is removed while it walks."""
    for top, _folders, names in os.walk(folder):
        for path in (Path(top, name) for name in names):
            if path.is_file() and not path.is_symlink():
                yield path


def _holds_a_key(path: Path, allowed: dict[str, str]) -> bool:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return False  # removed since it was listed: it keeps nothing
    found = found_in(data)
    if not found:
        return False
    if hashlib.sha256(data).hexdigest() == allowed.get(str(path)):
        return False
    own = path.name == "sandbox.db" and data.startswith(_SQLITE)
    return not (own and found == {SANDBOX_MARK})


@dataclass
class Search:
    """The search at the end of a run: below its base folder, and in what pytest captured."""

    findings: list[str] = field(default_factory=list)

    def report(self, test: str, sections: Iterable[tuple[str, str]]) -> None:
        """Look through what a test printed and logged."""
        for title, text in sections:
            if found_in(text.encode("utf-8", "surrogatepass")):
                self.findings.append(f"{test}: {title}")

    def finish(self, *folders: Path) -> list[str]:
        self.findings += [str(path) for folder in folders for path in search(folder)]
        return self.findings
