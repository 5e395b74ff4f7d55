"""A notice on the desktop, asked of the terminal: it reaches whoever sits there, over SSH too.

Three sequences are in use, and a terminal that does not know one swallows it; none is sent where
nothing says that it is known. Everything in it is cleaned of what could end it early.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from pm_tui.models.text import clean

Kind = Literal["osc9", "osc777", "osc99"]
Ask = Callable[[list[str]], str]

# by a part of the name under which a terminal is known
KNOWN: tuple[tuple[str, Kind], ...] = (
    ("kitty", "osc99"),
    ("ghostty", "osc777"),
    ("wezterm", "osc777"),
    ("foot", "osc777"),
    ("rxvt-unicode", "osc777"),
    ("iterm", "osc9"),
)
_ESC, _END = "\x1b", "\x1b\\"
_TITLE, _TEXT = 80, 200  # characters


@dataclass(frozen=True, slots=True)
class Way:
    """Which sequence, and whether tmux must be told to pass it on."""

    kind: Kind
    through_tmux: bool = False


def way(wanted: str, env: Mapping[str, str], ask: Ask | None = None) -> Way | None:
    """How to reach the desktop; None where nobody says that it can be. May ask tmux (`ask`), so
    not on the event loop."""
    if wanted == "off" or env.get("STY"):  # GNU screen passes nothing on that we could rely on
        return None
    in_tmux, names = bool(env.get("TMUX")), [env.get("TERM", "")]
    names += [env.get("TERM_PROGRAM", ""), env.get("LC_TERMINAL", "")]
    names += ["kitty"] if env.get("KITTY_WINDOW_ID") else []
    if in_tmux:
        allowed, outer = _of_tmux(env, ask or _ask_tmux)
        if not allowed:
            return None
        # what tmux hands on of the environment is that of whoever started it
        names = [outer]
    if wanted in ("osc9", "osc777", "osc99"):
        return Way(wanted, in_tmux)  # type: ignore[arg-type]
    called = " ".join(names).lower()
    kind = next((kind for name, kind in KNOWN if name in called), None)
    return None if kind is None else Way(kind, in_tmux)


def sequence(way: Way, title: str, text: str, number: int = 1) -> str:
    """What to write to the terminal; `number` tells notices apart."""
    title, text = _plain(title, _TITLE), _plain(text, _TEXT)
    if way.kind == "osc9":
        # with a name in front: a text that begins with a number would be another command
        told = f"{_ESC}]9;pm-tui: {title}: {text}{_END}"
    elif way.kind == "osc777":
        told = f"{_ESC}]777;notify;{title.replace(';', ',')};{text}{_END}"
    else:
        told = f"{_ESC}]99;i=pm-tui-{number}:d=0;{title}{_END}"
        told += f"{_ESC}]99;i=pm-tui-{number}:d=1:p=body;{text}{_END}"
    if way.through_tmux:
        return f"{_ESC}Ptmux;{told.replace(_ESC, _ESC * 2)}{_END}"
    return told


def _plain(text: str, limit: int) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return clean(" · ".join(lines), limit)


def _of_tmux(env: Mapping[str, str], ask: Ask) -> tuple[bool, str]:
    """Whether tmux passes on what it does not know, and the name of the terminal around it."""
    pane = ["-t", env["TMUX_PANE"]] if env.get("TMUX_PANE") else []
    allowed = ask(["tmux", "show-options", "-Apv", *pane, "allow-passthrough"])
    if allowed not in ("on", "all"):
        return False, ""
    return True, ask(["tmux", "display-message", "-p", *pane, "#{client_termname}"])


def _ask_tmux(line: list[str]) -> str:
    """ "" where it does not answer."""
    try:
        done = subprocess.run(
            line,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=2,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode("ascii", "replace").strip()
