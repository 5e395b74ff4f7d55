"""What can be taken along of a table of bookings: how a row ended, the line of the file, or all."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from pm_tui.i18n import _
from pm_tui.services.batch import Batch, Row
from pm_tui.services.batch_file import lines
from pm_tui.services.copies import Copy, holding, in_lines, tabbed, whole
from pm_tui.services.copies_report import CSV, LINE, TABBED
from pm_tui.services.report_files import guarded


def of_batch(batch: Batch, rows: Sequence[Row], chosen: Row | None) -> tuple[Copy, ...]:
    """Of the `rows` that are shown, and the one under the cursor. The tables are the file's, each
    row with how it ended; a token in it is not repeated on screen."""
    offered = list[Copy]()
    if chosen is not None:
        reference = chosen.booked_as or chosen.cells.get("external_id", "")
        said = [*chosen.errors, chosen.reason, *chosen.warnings]
        _titles, *cells = lines(batch, [chosen])
        hidden = _has_token([chosen])
        offered += [
            Copy("i", _("Booking ID"), in_lines([chosen.booking_id])),
            Copy("r", _("Reference"), in_lines([reference])),
            Copy("e", _("What was said of it"), in_lines(said)),
            Copy(LINE, _("Line of the file"), _written(cells, batch.delimiter), secret=hidden),
        ]
    if rows:
        table, hidden = list(lines(batch, rows)), _has_token(rows)
        written = _written(table, batch.delimiter)
        cells = [list(map(guarded, row)) for row in table]
        label = _("Table with tabs, for a spreadsheet")
        offered += [
            whole(CSV, _("Table as CSV"), written, secret=hidden),
            whole(TABBED, label, tabbed(cells), secret=hidden),
        ]
    return tuple(holding(offered))


def _has_token(rows: Sequence[Row]) -> bool:
    return any(row.cells.get("token_uid") for row in rows)


def _written(rows: Sequence[Sequence[str]], delimiter: str) -> str:
    text = io.StringIO()
    out = csv.writer(text, delimiter=delimiter, lineterminator="\n")
    out.writerows(list(map(guarded, row)) for row in rows)
    return text.getvalue().rstrip("\n")
