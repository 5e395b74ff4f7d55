"""The one screen of a kiosk: a title, a text, perhaps a field, and large things to touch."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.events import Click
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from pm_tui.i18n import _
from pm_tui.tui.kiosk.choices import Choices
from pm_tui.tui.kiosk.desk_name import DeskName
from pm_tui.tui.kiosk.layout import NUMBER, WAY, Layout, lay_out, way
from pm_tui.tui.kiosk.pages import Choice, Page
from pm_tui.tui.widgets import large_type
from pm_tui.tui.widgets.plug_pictures import side_by_side
from pm_tui.tui.widgets.qr import drawn

if TYPE_CHECKING:
    from pm_tui.tui.kiosk.app import KioskApp

LONGEST_TYPED = 40
_BACK = "start"  # the id of the choice that leads back


class KioskScreen(Screen[None], inherit_bindings=False):
    """Shows a `Page`. Of Textual's own keys it has Tab alone: none leads anywhere else. A digit
    chooses; where there is a field digits are typed, and Enter and Escape choose."""

    if TYPE_CHECKING:
        app: KioskApp

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "app.focus_next", show=False),
        Binding("shift+tab", "app.focus_previous", show=False),
        Binding("f2", "language", show=False),
        Binding("escape", "back", show=False),
        *(Binding(f"{n}", f"choose({n})", show=False) for n in range(1, 10)),
    ]

    @dataclass
    class Chosen(Message):
        """`id` of the choice, and what stands in the field (""  where there is none)."""

        id: str
        typed: str

    class Ready(Message):
        """All that a page needs is there."""

    class Language(Message):
        """The other language is wanted."""

    def __init__(self) -> None:
        super().__init__()
        self._page = Page("")
        self._layout = lay_out(self._page, 80, 24, ())

    def compose(self) -> ComposeResult:
        with Horizontal(id="kiosk-top"):
            yield DeskName()
            yield Static(id="kiosk-name")
            yield Static(id="kiosk-language")
        with Horizontal():
            with VerticalScroll(id="kiosk-body", can_focus=False):
                yield Static(id="kiosk-title")
                yield Static(id="kiosk-large")
                yield Static(id="kiosk-text")
                yield Input(id="kiosk-field", max_length=LONGEST_TYPED)
                yield Choices(id="kiosk-choices", markup=False)
                yield Static(id="kiosk-below")
            yield Static(id="kiosk-code")

    def on_mount(self) -> None:
        self.post_message(self.Ready())

    def on_resize(self) -> None:
        at = self.query_one(OptionList).highlighted
        self._lay_out(self._page)
        self.query_one(OptionList).highlighted = at

    def show(self, page: Page, language: str, *, keep: bool = False) -> None:
        """Put `page` in place of what was there; nothing of the old one stays, except what is half
        typed where it is to be kept: the same page in the other language."""
        if self._page.field is not None:
            self.call_after_refresh(forget_measured)
            self.set_timer(1, forget_measured)  # a frame of the old page may have been on its way
        self._page = page = told_in_words(page) if self.app.settings.ascii else page
        self._put("#kiosk-language", language)
        field = self.query_one(Input)
        if not keep:
            field.clear()
        field.placeholder = page.field or ""
        field.display = page.field is not None
        self._lay_out(page)
        if page.field is not None:
            field.focus(scroll_visible=False)

    def say(self, page: Page) -> None:
        """The same page with another text, which needs no more room; all else stays."""
        self._page = page
        self._put("#kiosk-text", page.text)

    def _lay_out(self, page: Page) -> None:
        """Show `page`, or the part of it that has no room beside the large letters."""
        code = drawn(page.code, dark=self.app.current_theme.dark) if page.code else []
        self._layout = layout = lay_out(page, *self.size, code)
        title, large = list(layout.title), list(layout.large)
        if self.app.settings.ascii:
            title, large = large_type.plain(title), large_type.plain(large)
        self._put("#kiosk-title", "\n".join(title) or page.title)
        self._put("#kiosk-name", page.title if layout.title else "")
        self._put("#kiosk-large", "\n".join(large))
        self._put("#kiosk-text", "" if layout.below else page.text)
        self._put("#kiosk-below", page.text if layout.below else "")
        self._put("#kiosk-code", "\n".join(layout.code))
        self.set_class(layout.below, "-number")
        choices = self.query_one(OptionList)
        choices.clear_options()
        choices.add_options(
            Option(_with_pictures(key, one, layout), id=one.id, disabled=one.disabled)
            for key, one in zip(_keys(page, layout), layout.choices, strict=True)
        )
        choices.display = bool(layout.choices)
        choices.styles.max_height = layout.room
        if layout.choices:
            choices.highlighted = next(
                (n for n, one in enumerate(layout.choices) if not one.disabled), None
            )
            if page.field is None:
                choices.focus(scroll_visible=False)
        self.query_one("#kiosk-body").scroll_home(animate=False)

    def _put(self, selector: str, text: str) -> None:
        place = self.query_one(selector, Static)
        place.update(Content(text))
        place.display = bool(text) or selector == "#kiosk-name"

    def _choose(self, option_id: str) -> None:
        """The way and back again are the screen's own; the rest is the application's."""
        if option_id in (WAY, NUMBER):
            self._lay_out(way(self._page) if option_id == WAY else self._page)
        else:
            self.post_message(self.Chosen(option_id, self.query_one(Input).value))

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if event.option_id is not None:
            self._choose(event.option_id)

    @on(Input.Submitted)
    def _typed(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_choose(1)

    def action_choose(self, number: int) -> None:
        """The choice with this digit."""
        choices = self.query_one(OptionList)
        if number <= choices.option_count:
            option = choices.get_option_at_index(number - 1)
            if not option.disabled and option.id is not None:
                self._choose(option.id)

    def action_back(self) -> None:
        """The way back, where there is one; never past the number of a booking, which is told
        once."""
        ids = [one.id for one in self._layout.choices]
        if NUMBER in ids:
            self._choose(NUMBER)
        elif _BACK in ids and not self._page.large:
            self._choose(_BACK)

    def action_language(self) -> None:
        self.post_message(self.Language())

    def on_click(self, event: Click) -> None:
        if event.widget is not None and event.widget.id == "kiosk-language":
            self.action_language()


def told_in_words(page: Page) -> Page:
    """With the link itself in the place of a QR code, which cannot be drawn with ASCII alone: its
    modules would not be square, and a code of two letters each has no room."""
    if not page.code:
        return page
    link = _("Map") + f": {page.code}"
    return replace(page, code="", text=f"{page.text}\n{link}".strip())


def forget_measured() -> None:
    """Rich keeps the texts whose width it has measured last, for as long as the process lives:
    among them what a visitor typed."""
    from rich.cells import cached_cell_len

    cached_cell_len.cache_clear()


def drawn_choice(key: str, label: str, note: str, rows: int = 3) -> Content:
    """Three lines, so that a finger meets it: the label with its key, what is to be said of it,
    and air; without air where there is no room for it."""
    air, indent = "\n" * (rows - 2), " " * (len(key) + 3)
    return Content.assemble((f" {key}  {label}", "bold"), f"\n{indent}{note}{air}")


def _keys(page: Page, layout: Layout) -> list[str]:
    """What chooses each choice; the labels begin in one column."""
    if page.field is None:
        return [f"{n}" for n in range(1, len(layout.choices) + 1)]
    keys = ["Esc" if one.id == _BACK else "" for one in layout.choices]
    return [f"{key:<5}" for key in ("Enter", *keys[1:])]


def _with_pictures(key: str, one: Choice, layout: Layout) -> Content:
    if not layout.pictures:
        return drawn_choice(key, one.label, one.note, layout.rows)
    first, second, third = side_by_side(one.pictures, layout.pictures)
    return Content.assemble(
        f" {key}  {first}  ", (one.label, "bold"), f"\n    {second}  {one.note}\n    {third}"
    )
