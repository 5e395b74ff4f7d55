"""From an HTTP answer to a JSON object or the right error: pure, no connection in sight."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any

from pm_tui.api.errors import (
    ApiError,
    BadAnswer,
    BadRequest,
    Conflict,
    LoginPage,
    NotFound,
    ServerTrouble,
    SpendingLimit,
    Suspended,
    Unauthorized,
)
from pm_tui.i18n import _
from pm_tui.models.json import JsonObject, loads
from pm_tui.models.text import clean

_BY_STATUS: dict[int, type[ApiError]] = {
    401: Unauthorized,
    403: Suspended,
    404: NotFound,
    409: Conflict,
    511: LoginPage,
}


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer; the type without parameters, `received_at` (aware, UTC) by our clock."""

    status: int
    content_type: str
    body: bytes
    received_at: datetime
    link: str | None = None  # the `Link` header, several of them joined

    @property
    def is_page(self) -> bool:
        """HTML: of a proxy or a network's log-in, never of the API."""
        page = self.content_type in ("text/html", "application/xhtml+xml")
        return page or self.body[:64].lstrip().startswith(b"<")


def json_object(reply: Reply) -> JsonObject:
    """The object in the body of a 2xx; raises `BadAnswer` in words for everything else."""
    value = _value(reply)
    if not isinstance(value, dict):
        raise BadAnswer(_("not a JSON object"), status=reply.status)
    return value


def json_list(reply: Reply) -> list[Any]:
    """The array in the body of a 2xx; raises as `json_object` does."""
    value = _value(reply)
    if not isinstance(value, list):
        raise BadAnswer(_("not a JSON array"), status=reply.status)
    return value


def _value(reply: Reply) -> Any:
    """What the body holds; None for what is no JSON. Raises `LoginPage`."""
    if reply.is_page:
        raise LoginPage(status=reply.status)
    try:
        return loads(reply.body)
    except ValueError:
        return None


def said_in(reply: Reply) -> str:
    """The server's error text, cleaned and bounded; else the status in words (§14 U31)."""
    if not reply.is_page:
        try:
            value = loads(reply.body)
        except ValueError:
            value = None
        text = value.get("error") if isinstance(value, dict) else None
        if isinstance(text, dict):
            text = text.get("message")
        if isinstance(text, str) and clean(text):
            return clean(text)
    return status_line(reply.status)


def status_line(status: int) -> str:
    """`HTTP 502 Bad Gateway`; the phrase is ours, the server's could say anything."""
    try:
        return f"HTTP {status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"HTTP {status}"


def error_for(status: int, said: str) -> ApiError:
    """The leaf for an answer that is not 2xx and not 429 (contract/agent-api.md §13)."""
    if 300 <= status < 400:
        return LoginPage(_("a redirect, which is not followed"), status=status)
    if status == 400 and "spending limit" in said.lower():
        return SpendingLimit(said, status=status)
    kind = _BY_STATUS.get(status)
    if kind is None:
        if 400 <= status < 500:
            kind = BadRequest
        else:
            kind = ServerTrouble if 500 <= status < 600 else BadAnswer
    return kind(said, status=status)
