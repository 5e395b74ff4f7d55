"""The top-level views by name. All but the first are imported when they are first looked at: not
before the first paint."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from textual.screen import Screen

from pm_tui.tui.screens.find import FindView


def _later(module: str, name: str) -> Callable[[], Screen[Any]]:
    def make() -> Screen[Any]:
        view: type[Screen[Any]] = getattr(import_module(f"pm_tui.tui.screens.{module}"), name)
        return view()

    return make


VIEWS: dict[str, str | Callable[[], Screen[Any]]] = {
    "find": FindView,
    "bookings": _later("bookings", "BookingsView"),
    "batch": _later("batch", "BatchView"),
    "report": _later("report", "ReportView"),
    "requests": _later("requests", "RequestsView"),
    "home": _later("home", "HomeView"),
}
