"""What one API does in its own way: how it is told the key, how it words its errors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from pm_tui.api.answers import Reply, error_for, said_in
from pm_tui.api.errors import ApiError


def _by_status(_reply: Reply, _said: str) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Dialect:
    """The key travels in `header`, behind `scheme`; `headers` go along with every request.

    `said_in` finds the server's words in an answer that is an error, cleaned and bounded;
    `error_for` makes the leaf of a status that is neither 2xx nor 429, and of those words;
    `leaf_of` comes before it and knows the body: None leaves it to the status. `version_header`
    names the header that tells which version answered. `name` is which of the APIs this is.
    """

    header: str
    scheme: str
    said_in: Callable[[Reply], str]
    error_for: Callable[[int, str], ApiError]
    headers: Mapping[str, str] = field(default_factory=dict)
    leaf_of: Callable[[Reply, str], ApiError | None] = _by_status
    version_header: str = ""
    name: str = "agent"


AGENT = Dialect("X-API-Key", "", said_in, error_for)
