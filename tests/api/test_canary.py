"""The key is in the header and nowhere else: not in a text, a repr, a log or a crash report."""

from __future__ import annotations

import base64
import logging
import traceback
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest
from pydantic import SecretStr

from pm_tui.api import agent
from pm_tui.api.agent import AgentClient
from pm_tui.api.errors import ApiError
from pm_tui.api.record import Record
from tests.api.conftest import Serve
from tests.api.test_agent import BERLIN, REQUEST
from tests.api.wire import Act, FakeClock, hangs, http, says, writes
from tests.canary import KEY as CANARY

FORMS = (CANARY, CANARY.swapcase(), base64.b64encode(CANARY.encode()).decode())

ACTS: list[Act] = [
    says(400, {"error": f"bad key {CANARY} in {{X-API-Key: {CANARY}}}"}),
    says(401, {"error": {"message": CANARY}}),
    says(401, CANARY.encode()),
    says(429, {"error": CANARY}, {"Retry-After": "5"}),
    says(429, {"error": CANARY}, {"Retry-After": CANARY}),
    says(500, {"error": CANARY}),
    says(200, f"<html>{CANARY}".encode(), kind="text/html"),
    says(200, f'"{CANARY}"'.encode()),
    says(200, f"{{{CANARY}".encode()),
    says(200, {"error": CANARY}),
    says(202, {"x": CANARY}),
    says(302, b"", {"Location": f"https://evil.example.org/{CANARY}"}),
    says(999, CANARY.encode()),
    says(200, b"x", {"Content-Encoding": "gzip", "X": CANARY}),
    writes(http(202, CANARY.encode(), length=999)),
    writes(f"{CANARY}\r\n\r\n".encode()),
    writes(b"", reset=True),
    hangs,
]


def told(error: BaseException) -> str:
    """Everything that a crash report could print, locals of every frame included."""
    parts = [str(error), repr(error), str(vars(error)), getattr(error, "advice", "")]
    seen: BaseException | None = error
    while seen is not None:
        trace = seen.__traceback__
        while trace is not None and "/tests/" in trace.tb_frame.f_code.co_filename:
            trace = trace.tb_next
        report = traceback.TracebackException(type(seen), seen, trace, capture_locals=True)
        parts.append("".join(report.format(chain=False)))
        seen = seen.__cause__ or seen.__context__
    return "\n".join(parts)


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("name", ["search", "create", "cancel", "export"])
async def test_the_key_is_in_no_error(
    serve: Serve,
    record: Record,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    act: Act,
    name: str,
) -> None:
    for total in ("_SEARCH_TOTAL", "_BOOKING_TOTAL", "_TOTAL"):
        monkeypatch.setattr(agent, total, 0.4 if act is hangs else 10)
    caplog.set_level(logging.DEBUG)
    client, wire = await serve(act)
    day = datetime(2026, 2, 1, tzinfo=UTC).date()
    calls: dict[str, Callable[[], Awaitable[object]]] = {
        "search": lambda: client.search(BERLIN),
        "create": lambda: client.create_booking(REQUEST),
        "cancel": lambda: client.cancel_booking("b1"),
        "export": lambda: client.export(day, day),
    }
    try:
        await calls[name]()
    except ApiError as error:
        report = told(error)
    else:
        assert name == "export"  # a CSV may be anything
        assert not any(form in repr(record.rows()) for form in FORMS)
        return
    assert wire.seen[0].headers["x-api-key"] == CANARY
    assert record.sums().requests == len(record.rows()) == len(wire.seen)
    for form in FORMS:
        assert form not in repr(record.rows())
        assert form not in report
        assert form not in caplog.text
        assert form not in repr(client) + str(vars(client))


async def test_the_report_would_show_a_plain_key() -> None:
    """The search above can fail: a key in a variable is found."""

    def careless(key: str) -> None:
        raise ApiError("x" + key[:0])

    try:
        careless(CANARY)
    except ApiError as error:
        report = traceback.TracebackException.from_exception(error, capture_locals=True)
        assert CANARY in "".join(report.format())


async def test_the_key_is_not_in_an_error_without_a_connection(
    clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    client = AgentClient("https://127.0.0.1:1", SecretStr(CANARY), clock=clock)
    with pytest.raises(ApiError) as caught:
        await client.create_booking(REQUEST)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    assert CANARY not in told(caught.value) + caplog.text
    await client.aclose()
