"""What a word of the command line is read as; a wrong one is told in the reader's words.

Each is an argparse `type` and raises `argparse.ArgumentTypeError`.
"""

from __future__ import annotations

from argparse import ArgumentTypeError
from math import isfinite

from pm_tui.i18n import _


def decimal(text: str) -> float:
    """A number, with a point or a comma."""
    try:
        number = float(text.replace(",", "."))
    except ValueError:
        number = float("nan")
    if not isfinite(number):
        raise ArgumentTypeError(_("“{text}” is not a number").format(text=text))
    return number


def whole(text: str) -> int:
    """A number without a fraction."""
    try:
        return int(text)
    except ValueError as error:
        raise ArgumentTypeError(_("“{text}” is not a whole number").format(text=text)) from error


def count(text: str) -> int:
    """A whole number from 1 up."""
    number = whole(text)
    if number < 1:
        raise ArgumentTypeError(_("must be 1 or more, not {number}").format(number=number))
    return number
