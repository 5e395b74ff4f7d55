"""A row a home charger: what it is, whose it is, what it does and how long ago it said so."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from rich.text import Text

from pm_tui import formats
from pm_tui.i18n import N_
from pm_tui.models.text import visible_id
from pm_tui.tui.widgets.columns import RowCells
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
    Column("power", N_("Power"), 8, rank=1, right=True),
    Column("sample", N_("Sample"), 7, rank=2, right=True),
    Column("reach", N_("Reach"), 12),
    Column("email", N_("E-mail"), 20, grow=1, extra=True),
    Column("place", N_("Location"), 20, extra=True),
    Column("lock", N_("Lock"), 12, extra=True),
    Column("cpid", "CPID", 16, extra=True),
    Column("id", "ID", 36, extra=True),
)


def cells(row: Result[Evse], now: datetime, threshold: timedelta, limits: Limits) -> Cells:
    """The cells of one charger. What it does is dimmed where it is not heard from any more, and
    all of it where the list itself is old. “? reachable”: it was when the list was read."""
    from pm_tui.services import home_words  # not before the first paint
    from pm_tui.services.home_reach import reach_seen

    old = limits.look("booking", row.fetched_at, now).old
    dim = "dim" if old or row.origin != "live" else ""
    reach, is_past = reach_seen(row.value, row.fetched_at, now, threshold)
    answer = reach.answer
    state = dim or ("" if answer == "reachable" else "dim")
    *words, word = home_words.row(row.value, row.fetched_at, threshold)
    words[-1] = formats.age(reach.age)
    words.append(f"? {word.partition(' ')[2]}" if is_past else word)
    looks = [dim] * 4 + [state] * 4 + [dim or ("green" if answer == "reachable" else "")]
    made = [column.key for column in COLUMNS if not column.extra]
    cells = {key: Text(text, look) for key, text, look in zip(made, words, looks, strict=True)}
    return RowCells(cells, lambda key: Text(_extra(row.value, key), dim))


def _extra(evse: Evse, key: str) -> str:
    """What is shown only where a person asked for it."""
    from pm_tui.services import home_codes, home_words

    told = {
        "email": evse.email,
        "place": home_words.place(evse.location),
        "lock": home_codes.lock(evse.lock_mode),
        "cpid": evse.cpid,
        "id": visible_id(evse.id),
    }
    return told[key] or formats.UNKNOWN
