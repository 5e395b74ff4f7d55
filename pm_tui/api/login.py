"""Who we are to ev.energy: a bearer token that was given, or client credentials that fetch one.

Contract §2 and §14: renewed a minute before it ends, by one caller while the others wait, and once
after a 401; no refresh token, no redirect on the way, no secret anywhere but in that request.
"""

from __future__ import annotations

import asyncio
import base64
from datetime import timedelta
from typing import Protocol

from pydantic import SecretStr

from pm_tui import crash
from pm_tui.api.clock import Clock
from pm_tui.api.dialect import Dialect
from pm_tui.api.endpoint import check_key, check_url
from pm_tui.api.errors import ApiError, BadAnswer, BadRequest, OutcomeUnknown, ServerTrouble
from pm_tui.api.home_errors import TokenRefused, home_error, said_at_home
from pm_tui.api.hour import HourGate
from pm_tui.api.record import Record, because
from pm_tui.api.transport import Call, Transport
from pm_tui.i18n import _
from pm_tui.models.reading import count

TOKEN_LIFE = 36_000.0  # seconds, where nobody says (§2)
MARGIN = 60.0
HOME = "home"  # what this API is called in the record of what was sent
_TOTAL = 15.0


class Login(Protocol):
    """Where the token of a request comes from."""

    @property
    def renews(self) -> bool:
        """Whether there can be another after one was refused."""

    async def token(self) -> SecretStr:
        """A token to send. Raises a leaf of `ApiError`."""

    def drop(self, token: SecretStr) -> None:
        """This one was refused."""

    async def aclose(self) -> None:
        """Close what is open."""


class GivenToken:
    """A token of the person's own; nobody renews it."""

    renews = False

    def __init__(self, token: SecretStr) -> None:
        self._token = check_key(token)

    async def token(self) -> SecretStr:
        return self._token

    def drop(self, token: SecretStr) -> None:
        return

    async def aclose(self) -> None:
        return


class ClientCredentials:
    """`POST token_url` with `grant_type=client_credentials`; the id and secret travel as Basic, or
    in the form where `in_form` says so (§14)."""

    renews = True

    def __init__(
        self,
        token_url: str,
        client_id: str,
        secret: SecretStr,
        *,
        in_form: bool = False,
        clock: Clock | None = None,
        record: Record | None = None,
    ) -> None:
        check_url(token_url)
        self._url = token_url  # with the slash at its end, as it was given (§2)
        self._clock = clock or Clock()
        self._id, self._secret, self._in_form = client_id, check_key(secret), in_form
        pair = f"{client_id}:{self._secret.get_secret_value()}"
        basic = SecretStr(base64.b64encode(pair.encode()).decode())
        dialect = Dialect("Authorization", "Basic ", said_at_home, home_error, name=HOME)
        gate = HourGate(clock=self._clock)
        hidden = (self._secret,)
        self._transport = Transport(
            (token_url,), basic, gate, self._clock, dialect, hidden, record=record
        )
        self._token: SecretStr | None = None
        self._until = 0.0
        self._renewing = asyncio.Lock()

    async def token(self) -> SecretStr:
        async with self._renewing:
            if self._token is None or self._clock.monotonic() >= self._until:
                self._token = None
                self._token = await self._fetch()
            return self._token

    def drop(self, token: SecretStr) -> None:
        if self._token is token:
            self._token = None

    async def aclose(self) -> None:
        await self._transport.aclose()

    async def _fetch(self) -> SecretStr:
        form = {"grant_type": "client_credentials"}
        if self._in_form:
            form |= {"client_id": self._id, "client_secret": self._secret.get_secret_value()}
        call = Call("POST", self._url, _TOTAL, form=form, keyless=self._in_form)
        asked_at = self._clock.monotonic()
        try:
            with because("login"):
                raw, _reply = await self._transport.change(call, timedelta(seconds=2))
        except OutcomeUnknown as lost:
            problem: ApiError = ServerTrouble(lost.said, status=lost.status)  # a token more or less
        except BadRequest as refused:  # OAuth says 400 for a wrong client, not only 401
            told = refused.status == 400
            problem = TokenRefused(refused.said, status=refused.status) if told else refused
        else:
            life = count(raw.get("expires_in")) or TOKEN_LIFE
            self._until = asked_at + (life - MARGIN if life > 2 * MARGIN else life / 2)
            return self._taken(raw.get("access_token"))
        raise problem

    def _taken(self, token: object) -> SecretStr:
        try:
            taken = check_key(SecretStr(token if isinstance(token, str) else ""))
        except ValueError:
            problem = BadAnswer(_("no token in it"))
        else:
            crash.hide(taken.get_secret_value())
            return taken
        raise problem
