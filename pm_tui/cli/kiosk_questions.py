"""The questions of `pm-tui kiosk setup` on a terminal; Enter keeps what is in brackets."""

from __future__ import annotations

import getpass
import shlex
import sys
from collections.abc import Callable
from typing import TypeVar

from pm_tui.cli import exits
from pm_tui.cli.exits import CliError
from pm_tui.cli.kiosk_setup import Changes, kept_pin, read, site_of
from pm_tui.cli.output import complain
from pm_tui.config import ConfigError, Settings
from pm_tui.i18n import _
from pm_tui.models.text import clean

T = TypeVar("T")


def ask_all(settings: Settings) -> Changes:
    """Every setting of a kiosk, asked again until it can be used. Raises `CliError` when the
    terminal has nothing more to say."""
    known = settings.kiosk
    point = known.point and f"{known.point[0]:g},{known.point[1]:g}"
    changes: Changes = {}

    def ask(name: str, question: str, present: str) -> None:
        changes.update(_asked(question, present, lambda text: read(name, text, question)))

    site = _("The site: coordinates (52.52,13.41), or the ids of its chargers")
    present = " ".join(known.locations) or point or ""

    def take_site(text: str) -> Changes:
        # what stays needs not be looked up again
        return {} if text and text == present else site_of(text, settings, site)

    changes.update(_asked(site, present, take_site))
    if not changes.get("locations", known.locations):
        far = _("How far its chargers are, in km")
        ask("radius", far, f"{known.radius_km:g}")
    ask("desk", _("The desk's name, for references"), known.desk)
    ask("languages", _("Languages, the first one greets"), ",".join(known.languages))
    hours = "; ".join(one.text for one in known.hours)
    ask("hours", _("Opening hours (mon-fri 07:00-19:00; - is always open)"), hours or "-")
    ask("longest", _("The longest stay, in hours"), f"{known.longest.total_seconds() / 3600:g}")
    ask("phone", _("Whom a visitor calls (- for nobody)"), known.phone or "-")
    ask("ask", _("What a visitor may leave: nothing, name or plate"), known.ask)
    printing = _("A command that prints the slip (- for none)")
    ask("print_command", printing, shlex.join(known.print_command) or "-")
    if not known.pin or _agreed(f"{_('Another PIN?')} [{_('y/N')}]"):
        changes["pin"] = new_pin()
    return changes


def _agreed(question: str) -> bool:
    return _line(question, "").casefold()[:1] in ("y", _("y/N")[0].casefold())


def new_pin() -> str:
    """What is written down of a PIN that was typed twice, unseen."""
    return _again(_typed_twice)


def _typed_twice() -> str:
    first = getpass.getpass(_("PIN (6 to 12 digits): "))
    told = kept_pin(first)
    if getpass.getpass(_("The same PIN again: ")) != first:
        raise CliError(exits.USAGE, _("The two were not the same."))
    return told


def _asked(question: str, present: str, take: Callable[[str], T]) -> T:
    def once() -> T:
        text = _line(question, present)
        return take("" if text == "-" else text)

    return _again(once)


def _again(once: Callable[[], T]) -> T:
    for _attempt in range(10):  # a terminal that only sends nonsense is not asked for ever
        try:
            return once()
        except (ConfigError, CliError) as wrong:
            if isinstance(wrong, CliError) and wrong.code == exits.OTHER:
                raise
            complain(str(wrong))
        except EOFError:
            break
    raise CliError(exits.OTHER, _("not finished; nothing was written."))


def _line(question: str, present: str) -> str:
    shown = f" [{present}]" if present else ""
    print(clean(f"{question}{shown}:", 500), end=" ", file=sys.stderr, flush=True)
    typed = sys.stdin.readline()
    if not typed:
        raise CliError(exits.OTHER, _("not finished; nothing was written."))
    return typed.strip() or present
