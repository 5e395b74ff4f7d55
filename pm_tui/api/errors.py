"""What can go wrong between us and the API, as one tree.

`str(error)` says what happened, `.advice` what is safe and what to do next, both in the
reader's language. `OutcomeUnknown` is never folded into "failed": after it a booking may exist.
Every other error of a state-changing call means that nothing was changed.
"""

from __future__ import annotations

from datetime import datetime

from pm_tui.i18n import _


class ApiError(Exception):
    """Root of the tree. `said` is the server's or system's own text, cleaned and bounded.

    `status` is the HTTP status when there was one; `unsent` is True when it is certain that not
    a byte of the request has left.
    """

    def __init__(self, said: str = "", *, status: int | None = None, unsent: bool = False) -> None:
        super().__init__(said)
        self.said = said
        self.status = status
        self.unsent = unsent

    def __str__(self) -> str:
        return f"{self.happened} ({self.said})" if self.said else self.happened

    @property
    def happened(self) -> str:
        """What happened, in a sentence."""
        return _("The request failed.")

    @property
    def advice(self) -> str:
        """What is safe and what the person can do."""
        return _("Nothing was changed. Try again.")


class Unreachable(ApiError):
    """No connection: name not found, refused, no route, or lost in the middle of a read."""

    @property
    def happened(self) -> str:
        return _("The server cannot be reached.")

    @property
    def advice(self) -> str:
        return _(
            "Nothing was changed. Check the network; what was seen before can be read offline."
        )


class OfflineByChoice(Unreachable):
    """A person said that nothing is to be sent: no failure, and nothing to be mended."""

    def __init__(self) -> None:
        super().__init__(unsent=True)

    @property
    def happened(self) -> str:
        return _("Offline by choice.")

    @property
    def advice(self) -> str:
        return _("Nothing was sent.")


class TlsProblem(Unreachable):
    """The server could not prove who it is; there is no "continue anyway"."""

    @property
    def happened(self) -> str:
        return _("The server's certificate is not trusted.")

    @property
    def advice(self) -> str:
        return _(
            "Nothing was sent, the key neither. Behind a company's inspection, ask for its root"
            " certificate and name it in SSL_CERT_FILE."
        )


class Timeout(ApiError):
    """No whole answer in time, to a request that changes nothing or was never sent."""

    @property
    def happened(self) -> str:
        return _("The server took too long.")

    @property
    def advice(self) -> str:
        return _("Nothing was changed. Try again, or look at what was seen before.")


class BadRequest(ApiError):
    """400, and every other 4xx without a leaf of its own."""

    @property
    def happened(self) -> str:
        return _("The server refused the request.")

    @property
    def advice(self) -> str:
        return _("Nothing was changed. Mend what it names; the same request would fail again.")


class SpendingLimit(BadRequest):
    """400: a fleet group's monthly or per-session limit (contract/agent-api.md §12)."""

    @property
    def happened(self) -> str:
        return _("The fleet group's spending limit is reached.")

    @property
    def advice(self) -> str:
        return _("Nothing was booked. Use another group or strategy, or have the limit raised.")


class Unauthorized(ApiError):
    """401: key missing or wrong, also after it was rotated."""

    @property
    def happened(self) -> str:
        return _("The API key was not accepted.")

    @property
    def advice(self) -> str:
        return _("Nothing was changed. Check the key; a replaced key stops working at once.")


class Suspended(ApiError):
    """403: account suspended or inactive."""

    @property
    def happened(self) -> str:
        return _("The account is suspended or inactive.")

    @property
    def advice(self) -> str:
        return _("Nothing was changed. Ask the account manager.")


class NotFound(ApiError):
    """404: location, EVSE or booking unknown."""

    @property
    def happened(self) -> str:
        return _("The server does not know this charger or booking.")

    @property
    def advice(self) -> str:
        return _("Nothing was changed. Search again; it may have been removed.")


class Conflict(ApiError):
    """409: the EVSE is not free in the window; after an unknown outcome perhaps by ourselves."""

    @property
    def happened(self) -> str:
        return _("The charging point is not free in that time.")

    @property
    def advice(self) -> str:
        return _("Nothing was booked now. Pick another charging point or time.")


class RateLimited(ApiError):
    """429, or our own gate closed: no request is sent before `retry_at` (aware, UTC)."""

    def __init__(
        self, retry_at: datetime, said: str = "", *, status: int | None = None, unsent: bool = False
    ) -> None:
        super().__init__(said, status=status, unsent=unsent)
        self.retry_at = retry_at

    @property
    def happened(self) -> str:
        return _("Too many requests in this minute.")

    @property
    def advice(self) -> str:
        return _("Nothing was changed. Wait; requests go on by themselves afterwards.")


class QuotaSpent(RateLimited):
    """429 that a minute does not explain: the month's requests are used up (§14 U6)."""

    @property
    def happened(self) -> str:
        return _("The month's requests seem to be used up.")

    @property
    def advice(self) -> str:
        return _(
            "Nothing was changed. Only the account manager can raise the quota;"
            " what was seen before can be read offline."
        )


class ServerTrouble(ApiError):
    """5xx to a read."""

    @property
    def happened(self) -> str:
        return _("The server has trouble.")

    @property
    def advice(self) -> str:
        return _("Nothing was changed. Try again in a while; if it stays, write to the support.")


class BadAnswer(ApiError):
    """An answer that is none: not JSON, not what was asked for, too large, a redirect."""

    @property
    def happened(self) -> str:
        return _("The answer cannot be read.")

    @property
    def advice(self) -> str:
        return _("Nothing was changed. Check the server's address in the configuration.")


class LoginPage(BadAnswer):
    """HTML or a redirect where JSON belongs: likely a network that wants a log-in first."""

    @property
    def happened(self) -> str:
        return _("A web page came back instead of an answer.")

    @property
    def advice(self) -> str:
        return _("Nothing was changed. Open a browser: this network may want you to log in first.")


class OutcomeUnknown(ApiError):
    """A state-changing call whose effect is not known; never to be sent again unasked.

    `accepted` is True when the server's status said yes and only the details are lost.
    """

    def __init__(
        self, said: str = "", *, status: int | None = None, accepted: bool = False
    ) -> None:
        super().__init__(said, status=status)
        self.accepted = accepted

    @property
    def happened(self) -> str:
        if self.accepted:
            return _("The server accepted, but its answer was lost.")
        return _("It is not known whether the server did it.")

    @property
    def advice(self) -> str:
        return _("Do not send it again: it may already be done. Look it up in the list first.")
