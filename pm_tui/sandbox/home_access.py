"""Who may ask the sandbox's ev.energy, for what and how often (contract/evenergy-v2.md §2, §5)."""

from __future__ import annotations

import base64
import binascii
import hmac
import math
import secrets
from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from pm_tui.sandbox.home_wire import HOME_BASE, TOKEN_PATH, Problem

CLIENT_ID = "sandbox-client"
SCOPES = ("evse:read", "evse:write", "user:read", "charging_session:read", "debug:read")
LIFE = timedelta(hours=10)
HOUR = timedelta(hours=1)
_OPEN = ("/evse_makes", "/evse_models", "/evse_onboarding", "/evse_waitlist", "/evse_compatibility")
_IMPORT = "/evse_onboarding/import"
_PAGING = (
    "https://api.ev.energy/v2/problems/pagination-parameters/"  # as their example has it (§12)
)
_LIMITED = "https://api.ev.energy/v2/problems/rate-limit-exceeded/"


@dataclass(frozen=True, slots=True)
class HomeVerdict:
    """The headers of an answer: an hourly limit, and the version (§4)."""

    limit: int
    remaining: int
    version: str = "2"

    def headers(self) -> dict[str, str]:
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.remaining),
            "EvEnergy-Version": self.version,
        }


class Access:
    """Tokens, their scopes and the rolling hour; in memory, so that a restart asks for new ones."""

    def __init__(self, secret: str) -> None:
        self.secret = secret
        self.scopes: tuple[str, ...] = SCOPES
        self.rate = 1000
        self.version = "2"  # that answers, whatever was asked for
        self._tokens: dict[str, datetime] = {}
        self._window: deque[datetime] = deque()

    def forget_tokens(self) -> None:
        self._tokens.clear()

    def verdict(self, now: datetime) -> HomeVerdict:
        while self._window and self._window[0] + HOUR <= now:
            self._window.popleft()
        return HomeVerdict(self.rate, max(0, self.rate - len(self._window)), self.version)

    def refusal(self, path: str, headers: Headers, now: datetime) -> Response | None:
        """The answer to a request that may not pass; None, and counted, for one that may."""
        if path == TOKEN_PATH:
            return None
        given = headers.get("authorization", "")
        scheme, _space, token = given.partition(" ")
        known = self._tokens.get(token) if scheme.lower() == "bearer" else None
        path = path.removeprefix(HOME_BASE)
        is_open = path.startswith(_OPEN) and path != _IMPORT
        if (known is None or known <= now) and (given or not is_open):
            return Problem(401, "Missing or bad token").response()
        version = headers.get("evenergy-version", "2")
        if version not in ("2", "2.0"):
            detail, title = f"There is no version {version[:10]}.", "Unsupported version"
            return Problem(400, detail, title=title, type=_PAGING).response()
        if self.verdict(now).remaining == 0:
            wait = max(1, math.ceil((self._window[0] + HOUR - now).total_seconds()))
            detail = f"Request was throttled. Expected available in {wait} seconds."
            # the one header or the other (§13.2)
            name = "Retry-After" if wait % 2 else "RetryAfter"
            return Problem(429, detail, type=_LIMITED).response({name: str(wait)})
        self._window.append(now)
        return None

    def need(self, scope: str) -> None:
        """Raises the 403 of a token without `scope`."""
        if scope not in self.scopes:
            raise Problem(403, f"You do not have the scope {scope}.")

    async def token(self, request: Request, now: datetime) -> Response:
        """`grant_type=client_credentials`, by Basic or in the form (§14)."""
        form = parse_qs((await request.body()).decode("latin-1"))
        if form.get("grant_type") != ["client_credentials"]:
            return JSONResponse({"error": "unsupported_grant_type"}, 400)
        client, secret = _basic(request.headers.get("authorization", "")) or (
            form.get("client_id", [""])[0],
            form.get("client_secret", [""])[0],
        )
        if client != CLIENT_ID or not hmac.compare_digest(secret, self.secret):
            return JSONResponse({"error": "invalid_client"}, 401)
        token = "pm_sandbox_" + secrets.token_hex(20)
        self._tokens[token] = now + LIFE
        life = int(LIFE.total_seconds())
        return JSONResponse(
            {
                "access_token": token,
                "token_type": "Bearer",
                "expires_in": life,
                "scope": " ".join(self.scopes),
            }
        )


def _basic(header: str) -> tuple[str, str] | None:
    scheme, _space, pair = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        client, _colon, secret = base64.b64decode(pair).decode("ascii").partition(":")
    except (ValueError, binascii.Error):
        return None
    return client, secret
