"""The last searches, to ask one again with two keys."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Label, OptionList

from pm_tui import formats
from pm_tui.i18n import N_, _
from pm_tui.models.query import SearchQuery
from pm_tui.models.zones import CHARGERS_ZONE
from pm_tui.tui.screens.base import Dialog

if TYPE_CHECKING:
    from pm_tui.cache.stores import Remembered


class RecentScreen(Dialog["Remembered | None"]):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", N_("Back"), id="dialog.back")
    ]

    def __init__(self, kept: Sequence[Remembered], now: datetime) -> None:
        super().__init__()
        self._kept = [(one, query) for one in kept if (query := _query(one)) is not None]
        self._now = now

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as box:
            box.border_title = _("Last searches")
            if not self._kept:
                yield Label(_("None yet: each search is remembered here, also for offline use."))
            yield OptionList(*(self._line(*one) for one in self._kept), markup=False)

    def _line(self, one: Remembered, query: SearchQuery) -> Content:
        words = [one.label or f"{query.latitude:g}, {query.longitude:g}", *question(query)]
        age = _("{age} ago").format(age=formats.age(self._now - one.fetched_at))
        return Content.assemble(" · ".join(words), "  ", Content.styled(age, "$text-muted"))

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._kept[event.option_index][0])


def question(query: SearchQuery) -> Iterator[str]:
    """What a search asks besides its place."""
    yield formats.distance(query.radius_km)
    if query.connector_type:
        yield formats.plug(query.connector_type)
    if query.power_min_kw:
        yield _("from {power}").format(power=formats.power(query.power_min_kw))
    if query.start is not None:
        start = query.start.astimezone(CHARGERS_ZONE)
        yield f"{formats.day(start.date())} {start:%H:%M}"


def _query(one: Remembered) -> SearchQuery | None:
    """None for a key of another version's form: it cannot be asked again."""
    try:
        return SearchQuery.from_key(one.key)
    except ValueError:
        return None
