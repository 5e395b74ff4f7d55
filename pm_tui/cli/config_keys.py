"""`pm-tui config keys`: what has keys, which, and what is wrong with those of one's own; and
whether there is the theme that is asked for, which the screen alone knows too."""

from __future__ import annotations

from pm_tui.cli import exits
from pm_tui.cli.output import Column, complain, document, table
from pm_tui.config import Settings
from pm_tui.config.errors import nearest
from pm_tui.i18n import _


def run(settings: Settings, *, as_json: bool) -> int:
    """Every id with its keys in force; a usage error where some of the file's cannot be used."""
    from pm_tui.tui.key_check import keys_of, resolve, shown  # the screens, for their keys
    from pm_tui.tui.key_places import catalogue

    keymap, problems = resolve(settings.keymap)
    known = catalogue()
    now = {name: keymap.get(name, keys_of(one)) for name, one in known.items()}
    does = {name: _(one.tooltip or one.description) for name, one in known.items()}
    if as_json:
        rows = [
            {"id": name, "keys": keys, "default": keys_of(known[name]), "does": does[name]}
            for name, keys in now.items()
        ]
        wrong = [{"id": one.id, "why": one.why} for one in problems]
        document({"preset": settings.keymap.preset, "keys": rows, "problems": wrong})
    else:
        columns = (Column(_("ID")), Column(_("KEYS")), Column(_("WHAT IT DOES")))
        cells = [
            (name, ", ".join(map(shown, keys)) or "–", does[name]) for name, keys in now.items()
        ]
        table(columns, cells)
        for one in problems:
            complain(f"{settings.keymap.place}: {one}")
    return exits.USAGE if problems else exits.DONE


def wrong_theme(settings: Settings) -> str:
    """That there is no such theme; nothing where there is, or nobody chose."""
    if settings.theme is None:
        return ""
    from pm_tui.tui.themes import known_themes

    known = known_themes()
    if settings.theme in known:
        return ""
    text = _("{place}: there is no theme “{theme}”")
    place = settings.sources.get("theme", "")
    return text.format(place=place, theme=settings.theme) + nearest(settings.theme, known)
