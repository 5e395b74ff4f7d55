"""`pm-tui man`: the manual page, made from the grammar that `--help` is made from."""

from __future__ import annotations

import argparse
import re
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pm_tui import __version__
from pm_tui.cli import exits
from pm_tui.cli.parser import build
from pm_tui.config.load import default_config_path, default_folders
from pm_tui.i18n import N_, _

# what a shell's environment can say; beside them `--help` and the example of a configuration
VARIABLES = (
    ("PM_TUI_API_KEY", N_("the API key; without one the sandbox is started")),
    ("PM_TUI_API_KEY_FILE", N_("a file that holds the API key and nothing else")),
    ("PM_TUI_BASE_URL", N_("where the API answers")),
    ("PM_TUI_FLEET_URL", N_("where the fleet's API answers")),
    ("PM_TUI_PROFILE", N_("the profile of the configuration to use")),
    ("PM_TUI_CONFIG", N_("the configuration file")),
    ("PM_TUI_CACHE_DIR", N_("where answers are remembered")),
    ("PM_TUI_STATE_DIR", N_("where bookings, favourites and drafts are kept")),
    ("PM_TUI_TIMEZONE", N_("your time zone, such as Europe/Berlin")),
    ("PM_TUI_LANGUAGE", N_("the language of texts")),
    ("PM_TUI_SEARCH_AGE", N_("how long a search is answered from memory first")),
    ("PM_TUI_HOME_TOKEN", N_("ev.energy: a token; so with _FILE behind it")),
    ("PM_TUI_HOME_CLIENT_ID", N_("ev.energy: a client's id")),
    ("PM_TUI_HOME_SECRET", N_("ev.energy: a client's secret; so with _FILE behind it")),
    ("PM_TUI_HOME_URL", N_("where ev.energy answers")),
    ("PM_TUI_HOME_TOKEN_URL", N_("where ev.energy gives tokens")),
    ("PM_TUI_HOME_USER", N_("only this user's home chargers")),
    ("NO_COLOR", N_("when set: no colours")),
)


def run(_arguments: Namespace) -> int:
    print(page(), end="")
    return exits.DONE


def page() -> str:
    """The page as troff (man macros)."""
    return "".join(f"{line}\n" for line in _lines(build()))


def _lines(parser: argparse.ArgumentParser) -> Iterator[str]:
    yield r"'\" -*- coding: utf-8 -*-"
    yield f'.TH PM\\-TUI 1 "" "pm\\-tui {__version__}"'
    yield from _section(_("Name"))
    yield rf"pm\-tui \- {_text(_('find, book and watch EV chargers in the terminal'))}"
    yield from _section(_("Synopsis"))
    yield rf"\fBpm\-tui\fR [\fI{_text(_('OPTIONS'))}\fR] [\fI{_text(_('VERB'))}\fR …]"
    yield from _section(_("Description"))
    yield _text(parser.description or "")
    shared = [action for action in parser._actions if _is_told(action)]
    yield from _section(_("Options"))
    yield from _options(shared)
    yield from _section(_("Verbs"))
    yield from _verbs(parser, "pm-tui", {id(action) for action in shared})
    yield from _section(_("Exit status"))
    for code, meaning in sorted(exits.MEANINGS):
        yield from _entry(rf"\fB{code}\fR", _(meaning))
    yield from _entry(
        rf"\fB{exits.INTERRUPTED}\fR, \fB{exits.BROKEN_PIPE}\fR",
        _("interrupted (Ctrl+C); the reader left"),
    )
    yield from _section(_("Environment"))
    for name, meaning in VARIABLES:
        yield from _entry(rf"\fB{_text(name)}\fR", _(meaning))
    yield from _section(_("Files"))
    for path, meaning in _files():
        yield from _entry(rf"\fI{_text(path)}\fR", meaning)


def _files() -> Iterator[tuple[str, str]]:
    cache, state = default_folders()
    yield _home(default_config_path()), _("settings; “pm-tui config example” prints one")
    yield _home(cache), _("answers; they can be asked for again")
    yield (
        _home(state),
        _("the journal of bookings, favourites, drafts, reports of crashes"),
    )


def _home(path: Path) -> str:
    """As the reader of any machine writes it."""
    try:
        return f"~/{path.relative_to(Path.home())}"
    except (ValueError, RuntimeError):  # elsewhere, or there is no home
        return str(path)


def _verbs(parser: argparse.ArgumentParser, path: str, shared: set[int]) -> Iterator[str]:
    """Each verb that does something, with what is its own."""
    for action in parser._actions:  # argparse has no public way to walk a grammar
        if not isinstance(action, argparse._SubParsersAction):
            continue
        told = {choice.dest: choice.help or "" for choice in action._choices_actions}
        for name, verb in action.choices.items():
            own = [one for one in verb._actions if id(one) not in shared and _is_told(one)]
            whole = f"{path} {name}"
            if not _needs_more(verb):
                yield f".SS {_text(whole)}"
                yield _synopsis(whole, own)
                yield ".PP"
                yield _text(verb.description or _sentence(told.get(name, "")))
                yield from _options(own)
            yield from _verbs(verb, whole, shared)


def _needs_more(verb: argparse.ArgumentParser) -> bool:
    return any(
        isinstance(one, argparse._SubParsersAction) and one.required for one in verb._actions
    )


def _is_told(action: argparse.Action) -> bool:
    left_out = (argparse._HelpAction, argparse._SubParsersAction)
    return not isinstance(action, left_out) and action.help is not argparse.SUPPRESS


def _synopsis(path: str, actions: list[argparse.Action]) -> str:
    words = [rf"\fB{_text(path)}\fR"]
    if any(action.option_strings for action in actions):
        words.append(rf"[\fI{_text(_('OPTIONS'))}\fR]")
    for action in actions:
        if not action.option_strings:
            value = rf"\fI{_text(_value(action))}\fR"
            words.append(f"[{value}]" if action.nargs in ("?", "*") else value)
    return " ".join(words)


def _options(actions: list[argparse.Action]) -> Iterator[str]:
    for action in actions:
        names = ", ".join(rf"\fB{_text(name)}\fR" for name in action.option_strings)
        value = "" if action.nargs == 0 else rf"\fI{_text(_value(action))}\fR"
        yield from _entry(f"{names} {value}".strip(), _help(action))


def _value(action: argparse.Action) -> str:
    if action.metavar is not None:
        shown = action.metavar
        return shown if isinstance(shown, str) else " ".join(shown)
    if action.choices is not None:
        return "|".join(map(str, action.choices))
    return action.dest.upper()


def _help(action: argparse.Action) -> str:
    facts: dict[str, Any] = {**vars(action), "prog": "pm-tui"}
    return (action.help or "") % facts


def _section(title: str) -> Iterator[str]:
    yield f".SH {_text(title.upper())}"


def _entry(term: str, text: str) -> Iterator[str]:
    yield ".TP"
    yield term
    yield _text(_sentence(text)) or r"\&"


def _sentence(text: str) -> str:
    return text if not text or text.endswith((".", "…", ")", "?")) else f"{text}."


def _text(text: str) -> str:
    """Harmless to troff: no line of a text is a command, and what is typed can be copied."""
    escaped = re.sub(r"\s+", " ", text).replace("\\", r"\e").replace("-", r"\-")
    return rf"\&{escaped}" if escaped.startswith((".", "'")) else escaped
