"""A row a home charger: what it is, whose it is, what it does and how long ago it said so."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from rich.text import Text

from pm_tui.i18n import N_
from pm_tui.tui.widgets.paged_table import Cells, Column

if TYPE_CHECKING:
    from pm_tui.models.home import Evse
    from pm_tui.models.result import Result
    from pm_tui.services.ages import Limits

COLUMNS = (
    Column("model", N_("Model"), 13, grow=2),
    Column("make", N_("Make"), 9, grow=1, rank=3),
    Column("user", N_("User"), 15, grow=2),
    Column("state", N_("State"), 12, rank=5),
    Column("plugged", N_("Plugged"), 8, rank=4),
    Column("charging", N_("Charging"), 9),
    Column("power", N_("Power"), 8, right=True),
    Column("sample", N_("Sample"), 7, right=True),
    Column("reach", N_("Reach"), 12),
)


def cells(row: Result[Evse], now: datetime, threshold: timedelta, limits: Limits) -> Cells:
    """The cells of one charger. What it does is dimmed where it is not heard from any more, and
    all of it where the list itself is old."""
    from pm_tui.services import home_words  # not before the first paint
    from pm_tui.services.home_reach import reach_of

    old = limits.look("booking", row.fetched_at, now).old
    dim = "dim" if old or row.origin != "live" else ""
    answer = reach_of(row.value, now, threshold).answer
    state = dim or ("" if answer == "reachable" else "dim")
    words = home_words.row(row.value, now, threshold)
    looks = [dim] * 4 + [state] * 4 + [dim or ("green" if answer == "reachable" else "")]
    return {
        column.key: Text(text, look)
        for column, text, look in zip(COLUMNS, words, looks, strict=True)
    }
