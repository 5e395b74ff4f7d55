"""Where keys are: every screen with what can have the focus in it, and so be reached together."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

from textual.binding import Binding
from textual.dom import DOMNode
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList

from pm_tui.i18n import N_, _
from pm_tui.tui import screens
from pm_tui.tui.app import PmTuiApp
from pm_tui.tui.screens import (
    batch,
    booking_form,
    bookings,
    decide,
    favourites,
    find,
    home,
    home_dialogs,
    location,
    rebook,
    report,
    report_file,
    requests,
    watch_free,
    watched,
)
from pm_tui.tui.screens.base import Spoken
from pm_tui.tui.widgets.map_pane import MapPane
from pm_tui.tui.widgets.paged_table import PagedTable
from pm_tui.tui.widgets.path_field import PathInput
from pm_tui.tui.widgets.place_field import PlaceInput
from pm_tui.tui.widgets.text_pane import TextPane
from pm_tui.tui.widgets.when_input import WhenLine

Owner = type[DOMNode]
# every dialog has them, each in its own words
IN_DIALOGS = (
    Binding("ctrl+s", "do", N_("Do what the dialog asks"), id="dialog.do"),
    Binding("escape", "back", N_("Leave the dialog, and nothing is done"), id="dialog.back"),
)


@dataclass(frozen=True, slots=True)
class Place:
    """A screen and the widgets in it that have keys; `title` is the section of the help."""

    screen: type[Spoken[Any]]
    widgets: tuple[Owner, ...] = ()
    title: str = ""

    def chains(self) -> Iterator[list[Binding]]:
        """The bindings that work together, a key each and the inner ones first: those of one of
        the widgets, of the screen and of the application, of which a dialog leaves few."""
        modal = issubclass(self.screen, ModalScreen)
        outer = [
            *bindings_of(self.screen),
            *(one for one in bindings_of(PmTuiApp) if one.priority or not modal),
        ]
        yield outer
        for widget in self.widgets:
            # a field has its own keys while it is typed in; the screen's are not lost by that
            inner = [one for one in bindings_of(widget) if one.id or not issubclass(widget, Input)]
            yield [*inner, *outer]


def bindings_of(owner: Owner) -> list[Binding]:
    """Those of a class and of the classes above it, Textual's own as well."""
    return [binding for _key, binding in owner._merged_bindings or ()]


def places() -> tuple[Place, ...]:
    """In the order a newcomer needs them."""
    search = (PagedTable, MapPane, PlaceInput, WhenLine, TextPane)
    table = (PagedTable, TextPane)
    form = (WhenLine,)
    named = (
        Place(find.FindView, search, _("Find")),
        Place(bookings.BookingsView, table, _("Bookings")),
        Place(home.HomeView, table, _("Home")),
        Place(booking_form.BookingFormScreen, form, _("Booking form")),
        Place(rebook.RebookScreen, form, _("Changing a booking")),
        Place(batch.BatchView, (PagedTable, PathInput), _("Book a table")),
        Place(report.ReportView, table, _("Reports")),
        Place(requests.RequestsView, table, _("Requests")),
        Place(favourites.FavouritesScreen, (OptionList,), _("Favourites")),
        Place(location.LocationScreen, (TextPane,), _("Details")),
        Place(watched.WatchedScreen, (OptionList,), _("Watched")),
        Place(decide.DecideScreen, (), _("Decide")),
        Place(home_dialogs.LinkScreen, (), _("Onboarding link")),
        Place(report_file.FleetScreen, (PathInput,)),
        Place(watch_free.WatchFreeScreen, form),
    )
    listed = {place.screen for place in named}
    return (*named, *(Place(one, (OptionList,)) for one in _screens() if one not in listed))


@cache
def _screens() -> tuple[type[Spoken[Any]], ...]:
    """Every screen of ours, by name; those that others are made of as well, which do no harm."""
    for module in pkgutil.iter_modules(screens.__path__):
        import_module(f"{screens.__name__}.{module.name}")

    def below(kind: type[Spoken[Any]]) -> Iterator[type[Spoken[Any]]]:
        for one in kind.__subclasses__():
            if one.__module__.startswith("pm_tui."):
                yield one
                yield from below(one)

    return tuple(sorted(set(below(Spoken)), key=lambda one: one.__name__))


def sections() -> Iterator[tuple[str, list[Binding]]]:
    """A title and the bindings below it, as they are in the code, each once."""
    told = {one.id for one in IN_DIALOGS}

    def of(owner: Owner) -> list[Binding]:
        mine = [one for one in owner.__dict__.get("BINDINGS", ()) if isinstance(one, Binding)]
        fresh = [one for one in mine if one.id not in told]
        told.update(one.id for one in fresh)
        return fresh

    everywhere = of(PmTuiApp)
    yield _("Everywhere"), everywhere
    rest: list[Binding] = []
    for place in places():
        if place.title:
            yield place.title, of(place.screen)
        else:
            rest += of(place.screen)
        if place.screen is find.FindView:
            yield _("Map"), of(MapPane)
        if place.screen is home.HomeView:
            yield _("Lists"), [*of(Spoken), *of(PagedTable)]
    yield _("Times"), of(WhenLine)
    yield _("Dialogs"), [*IN_DIALOGS, *rest, *of(PlaceInput), *of(PathInput)]


def catalogue() -> dict[str, Binding]:
    """Every binding that can have other keys, by its id, with its keys in the code."""
    return {binding.id or "": binding for _title, bindings in sections() for binding in bindings}
