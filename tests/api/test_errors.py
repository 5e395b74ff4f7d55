"""The tree: every leaf tells what happened and what to do, in the language in force."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from pm_tui.api import errors, home_errors
from pm_tui.api.errors import ApiError, OutcomeUnknown, RateLimited

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def leaves(kind: type[ApiError] = ApiError) -> Iterator[type[ApiError]]:
    yield kind
    for child in kind.__subclasses__():
        yield from leaves(child)


def made(kind: type[ApiError]) -> ApiError:
    return kind(NOW) if issubclass(kind, RateLimited) else kind()


def test_every_leaf_speaks_for_itself() -> None:
    kinds = list(leaves())
    assert len(kinds) == 26
    assert home_errors.ForeignLink in kinds  # those of the other API belong to the tree
    texts = {made(kind).happened for kind in kinds} | {OutcomeUnknown(accepted=True).happened}
    assert len(texts) == len(kinds) + 1
    for kind in kinds:
        error = made(kind)
        assert error.advice
        assert str(error) == error.happened
        assert error.advice != str(error)


def test_only_an_unknown_outcome_does_not_say_that_nothing_was_changed() -> None:
    for kind in leaves():
        promises = made(kind).advice.startswith("Nothing was")
        assert promises == (kind is not OutcomeUnknown), kind


def test_the_texts_follow_the_language(monkeypatch: pytest.MonkeyPatch) -> None:
    error = errors.Conflict("taken")
    monkeypatch.setattr(errors, "_", lambda text: text.upper())
    assert str(error) == error.happened + " (taken)"
    assert error.happened.isupper()
