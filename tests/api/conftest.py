"""A client on a scripted wire."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import pytest
from hypothesis import settings
from pydantic import SecretStr

from pm_tui.api.agent import AgentClient
from pm_tui.api.record import Record
from tests.api.wire import Act, FakeClock, Wire
from tests.canary import KEY as CANARY

settings.register_profile("unhurried", deadline=None)  # a busy machine is no failure
settings.load_profile("unhurried")

Serve = Callable[..., Awaitable[tuple[AgentClient, Wire]]]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def record() -> Record:
    return Record()


@pytest.fixture
async def serve(clock: FakeClock, record: Record) -> AsyncIterator[Serve]:
    """`client, wire = await serve(act, act, ...)`."""
    async with AsyncExitStack() as stack:

        async def start(*acts: Act) -> tuple[AgentClient, Wire]:
            wire = await stack.enter_async_context(Wire(list(acts)))
            client = AgentClient(wire.url, SecretStr(CANARY), clock=clock, record=record)
            stack.push_async_callback(client.aclose)
            return client, wire

        yield start
