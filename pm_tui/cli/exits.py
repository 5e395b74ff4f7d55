"""Exit codes, part of the interface that scripts rely on, and the one line of text with each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pm_tui.config import ConfigError
from pm_tui.i18n import N_, _
from pm_tui.models.times import wire_time

if TYPE_CHECKING:
    from pm_tui.api.errors import ApiError

DONE = 0
OTHER = 1
USAGE = 2
UNAUTHORISED = 3
NOT_FOUND = 4
CONFLICT = 5
LIMITED = 6
UNREACHABLE = 7
OUTCOME_UNKNOWN = 8
NOT_FREE = 9
INTERRUPTED = 130
BROKEN_PIPE = 141
# in the order in which help and manual tell them
MEANINGS = (
    (DONE, N_("done")),
    (USAGE, N_("usage")),
    (UNAUTHORISED, N_("unauthorised or suspended")),
    (NOT_FOUND, N_("not found")),
    (CONFLICT, N_("conflict")),
    (LIMITED, N_("rate limit or quota")),
    (UNREACHABLE, N_("unreachable and nothing cached")),
    (OUTCOME_UNKNOWN, N_("outcome unknown")),
    (NOT_FREE, N_("not free in time")),
    (OTHER, N_("anything else")),
)


class CliError(Exception):
    """Ends the program with `code` and one line on stderr."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code


def explain(error: Exception) -> tuple[int, str]:
    """The exit code of an error and what to tell about it."""
    if isinstance(error, CliError):
        return error.code, str(error)
    if isinstance(error, ConfigError):
        return USAGE, str(error)
    from pm_tui.api import errors  # not for a usage error

    if isinstance(error, errors.ApiError):
        return _api_code(error), _with_advice(error)
    if isinstance(error, LookupError) and hasattr(error, "problem"):
        return _nothing_remembered(error, error.problem)
    if isinstance(error, OSError):
        return OTHER, f"{error.filename or ''}: {error.strerror or error}".removeprefix(": ")
    from pm_tui import crash

    return OTHER, crash.told(error, f"{crash.verb()} ended")


def _nothing_remembered(error: LookupError, problem: object) -> tuple[int, str]:
    """`NothingRemembered` of the session, known by its shape: importing it would cost a usage
    error the whole client. Why nobody could be asked decides the code."""
    from pm_tui.api.errors import ApiError

    if isinstance(problem, ApiError):
        return _api_code(problem), f"{_with_advice(problem)} {error}"
    return UNREACHABLE, str(error)


def _api_code(error: ApiError) -> int:
    from pm_tui.api import errors

    # order matters: a leaf before the branch it hangs on
    for kind, code in (
        (errors.OutcomeUnknown, OUTCOME_UNKNOWN),
        ((errors.Unauthorized, errors.Suspended), UNAUTHORISED),
        (errors.NotFound, NOT_FOUND),
        (errors.Conflict, CONFLICT),
        (errors.RateLimited, LIMITED),
        ((errors.Unreachable, errors.Timeout), UNREACHABLE),
    ):
        if isinstance(error, kind):
            return code
    return OTHER


def _with_advice(error: ApiError) -> str:
    from pm_tui.api.errors import RateLimited

    text = f"{error} {error.advice}"
    if isinstance(error, RateLimited):
        text += " " + _("Requests go on from {time}.").format(time=wire_time(error.retry_at))
    return text
