"""What covers everything while the terminal is smaller than anything of ours was made for."""

from __future__ import annotations

from textual.content import Content
from textual.geometry import Size
from textual.widgets import Static

from pm_tui.i18n import _

LEAST = Size(60, 16)  # research, table 9.3


def is_too_small(size: Size) -> bool:
    return size.width < LEAST.width or size.height < LEAST.height


class TooSmall(Static):
    """Half a form could be sent unseen: so nothing of it is drawn, and the reason is."""

    def render(self) -> Content:
        size = self.app.size
        text = _("This terminal is too small: {width} x {height}, at least {least} are needed.")
        least = f"{LEAST.width} x {LEAST.height}"
        return Content(text.format(width=size.width, height=size.height, least=least))
