"""The settings of ev.energy, the side of home chargers (contract/evenergy-v2.md §1, §2)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal
from urllib.parse import urlsplit

from pm_tui.config.keys import KeySource

DEFAULT_HOME_URL = "https://api.ev.energy/v2"
REACH = timedelta(minutes=15)  # the contract's example (§10): an older sample is no sign of life

Access = Literal["token", "client", "sandbox"]


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeSettings:
    """`token` goes before `client_id` and `secret`. `user` narrows everything to one user.

    `sandboxed`: a sandbox was asked for, or there is nothing else to speak to; then the sandbox's
    own address and credentials are used.
    """

    url: str = DEFAULT_HOME_URL
    token_url: str = ""
    token: KeySource | None = None
    client_id: str | None = None
    secret: KeySource | None = None
    secret_in_form: bool = False
    user: str | None = None
    user_as_url: bool = False
    reach: timedelta = REACH
    sandboxed: bool = False

    @property
    def access(self) -> Access | None:
        """How we may speak to it; None: not at all, nothing is configured."""
        if self.sandboxed:
            return "sandbox"
        if self.token is not None:
            return "token"
        return "client" if self.client_id and self.secret else None

    @property
    def folder(self) -> str:
        """The name of the folder in the account's that keeps what was read from here."""
        whose = f"{self.access}\0{self.url}\0{self.client_id}\0{self.user}"
        if self.sandboxed:
            whose = "sandbox"
        return "home-" + hashlib.blake2b(whose.encode(), digest_size=4).hexdigest()


def token_url_of(url: str) -> str:
    """Where tokens are had at the API's own host; with the slash at its end (§2)."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/o/token/"
