"""A QR code of half blocks: two modules above each other in one cell, so that it is square."""

from __future__ import annotations

QUIET = 2  # modules of air around it; a reader needs to see where it ends


def drawn(text: str, *, dark: bool) -> list[str]:
    """The lines of the code of `text`. On a `dark` ground what is light is drawn, or the code
    would be its own negative, which not every reader takes. Raises `ValueError` for a text that
    no code can hold."""
    import segno  # for whoever looks at a link alone

    try:
        code = segno.make(text, error="l", micro=False, boost_error=False)
    except segno.DataOverflowError as problem:
        raise ValueError("too long for a QR code") from problem
    rows = [[bool(cell) != dark for cell in row] for row in code.matrix_iter(border=QUIET)]
    if len(rows) % 2:
        rows.append([dark] * len(rows[0]))
    signs = {(True, True): "█", (True, False): "▀", (False, True): "▄", (False, False): " "}
    return [
        "".join(signs[pair] for pair in zip(upper, lower, strict=True))
        for upper, lower in zip(rows[::2], rows[1::2], strict=True)
    ]
