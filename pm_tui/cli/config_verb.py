"""`pm-tui config`: what is in force and why."""

from __future__ import annotations

import os
from argparse import Namespace

from pm_tui import i18n
from pm_tui.cli import config_keys, exits
from pm_tui.cli.output import Column, complain, document, table
from pm_tui.cli.parser import FLAGS
from pm_tui.config import load
from pm_tui.config.load import config_path
from pm_tui.config.template import template
from pm_tui.formats import UNKNOWN
from pm_tui.i18n import _


def run(arguments: Namespace) -> int:
    if arguments.action == "example":
        print(template(), end="")
        return exits.DONE
    flags = {name: getattr(arguments, name, None) for name in FLAGS}
    if arguments.action == "path":
        print(config_path(flags, os.environ)[0])
        return exits.DONE
    settings = load(flags)
    i18n.use(settings.language)
    if arguments.action == "keys":
        return config_keys.run(settings, as_json=arguments.json)
    report = settings.report()
    if arguments.json:
        document({row.name: {"value": row.value, "source": row.source} for row in report})
    else:
        columns = (Column(_("SETTING")), Column(_("VALUE")), Column(_("FROM")))
        table(columns, [(row.name, _word(row.value), _(row.source)) for row in report])
    problem = config_keys.wrong_theme(settings)
    if problem:
        complain(problem)
    return exits.USAGE if problem else exits.DONE


def _word(value: str | bool | None) -> str:
    if value is None:
        return UNKNOWN
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return value
