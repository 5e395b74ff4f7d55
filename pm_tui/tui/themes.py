"""Our own themes, and which one is worn: the one that was chosen, else what the terminal suits."""

from __future__ import annotations

import os
from collections.abc import Iterable
from time import monotonic
from typing import Any

from rich.terminal_theme import TerminalTheme
from textual import on
from textual.app import App, SystemCommand
from textual.color import Color
from textual.screen import Screen
from textual.theme import BUILTIN_THEMES, Theme

from pm_tui import formats
from pm_tui.config import Settings
from pm_tui.i18n import _
from pm_tui.tui.ground import GroundChanged, GroundTold
from pm_tui.tui.plain import Plain

DARK, LIGHT, CONTRAST = "pm-tui", "pm-tui-light", "pm-tui-contrast"
AUTO = "auto"
ASK_AGAIN = 60.0  # seconds at least between two questions to a terminal that reports nothing

# texts are named one by one: what Textual mixes for them is too faint on some grounds of ours
OURS = (
    Theme(
        name=DARK,
        primary="#2fbf93",
        secondary="#4aa3df",
        accent="#f0b64c",
        warning="#f0b64c",
        error="#e5636a",
        success="#5ccb8a",
        foreground="#dfe7ec",
        background="#0f151b",
        surface="#172028",
        panel="#1e2a34",
        variables={
            "text": "#dfe7ec",
            "text-muted": "#9fb0bc",
            "text-disabled": "#93a4b0",
            "text-primary": "#5fd8b3",
            "text-secondary": "#82c3ee",
            "text-success": "#7fdca4",
            "text-warning": "#f5c56f",
            "text-error": "#ff9499",
            "text-accent": "#f5c56f",
            "block-cursor-background": "#3fcfa2",
            "block-cursor-foreground": "#04100c",
            "block-cursor-text-style": "bold",
            "block-cursor-blurred-background": "#24443f",
            "block-cursor-blurred-foreground": "#dfe7ec",
            "button-color-foreground": "#06110d",
            "footer-key-foreground": "#f0b64c",
            "footer-background": "#1e2a34",
            "input-selection-background": "#2fbf93 35%",
            "scrollbar": "#3b5a5f",
            "scrollbar-background": "#172028",
            "scrollbar-corner-color": "#172028",
        },
    ),
    Theme(
        name=LIGHT,
        dark=False,
        primary="#0b7358",
        secondary="#1f6394",
        accent="#8a5a00",
        warning="#8a5a00",
        error="#b3261e",
        success="#1b7340",
        foreground="#1b252c",
        background="#fbfaf6",
        surface="#f3f1ea",
        panel="#e7e4da",
        variables={
            "text": "#1b252c",
            "text-muted": "#4f5d66",
            "text-disabled": "#56636b",
            "text-primary": "#0a5f49",
            "text-secondary": "#1a527b",
            "text-success": "#155c33",
            "text-warning": "#6e4700",
            "text-error": "#99201a",
            "text-accent": "#6e4700",
            "block-cursor-background": "#06523e",
            "block-cursor-foreground": "#ffffff",
            "block-cursor-text-style": "bold",
            "block-cursor-blurred-background": "#cfe3db",
            "block-cursor-blurred-foreground": "#1b252c",
            "button-color-foreground": "#ffffff",
            "footer-key-foreground": "#8a3d00",
            "footer-background": "#e7e4da",
            "input-selection-background": "#0b7358 25%",
            "scrollbar": "#9dbcb1",
            "scrollbar-background": "#e7e4da",
            "scrollbar-corner-color": "#e7e4da",
        },
    ),
    # of colours that sixteen of a terminal have too
    Theme(
        name=CONTRAST,
        primary="#55ffff",
        secondary="#55ffff",
        accent="#ffff55",
        warning="#ffff55",
        error="#ff8080",
        success="#55ff55",
        foreground="#ffffff",
        background="#000000",
        surface="#000000",
        panel="#000000",
        variables={
            "text": "#ffffff",
            "text-muted": "#ffffff",
            "text-disabled": "#c0c0c0",
            "text-primary": "#55ffff",
            "text-secondary": "#55ffff",
            "text-success": "#55ff55",
            "text-warning": "#ffff55",
            "text-error": "#ff8080",
            "text-accent": "#ffff55",
            "block-cursor-background": "#ffff55",
            "block-cursor-foreground": "#000000",
            "block-cursor-text-style": "bold",
            "block-cursor-blurred-background": "#ffffff",
            "block-cursor-blurred-foreground": "#000000",
            "button-color-foreground": "#000000",
            "footer-key-foreground": "#ffff55",
            "footer-background": "#000000",
            "line": "#c0c0c0",
            "field": "#202020",
            "field-focus": "#0000aa",
            "input-selection-background": "#ffff55",
            "input-selection-foreground": "#000000",
        },
    ),
)


def known_themes() -> frozenset[str]:
    """The names that the setting can have."""
    return frozenset({AUTO, *BUILTIN_THEMES, *(theme.name for theme in OURS)})


# the named colours of table cells, which Textual turns into those of one table a ground
_ON_DARK = ("#6b7a85", "#ff8f95", "#62e08d", "#f5c56f", "#82c3ee", "#d6a5e8", "#7fd6e0", "#dfe7ec")
_ON_LIGHT = ("#1b252c", "#99201a", "#155c33", "#6e4700", "#1a527b", "#6d2f86", "#0d5560", "#4f5d66")


