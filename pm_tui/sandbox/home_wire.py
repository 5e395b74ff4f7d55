"""How ev.energy writes: problem bodies, cursors and `Link` headers, what is expanded."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from pm_tui.sandbox.wire import ApiError, parse_stamp

T = TypeVar("T")
Row = dict[str, Any]

HOME_ROOT = "/home"
HOME_BASE = HOME_ROOT + "/v2"
TOKEN_PATH = HOME_ROOT + "/o/token/"
_TITLES = {
    400: "Request failed validation.",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not found",
    405: "Method Not Allowed",
    406: "Not Acceptable",
    422: "Unprocessable Entity",
    429: "Too Many Requests",
}


class Problem(Exception):
    """An answer that is no success (§12)."""

    def __init__(self, status: int, detail: str, **more: Any) -> None:
        super().__init__(detail)
        self.status, self.detail, self.more = status, detail, more

    def response(self, headers: dict[str, str] | None = None) -> Response:
        body = {
            "status": self.status,
            "title": _TITLES.get(self.status, "Error"),
            "detail": self.detail,
            **self.more,
        }
        return JSONResponse(body, self.status, headers, "application/problem+json")


def base_of(request: Request) -> str:
    """The API's own address, as this client wrote it."""
    return f"http://{request.headers['host']}{HOME_BASE}"


def expansions(request: Request, allowed: Collection[str]) -> frozenset[str]:
    """What is asked for as objects; `model.make` expands `model` as well (§7)."""
    asked = request.query_params.getlist("expand")
    for name in asked:
        if name not in allowed:
            raise Problem(400, f"Cannot expand {name}")
    parts = (name.split(".") for name in asked)
    return frozenset(".".join(p[: n + 1]) for p in parts for n in range(len(p)))


def page(
    request: Request,
    items: Sequence[T],
    key: Callable[[T], str],
    write: Callable[[T], Row],
    after: Callable[[str], int] | None = None,
) -> Response:
    """One page of `items`, which are in order. The cursor is the `key` of a page's last item;
    `after` finds the first item behind a cursor, also of one that is gone."""
    size = _size(request)
    query = request.query_params
    find = after or (lambda cursor: _after(items, key, cursor))
    if "page_after" in query:
        begin = find(query["page_after"])
    elif "page_before" in query:
        end = find(query["page_before"]) - 1
        begin = max(end - size, 0)
    else:
        begin = 0
    part = items[begin : begin + size]
    previous = following = None
    if begin > 0 and part:
        previous = {"page_size": size, "page_before": key(part[0])}
    if begin + size < len(items) and part:
        following = {"page_size": size, "page_after": key(part[-1])}
    here = f"http://{request.headers['host']}{request.url.path}"
    link = f'{_link(here, previous)}; rel="previous", {_link(here, following)}; rel="next"'
    return JSONResponse([write(item) for item in part], headers={"Link": link})


def _link(here: str, query: dict[str, Any] | None) -> str:
    """The examples carry the cursor and nothing else that was asked for (§6)."""
    return "<about:blank>" if query is None else f"<{here}?{urlencode(query)}>"


def _after(items: Sequence[T], key: Callable[[T], str], cursor: str) -> int:
    return next((n for n, item in enumerate(items) if key(item) > cursor), len(items))


def _size(request: Request) -> int:
    text = request.query_params.get("page_size", "25")
    if not text.isdecimal() or not 1 <= int(text) <= 100:
        kind = "https://api.ev.energy/v2/problems/pagination-parameters/"
        raise Problem(400, "page_size must be from 1 to 100", type=kind)
    return int(text)


def moment(request: Request, name: str, default: datetime) -> datetime:
    """A filter's time."""
    text = request.query_params.get(name)
    if text is None:
        return default
    try:
        return parse_stamp(text, name)
    except ApiError as problem:
        raise Problem(400, problem.text) from None
