"""What memory may stand in for, and what is said where it holds nothing."""

from __future__ import annotations

from pm_tui.api.errors import BadAnswer, RateLimited, ServerTrouble, Timeout, Unreachable

# what memory may stand in for: the line or the gateway failed, the question did not
COVERED_BY_MEMORY = (Unreachable, Timeout, ServerTrouble, RateLimited, BadAnswer)


class NothingRemembered(LookupError):
    """The gateway cannot be asked and memory has no answer; `problem` says why it was not asked."""

    def __init__(self, text: str, problem: Exception | None = None) -> None:
        super().__init__(text)
        self.problem = problem
