"""The line to ev.energy: opened when home chargers are first asked for, and never before.

Nothing of it touches the line to the gateway of bookings: a fault here is this side's alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from pydantic import SecretStr

from pm_tui.api.clock import Clock
from pm_tui.api.errors import OfflineByChoice
from pm_tui.api.home import HomeClient
from pm_tui.api.limits import RateSnapshot
from pm_tui.api.login import ClientCredentials, GivenToken, Login
from pm_tui.api.record import Record
from pm_tui.i18n import _

if TYPE_CHECKING:
    from pm_tui.config.home import HomeSettings
    from pm_tui.services.account import Account
    from pm_tui.services.sandbox_child import Gateway

T = TypeVar("T")


class NoCredentials(Exception):
    """Nothing says as whom ev.energy is to be asked; the text says how to change that."""


def how_to_set() -> str:
    """For a person without credentials."""
    return _(
        "Home chargers are read from ev.energy. Set PM_TUI_HOME_TOKEN, or PM_TUI_HOME_CLIENT_ID "
        "and PM_TUI_HOME_SECRET; or home_token, home_client_id and home_secret in the "
        "configuration file (pm-tui config example shows it)."
    )


class HomeLine:
    """One client for one account."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._client: HomeClient | None = None
        self._url = ""
        self._opening = asyncio.Lock()
        self.client_id = account.settings.home.client_id
        self._version_told = False

    @property
    def rate(self) -> RateSnapshot | None:
        """The hour's limit, and what is left; None before the first question."""
        return None if self._client is None else self._client.gate.snapshot()

    def take_version(self) -> str | None:
        """The version that answers where it is not the one asked for; told once."""
        told = None if self._client is None else self._client.other_version
        if told is None or self._version_told:
            return None
        self._version_told = True
        return told

    async def open(self) -> HomeClient:
        """The client. Raises `NoCredentials`, `ConfigError`, `OfflineByChoice`, and
        `Unreachable` when no sandbox comes up."""
        if self._account.settings.offline:
            raise OfflineByChoice
        home = self._account.settings.home
        async with self._opening:
            gateway = await self._account.line.sandbox() if home.sandboxed else None
            url = home.url if gateway is None else gateway.home_url
            if self._client is not None and url != self._url:
                await self._client.aclose()  # the sandbox came back elsewhere
                self._client = None
            if self._client is None:
                login = await self._login(gateway)
                clock, record = self._account.line.clock, self._account.record
                user = None if home.sandboxed else home.user  # whom the sandbox does not know
                self._client = HomeClient(
                    url,
                    login,
                    user=user,
                    user_as_url=home.user_as_url,
                    clock=clock,
                    record=record,
                )
                self._url = url
            return self._client

    async def ask(self, call: Callable[[HomeClient], Awaitable[T]]) -> T:
        return await call(await self.open())

    async def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def _login(self, gateway: Gateway | None) -> Login:
        clock, record = self._account.line.clock, self._account.record
        if gateway is not None:
            self.client_id = gateway.home_client_id
            secret = SecretStr(gateway.home_secret)
            return ClientCredentials(
                gateway.home_token_url, self.client_id, secret, clock=clock, record=record
            )
        # a secret may be a command's output, and a command may take its time
        return await asyncio.to_thread(_login_of, self._account.settings.home, clock, record)


def _login_of(home: HomeSettings, clock: Clock, record: Record) -> Login:
    if home.token is not None:
        return GivenToken(SecretStr(home.token.read()))
    if home.client_id is None or home.secret is None:
        raise NoCredentials(how_to_set())
    return ClientCredentials(
        home.token_url,
        home.client_id,
        SecretStr(home.secret.read()),
        in_form=home.secret_in_form,
        clock=clock,
        record=record,
    )
