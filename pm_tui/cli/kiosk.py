"""`pm-tui kiosk`: start it, for good; `pm-tui kiosk setup` writes down what it needs."""

from __future__ import annotations

from argparse import Namespace

from pm_tui import crash, i18n
from pm_tui.cli.exits import USAGE, CliError
from pm_tui.cli.parser import FLAGS
from pm_tui.cli.screen import is_terminal
from pm_tui.config import load
from pm_tui.i18n import _


def run(arguments: Namespace) -> int:
    if arguments.action == "setup":
        from pm_tui.cli import kiosk_setup

        return kiosk_setup.run(arguments)
    flags = {name: getattr(arguments, name, None) for name in FLAGS}
    settings = load(flags)
    i18n.use(settings.language)
    crash.keep_in(settings.state_dir)
    if settings.kiosk.missing:
        raise CliError(
            USAGE,
            _("a kiosk still needs {missing}: say it with {command}").format(
                missing=", ".join(settings.kiosk.missing), command="pm-tui kiosk setup"
            ),
        )
    if arguments.web:
        from pm_tui.cli import kiosk_web

        return kiosk_web.serve(flags, settings.kiosk, arguments.web, arguments.web_url)
    if not is_terminal():
        raise CliError(USAGE, _("a kiosk needs a terminal of its own"))
    from pm_tui.cli.kiosk_keeper import Keeper

    return Keeper(flags, settings.kiosk).run()
