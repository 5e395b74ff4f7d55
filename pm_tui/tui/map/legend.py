"""What the signs of the map mean, in the lines that there are."""

from __future__ import annotations

from pm_tui.i18n import _
from pm_tui.tui.map.marks import BEYOND, FAST, FASTEST, MOST, PLAIN, SIGNS, State

Part = tuple[str, str]  # text and kind
GAP = "  "


def parts(*, ascii: bool = False) -> list[Part]:  # noqa: A002
    """What must be known first comes first."""
    shapes = PLAIN if ascii else SIGNS
    weak, fast, fastest = (shape["free"] for shape in shapes)
    from_on, dash = (">=", "-") if ascii else ("≥", "–")
    words: dict[State, str] = {"free": _("free"), "taken": _("taken"), "unknown": _("unknown")}
    return [
        *((f"{shapes[2][state]} {words[state]}", state) for state in words),
        (f"{weak} <{FAST}", ""),
        (f"{fast} <{FASTEST}", ""),
        (f"{fastest} {from_on}{FASTEST} kW", ""),
        (_("{numbers} so many there").format(numbers=f"2{dash}{MOST} {BEYOND}"), ""),
        (_("underlined: one is free"), "free-shared"),
    ]


def lines(width: int, most: int, *, ascii: bool = False) -> list[list[Part]]:  # noqa: A002
    """As many of them as fit into `most` lines of `width` cells."""
    found: list[list[Part]] = []
    left = 0
    for text, kind in parts(ascii=ascii):
        if found and len(text) + len(GAP) <= left:
            found[-1] += [(GAP, ""), (text, kind)]
            left -= len(text) + len(GAP)
        elif len(found) < most and len(text) <= width:
            found.append([(text, kind)])
            left = width - len(text)
        else:
            break
    return found
