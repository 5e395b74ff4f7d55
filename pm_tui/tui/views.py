"""The views that are imported when they are first looked at: not before the first paint."""

from __future__ import annotations

from typing import Any

from textual.screen import Screen


def bookings_view() -> Screen[Any]:
    """The list of bookings."""
    from pm_tui.tui.screens.bookings import BookingsView

    return BookingsView()


def batch_view() -> Screen[Any]:
    """A table to be booked."""
    from pm_tui.tui.screens.batch import BatchView

    return BatchView()


def report_view() -> Screen[Any]:
    """What a period cost."""
    from pm_tui.tui.screens.report import ReportView

    return ReportView()


def requests_view() -> Screen[Any]:
    """Every request of this window."""
    from pm_tui.tui.screens.requests import RequestsView

    return RequestsView()


def home_view() -> Screen[Any]:
    """Home chargers."""
    from pm_tui.tui.screens.home import HomeView

    return HomeView()
