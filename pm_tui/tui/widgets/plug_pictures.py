"""Faces of connectors, three rows of seven cells: they stand beside the names, never for them."""

from __future__ import annotations

WIDTH = 7
_BLANK = (" " * WIDTH,) * 3
# by the connector's code (contract/agent-api.md §9); the large pins are those of direct current
_FACES = {
    "IEC_62196_T2": ("╭ ∙ ∙ ╮", "│∙ ∙ ∙│", "╰ ∙ ∙ ╯"),
    "IEC_62196_T2_COMBO": ("╭ ∙ ∙ ╮", "│∙ ∙ ∙│", "╰ ● ● ╯"),
    "IEC_62196_T1": ("╭ ∙ ∙ ╮", "│∙   ∙│", "╰──∙──╯"),
    "IEC_62196_T1_COMBO": ("╭ ∙ ∙ ╮", "│∙ ∙ ∙│", "╰─● ●─╯"),
    "CHADEMO": ("╭──∙──╮", "│ ● ● │", "╰──∙──╯"),
    "TESLA_S": ("╭ ● ● ╮", "│∙ ∙ ∙│", "╰─────╯"),
    "DOMESTIC_F": ("╭──▪──╮", "│ ∙ ∙ │", "╰──▪──╯"),
}


def has_picture(code: str | None) -> bool:
    return code in _FACES


def side_by_side(codes: tuple[str, ...], most: int) -> tuple[str, str, str]:
    """The faces of `codes` in three rows, as wide as `most` of them."""
    faces = [_FACES.get(code, _BLANK) for code in codes[:most]]
    faces += [_BLANK] * (most - len(faces))
    first, second, third = (" ".join(row) for row in zip(*faces, strict=True))
    return first, second, third
