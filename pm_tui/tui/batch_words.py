"""What is said about a table in its view: how it stands, what goes on, what to do now."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from textual.content import Content

from pm_tui.i18n import _, ngettext
from pm_tui.tui.key_names import keyed, with_key

if TYPE_CHECKING:
    from pm_tui.tui.app import PmTuiApp
    from pm_tui.tui.batch_actions import BatchJob

EXAMPLE = """\
location_id,evse_uid,from,to,external_id
DE-ENB-E100000,DE*ENB*E100000*2,2027-03-01 09:00,2027-03-01 11:00,sales-emp007-20270301"""
BAR = 24  # cells


def help_lines() -> list[Content]:
    """What a table must look like."""
    from pm_tui.services.batch_file import COLUMNS, MOST_ROWS, NEEDED

    more = ", ".join(COLUMNS[len(NEEDED) :])
    return [
        Content(_("A row is a booking. The first line names the columns:")),
        Content.styled("  " + ", ".join(NEEDED), "bold"),
        Content(_("and as you need them: {columns}.").format(columns=more)),
        Content(""),
        *(Content.styled("  " + line, "$text-muted") for line in EXAMPLE.splitlines()),
        Content(""),
        Content(
            _(
                "Times are dates with hours; without a zone they are the charger's local times. "
                "Comma, semicolon or tab between the cells, UTF-8, up to {n} rows."
            ).format(n=MOST_ROWS)
        ),
        Content(
            _(
                "Every row is checked and shown before anything is sent. A table may be stopped "
                "and repeated: no row is booked twice."
            )
        ),
    ]


def head(app: PmTuiApp, job: BatchJob) -> list[Content]:
    """Two lines: the table with its counts and its price, and what is next."""
    from pm_tui.services import batch_text

    batch, begun = job.batch, job.run is not None
    counts = batch_text.counts(batch, over=job.over) if begun else batch_text.checked(batch)
    first = [Content.styled(job.path.name, "bold"), Content(counts)]
    if job.run is None and (price := batch_text.price(job.batch)):
        first.append(Content(price))
    return [Content(" · ").join(first), next_step(app, job)]


def next_step(app: PmTuiApp, job: BatchJob) -> Content:
    """What is going on, or what to do now."""
    if job.run is None:
        why_not = app.why_not_sent(job)
        if why_not:
            return Content.styled(why_not, "$text-error" if job.batch.errors else "")
        return Content(
            keyed(_("{batch.send} books it: you are asked once more. Esc: another table."))
        )
    if job.over:
        return what_to_do(app, job)
    unknown = job.batch.count("unknown")
    if job.run.stage == "settling":
        text = ngettext(
            "Looking for {n} row of which nobody knows: up to a minute.",
            "Looking for {n} rows of which nobody knows: up to a minute.",
            unknown,
        )
        return Content.styled(text.format(n=unknown), "$text-warning")
    if job.run.stopping:
        return Content(_("Stops after the row that is being sent."))
    if job.run.stage == "waiting":
        text = _("Waiting for the minute's limit; it goes on by itself. {batch.stop} stops.")
        return Content.styled(keyed(text), "$text-warning")
    return Content(
        keyed(_("Sending; it goes on when you look at something else. {batch.stop} stops."))
    )


def what_to_do(app: PmTuiApp, job: BatchJob) -> Content:
    batch = job.batch
    words = []
    if batch.count("unknown"):
        words.append(
            _("Do not book what is unknown again by hand: it is looked for. Repeat it later.")
        )
    if batch.stopped is not None:
        reason = app.explain(batch.stopped)
        text = _("Stopped: {reason} {batch.check}, then {batch.send} send the rest.")
        words.append(keyed(text, reason=reason))
    elif batch.count("not sent"):
        words.append(keyed(_("Stopped. {batch.check}, then {batch.send} send the rest.")))
    elif batch.count("refused"):
        text = _(
            "Change what was refused in the file; {batch.check}, then {batch.send} send only that."
        )
        words.append(keyed(text))
    if not words:
        return Content.styled(
            keyed(
                _("All is booked; each operator still confirms. {app.bookings} shows the bookings.")
            ),
            "$text-success",
        )
    return Content.styled(" ".join(words), "$text-warning")


def progress(job: BatchJob) -> str:
    """How far it is, and where every row is written down."""
    from pm_tui.services import batch_text

    if job.run is None:
        return _("Each row's end will stand in {path}").format(path=_short(job.out))
    of = len(job.batch.rows) - len(job.booked_before)
    done = of - job.batch.count("not sent") - job.batch.count("sending")
    bar = batch_text.bar(done, of, BAR)
    return bar + " · " + _("every row: {path}").format(path=_short(job.out))


def _short(path: Path) -> str:
    """As people write it, and so that there is room for it."""
    try:
        return f"~/{path.relative_to(Path.home())}"
    except (ValueError, RuntimeError):
        return str(path)


def send_label(job: BatchJob) -> str:
    """Of the button."""
    from pm_tui.services import batch_text

    return with_key(batch_text.what(job.batch), "batch.send")
