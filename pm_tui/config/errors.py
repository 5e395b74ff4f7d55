"""What is wrong with the configuration, in one line that a person can act on."""

from __future__ import annotations

from collections.abc import Iterable

from pm_tui.i18n import _


class ConfigError(ValueError):
    """A setting that cannot be used. The text names the place and never holds a key."""


def nearest(word: str, known: Iterable[str]) -> str:
    """A closing hint such as ` (did you mean base_url?)`, or nothing when none is near."""
    from difflib import get_close_matches  # for the unlucky alone

    close = get_close_matches(word, list(known), n=1, cutoff=0.6)
    return " " + _("(did you mean {name}?)").format(name=close[0]) if close else ""
