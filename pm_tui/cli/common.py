"""What the verbs that ask the API share: settings, a session, what to say beside the answer."""

from __future__ import annotations

import asyncio
from argparse import Namespace
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TypeVar

from pm_tui import crash, formats, i18n
from pm_tui.cli.output import complain, origin_words
from pm_tui.cli.parser import FLAGS
from pm_tui.config import Settings, load
from pm_tui.i18n import _
from pm_tui.models.result import Result
from pm_tui.services.session import Session

T = TypeVar("T")


def settings_of(arguments: Namespace) -> Settings:
    """The settings in force, and from here on their language. Raises `ConfigError`."""
    settings = load({name: getattr(arguments, name, None) for name in FLAGS})
    i18n.use(settings.language)
    crash.keep_in(settings.state_dir)
    return settings


def ask(settings: Settings, question: Callable[[Session], Awaitable[T]]) -> T:
    """Open the account, ask, close it again; what the session has to tell goes to stderr."""

    async def conversation() -> T:
        async with Session.open(settings) as session:
            try:
                return await question(session)
            finally:
                for notice in session.take_notices():
                    complain(notice)

    return asyncio.run(conversation())


def now() -> datetime:
    """The time of this run (UTC)."""
    return datetime.now(UTC)


def tell_problem(result: Result[T]) -> None:
    """Say on stderr why an answer is not live although it should have been."""
    if result.problem is not None:
        complain(
            _("not live: {problem}; this was remembered {age} ago").format(
                problem=result.problem, age=formats.age(result.age(now()))
            )
        )


def origin_of(result: Result[T]) -> str:
    """`live`, or `remembered, 3 h old`."""
    return origin_words(result.origin, formats.age(result.age(now())))
