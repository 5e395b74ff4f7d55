"""What windows of one host tell each other, made ready for one that has just opened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pm_tui.cache.shared import News
from pm_tui.models.json import JsonObject


def folded(news: Sequence[News]) -> list[News]:
    """Each booking once, as it was told last: one that opens now shows how things stand, and tells
    nothing of how they came to it. The list first, with what was told of its bookings since."""
    wholes = [one for one in news if one.whole]
    latest: dict[str, News] = {}
    for one in news:
        for row in () if one.whole else one.rows:
            booking_id = str(row.get("id"))
            known = latest.get(booking_id)
            if known is None or known.at <= one.at:
                latest[booking_id] = replace(one, rows=[row])
    if not wholes:
        return list(latest.values())
    whole = wholes[-1]

    def newest(row: JsonObject) -> JsonObject:
        single = latest.pop(str(row.get("id")), None)
        return row if single is None or single.at < whole.at else single.rows[0]

    rows = [newest(row) for row in whole.rows]
    return [replace(whole, rows=rows), *latest.values()]