def _sixteen(eight: tuple[str, ...], background: str, foreground: str) -> TerminalTheme:
    colours = [Color.parse(one).rgb for one in (background, foreground, *eight)]
    return TerminalTheme(colours[0], colours[1], colours[2:], colours[2:])


class Dressed(App[None]):
    """Mixed into the application: its themes, and the one it begins with."""

    hears_ground = False  # a theme goes with the terminal, whose reports the driver turns on
    asks_for_ground = False  # of the terminal, which the driver does
    by_itself = DARK  # what is worn where nobody chose
    _follows = False  # nobody chose
    _tells_colour = _reports = False  # what this terminal is known to do
    _asked_at = 0.0

    def remembered_theme(self, settings: Settings) -> str | None:
        """What was chosen last, where nothing in the settings is; for whoever remembers it."""
        return None

    _no_such_theme = ""  # that was asked for

    def dress(self, settings: Settings) -> None:
        """Put on what the settings ask for, before a style is read."""
        formats.name_currencies(settings.ascii)
        if settings.ascii:
            self._filters.append(Plain(letters=settings.letters))
        for theme in OURS:
            self.register_theme(theme)
        wanted = settings.theme or self.remembered_theme(settings) or AUTO
        self.by_itself = self._suits(settings)
        name = self.by_itself if wanted == AUTO else wanted
        known = name in self.available_themes
        self.set_reactive(App.theme, name if known else self.by_itself)
        self.set_reactive(App.ansi_theme_dark, _sixteen(_ON_DARK, "#0f151b", "#dfe7ec"))
        self.set_reactive(App.ansi_theme_light, _sixteen(_ON_LIGHT, "#fbfaf6", "#1b252c"))
        self._refresh_truecolor_filter(self.ansi_theme)
        self.stylesheet.set_variables(self.get_css_variables())
        self._follows = wanted == AUTO
        said = settings.theme not in (None, AUTO) or "TEXTUAL_THEME" in os.environ
        poor = settings.ascii and settings.ground is not None  # a console is dark for ever
        # sixteen colours have one theme, whatever is behind them
        self.hears_ground = not (said or poor) and self.by_itself in (DARK, LIGHT)
        self.asks_for_ground = self.hears_ground and settings.ground is None
        self._asked_at = monotonic()
        self._no_such_theme = "" if known else name

    def on_mount(self) -> None:
        self.watch(self, "theme", self._worn, init=False)
        if self._no_such_theme:
            text = _("There is no theme “{theme}”. The command palette lists those there are.")
            text = text.format(theme=self._no_such_theme)
            self.notify(text, severity="warning", markup=False, timeout=20)

    def get_css_variables(self) -> dict[str, str]:
        """And three of ours, for themes that do not have them: the line round a field or a pane,
        the ground of a field in a form, and that of the one with the focus."""
        variables = super().get_css_variables()
        ours = {
            "line": f"{variables['foreground']} 35%",
            "field": f"{variables['foreground']} 8%",
            "field-focus": f"{variables['primary']} 25%",
        }
        return {**ours, **variables}

    @property
    def available_themes(self) -> dict[str, Theme]:
        """Without colours those of the terminal's own sixteen are black on black (Textual fixes
        what it leaves out when it starts, by the theme it starts with)."""
        themes = super().available_themes
        if getattr(self, "no_color", False):
            return {name: theme for name, theme in themes.items() if not theme.ansi}
        return themes

    def _suits(self, settings: Settings) -> str:
        if os.environ.get("TEXTUAL_THEME") in self.available_themes:
            return os.environ["TEXTUAL_THEME"]
        if self.console.color_system == "standard" and not self.no_color:
            return CONTRAST
        return LIGHT if settings.ground == "light" else DARK

    # -- light or dark, while it runs ------------------------------------------

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """And the way back from a theme that was chosen."""
        yield from super().get_system_commands(screen)
        if self.hears_ground and not self._follows:
            yield SystemCommand(
                _("Theme of the terminal"),
                _("light or dark as the terminal is, also when it changes"),
                self.follow_ground,
            )

    def follow_ground(self) -> None:
        """Wear what suits the terminal from now on."""
        self._follows = True
        self.theme = self.by_itself

    def _worn(self, theme: str) -> None:
        self._follows = theme == self.by_itself

    @on(GroundTold)
    def _ground_told(self, event: GroundTold) -> None:
        self._tells_colour = True
        self._stand_on(light=event.light)

    @on(GroundChanged)
    def _ground_changed(self, event: GroundChanged) -> None:
        """A report tells what is preferred, by a desktop that the terminal need not go along with:
        where the terminal tells its colour, that decides."""
        self._reports = True
        if not self._tells_colour:
            self._stand_on(light=event.light)
        self._ask_ground()

    def on_app_focus(self) -> None:
        """A terminal that reports nothing may have changed while it was not looked at."""
        known = self.hears_ground and self._tells_colour and not self._reports
        if known and monotonic() - self._asked_at >= ASK_AGAIN:
            self._ask_ground()

    def _ask_ground(self) -> None:
        self._asked_at = monotonic()
        ask = getattr(self._driver, "ask_ground", None)  # not in a browser
        if ask is not None:
            ask()

    def _stand_on(self, *, light: bool) -> None:
        """A theme that was chosen stays."""
        if self.hears_ground:
            follows, self.by_itself = self._follows, LIGHT if light else DARK
            if follows:  # after that: it tells who remembers choices
                self.theme = self.by_itself
