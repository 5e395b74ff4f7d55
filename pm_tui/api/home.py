"""ev.energy v2, one method an operation of its EVSE group (contract/evenergy-v2.md §9)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, TypeVar

from pm_tui.api.agent import Answer
from pm_tui.api.answers import json_list, json_object
from pm_tui.api.errors import BadAnswer
from pm_tui.api.home_errors import NoSuchDevice, NoSuchSerial
from pm_tui.api.home_talk import NO_NAMES, PATIENCE, TOTAL, HomeTalk, expanding, segment
from pm_tui.api.links import origin
from pm_tui.api.pages import LARGEST_PAGE, Pages
from pm_tui.api.record import because
from pm_tui.api.transport import Call
from pm_tui.i18n import _, language
from pm_tui.models.home import CommandLog, Evse, Make, Model, StatusLog, SubSession, User
from pm_tui.models.home_contact import Connectivity, modes_in
from pm_tui.models.json import JsonObject
from pm_tui.models.reading import identifier
from pm_tui.models.times import wire_time

T = TypeVar("T")

PAGE = LARGEST_PAGE
LogKind = Literal["status_logs", "command_logs", "error_logs", "ocpp_logs"]
_TIME_OF: dict[str, str] = {"command_logs": "logged_at"}  # all others: sampled_at


class HomeClient(HomeTalk):
    """Asks ev.energy. Every method raises a leaf of `ApiError`; see there what is safe.

    `expand` names what comes whole instead of as a link (§7). What is sent by `POST` is sent once
    and raises `OutcomeUnknown` when the answer is lost.
    """

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
            TOTAL,
            expanding(expand),
            body={"location": place},
            headers=self._headers,
        )
        return await self._sent(call, Evse.read)

    async def decommission(self, evse_id: str) -> None:
        """`DELETE /evses/{id}`, sent once (twice after a 401, which means that nothing was done).

        Raises `OutcomeUnknown` when it may have been done, `NoSuchDevice` for a 404.
        """
        call = Call("DELETE", self._path("evses", evse_id), TOTAL, headers=self._headers)
        with because("home change", unless_said=True):
            await self._with_token(lambda transport: transport.remove(call, PATIENCE))

    # -- how it is reached -----------------------------------------------------

    async def connectivity(self, evse_id: str) -> Answer[Connectivity]:
        """`GET /evses/{id}/connectivity`."""
        url = f"{self._path('evses', evse_id)}/connectivity"
        return await self._one(url, Connectivity.read, NO_NAMES)

    async def vpp_modes(self, evse_id: str) -> Answer[tuple[str, ...]]:
        """`GET /evses/{id}/vpp_modes`. Its shape is not recorded: a list, or an object with one;
        `raw` holds it whole, as `vpp_modes`."""
        url = f"{self._path('evses', evse_id)}/vpp_modes"
        call = Call("GET", url, TOTAL, headers=self._headers)
        with because("home", unless_said=True):
            reply = await self._with_token(lambda it: it.read(call, False, PATIENCE))
        is_list = reply.body.lstrip().startswith(b"[")
        raw = json_list(reply) if is_list else json_object(reply)
        return Answer(modes_in(raw), {"vpp_modes": raw}, reply.received_at)

    async def reconnect(self, evse_id: str) -> str:
        """`POST /evses/{id}/reconnect`: the address at which its owner connects it anew, for their
        own browser; never followed."""
        url = f"{self._path('evses', evse_id)}/reconnect"
        call = Call("POST", url, TOTAL, headers=self._headers)
        return (await self._sent(call, _link_in)).value

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
        url = f"{self._path('evses', evse_id)}/{kind}/{segment(at)}"
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
        call = Call("GET", f"{self._base}/evse_onboarding", TOTAL, params, keyless=True)
        with because("home", unless_said=True):
            reply = await self._with_token(lambda it: it.read(call, False, PATIENCE))
        try:
            return _link_in(json_object(reply))
        except ValueError as wrong:
            bad = BadAnswer(str(wrong), status=reply.status)
        raise bad

    async def take_on(self, provider: str, serial: str, user: str) -> Answer[Evse]:
        """`POST /evse_onboarding/import`: what `user` has at a provider, by its serial number
        (§11). Raises `NoSuchSerial` for a 404, `NotTakenOn` for a 422."""
        call = Call(
            "POST",
            f"{self._base}/evse_onboarding/import",
            TOTAL,
            body={"provider": provider, "serial_number": serial},
            headers=self._user_header(user, self._as_url),
        )
        try:
            return await self._sent(call, Evse.read)
        except NoSuchDevice as absent:
            unknown = NoSuchSerial(absent.said, status=absent.status)
        raise unknown

    async def join_waitlist(self, fields: Mapping[str, str]) -> Answer[str]:
        """`POST /evse_waitlist`: the entry's id. Which fields it wants is not recorded (§9): they
        go as they are given, and a 400 names what is missing. Asked without the token."""
        call = Call(
            "POST",
            f"{self._base}/evse_waitlist",
            TOTAL,
            body=dict(fields),
            headers={"Accept-Language": language()},
            keyless=True,
        )
        return await self._sent(call, _id_in)

    async def check_compatibility(self, fields: Mapping[str, str]) -> Answer[JsonObject]:
        """`GET /evse_compatibility/check`, whose parameters and answer are not recorded either:
        both as they are. Asked without the token."""
        url, headers = f"{self._base}/evse_compatibility/check", {"Accept-Language": language()}
        call = Call("GET", url, TOTAL, dict(fields), headers=headers, keyless=True)
        with because("home", unless_said=True):
            reply = await self._with_token(lambda it: it.read(call, False, PATIENCE))
        raw = json_object(reply)
        return Answer(raw, raw, reply.received_at)


_PLACE = ("latitude", "longitude")


def _link_in(raw: JsonObject) -> str:
    """Raises `ValueError` for what no browser could open."""
    url = raw.get("url")
    if not isinstance(url, str) or not url.isprintable() or origin(url) is None:
        raise ValueError(_("no link in it"))
    return url


def _id_in(raw: JsonObject) -> str:
    found = identifier(raw.get("id"))
    if found is None:
        raise ValueError(_("no id in it"))
    return found
