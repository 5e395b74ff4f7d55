"""The tour's lines: which step it is, which key to press, and how to be rid of it."""

from __future__ import annotations

from textual.app import RenderResult
from textual.content import Content
from textual.reactive import reactive
from textual.widgets import Static


class TourBar(Static):
    """In the flow of what it is on, so that it covers nothing. `handles` are words to click, each
    with the action that it calls."""

    title: reactive[str] = reactive("", layout=True)
    words: reactive[str] = reactive("", layout=True)
    handles: reactive[tuple[tuple[str, str], ...]] = reactive((), layout=True)

    def say(self, title: str, words: str, handles: tuple[tuple[str, str], ...]) -> None:
        self.title, self.words, self.handles = title, words, handles

    def render(self) -> RenderResult:
        left = Content.styled(f" {self.title} ", "bold")
        right = Content("").join(
            Content(f" {text} ").stylize(f"@click={action}") for text, action in self.handles
        )
        gap = self.content_size.width - left.cell_length - right.cell_length
        first = Content.assemble(left, " " * max(gap, 1), right)
        return Content("\n").join([first, Content(f" {self.words}")]) if self.words else first
