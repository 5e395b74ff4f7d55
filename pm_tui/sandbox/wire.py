"""How the gateway writes and reads on the wire: timestamps, errors, JSON bodies."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse

MAX_BODY = 64 * 1024

# Strict where `datetime.fromisoformat` is not: a date, a time and a zone, as RFC 3339 has them.
_STAMP = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)", re.ASCII
)


class ApiError(Exception):
    """An answer that is not a success: `{"error": text}` (contract/agent-api.md §13)."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


def error(status: int, text: str, headers: dict[str, str] | None = None) -> JSONResponse:
    return JSONResponse({"error": text}, status, headers)


def stamp(moment: datetime) -> str:
    """`2026-02-10T09:00:00Z`, or with milliseconds where the moment has a fraction."""
    moment = moment.astimezone(UTC)
    spec = "milliseconds" if moment.microsecond else "seconds"
    return moment.isoformat(timespec=spec).replace("+00:00", "Z")


def parse_stamp(text: object, name: str) -> datetime:
    """An RFC 3339 time, in UTC; anything else, also one without a zone, is a 400."""
    if isinstance(text, str) and _STAMP.fullmatch(text):
        try:
            return datetime.fromisoformat(text.upper()).astimezone(UTC)
        except (ValueError, OverflowError):
            pass
    raise ApiError(400, f"Invalid {name}: must be an ISO 8601 timestamp with a time zone")


def from_ms(ms: int) -> datetime:
    return datetime.fromtimestamp(ms // 1000, UTC).replace(microsecond=ms % 1000 * 1000)


def to_ms(moment: datetime) -> int:
    """Milliseconds since the epoch, rounded down, without the detour over float."""
    delta = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return (delta.days * 86_400 + delta.seconds) * 1000 + delta.microseconds // 1000


async def json_body(request: Request, *, required: bool = True) -> dict[str, Any]:
    """The JSON object that a POST carries; an empty body is `{}` where it is not required."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            raise ApiError(400, "Request body too large")
    if not body and not required:
        return {}
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media != "application/json":
        raise ApiError(400, "Content-Type must be application/json")
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        raise ApiError(400, "Invalid JSON in request body") from None
    if not isinstance(value, dict):
        raise ApiError(400, "Request body must be a JSON object")
    return value
