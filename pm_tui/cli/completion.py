"""`pm-tui completion SHELL`: a script generated from the grammar itself."""

from __future__ import annotations

import argparse
from argparse import Namespace

import shtab

from pm_tui.cli import exits
from pm_tui.cli.parser import PLUG_WORDS, build

_WORDS = " ".join(PLUG_WORDS)
PLUGS = {
    "bash": "_pm_tui_plugs",
    "zsh": f"({_WORDS})",
    "fish": _WORDS,
    "preamble": {"bash": f'_pm_tui_plugs() {{ compgen -W "{_WORDS}" -- "$1"; }}'},
}
COMPLETE = {"FILE": shtab.FILE, "DIR": shtab.DIRECTORY, "T": PLUGS}


def run(arguments: Namespace) -> int:
    print(script(arguments.shell))
    return exits.DONE


def script(shell: str) -> str:
    parser = build()
    _add_completers(parser)
    text: str = shtab.complete(parser, shell=shell)
    return text


def _add_completers(parser: argparse.ArgumentParser) -> None:
    """What follows an option is told by the name of its value."""
    for action in parser._actions:  # argparse has no public way to walk a grammar
        if isinstance(action, argparse._SubParsersAction):
            for verb in action.choices.values():
                _add_completers(verb)
        elif action.dest == "connector" or action.metavar in ("FILE", "DIR"):
            vars(action)["complete"] = COMPLETE[str(action.metavar)]
