"""How well what is drawn can be read: the contrast of every text with its ground (WCAG 2.1)."""

from __future__ import annotations

from collections.abc import Iterator

from rich.color import Color, ColorSystem
from rich.palette import Palette
from rich.style import Style

Rgb = tuple[int, int, int]


def ratio(text: Rgb, ground: Rgb) -> float:
    """1 to 21; 4.5 is what a text needs."""
    darker, lighter = sorted((_luminance(text), _luminance(ground)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: Rgb) -> float:
    parts = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (one / 255 for one in colour)
    ]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def pairs(drawn: list[list[tuple[str, Style | None]]]) -> Iterator[tuple[str, Color, Color]]:
    """Every text with its two colours; lines and bars are no text."""
    for row in drawn:
        for piece, style in row:
            text = "".join(one for one in piece if not "\u2500" <= one <= "\u259f").strip()
            if text and style is not None and style.color is not None and style.bgcolor is not None:
                colours = style.color, style.bgcolor
                yield text, *(reversed(colours) if style.reverse else colours)


def faint(drawn: list[list[tuple[str, Style | None]]], palette: Palette | None = None) -> set[str]:
    """The texts that cannot be read well; with `palette` after the colours became its sixteen."""

    def rgb(colour: Color) -> Rgb:
        if palette is None:
            red, green, blue = colour.get_truecolor()
            return red, green, blue
        number = colour.downgrade(ColorSystem.STANDARD).number
        assert number is not None
        return palette[number]

    return {
        f"{text}: {ratio(rgb(ink), rgb(ground)):.1f}, {ink.name} on {ground.name}"
        for text, ink, ground in pairs(drawn)
        if ratio(rgb(ink), rgb(ground)) < 4.5
    }
