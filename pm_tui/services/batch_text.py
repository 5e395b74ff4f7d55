"""What people read of a batch, on screen and on the command line: one wording for both."""

from __future__ import annotations

from datetime import timedelta

from pm_tui import formats
from pm_tui.i18n import _, ngettext
from pm_tui.services.batch import Batch
from pm_tui.services.batch_send import PACE


def question(batch: Batch) -> str:
    """How many are to be booked, and what they will cost as far as that is known."""
    parts = [what(batch)]
    if booked := batch.count("booked"):
        parts.append(_("{n} booked already").format(n=booked))
    return ", ".join(filter(None, (*parts, price(batch)))) + "?"


def what(batch: Batch) -> str:
    """`Book 9 rows`."""
    count = len(batch.to_send)
    return ngettext("Book {n} row", "Book {n} rows", count).format(n=count)


def price(batch: Batch) -> str:
    """The total of the estimates by currency, and how many rows are in none; "" for no rows."""
    sums = " + ".join(formats.money(amount, unit) for unit, amount in batch.total.items())
    unpriced = sum(row.estimate is None for row in batch.to_send)
    if not sums:
        text = ngettext("{n} row without an estimate", "{n} rows without an estimate", unpriced)
        return text.format(n=unpriced) if unpriced else ""
    known = _("about {price} in all: an estimate").format(price=sums)
    if not unpriced:
        return known
    rest = ngettext("{n} row without one", "{n} rows without one", unpriced).format(n=unpriced)
    return f"{known}; {rest}"


def pace(batch: Batch) -> str:
    """How long sending takes at least."""
    length = formats.age(timedelta(seconds=len(batch.to_send) * PACE))
    seconds = formats.number(PACE, 1)
    return _("They are sent {s} s apart: about {length}.").format(s=seconds, length=length)


def checked(batch: Batch) -> str:
    """`12 rows: 9 ready, 2 booked already, 1 with errors`."""
    wrong = sum(bool(row.errors) for row in batch.rows)
    words = (
        (_("with errors"), wrong),
        (_("ready"), sum(not row.errors for row in batch.to_send)),
        (_("booked already"), batch.count("booked")),
        (_("unknown"), batch.count("unknown")),
    )
    count = len(batch.rows)
    rows = ngettext("{n} row", "{n} rows", count).format(n=count)
    return f"{rows}: " + ", ".join(f"{n} {word}" for word, n in words if n)


def counts(batch: Batch, *, over: bool = True) -> str:
    """How the rows ended: `7 booked, 1 refused, 1 not sent`; `1 to go` while it is not over."""
    words = (
        (_("booked"), batch.count("booked")),
        (_("refused"), batch.count("refused")),
        (_("unknown"), batch.count("unknown")),
        (_("not sent") if over else _("to go"), batch.count("not sent") + batch.count("sending")),
    )
    return ", ".join(f"{count} {word}" for word, count in words if count)


def bar(done: int, of: int, width: int) -> str:
    """`████░░░░ 4/8`, the bar `width` cells wide."""
    full = width * done // max(of, 1)
    return "█" * full + "░" * (width - full) + f" {done}/{of}"
