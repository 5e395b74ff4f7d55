"""One line below: the keys that do something here, each with its word, and each to be clicked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from textual import events
from textual.app import RenderResult
from textual.binding import ActiveBinding
from textual.content import Content
from textual.reactive import reactive
from textual.screen import Screen
from textual.style import Style
from textual.widget import Widget

if TYPE_CHECKING:
    from pm_tui.tui.app import PmTuiApp


class KeyBar(Widget, can_focus=False):
    """Textual's footer as a single widget. That one is put together anew, a widget a key, at every
    change of the focus: a third of the time that such a change took."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES = {"key-bar--key", "key-bar--word"}  # noqa: RUF012 - as in Widget
    DEFAULT_CSS = """
    KeyBar {
        dock: bottom; height: 1; text-wrap: nowrap;
        color: $footer-foreground; background: $footer-background;
        .key-bar--key { color: $footer-key-foreground; text-style: bold; }
        .key-bar--word { color: $footer-description-foreground; }
    }
    """

    keys: reactive[tuple[ActiveBinding, ...]] = reactive((), layout=False)
    note: reactive[str] = reactive("", layout=False)
    """Said in the place of the keys while they mean something else."""
    _keyless: Mapping[str, ActiveBinding] = {}

    if TYPE_CHECKING:
        app: PmTuiApp

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self._changed)
        self._read()

    def _changed(self, screen: Screen[object]) -> None:
        # not while another window has the focus: coming back, the same keys are there again
        if screen.app.app_focus and screen is self.screen:
            self.call_after_refresh(self._read)

    def _read(self) -> None:
        """The first key of each action that is shown; the word alone where it has none."""
        if self.is_attached:
            shown: dict[str, ActiveBinding] = {}
            for active in self.screen.active_bindings.values():
                if active.binding.show:
                    shown.setdefault(active.binding.action, active)
            self._keyless = {
                active.binding.action: active
                for active in self.app.without_keys(self.screen)
                if active.binding.show
            }
            shown |= self._keyless
            self.keys = tuple(shown.values())

    def render(self) -> RenderResult:
        if self.note:
            return Content.styled(f" {self.note}", self.get_visual_style("key-bar--word"))
        parts = [(active.binding.action, self._part(active)) for active in self.keys]
        # where not all fit, whole ones are left out; help names them, so it is the last to go
        while len(parts) > 1 and sum(part.cell_length for _action, part in parts) > self.size.width:
            kept = [n for n, (action, _part) in enumerate(parts) if action != "help"]
            del parts[kept[-1]]
        return Content("").join(part for _action, part in parts)

    def _part(self, active: ActiveBinding) -> Content:
        binding = active.binding
        keyless = binding.action in self._keyless
        meta = Style.from_meta({"key": binding.action}) + Style(dim=not active.enabled)
        return Content.assemble(
            (
                " " if keyless else f" {self.app.get_key_display(binding)} ",
                self.get_visual_style("key-bar--key") + meta,
            ),
            (f"{binding.description} ", self.get_visual_style("key-bar--word") + meta),
        )

    def _under(self, event: events.MouseEvent) -> ActiveBinding | None:
        action = event.style.meta.get("key")
        return next((one for one in self.keys if one.binding.action == action), None)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        under = self._under(event)
        self.tooltip = (under.tooltip or None) if under else None

    def on_mouse_down(self, event: events.MouseDown) -> None:
        under = self._under(event)
        if under is not None and under.enabled and under.binding.action in self._keyless:
            self.app.call_later(self.app.run_action, under.binding.action, under.node)
        elif under is not None and under.enabled:
            self.app.simulate_key(under.binding.key)
        elif under is not None:
            self.app.bell()
