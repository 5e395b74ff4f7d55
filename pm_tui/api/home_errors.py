"""What can go wrong at ev.energy: problem bodies (contract/evenergy-v2.md §12) and their leaves."""

from __future__ import annotations

from typing import Any

from pm_tui.api.answers import Reply, error_for, status_line
from pm_tui.api.errors import ApiError, BadAnswer, BadRequest, NotFound, RateLimited, Unauthorized
from pm_tui.i18n import _
from pm_tui.models.json import JsonObject, loads
from pm_tui.models.text import clean

_LONGEST = 300  # characters of a server's words
_MOST_FIELDS = 5


class TokenRefused(Unauthorized):
    """401: the token or the credentials behind it."""

    @property
    def happened(self) -> str:
        return _("ev.energy did not accept the credentials.")

    @property
    def advice(self) -> str:
        return _("Nothing was changed. Check home_token, or home_client_id and home_secret.")


class NotAllowed(Unauthorized):
    """403: the token lacks a scope, or the account a permission (§2)."""

    @property
    def happened(self) -> str:
        return _("These credentials do not allow this.")

    @property
    def advice(self) -> str:
        return _("Nothing was changed. Ask ev.energy for the scope; all else goes on.")


class NoSuchDevice(NotFound):
    """404: absent, or hidden from this client; the two cannot be told apart (§12)."""

    @property
    def happened(self) -> str:
        return _("ev.energy does not know this, or does not show it to these credentials.")

    @property
    def advice(self) -> str:
        return _("Nothing was changed. Read the list again; it may have been removed.")


class NoSuchSerial(NoSuchDevice):
    """404 of an import: the maker knows no such device for that user's email (§11)."""

    @property
    def happened(self) -> str:
        return _("The maker knows no charger of this serial number for this user's email.")

    @property
    def advice(self) -> str:
        return _("Nothing was changed. Check the serial number, and whose email the maker has.")


class NotTakenOn(BadRequest):
    """422 of an import: registered already, a fault of the maker's, or no such maker (§11)."""

    @property
    def happened(self) -> str:
        return _("ev.energy did not take the charger on.")

    @property
    def advice(self) -> str:
        return _("Nothing was changed. Read the list: it may be there already.")


class WrongVersion(BadRequest):
    """400 "Unsupported version": this program speaks one that ev.energy no longer does (§3)."""

    @property
    def happened(self) -> str:
        return _("ev.energy does not answer in the version that this program speaks.")

    @property
    def advice(self) -> str:
        return _("Nothing was changed. A newer pm-tui is needed; all else goes on.")


class BadPage(BadRequest):
    """400 of the pagination's type: a cursor is no longer good (§6)."""

    @property
    def happened(self) -> str:
        return _("The place in the list at which it was to go on is not there any more.")

    @property
    def advice(self) -> str:
        return _("Nothing was changed. Read the list again from its beginning.")


class HourSpent(RateLimited):
    """429, or our own gate closed, at an API that counts by the hour (§5)."""

    @property
    def happened(self) -> str:
        return _("Too many requests in this hour.")


class ForeignLink(BadAnswer):
    """A page's link leads to another server, or back to a page that was read (§14)."""

    @property
    def happened(self) -> str:
        return _("The list's next page cannot be followed.")

    @property
    def advice(self) -> str:
        return _("Nothing was changed, and no key was sent there. Tell ev.energy.")


_BY_STATUS: dict[int, type[ApiError]] = {
    401: TokenRefused,
    403: NotAllowed,
    404: NoSuchDevice,
    422: NotTakenOn,  # in the EVSE group an import's alone
}
_PAGE_TYPES = ("pagination-parameters", "pagination-paramaters")  # both spellings live (§12)


def home_leaf(reply: Reply, said: str) -> ApiError | None:
    """What a 400 means: its title first, for the example of an unsupported version carries the
    type of the pagination; then the end of its type. None where the status says enough."""
    if reply.status != 400:
        return None
    try:
        value = loads(reply.body)
    except ValueError:
        return None
    if not isinstance(value, dict):
        return None
    if _text(value.get("title")).casefold().startswith("unsupported version"):
        return WrongVersion(said, status=400)
    kind = _text(value.get("type")).rstrip("/").rpartition("/")[2]
    return BadPage(said, status=400) if kind in _PAGE_TYPES else None


def home_error(status: int, said: str) -> ApiError:
    """The leaf of a status that is neither 2xx nor 429; the body's own `status` is not asked."""
    kind = _BY_STATUS.get(status)
    return error_for(status, said) if kind is None else kind(said, status=status)


def said_at_home(reply: Reply) -> str:
    """A problem's title, detail and fields; OAuth's error; plain text; else the status in words.

    Each of them may come with any status (§12, §14), and a web page says nothing of the matter.
    """
    if reply.is_page:
        return status_line(reply.status)
    try:
        value = loads(reply.body)
    except ValueError:
        # `text/plain` from what stands before the API; half a JSON document says nothing
        is_text = reply.content_type == "text/plain"
        value = reply.body[: 4 * _LONGEST].decode("utf-8", "replace") if is_text else None
    text = _of_object(value) if isinstance(value, dict) else value
    said = clean(text, _LONGEST) if isinstance(text, str) else ""
    return said or status_line(reply.status)


def _of_object(value: JsonObject) -> str:
    parts = [_text(value.get("title")), _text(value.get("detail"))]
    if not any(parts):
        parts = [_text(value.get("error_description")) or _text(value.get("error"))]
    fields = value.get("field_errors")
    if isinstance(fields, dict):
        for name, problems in list(fields.items())[:_MOST_FIELDS]:
            told = problems if isinstance(problems, list) else [problems]
            words = " ".join(filter(None, map(_text, told[:_MOST_FIELDS])))
            if words:
                parts.append(f"{name}: {words}")
    return " · ".join(dict.fromkeys(part for part in parts if part))


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""
