"""A server of ev.energy v2 as the contract records its public shapes, apart from our sandbox.

Every answer is a literal from contract/evenergy-v2.md §6, §8, §10 to §12, in one of two ages: `old`
(the reference page) and `new` (the OpenAPI document). Nothing is computed that the contract shows.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import parse_qs, unquote, urlsplit

from tests.api.loopback import Loopback, Raw
from tests.canary import HOME_TOKEN

Age = Literal["old", "new"]
Row = dict[str, Any]

TOKEN = HOME_TOKEN
EVSE = "evse01HV8G1YV5QEVSE0000000AAAA"
USER = "user01HV8G1YV5QUSER0000000AAAA"
MODEL = "emod01HV8G1YV5QEMOD0000000AAAA"
MAKE = "emak01HV8G1YV5QEMAK0000000AAAA"
SESSION = "csub01HV8G1YV5QCSUB0000000AAAA"
CLIENT = "client-1"
ENTRY = "ewlt01HV8G1YV5QEWLT0000000AAAA"
OLD_TIME = "2024-04-17T09:39:45.1111Z"  # four digits; the path must repeat them
NEW_TIME = "2024-04-17T09:39:45.984584Z"
_ABSENT = {"status": 404, "title": "Not found", "detail": "No EVSE matches the given query."}
_OPEN = ("evse_makes", "evse_models", "evse_onboarding", "evse_waitlist", "evse_compatibility")
_PROVIDERS = ("ChargePoint", "EO", "SyncEV", "EnelX", "Easee", "Wallbox", "Zaptec")
_CONNECTIVITY = {
    "signal_strength_rssi_dbm": -71,
    "lowest_signal_strength_rssi_dbm_7d": -88,
    "highest_signal_strength_rssi_dbm_7d": None,
    "connection_reliability_30d": 97,
    "ip_address": "192.0.2.7",
    "iccid": None,
    "firmware_version": "4.1.0",
    "latest_status_log": None,
}


@dataclass
class Seen:
    method: str
    path: str  # as it came, percent signs and all
    query: dict[str, list[str]]
    raw_query: str
    headers: dict[str, str]
    body: bytes


@dataclass
class HomeMock(Loopback):
    """`extra` rows can stand behind the first charger, to have pages to turn; `gone` are lost
    before the page of that number (from 0) is made."""

    age: Age = "new"
    extra: int = 0
    gone: dict[int, str] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)
    pages: int = 0
    version: str = "2"  # that answers
    modes: Any = field(default_factory=lambda: ["Idle", {"name": "FFR"}, {"x": 1}, 7])
    _ids: list[str] = field(default_factory=list)
    _removed: set[str] = field(default_factory=set)
    _place: Any = None

    @property
    def url(self) -> str:
        return self.origin + "/v2"

    def __post_init__(self) -> None:
        self._ids = [EVSE, *(f"evse{number:026d}" for number in range(self.extra))]
        self._ids.sort()

    # -- the wire ----------------------------------------------------------------

    async def answer(self, request: Raw, writer: asyncio.StreamWriter) -> bool:
        parts = urlsplit(request.target)
        query = parse_qs(parts.query)
        seen = Seen(request.method, parts.path, query, parts.query, request.headers, request.body)
        self.seen.append(seen)
        status, more, value = self._route(seen)
        data = b"" if value is None else json.dumps(value).encode()
        kind = "application/json" if status < 400 else "application/problem+json"
        lines = {
            "content-type": kind,
            "content-length": str(len(data)),
            "evenergy-version": self.version,
            "x-ratelimit-limit": "1000",
            "x-ratelimit-remaining": "420",
            "RetryAfter": "42",  # declared on answers that went well, and to be ignored there
            **more,
        }
        text = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        writer.write(f"HTTP/1.1 {status} x\r\n{text}\r\n".encode() + data)
        await writer.drain()
        return True

    # -- the operations -----------------------------------------------------------

    def _route(self, seen: Seen) -> tuple[int, dict[str, str], Any]:
        path = seen.path.removeprefix("/v2").split("/")[1:]
        is_open = path[0] in _OPEN and path[-1] != "import"
        if not is_open and seen.headers.get("authorization") != f"Bearer {TOKEN}":
            return 401, {}, {"status": 401, "title": "Unauthorized", "detail": "Bad token"}
        match [seen.method, *path]:
            case ["GET", "evses"]:
                return self._evses(seen)
            case [method, "evses", evse_id]:
                return self._one(method, evse_id, seen)
            case ["GET", "evses", _id, "connectivity" | "vpp_modes"] if self.age == "old":
                return 404, {}, _ABSENT  # the OpenAPI document's alone
            case ["GET", "evses", _id, "connectivity"]:
                return 200, {}, _CONNECTIVITY
            case ["GET", "evses", _id, "vpp_modes"]:
                return 200, {}, self.modes
            case ["POST", "evses", _id, "reconnect"]:
                return 201, {}, {"url": "https://app.example.com/reconnect?x=1"}
            case ["POST", "evse_onboarding", "import"]:
                return self._import(seen)
            case ["POST", "evse_waitlist"]:
                return 201, {}, {"id": ENTRY}
            case ["GET", "evse_compatibility", "check"]:
                return 200, {}, {"is_compatible": True}
            case ["GET", "evses", evse_id, kind]:
                return 200, self._one_page(), [self._log(kind, seen)]
            case ["GET", "evses", evse_id, kind, at]:
                if unquote(at) != self._time:
                    return 404, {}, _ABSENT
                return 200, {}, self._log(kind, seen)
            case ["GET", "evse_onboarding"]:
                if "authorization" in seen.headers:
                    return 400, {}, {"title": "Request failed validation.", "detail": "no token"}
                return 200, {}, {"url": "https://app.example.com/onboard?x=1"}
            case ["GET", name]:
                return 200, self._one_page(), [self._resource(name, seen)]
            case ["GET", name, _id]:
                return 200, {}, self._resource(name, seen)
        return 405, {}, {"status": 405, "title": "Method Not Allowed", "detail": ""}

    def _one_page(self) -> dict[str, str]:
        return {"link": '<about:blank>; rel="previous", <about:blank>; rel="next"'}

    def _evses(self, seen: Seen) -> tuple[int, dict[str, str], Any]:
        lost = self.gone.get(self.pages)
        self.pages += 1
        if lost is not None:
            self._ids.remove(lost)
        size = int(seen.query.get("page_size", ["25"])[0])
        after = seen.query.get("page_after", [""])[0]
        behind = [one for one in self._ids if one > after and one not in self._removed]
        rows, rest = behind[:size], behind[size:]
        following = "<about:blank>"
        if rest:  # only these two, as the examples have it
            following = f"<{self.url}/evses?page_size={size}&page_after={rows[-1]}>"
        link = f'<about:blank>; rel="previous", {following}; rel="next"'
        return 200, {"link": link}, [self._evse(one, seen) for one in rows]

    def _import(self, seen: Seen) -> tuple[int, dict[str, str], Any]:
        body = json.loads(seen.body)
        if body["provider"] not in _PROVIDERS:
            return 422, {}, {"title": "Unprocessable", "detail": "Provider not supported"}
        if body["serial_number"] != "S1":
            return 404, {}, {"status": 404, "title": "Not found", "detail": "No such device."}
        return 201, {}, self._evse(EVSE, seen)

    def _one(self, method: str, evse_id: str, seen: Seen) -> tuple[int, dict[str, str], Any]:
        if evse_id not in self._ids or evse_id in self._removed:
            return 404, {}, _ABSENT
        if method == "DELETE":
            self._removed.add(evse_id)
            return 204, {}, None
        if method == "PATCH":
            self._place = json.loads(seen.body)["location"]
        return 200, {}, self._evse(evse_id, seen, is_single=True)

    # -- the bodies (§10) ------------------------------------------------------------

    @property
    def _time(self) -> str:
        return OLD_TIME if self.age == "old" else NEW_TIME

    def _evse(self, evse_id: str, seen: Seen, *, is_single: bool = False) -> Row:
        expand = seen.query.get("expand", [])
        model: Any = f"https://api.ev.energy/v2/evse_models/{MODEL}"
        if "model.make" in expand:  # the reference's sample: no url in the model then
            model = {"id": MODEL, "name": "Zappi", "make": self._make()}
        elif "model" in expand:
            model = self._model(seen)
        row: Row = {
            "id": evse_id,
            "url": f"https://api.ev.energy/v2/evses/{evse_id}",
            "model": model,
            "user": self._user() if "user" in expand else f"https://api.ev.energy/v2/users/{USER}",
        }
        log: Any = f"https://api.ev.energy/v2/evse/{evse_id}/status_logs/{self._time}/"
        if "latest_status_log" in expand:
            log = self._status()
        if self.age == "old":
            if is_single:
                return row  # two members are missing in that sample
            sessions = f"https://api.ev.energy/charging_sub_sessions?evse_id={evse_id}"
            return {**row, "latest_status_log": log, "charging_sub_sessions": sessions}
        return {
            **row,
            "cpid": "10000001",
            "latest_status_log": log,
            "ct_clamp": None,
            "lock_mode": "SMART",
            "location": self._place,
            "lifecycle_state": "COMMISSIONED",
            "charging_sub_sessions": f"https://api.ev.energy/v2/charging_sub_sessions?evse_id={evse_id}",
        }

    def _status(self) -> Row:
        row: Row = {
            "url": f"https://api.ev.energy/v2/evses/{EVSE}/status_logs/{self._time}",
            "sampled_at": self._time,
            "logged_at": "2024-04-17T09:39:46Z",
            "evse": f"https://api.ev.energy/v2/evses/{EVSE}",
            "is_plugged_in": True,
            "is_charging": False,
            "charge_rate_watts": 0,
        }
        if self.age == "old":
            return row
        newer = {"export_power_watts": None, "control_pilot_status": "B", "mode": "Deep sleep"}
        return {
            **row,
            **newer,
            "meter_reading_watt_hours": 12345,
            "state_of_charge_percentage": None,
        }

    def _log(self, kind: str, seen: Seen) -> Row:
        if kind == "status_logs":
            return self._status()
        if kind == "command_logs":
            return {
                "url": f"https://api.ev.energy/v2/evses/{EVSE}/command_logs/{self._time}",
                "logged_at": self._time,
                "evse": f"https://api.ev.energy/v2/evses/{EVSE}",
                "max_load_target_milliamps": 32000,
                "is_enabled_target": True,
                "always_enabled": None,
                "reason": "SCHEDULED_CHARGING",
                "internal_command_id": None,
            }
        return {
            "url": f"https://api.ev.energy/v2/evses/{EVSE}/{kind}/{self._time}",
            "sampled_at": self._time,
            "evse": f"https://api.ev.energy/v2/evses/{EVSE}",
            "status_code": 500,
            "controller": "ocpp",
            "error_code": None,
        }

    def _make(self) -> Row:
        row = {
            "id": MAKE,
            "url": f"https://api.ev.energy/v2/evse_makes/{MAKE}",
            "name": "myenergi",
            "icon": None,
            "onboarding_url": None,
        }
        models = f"https://api.ev.energy/v2/evse_models/?make_id={MAKE}"
        if self.age == "old":
            return {**row, "models": models}
        return {**row, "evse_models": models, "display_name": "MyEnergi", "is_beta": False}

    def _model(self, seen: Seen) -> Row:
        expand = seen.query.get("expand", [])
        whole = "make" in expand or "model.make" in expand
        row: Row = {
            "id": MODEL,
            "url": f"https://api.ev.energy/v2/evse_models/{MODEL}",
            "name": "Zappi",
            "make": self._make() if whole else f"https://api.ev.energy/v2/evse_makes/{MAKE}",
            "onboarding_url": None,
        }
        return row if self.age == "old" else {**row, "display_name": None}

    def _user(self) -> Row:
        row: Row = {
            "id": USER,
            "url": f"https://api.ev.energy/v2/users/{USER}",
            "default_location": {"postal_code": "SW1A", "country_code": "GB", "tariff": None},
            "vehicles": [],
            "evses": [f"https://api.ev.energy/v2/evses/{EVSE}"],
        }
        if self.age == "old":
            return {**row, "email": "anna@example.org"}
        return {**row, "full_name": "Anna", "joined_at": "2024-01-01T00:00:00Z"}

    def _resource(self, name: str, seen: Seen) -> Row:
        bodies = {"evse_makes": self._make(), "users": self._user()}
        if name in bodies:
            return bodies[name]
        if name == "evse_models":
            return self._model(seen)
        return {
            "id": SESSION,
            "url": f"https://api.ev.energy/v2/charging_sub_sessions/{SESSION}",
            "start": "2024-04-17T09:39:45Z",
            "end": None,
            "mode": "SMART",
            "vehicle": None,
            "evse": f"https://api.ev.energy/v2/evses/{EVSE}",
            "energy_delivered_watt_hours": 0,
            "cost": None,
            "currency": "GBP",
        }
