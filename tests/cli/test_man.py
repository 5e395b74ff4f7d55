"""The manual page: whole, and read by the programs that show one."""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

import pm_tui
from pm_tui import i18n
from pm_tui.cli import exits, main
from pm_tui.cli.man import VARIABLES, page
from pm_tui.cli.parser import build
from pm_tui.cli.run import VERBS
from pm_tui.config.load import ENVIRONMENT


def words_of(parser: argparse.ArgumentParser) -> Iterator[str]:
    """Every verb and option that is told."""
    for action in parser._actions:
        if action.help is argparse.SUPPRESS:
            continue
        yield from action.option_strings
        if isinstance(action, argparse._SubParsersAction):
            for name, verb in action.choices.items():
                yield name
                yield from words_of(verb)


def test_it_names_every_verb_option_exit_code_and_variable(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["man"]) == 0
    text = capsys.readouterr().out.replace(r"\-", "-")
    missing = [word for word in words_of(build()) if word not in text]
    assert set(missing) <= {"-h", "--help"}
    assert all(f".SS pm-tui {verb}" in text for verb in VERBS if verb)
    assert ".SS pm-tui favourites import" in text
    codes = {value for name, value in vars(exits).items() if name.isupper() and type(value) is int}
    assert [code for code in codes if rf"\fB{code}\fR" not in text] == []
    source = "".join(one.read_text() for one in Path(pm_tui.__file__).parent.rglob("*.py"))
    named = {name for name in re.findall(r"\bPM_TUI_[A-Z_]+\b", source) if not name.endswith("_")}
    assert named | set(ENVIRONMENT.values()) <= {name for name, _meaning in VARIABLES}
    assert str(Path.home()) not in text


def test_no_line_of_a_text_is_taken_for_a_command() -> None:
    commands = {line.split()[0] for line in page().splitlines() if line.startswith((".", "'"))}
    assert commands == {r"'\"", ".TH", ".SH", ".SS", ".TP", ".PP"}
    assert "%(" not in page()


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("reader", ["groff", "mandoc"])
def test_a_reader_of_manuals_has_nothing_to_say_against_it(reader: str, language: str) -> None:
    """Without a reader the structure alone is proved, above."""
    if shutil.which(reader) is None:
        pytest.skip(f"{reader} is not installed")
    i18n.use(language)
    options = {"groff": ["-man", "-Kutf8", "-Tutf8", "-ww"], "mandoc": ["-Tutf8", "-Wwarning"]}
    done = subprocess.run(
        [reader, *options[reader]],
        input=page().encode(),
        capture_output=True,
        check=True,
        env={**os.environ, "GROFF_NO_SGR": "1"},
    )
    assert done.stderr == b""
    shown = re.sub(".\b", "", done.stdout.decode())
    assert "pm-tui search" in shown.replace("−", "-")
    assert {"en": "EXIT STATUS", "de": "UMGEBUNG"}[language] in shown
