"""ev.energy v2, one method an operation of its EVSE group (contract/evenergy-v2.md §9)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal, TypeVar
from urllib.parse import quote

from pm_tui.api.agent import Answer
from pm_tui.api.answers import Reply, json_object
from pm_tui.api.clock import Clock
from pm_tui.api.dialect import Dialect
from pm_tui.api.endpoint import check_url
from pm_tui.api.errors import BadAnswer, OutcomeUnknown
from pm_tui.api.home_errors import TokenRefused, home_error, said_at_home
from pm_tui.api.hour import HourGate
from pm_tui.api.links import origin
from pm_tui.api.login import Login
from pm_tui.api.pages import LARGEST_PAGE, Pages
from pm_tui.api.transport import Call, Transport
from pm_tui.i18n import _
from pm_tui.models.home import (
    CommandLog,
    Evse,
    Make,
    Model,
    NotAnId,
    StatusLog,
    SubSession,
    User,
    user_id,
)
from pm_tui.models.json import JsonObject
from pm_tui.models.times import wire_time

T = TypeVar("T")

VERSION = "2"
PATIENCE = timedelta(seconds=2)
PAGE = LARGEST_PAGE
NO_NAMES: tuple[str, ...] = ()
LogKind = Literal["status_logs", "command_logs", "error_logs", "ocpp_logs"]
_TIME_OF: dict[str, str] = {"command_logs": "logged_at"}  # all others: sampled_at
_TOTAL = 15.0
_DIALECT = Dialect(
    "Authorization", "Bearer ", said_at_home, home_error, {"EvEnergy-Version": VERSION}
)

Params = Mapping[str, str | Sequence[str]]


class HomeClient:
    """Asks ev.energy. Every method raises a leaf of `ApiError`; see there what is safe.

    `user` (an id or a user's URL) narrows everything to one user (`EvEnergy-User`); it is sent as
    the id, with `user_as_url` as the URL (§13.1). `expand` names what comes whole instead of as a
    link (§7). The constructor raises `ValueError` and opens nothing.
    """

    def __init__(
        self,
        base_url: str,
        login: Login,
        *,
        user: str | None = None,
        user_as_url: bool = False,
        gate: HourGate | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._base = check_url(base_url)
        clock = clock or Clock()
        self._login = login
        self.gate = gate or HourGate(clock=clock)
        self._headers = self._user_header(user, user_as_url)
        self._as_url = user_as_url
        self._transport: Transport | None = None
        self._clock = clock

    # -- chargers --------------------------------------------------------------

    def evses(
        self,
        *,
        user: str | None = None,
        expand: Sequence[str] = NO_NAMES,
        cpid: str | None = None,
        page_size: int = PAGE,
    ) -> Pages[Evse]:
        """`GET /evses`, in no promised order."""
        params = {} if cpid is None else {"cpid": cpid}
        return self._list("/evses", Evse.read, params, expand, page_size, user)

    async def evse(self, evse_id: str, *, expand: Sequence[str] = NO_NAMES) -> Answer[Evse]:
        """`GET /evses/{id}`. A sandbox of theirs may answer with another id (§1)."""
        return await self._one(self._path("evses", evse_id), Evse.read, expand)

    async def set_location(
        self,
        evse_id: str,
        location: tuple[float, float] | None,
        *,
        expand: Sequence[str] = NO_NAMES,
    ) -> Answer[Evse]:
        """`PATCH /evses/{id}`: latitude and longitude in degrees, None clears. Sent once; raises
        `OutcomeUnknown` when the answer is lost."""
        place = None if location is None else dict(zip(_PLACE, location, strict=True))
        call = Call(
            "PATCH",
            self._path("evses", evse_id),
            _TOTAL,
            _expanding(expand),
            body={"location": place},
            headers=self._headers,
        )

        async def send(transport: Transport) -> tuple[JsonObject, Reply]:
            return await transport.change(call, PATIENCE)

        raw, reply = await self._with_token(send)
        try:
            return Answer(Evse.read(raw), raw, reply.received_at)
        except ValueError:
            unclear = OutcomeUnknown(_("no charger in the answer"), status=reply.status)
        raise unclear

    async def decommission(self, evse_id: str) -> None:
        """`DELETE /evses/{id}`, sent once (twice after a 401, which means that nothing was done).

        Raises `OutcomeUnknown` when it may have been done, `NoSuchDevice` for a 404.
        """
        call = Call("DELETE", self._path("evses", evse_id), _TOTAL, headers=self._headers)
        await self._with_token(lambda transport: transport.remove(call, PATIENCE))

    # -- what a charger did ----------------------------------------------------

    def status_logs(
        self,
        evse_id: str,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        page_size: int = PAGE,
    ) -> Pages[StatusLog]:
        """`GET /evses/{id}/status_logs`, newest first; both ends included, aware."""
        return self.logs(evse_id, "status_logs", StatusLog.read, since, until, page_size)

    def command_logs(
        self,
        evse_id: str,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        page_size: int = PAGE,
    ) -> Pages[CommandLog]:
        """`GET /evses/{id}/command_logs`, newest first; needs the scope `debug:read` (§2)."""
        return self.logs(evse_id, "command_logs", CommandLog.read, since, until, page_size)

    def logs(
        self,
        evse_id: str,
        kind: LogKind,
        reader: Callable[[Any], T],
        since: datetime | None = None,
        until: datetime | None = None,
        page_size: int = PAGE,
    ) -> Pages[T]:
        """Any of the logs of a charger."""
        name = _TIME_OF.get(kind, "sampled_at")
        params = {}
        if since is not None:
            params[f"{name}__gte"] = wire_time(since)
        if until is not None:
            params[f"{name}__lte"] = wire_time(until)
        path = f"{self._path('evses', evse_id)}/{kind}"
        return self._list(path, reader, params, NO_NAMES, page_size)

    async def log(
        self, evse_id: str, kind: LogKind, at: str, reader: Callable[[Any], T]
    ) -> Answer[T]:
        """One line of a log; `at` is its time in the server's own spelling (§14)."""
        url = f"{self._path('evses', evse_id)}/{kind}/{_segment(at)}"
        return await self._one(url, reader, NO_NAMES)

    def sub_sessions(self, evse_id: str, *, page_size: int = 25) -> Pages[SubSession]:
        """`GET /charging_sub_sessions?evse_id=`, newest first; needs `charging_session:read`. Not
        by the charger's own link, which may be missing or lack the `/v2` (§8)."""
        params = {"evse_id": evse_id}
        return self._list("/charging_sub_sessions", SubSession.read, params, NO_NAMES, page_size)

    # -- makes, models, users --------------------------------------------------

    def makes(self, *, user: str | None = None, page_size: int = PAGE) -> Pages[Make]:
        """`GET /evse_makes`."""
        return self._list("/evse_makes", Make.read, {}, NO_NAMES, page_size, user)

    async def make(self, make_id: str) -> Answer[Make]:
        return await self._one(self._path("evse_makes", make_id), Make.read, NO_NAMES)

    def models(
        self,
        *,
        make_id: str | None = None,
        expand: Sequence[str] = NO_NAMES,
        page_size: int = PAGE,
    ) -> Pages[Model]:
        """`GET /evse_models`, of one make or of all."""
        params = {} if make_id is None else {"make_id": make_id}
        return self._list("/evse_models", Model.read, params, expand, page_size)

    async def model(self, model_id: str, *, expand: Sequence[str] = NO_NAMES) -> Answer[Model]:
        return await self._one(self._path("evse_models", model_id), Model.read, expand)

    def users(self, *, email: str | None = None, page_size: int = PAGE) -> Pages[User]:
        """`GET /users`; needs the scope `user:read`."""
        params = {} if email is None else {"email": email}
        return self._list("/users", User.read, params, NO_NAMES, page_size)

    async def onboarding(
        self,
        client_id: str,
        user: str,
        *,
        make_id: str | None = None,
        model_id: str | None = None,
    ) -> str:
        """`GET /evse_onboarding?response_type=json`: the address for the employee's own browser.

        Asked without the token and never followed (§11); one of make and model is needed.
        """
        named = {"make_id": make_id, "model_id": model_id}
        params = {"response_type": "json", "client_id": client_id, "user_id": user}
        params |= {name: value for name, value in named.items() if value is not None}
        call = Call("GET", f"{self._base}/evse_onboarding", _TOTAL, params, keyless=True)
        reply = await self._with_token(lambda it: it.read(call, False, PATIENCE))
        url = json_object(reply).get("url")
        if not isinstance(url, str) or not url.isprintable() or origin(url) is None:
            raise BadAnswer(_("no link in it"), status=reply.status)
        return url

    async def aclose(self) -> None:
        """Close the connections."""
        if self._transport is not None:
            await self._transport.aclose()
        await self._login.aclose()

    # -- how all of them are asked -----------------------------------------------

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
        every = {"page_size": str(page_size), **params, **_expanding(expand)}

        async def fetch(url: str, params: Params, background: bool, patience: timedelta) -> Reply:
            call = Call("GET", url, _TOTAL, params, headers=headers)
            return await self._with_token(lambda it: it.read(call, background, patience))

        return Pages(fetch, url, every, reader)

    async def _one(self, url: str, reader: Callable[[Any], T], expand: Sequence[str]) -> Answer[T]:
        call = Call("GET", url, _TOTAL, _expanding(expand), headers=self._headers)
        reply = await self._with_token(lambda it: it.read(call, False, PATIENCE))
        raw = json_object(reply)
        try:
            return Answer(reader(raw), raw, reply.received_at)
        except ValueError:
            wrong = BadAnswer(_("not what was asked for"), status=reply.status)
        raise wrong

    async def _with_token(self, send: Callable[[Transport], Awaitable[T]]) -> T:
        """`send`, and once more with a new token after a 401: nothing was done then (§14)."""
        refused: TokenRefused | None = None
        for _try in range(2):
            token = await self._login.token()
            if self._transport is None:
                urls = (self._base,)
                self._transport = Transport(urls, token, self.gate, self._clock, _DIALECT)
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
        return "/".join([self._base, *map(_segment, parts)])

    def _user_header(self, user: str | None, as_url: bool) -> dict[str, str]:
        if user is None:
            return {}
        found = user_id(user)
        if found is None:
            raise NotAnId(_("This is not the id of a user."))
        return {"EvEnergy-User": f"{self._base}/users/{found}" if as_url else found}


_PLACE = ("latitude", "longitude")


def _expanding(expand: Sequence[str]) -> dict[str, Sequence[str]]:
    return {"expand": tuple(expand)} if expand else {}


def _segment(part: str) -> str:
    if part in ("", ".", ".."):
        raise NotAnId(_("This is not an id."))
    return quote(part, safe="")
