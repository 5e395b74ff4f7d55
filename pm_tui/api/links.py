"""`Link` headers (RFC 8288) and the rules by which one is followed (contract/evenergy-v2.md §14).

A link is followed as it was given, to the configured origin only, and what the caller asked for
(`expand`, filters) is put back where the server forgot it. Cursors are opaque.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from pm_tui.api.home_errors import ForeignLink
from pm_tui.i18n import _

NOWHERE = "about:blank"
_LONGEST = 16 * 1024  # characters of a header that are read
_TARGET = re.compile(r"\s*(?:,\s*)*<([^<>]*)>")
_PARAMETER = re.compile(
    r"""\s*;\s*([!#$%&'*+.^_`|~0-9A-Za-z-]*)\s*(?:=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]*)))?"""
)
_VISIBLE = re.compile(r"[\x21-\x7e]+")
_PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True)
class Link:
    """`target` as it was written; `rels` in lower case, `prev` as `previous`."""

    target: str
    rels: tuple[str, ...]


def read_links(header: str | None) -> list[Link]:
    """The links of a header, in its order. What is malformed ends the reading; never raises."""
    return list(_links((header or "")[:_LONGEST]))


def _links(header: str) -> Iterator[Link]:
    position = 0
    while found := _TARGET.match(header, position):
        position = found.end()
        rels: tuple[str, ...] | None = None
        while parameter := _PARAMETER.match(header, position):
            position = parameter.end()
            name, quoted, plain = parameter.groups()
            if name.lower() == "rel" and rels is None:  # a second one counts for nothing (§3.3)
                value = plain if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
                rels = tuple((value or "").lower().split())
        yield Link(found[1].strip(), tuple(_ALIASES.get(rel, rel) for rel in rels or ()))


_ALIASES = {"prev": "previous"}


def next_url(
    header: str | None, read: str, wanted: Mapping[str, str | Sequence[str]]
) -> str | None:
    """Where the page after the one at the URL `read` lies; None at the end.

    `wanted` is what the caller asked for. Raises `ForeignLink` for a target elsewhere.
    """
    for link in read_links(header):
        if "next" not in link.rels:
            continue
        if not link.target or link.target.lower() == NOWHERE:
            return None
        target = _joined(read, link.target)
        if origin(target) != origin(read):
            raise ForeignLink(_("it leads to another server"))
        return _with_missing(target, wanted)
    return None


def origin(url: str) -> tuple[str, str, int] | None:
    """Scheme, host and port; None for what has none of its own (or a user in it)."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in _PORTS or not parts.hostname or "@" in parts.netloc:
        return None
    return parts.scheme, parts.hostname, port or _PORTS[parts.scheme]


def _joined(base: str, target: str) -> str:
    if not _VISIBLE.fullmatch(target) or "\\" in target:
        raise ForeignLink(_("it is no address"))
    try:
        return urljoin(base, target).partition("#")[0]
    except ValueError:
        raise ForeignLink(_("it is no address")) from None


def _with_missing(url: str, wanted: Mapping[str, str | Sequence[str]]) -> str:
    """The link's own query stays as it is, letter by letter."""
    parts = urlsplit(url)
    there = {name for name, _value in parse_qsl(parts.query, keep_blank_values=True)}
    missing = {name: value for name, value in wanted.items() if name not in there}
    query = "&".join(filter(None, [parts.query, urlencode(missing, doseq=True)]))
    return urlunsplit(parts._replace(query=query))
