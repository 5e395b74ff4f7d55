"""Usage, the fleet's CSV export and its tokens (contract/agent-api.md §11 and §13)."""

from __future__ import annotations

import csv
import io
import secrets
from datetime import UTC, date, datetime, timedelta

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from pm_tui.sandbox import pricing
from pm_tui.sandbox.gateway import gateway_of
from pm_tui.sandbox.groups import GROUPS
from pm_tui.sandbox.lifecycle import Status
from pm_tui.sandbox.limits import next_month
from pm_tui.sandbox.wire import ApiError, json_body, stamp

COLUMNS = (
    "booking_id",
    "created_at",
    "external_id",
    "fleet_group_id",
    "location_id",
    "location_city",
    "evse_uid",
    "reservation_start",
    "reservation_end",
    "status",
    "client_price",
    "currency",
)


async def usage(request: Request) -> Response:
    gateway = gateway_of(request)
    now = gateway.clock.now()
    minute = gateway.limiter.look(now)
    used = gateway.limiter.used(now)
    return JSONResponse(
        {
            "rate_limit": {
                "limit": minute.limit,
                "remaining": minute.remaining,
                "period": "minute",
                "reset_at": stamp(minute.reset),
            },
            "monthly_quota": {
                "limit": gateway.limiter.quota,
                "used": used,
                "remaining": max(0, gateway.limiter.quota - used),
                "period": "month",
                "resets_at": stamp(next_month(now)),
            },
        }
    )


async def export(request: Request) -> Response:
    """Completed bookings made from `period_start` to `period_end` (UTC days, both included).

    As German spreadsheets like it: semicolons and a byte order mark (§14 U30 leaves it open).
    """
    gateway = gateway_of(request)
    first = _day(request, "period_start")
    last = _day(request, "period_end")
    if last < first:
        raise ApiError(400, "period_end must not be before period_start")
    await gateway.history_ready.wait()
    now = gateway.clock.now()
    text = io.StringIO()
    out = csv.writer(text, delimiter=";", lineterminator="\r\n")
    out.writerow(COLUMNS)
    begin = datetime.combine(first, datetime.min.time(), UTC)
    end = datetime.combine(last, datetime.min.time(), UTC) + timedelta(days=1, milliseconds=-1)
    for booking in reversed(list(gateway.store.created_between(begin, end))):
        if booking.status(now) is not Status.COMPLETED:
            continue
        price = booking.price(now)
        row = {
            **booking.request,
            "booking_id": booking.id,
            "created_at": stamp(booking.created),
            "location_city": booking.details["location_city"],
            "status": Status.COMPLETED.value,
            "client_price": "" if price is None else str(price),
            "currency": pricing.CURRENCY,
        }
        out.writerow([row.get(name) or "" for name in COLUMNS])
    name = f"report_{first}_{last}.csv"
    return Response(
        text.getvalue().encode("utf-8-sig"),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _day(request: Request, name: str) -> date:
    text = request.query_params.get(name, "")
    try:
        if len(text) == 10:  # `fromisoformat` knows week dates, too
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise ApiError(400, f"Invalid {name}: must be a date YYYY-MM-DD")


async def bulk_tokens(request: Request) -> Response:
    """Body and answer are documented nowhere: `{"count": n}`, and that many tokens back."""
    group_id = request.path_params["group_id"]
    if group_id not in GROUPS:
        raise ApiError(404, "Fleet group not found")
    count = (await json_body(request, required=False)).get("count", 10)
    if not isinstance(count, int) or isinstance(count, bool) or not 1 <= count <= 100:
        raise ApiError(400, "Invalid count: must be an integer between 1 and 100")
    tokens = [
        {"token_id": f"tok_{secrets.token_hex(6)}", "uid": secrets.token_hex(7).upper()}
        for _ in range(count)
    ]
    return JSONResponse({"fleet_group_id": group_id, "count": count, "tokens": tokens}, 201)
