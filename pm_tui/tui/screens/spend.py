"""Ask before a search spends what little the month has left, or more than a few requests."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Static

from pm_tui import formats
from pm_tui.i18n import N_, _, ngettext
from pm_tui.tui.screens.base import Dialog
from pm_tui.tui.widgets.key_bar import KeyBar


class SpendScreen(Dialog[bool]):
    """Whether to ask all the same; else memory answers. `left` requests are left this month. A
    `report` costs many."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(False)", N_("From memory"), id="dialog.back"),
        Binding("ctrl+s", "dismiss(True)", N_("Ask anyway"), id="dialog.do"),
    ]

    def __init__(self, left: int, *, report: bool = False) -> None:
        super().__init__()
        self._left, self._report = left, report

    def compose(self) -> ComposeResult:
        n = self._left
        text = ngettext(
            "{n} request is left this month, for everybody at this account.",
            "{n} requests are left this month, for everybody at this account.",
            n,
        ).format(n=formats.number(n))
        advice = _("A search costs one; a booking needs two or three. Search anyway?")
        yes = _("Search anyway")
        if self._report:
            advice = _(
                "A report costs one for some 65 bookings that are not known yet. Read anyway?"
            )
            yes = _("Read anyway")
        with Vertical(classes="dialog") as box:
            box.border_title = _("The month is nearly used up")
            yield Static(Content(f"{text}\n{advice}"), id="left")
            with Horizontal(classes="buttons"):
                yield Button(_("From memory"), id="memory", compact=True)
                yield Button(yes, variant="primary", id="search", compact=True)
        yield KeyBar()

    def on_mount(self) -> None:
        self.query_one("#search").focus()  # whoever pressed Enter to search may say so twice

    @on(Button.Pressed)
    def _chosen(self, event: Button.Pressed) -> None:
        self.dismiss(event.button.id == "search")


class WayScreen(Dialog["int | None"]):
    """How many requests a search along a way may spend: `least`, or up to `most`; 0 is memory
    only, None no search at all. `left` are left this month, if that is known."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", N_("Back"), id="dialog.back"),
        Binding("ctrl+s", "search", N_("Search"), id="dialog.do"),
    ]

    def __init__(self, least: int, most: int, left: int | None) -> None:
        super().__init__()
        self._least, self._most, self._left = least, most, left

    def compose(self) -> ComposeResult:
        n = formats.number
        lines = [
            _("{n} requests cover the whole way.").format(n=n(self._least)),
            _(
                "Where one answer does not hold all chargers, smaller circles tell of more, "
                "with up to {n} requests. What is left out is named either way."
            ).format(n=n(self._most)),
        ]
        if self._left is not None:
            left = ngettext(
                "{n} request is left this month, for everybody at this account.",
                "{n} requests are left this month, for everybody at this account.",
                self._left,
            )
            lines.append(left.format(n=n(self._left)))
        with Vertical(classes="dialog") as box:
            box.border_title = _("A search along a way")
            yield Static(Content("\n".join(lines)), id="left")
            with Horizontal(classes="buttons"):
                least = _("Search: {n}").format(n=n(self._least))
                most = _("Closely: up to {n}").format(n=n(self._most))
                yield Button(_("From memory"), id="memory", compact=True)
                yield Button(least, variant="primary", id="search", compact=True)
                yield Button(most, id="closely", compact=True)
        yield KeyBar()

    def on_mount(self) -> None:
        self.query_one("#search").focus()

    def action_search(self) -> None:
        self.dismiss(self._least)

    @on(Button.Pressed)
    def _chosen(self, event: Button.Pressed) -> None:
        spent = {"search": self._least, "closely": self._most}
        self.dismiss(spent.get(event.button.id or "", 0))
