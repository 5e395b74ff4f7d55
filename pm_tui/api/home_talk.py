"""How every operation of ev.energy is asked: token, headers, pages; a change goes once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, TypeVar
from urllib.parse import quote

from pm_tui.api.agent import Answer
from pm_tui.api.answers import Reply, json_object
from pm_tui.api.clock import Clock
from pm_tui.api.dialect import Dialect
from pm_tui.api.endpoint import check_url
from pm_tui.api.errors import BadAnswer, OutcomeUnknown
from pm_tui.api.home_errors import TokenRefused, home_error, home_leaf, said_at_home
from pm_tui.api.hour import HourGate
from pm_tui.api.login import HOME, Login
from pm_tui.api.pages import LARGEST_PAGE, Pages
from pm_tui.api.record import Record, because
from pm_tui.api.transport import Call, Transport
from pm_tui.i18n import _
from pm_tui.models.home import NotAnId, user_id
from pm_tui.models.json import JsonObject
from pm_tui.models.reading import number

T = TypeVar("T")

VERSION = "2"
PATIENCE = timedelta(seconds=2)
NO_NAMES: tuple[str, ...] = ()
TOTAL = 15.0  # seconds for all of a call
_DIALECT = Dialect(
    "Authorization",
    "Bearer ",
    said_at_home,
    home_error,
    {"EvEnergy-Version": VERSION},
    home_leaf,
    "evenergy-version",
    HOME,
)

Params = Mapping[str, str | Sequence[str]]


class HomeTalk:
    """One account at ev.energy. `user` (an id or a user's URL) narrows everything to one user
    (`EvEnergy-User`); it is sent as the id, with `user_as_url` as the URL (§13.1). The constructor
    raises `ValueError` and opens nothing."""

    def __init__(
        self,
        base_url: str,
        login: Login,
        *,
        user: str | None = None,
        user_as_url: bool = False,
        gate: HourGate | None = None,
        clock: Clock | None = None,
        record: Record | None = None,
    ) -> None:
        self._base = check_url(base_url)
        clock = clock or Clock()
        self._login = login
        self.gate = gate or HourGate(clock=clock)
        self._headers = self._user_header(user, user_as_url)
        self._as_url = user_as_url
        self._transport: Transport | None = None
        self._clock = clock
        self._record = record

    @property
    def other_version(self) -> str | None:
        """The version that answered, as it was written, where it is not the one asked for (§14:
        compared as a number; an absent header says nothing)."""
        told = None if self._transport is None else self._transport.version
        return None if told is None or number(told) == number(VERSION) else told

    async def aclose(self) -> None:
        """Close the connections."""
        if self._transport is not None:
            await self._transport.aclose()
        await self._login.aclose()

    def _list(
        self,
        path: str,
        reader: Callable[[Any], T],
        params: Params,
        expand: Sequence[str],
        page_size: int,
        user: str | None = None,
    ) -> Pages[T]:
        if not 1 <= page_size <= LARGEST_PAGE:  # the server would say 400 (§6)
            raise ValueError("a page has 1 to 100 rows")
        headers = self._user_header(user, self._as_url) if user else self._headers
        url = path if path.startswith(self._base) else self._base + path
        every = {"page_size": str(page_size), **params, **expanding(expand)}

        async def fetch(url: str, params: Params, background: bool, patience: timedelta) -> Reply:
            call = Call("GET", url, TOTAL, params, headers=headers)
            with because("home", unless_said=True):
                return await self._with_token(lambda it: it.read(call, background, patience))

        return Pages(fetch, url, every, reader)

    async def _one(self, url: str, reader: Callable[[Any], T], expand: Sequence[str]) -> Answer[T]:
        call = Call("GET", url, TOTAL, expanding(expand), headers=self._headers)
        with because("home", unless_said=True):
            reply = await self._with_token(lambda it: it.read(call, False, PATIENCE))
        raw = json_object(reply)
        try:
            return Answer(reader(raw), raw, reply.received_at)
        except ValueError:
            wrong = BadAnswer(_("not what was asked for"), status=reply.status)
        raise wrong

    async def _sent(self, call: Call, reader: Callable[[Any], T]) -> Answer[T]:
        """The answer to what changes something; sent once. Raises `OutcomeUnknown` where it was
        accepted and the answer holds not what was promised."""

        async def send(transport: Transport) -> tuple[JsonObject, Reply]:
            return await transport.change(call, PATIENCE)

        with because("home change", unless_said=True):
            raw, reply = await self._with_token(send)
        try:
            return Answer(reader(raw), raw, reply.received_at)
        except ValueError as wrong:
            unclear = OutcomeUnknown(str(wrong), status=reply.status, accepted=True)
        raise unclear

    async def _with_token(self, send: Callable[[Transport], Awaitable[T]]) -> T:
        """`send`, and once more with a new token after a 401: nothing was done then (§14)."""
        refused: TokenRefused | None = None
        for _try in range(2):
            token = await self._login.token()
            if self._transport is None:
                urls = (self._base,)
                self._transport = Transport(
                    urls, token, self.gate, self._clock, _DIALECT, record=self._record
                )
            self._transport.use(token)
            try:
                return await send(self._transport)
            except TokenRefused as problem:
                if not self._login.renews:
                    raise
                self._login.drop(token)
                refused = problem
        raise refused or TokenRefused()

    def _path(self, *parts: str) -> str:
        return "/".join([self._base, *map(segment, parts)])

    def _user_header(self, user: str | None, as_url: bool) -> dict[str, str]:
        if user is None:
            return {}
        found = user_id(user)
        if found is None:
            raise NotAnId(_("This is not the id of a user."))
        return {"EvEnergy-User": f"{self._base}/users/{found}" if as_url else found}


def expanding(expand: Sequence[str]) -> dict[str, Sequence[str]]:
    return {"expand": tuple(expand)} if expand else {}


def segment(part: str) -> str:
    if part in ("", ".", ".."):
        raise NotAnId(_("This is not an id."))
    return quote(part, safe="")
