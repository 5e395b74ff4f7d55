"""`pm-tui book --batch FILE.csv`: checked whole, previewed, sent row by row, written back."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path

from pm_tui.cli import common, exits
from pm_tui.cli.asking import confirm
from pm_tui.cli.exits import CliError
from pm_tui.cli.output import complain, document
from pm_tui.config import Settings
from pm_tui.i18n import _, ngettext
from pm_tui.models.json import JsonObject
from pm_tui.services import batch as batches
from pm_tui.services import batch_file, batch_send, batch_text
from pm_tui.services.batch import Batch, BatchError
from pm_tui.services.book import JournalUnavailable
from pm_tui.services.session import Session

BAR = 30  # cells
MOST_COMPLAINTS = 20


def run(arguments: Namespace, settings: Settings) -> int:
    path = Path(arguments.batch)
    try:
        batch = common.ask(settings, lambda session: book_all(session, path, yes=arguments.yes))
    except BatchError as error:
        raise CliError(exits.USAGE, f"{path}: {error}") from None
    except JournalUnavailable as error:
        raise CliError(exits.OTHER, str(error)) from None
    if arguments.json:
        document(as_document(batch, path))
    else:
        print(
            _("{counts}; every row: {path}").format(
                counts=batch_text.counts(batch), path=out_of(path)
            )
        )
    return verdict(batch)


async def book_all(session: Session, path: Path, *, yes: bool) -> Batch:
    """Check against what is booked already, preview, ask, send; the outcome is written after each
    row, so that whatever ends us leaves the truth behind."""
    batch, _places = await batch_file.read_known(session, path, common.now())
    if batch.errors:
        for error in batch.errors[:MOST_COMPLAINTS]:
            complain(f"{path}: {error}")
        count = len(batch.errors)
        text = ngettext(
            "{n} error: nothing was sent.", "{n} errors: nothing was sent.", count
        ).format(n=count)
        raise CliError(exits.USAGE, f"{path}: {text}")
    await batches.estimate(session, batch)
    complain_of_warnings(batch, path)
    if batch.to_send:
        confirm(batch_text.question(batch), yes=yes)
    async for _row in batch_send.send(session, batch, out_of(path)):
        _show(len(batch.rows) - batch.count("not sent"), len(batch.rows))
    if batch.to_send and sys.stderr.isatty():
        print(file=sys.stderr)
    return batch


def complain_of_warnings(batch: Batch, path: Path) -> None:
    for row in batch.rows[:MOST_COMPLAINTS]:
        for warning in row.warnings:
            text = _("row {n}: {problem}").format(n=row.number, problem=warning)
            complain(f"{path}: {text}")


def out_of(path: Path) -> Path:
    return batch_file.result_path(path)


def as_document(batch: Batch, path: Path) -> JsonObject:
    """The stable document."""
    return {
        "file": str(out_of(path)),
        "booked": batch.count("booked"),
        "refused": batch.count("refused"),
        "unknown": batch.count("unknown"),
        "not_sent": batch.count("not sent"),
        "rows": [
            {
                "row": row.number,
                "outcome": row.state.replace(" ", "_"),
                "booking_id": row.booking_id or None,
                "external_id": row.booked_as or row.cells.get("external_id") or None,
                "reason": row.reason or None,
            }
            for row in batch.rows
        ],
    }


def verdict(batch: Batch) -> int:
    """0 when all are booked. What is unknown weighs most; then why it was stopped."""
    if batch.count("unknown"):
        complain(_("we do not know yet of every row; then: pm-tui recover, and the batch again"))
        return exits.OUTCOME_UNKNOWN
    if batch.stopped is not None:
        code, text = exits.explain(batch.stopped)
        complain(_("stopped: {reason} Repeat the batch later.").format(reason=text))
        return code
    if refused := batch.count("refused"):
        text = ngettext("{n} row was refused.", "{n} rows were refused.", refused)
        complain(text.format(n=refused))
        return exits.OTHER
    return exits.DONE


def _show(done: int, of: int) -> None:
    if sys.stderr.isatty():
        print(f"\r{batch_text.bar(done, of, BAR)}", end="", file=sys.stderr, flush=True)
