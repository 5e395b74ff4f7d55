"""Where the API is and as whom we speak, checked before the first byte (contract §1, §14 U32)."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

from pydantic import SecretStr

from pm_tui.i18n import _

_VISIBLE = re.compile(r"[\x21-\x7e]+")
_HOST = re.compile(r"[A-Za-z0-9._:-]+")


def is_loopback(host: str) -> bool:
    """This computer itself: `localhost` or an address of the loopback network."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def check_url(url: str) -> str:
    """`url` without a slash at the end; `ValueError` (translated) for what no key may be sent to.

    https only, except for loopback; no user, query or fragment; a port from 1 to 65535.
    """
    url = url.strip()
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port = "", None
    # urlsplit drops line breaks and tabs without a word
    if not _VISIBLE.fullmatch(url) or not _HOST.fullmatch(host) or port == 0:
        raise ValueError(_("This is not the address of a server."))
    if parts.username is not None or parts.password is not None:
        raise ValueError(_("The server's address must not hold a user or password."))
    if parts.query or parts.fragment:
        raise ValueError(_("The server's address must end with its path."))
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(host)):
        raise ValueError(_("The server's address must begin with https://."))
    return f"{parts.scheme}://{parts.netloc}{parts.path}".rstrip("/")


def check_key(api_key: SecretStr) -> SecretStr:
    """The key without space around it; `ValueError` that does not show it for an impossible one.

    A line break or an accent in a header makes HTTP libraries print the whole value. The key is in
    no variable here, because crash reports print those.
    """
    if not _VISIBLE.fullmatch(api_key.get_secret_value().strip()):
        raise ValueError(_("The API key is empty or holds characters that no key has."))
    return SecretStr(api_key.get_secret_value().strip())
