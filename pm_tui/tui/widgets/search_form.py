"""The question: where, how far, which plug, how strong, when; and what of the answer to show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Container
from textual.message import Message
from textual.widgets import Checkbox, Input, Select

from pm_tui.i18n import _
from pm_tui.models.query import CONNECTOR_TYPES, SearchQuery
from pm_tui.models.route import MOST_ASIDE_KM, RouteQuery, Stop, parts_of, route
from pm_tui.models.zones import CHARGERS_ZONE
from pm_tui.tui.widgets.check import Check
from pm_tui.tui.widgets.place_field import PlaceField

if TYPE_CHECKING:
    from pm_tui.services.places import Gazetteer
    from pm_tui.services.search_fields import Fields

COMMON_PLUGS = ("IEC_62196_T2_COMBO", "IEC_62196_T2", "CHADEMO", "TESLA_S")

# what `Fields` calls what is typed here, and the id of its field
_TEXTS = {
    "place": "place",
    "radius": "radius",
    "power": "power",
    "start": "from",
    "end": "to",
    "operator": "operator",
}
RADIUS = "25"  # km, while nobody says otherwise
LENGTH = "+2h"  # of a window whose end is left empty


class FieldError(ValueError):
    """What is wrong, and in which field."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


class SearchForm(Container):
    """Posts `SearchRequested` for a question that makes sense, `FilterChanged` for what can be
    answered from the rows at hand (the gateway cannot filter by operator or reservability)."""

    @dataclass
    class SearchRequested(Message):
        query: SearchQuery
        label: str

    @dataclass
    class FilterChanged(Message):
        reservable_only: bool
        operator: str

    @dataclass
    class Refused(Message):
        """A field holds something that cannot be asked; the field has the focus."""

        text: str

    @dataclass
    class Edited(Message):
        """What is asked for is now another, or the same again, as what was asked last."""

    def __init__(
        self, *, now: Callable[[], datetime], gazetteer: Callable[[], Gazetteer | None]
    ) -> None:
        super().__init__(id="search-form")
        self._now, self._gazetteer = now, gazetteer
        self._asked: tuple[object, ...] = ()

    def compose(self) -> ComposeResult:
        yield PlaceField(
            self._complete, title=_("Place"), placeholder=_("town, district or lat, lng")
        )
        yield self._field("radius", _("Radius km"), RADIUS)
        plugs = Select(
            [(_(CONNECTOR_TYPES[code]), code) for code in CONNECTOR_TYPES],
            prompt=_("any"),
            compact=True,
            id="plug",
        )
        plugs.border_title = _("Plug")
        yield plugs
        yield self._field("power", _("Min. kW"), placeholder=_("any"))
        yield self._field("from", _("From"), placeholder=_("any time"))
        yield self._field("to", _("To"), placeholder=LENGTH)
        yield self._field("operator", _("Operator"), placeholder=_("any"))
        yield Check(_("reservable"), id="reservable", compact=True)

    @staticmethod
    def _field(name: str, title: str, value: str = "", placeholder: str = "") -> Input:
        field = Input(value, placeholder=placeholder, id=name)
        field.border_title = title
        field.cursor_blink = False  # a blinking cursor writes 2.5 kB a second over SSH for ever
        return field

    def _complete(self, text: str) -> list[str]:
        """The last place of a way, with those before it."""
        gazetteer = self._gazetteer()
        before, arrow, last = text.rpartition(">")
        if gazetteer is None or not last.strip() or "@" in last:
            return []
        way = f"{before.strip()} > " if arrow else ""
        return [way + place.label for place in gazetteer.complete(last.strip())]

    # -- filled from outside -------------------------------------------------

    def fill(self, query: SearchQuery, label: str) -> None:
        """Show a question that was asked before."""
        if isinstance(query, RouteQuery):
            label = query.typed
        self.query_one(PlaceField).set(label or f"{query.latitude:g}, {query.longitude:g}")
        self.query_one("#radius", Input).value = f"{query.radius_km:g}"
        power = query.power_min_kw
        self.query_one("#power", Input).value = "" if power is None else f"{power:g}"
        plug = self.query_one("#plug", Select)
        known = query.connector_type in CONNECTOR_TYPES
        plug.value = query.connector_type if known and query.connector_type else Select.NULL
        for name, at in (("from", query.start), ("to", query.end)):
            shown = "" if at is None else f"{at.astimezone(CHARGERS_ZONE):%Y-%m-%d %H:%M}"
            self.query_one(f"#{name}", Input).value = shown

        self._asked = self._values()

    @property
    def fields(self) -> Fields:
        """What the fields say."""
        from pm_tui.services.search_fields import Fields

        plug = self.query_one("#plug", Select).value
        return Fields(
            **{name: self._text(field) for name, field in _TEXTS.items()},
            plug=plug if isinstance(plug, str) else "",
            reservable=self.query_one("#reservable", Checkbox).value,
        )

    def restore(self, fields: Fields) -> None:
        """Let the fields say something else; nothing is asked by that."""
        self.query_one(PlaceField).set(fields.place)
        for name, field in _TEXTS.items():
            if field != "place":
                self.query_one(f"#{field}", Input).value = getattr(fields, name)
        plug = self.query_one("#plug", Select)
        plug.value = fields.plug if fields.plug in CONNECTOR_TYPES else Select.NULL
        self.query_one("#reservable", Checkbox).value = fields.reservable

    def focus_place(self) -> None:
        self.query_one(PlaceField).input.focus()

    # -- asking --------------------------------------------------------------

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if event.input.id == "place" and self.query_one(PlaceField).accept():
            return
        self.ask()

    def ask(self) -> None:
        """Read the fields and post the question, or say what is wrong with them."""
        self.query_one(PlaceField).close()
        for field in self.query(Input):
            field.remove_class("-wrong")
        try:
            query, label = self._read()
        except FieldError as wrong:
            field = self.query_one(f"#{wrong.field}", Input)
            field.add_class("-wrong")
            field.focus()
            self.post_message(self.Refused(str(wrong)))
        else:
            self._asked = self._values()
            self.post_message(self.SearchRequested(query, label))

    @property
    def is_edited(self) -> bool:
        """Whether the fields say something else than what was asked last."""
        return self._asked != () and self._asked != self._values()

    def _values(self) -> tuple[object, ...]:
        texts = tuple(self._text(name) for name in ("place", "radius", "power", "from", "to"))
        return (*texts, self.query_one("#plug", Select).value)

    @on(Input.Changed)
    @on(Select.Changed)
    def _field_changed(self) -> None:
        self.post_message(self.Edited())

    def _read(self) -> tuple[SearchQuery, str]:
        try:
            names, speed = parts_of(self._text("place"))
        except ValueError as wrong:
            raise FieldError("place", str(wrong)) from wrong
        stops = [self._stop(name) for name in names]
        first = stops[0]
        start, end = self._window()
        plug = self.query_one("#plug", Select).value
        power = self._number("power")
        radius = self._number("radius")
        try:
            query = SearchQuery(
                first.latitude,
                first.longitude,
                radius_km=25 if radius is None else radius,
                connector_type=plug if isinstance(plug, str) else None,
                power_min_kw=power,
                start=start,
                end=end,
            )
        except ValueError as wrong:
            raise FieldError("radius", str(wrong)) from wrong
        if len(stops) == 1:
            return query, first.label
        try:
            way = route(query, stops, speed)
        except ValueError as wrong:
            field = "radius" if query.radius_km > MOST_ASIDE_KM else "place"
            raise FieldError(field, str(wrong)) from wrong
        return way, way.label

    def _text(self, name: str) -> str:
        return self.query_one(f"#{name}", Input).value.strip()

    def _stop(self, text: str) -> Stop:
        from pm_tui.services.places import Gazetteer, parse_point

        if not text:
            raise FieldError("place", _("Where? Type a town, or a point such as 52.52, 13.40."))
        try:
            point = parse_point(text)
        except ValueError as wrong:
            raise FieldError("place", str(wrong)) from wrong
        if point is not None:
            return Stop(text, *point)
        gazetteer = self._gazetteer() or Gazetteer()
        place = gazetteer.find(text)
        if place is None and (near := gazetteer.complete(text, limit=3)):
            names = ", ".join(one.label for one in near)
            raise FieldError(
                "place",
                _("“{place}” is not a place we know. Did you mean: {names}?").format(
                    place=text, names=names
                ),
            )
        if place is None:
            raise FieldError(
                "place",
                _(
                    "“{place}” is not a place we know; a point such as 48.14, 11.56 works too."
                ).format(place=text),
            )
        return Stop(place.label, place.latitude, place.longitude)

    def _number(self, name: str) -> float | None:
        text = self._text(name).replace(",", ".")
        if not text:
            return None
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if not 0 <= value <= 1000:
            raise FieldError(name, _("“{text}” is not a number we can use here.").format(text=text))
        return value

    def _window(self) -> tuple[datetime | None, datetime | None]:
        start = self._time("from", None)
        end = self._time("to", start, "" if start is None else LENGTH)
        if end is not None and start is None:
            raise FieldError("from", _("A window needs a start as well."))
        if start is not None and end is not None and end <= start:
            raise FieldError("to", _("The end must follow the start."))
        return start, end

    def _time(self, name: str, base: datetime | None, usual: str = "") -> datetime | None:
        from pm_tui.services.when import WhenError, parse_when, refuse_over

        text, now = self._text(name) or usual, self._now()
        if not text:
            return None
        try:
            moment = parse_when(text, now=now, zone=CHARGERS_ZONE, base=base)
            if base is not None:
                refuse_over(moment, now)
            return moment
        except WhenError as wrong:
            raise FieldError(name, str(wrong)) from wrong

    # -- filtering what is there ---------------------------------------------

    @on(Checkbox.Changed, "#reservable")
    @on(Input.Changed, "#operator")
    def _filter(self) -> None:
        self.post_message(
            self.FilterChanged(
                self.query_one("#reservable", Checkbox).value, self._text("operator")
            )
        )
