"""What is asked about a home charger: to take it off, where it stands, who takes one on."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Button, Input, Static

from pm_tui.i18n import N_, _
from pm_tui.models.text import visible_id
from pm_tui.tui.key_names import keyed
from pm_tui.tui.screens.base import HIGH, Dialog
from pm_tui.tui.styles import style
from pm_tui.tui.widgets.key_bar import KeyBar

if TYPE_CHECKING:
    from pm_tui.models.home import Evse
    from pm_tui.services.home import Onboarding

Place = tuple[float, float] | None
UNCHANGED = "unchanged"


def _field(value: str, placeholder: str, name: str) -> Input:
    field = Input(value, placeholder=placeholder, compact=True, id=name)
    field.cursor_blink = False
    return field


class DecommissionScreen(Dialog["str | None"]):
    """Gives what was typed once it names this charger, or None. `evse` was read just before.
    Where there is little room the text scrolls, and the field and the buttons stay."""

    CSS_PATH = style("home")
    VERTICAL_BREAKPOINTS = [(0, "-short"), (20, "-low"), (HIGH, "-high")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", N_("Keep the charger"), id="dialog.back"),
        Binding("ctrl+s", "send", N_("Take it off"), id="dialog.do"),
    ]

    def __init__(self, evse: Evse) -> None:
        super().__init__()
        self._evse = evse

    def compose(self) -> ComposeResult:
        from pm_tui.services import home_deeds, home_words

        evse = self._evse
        with Vertical(classes="dialog") as box:
            box.border_title = _("Take this charger off for good?")
            told = [home_words.name(evse), evse.user_name or "", visible_id(evse.id)]
            with VerticalScroll(id="told"):
                yield Static(Content("\n".join(filter(None, told))), id="what")
                if warning := home_deeds.warning(evse):
                    yield Static(Content.styled(warning, "bold $text-warning"), id="warning")
                text = _(
                    "ev.energy no longer controls it then, and there is no way back but to take it "
                    "on anew. It is sent once. Type {wanted}."
                ).format(wanted=home_deeds.what_to_type(evse))
                yield Static(Content(text), id="wanted")
            yield _field("", _("type it here"), "typed")
            yield Static(Content(""), id="wrong")
            with Horizontal(classes="buttons"):
                yield Button(_("Keep the charger"), id="keep", compact=True)
                off = Button(_("Take it off"), variant="error", id="off", compact=True)
                off.disabled = True
                yield off
        yield KeyBar()

    def on_mount(self) -> None:
        self.query_one("#typed").focus()

    @on(Input.Changed, "#typed")
    def _typed(self) -> None:
        self.query_one("#off", Button).disabled = not self._is_confirmed
        self._say(wrong=False)

    @property
    def _is_confirmed(self) -> bool:
        from pm_tui.services.home_deeds import is_confirmed

        return is_confirmed(self._evse, self.query_one("#typed", Input).value)

    @on(Button.Pressed, "#keep")
    def _keep(self) -> None:
        self.dismiss(None)

    @on(Button.Pressed, "#off")
    def action_send(self) -> None:
        if self._is_confirmed:
            self.dismiss(self.query_one("#typed", Input).value)
        else:
            self._say(wrong=True)

    def _say(self, *, wrong: bool) -> None:
        """In words: a colour is not seen by all."""
        self.query_one("#wanted").set_class(wrong, "-wrong")
        text = _("✗ That does not name this charger. Nothing was sent.") if wrong else ""
        self.query_one("#wrong", Static).update(Content.styled(text, "$text-error"))


class PlaceScreen(Dialog["Place | str"]):
    """Gives latitude and longitude, None to clear them, or `UNCHANGED`."""

    CSS_PATH = style("home")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", f"dismiss('{UNCHANGED}')", N_("Back"), id="dialog.back"),
        Binding("ctrl+s", "keep", N_("Save"), id="dialog.do"),
    ]

    def __init__(self, name: str, place: Place) -> None:
        super().__init__()
        self._charger, self._place = name, place

    def compose(self) -> ComposeResult:
        shown = "" if self._place is None else f"{self._place[0]}, {self._place[1]}"
        with Vertical(classes="dialog") as box:
            box.border_title = _("Where does it stand?")
            yield Static(Content(self._charger), id="what")
            yield _field(shown, _("latitude, longitude; empty to clear"), "place")
            yield Static(Content(""), id="wrong")
            with Horizontal(classes="buttons"):
                yield Button(_("Back"), id="back", compact=True)
                yield Button(_("Save"), variant="primary", id="save", compact=True)
        yield KeyBar()

    def on_mount(self) -> None:
        self.query_one("#place").focus()

    @on(Button.Pressed, "#back")
    def _back(self) -> None:
        self.dismiss(UNCHANGED)

    @on(Button.Pressed, "#save")
    @on(Input.Submitted)
    def action_keep(self) -> None:
        from pm_tui.services.home_words import place_in

        text = self.query_one("#place", Input).value.strip()
        try:
            self.dismiss(place_in(text) if text else None)
        except ValueError as wrong:
            self.query_one("#wrong", Static).update(Content.styled(str(wrong), "$text-error"))


class AskOnboardScreen(Dialog["tuple[str, str] | None"]):
    """Gives a make or model and a user, or None."""

    CSS_PATH = style("home")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", N_("Back"), id="dialog.back"),
        Binding("ctrl+s", "ask", N_("Make the link"), id="dialog.do"),
    ]

    def __init__(self, what: str, user: str) -> None:
        super().__init__()
        self._what, self._user = what, user

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as box:
            box.border_title = _("A link to take a charger on")
            text = _("For the employee's own browser; it is shown here and never opened.")
            yield Static(Content(text), id="what")
            yield _field(self._what, _("make or model"), "make")
            yield _field(self._user, _("the employee's email or id"), "user")
            with Horizontal(classes="buttons"):
                yield Button(_("Back"), id="back", compact=True)
                yield Button(_("Make the link"), variant="primary", id="ask", compact=True)
        yield KeyBar()

    def on_mount(self) -> None:
        self.query_one("#make").focus()

    @on(Button.Pressed, "#back")
    def _back(self) -> None:
        self.dismiss(None)

    @on(Button.Pressed, "#ask")
    @on(Input.Submitted)
    def action_ask(self) -> None:
        what, user = (self.query_one(f"#{name}", Input) for name in ("make", "user"))
        if not what.value.strip():
            what.focus()
        elif not user.value.strip():
            user.focus()
        else:
            self.dismiss((what.value.strip(), user.value.strip()))


class AnotherLinkScreen(Dialog[bool]):
    """Whether a link is asked for once more; `unclear`: the answer to the last one was lost.
    Nobody documents what another one does to the first (contract/evenergy-v2.md §9)."""

    CSS_PATH = style("home")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(False)", N_("Ask for none"), id="dialog.back"),
        Binding("ctrl+s", "dismiss(True)", N_("Ask for another one"), id="dialog.do"),
    ]

    def __init__(self, name: str, *, unclear: bool) -> None:
        super().__init__()
        self._charger, self._unclear = name, unclear

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="dialog", can_focus=False) as box:
            box.border_title = _("Ask for another link?")
            yield Static(Content(self._charger), id="what")
            before = _("A link to connect this charger anew was made a moment ago.")
            if self._unclear:
                before = _("The answer to the last one was lost: a link may have been made.")
            rest = _(
                "Whether another one makes it void is not documented. The charger stays as is."
            )
            yield Static(Content(f"{before} {rest}"), id="before", classes="paragraph")
            with Horizontal(classes="buttons"):
                yield Button(_("Ask for none"), id="none", compact=True)
                yield Button(_("Ask for another one"), id="another", compact=True)
        yield KeyBar()

    def on_mount(self) -> None:
        self.query_one("#none").focus()

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        self.dismiss(event.button.id == "another")


class LinkScreen(Dialog[None]):
    """The link and its QR code; where both have no room together, one after the other."""

    CSS_PATH = style("home")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", N_("Back"), id="dialog.back"),
        Binding("enter", "dismiss(None)", N_("Close"), show=False, id="link.close"),
        Binding("q", "code", N_("QR code alone"), id="link.code"),
        Binding("y", "copy", N_("Copy the link"), id="link.copy"),
    ]

    def __init__(self, found: Onboarding, title: str) -> None:
        super().__init__()
        self._found, self._title = found, title
        self._alone = False

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="dialog") as box:
            box.border_title = self._title
            told = f"{self._found.user} · {self._found.what}"
            yield Static(Content(f"{told}\n\n{self._found.url}"), id="link")
            yield Static(Content(""), id="qr")
        yield KeyBar()

    def on_mount(self) -> None:
        self.query_one(VerticalScroll).focus()
        self._draw()

    def on_resize(self) -> None:
        super().on_resize()
        if self.is_mounted:
            self._draw()

    def _draw(self) -> None:
        from pm_tui.tui.widgets.qr import drawn

        code = drawn(self._found.url, dark=self.app.current_theme.dark)
        width, height = len(code[0]) + 6, len(code) + 3  # frames and the line of keys
        size = self.app.size
        fits = size.width >= width and size.height >= height
        with_link = size.height >= height + 8
        link, pane = self.query_one("#link"), self.query_one("#qr", Static)
        link.display = with_link or not self._alone
        if self.app.settings.ascii:
            pane.update(Content(_("A QR code cannot be drawn with ASCII alone.")))
        elif not fits:
            text = _("The QR code needs a terminal of {width} x {height}.")
            pane.update(Content(text.format(width=width, height=height)))
        elif with_link or self._alone:
            pane.update(Content("\n".join(code)))
        else:
            pane.update(Content(keyed(_("{link.code} shows the QR code."))))

    def action_code(self) -> None:
        self._alone = not self._alone
        self._draw()

    def action_copy(self) -> None:
        self.app.copy_to_clipboard(self._found.url)
