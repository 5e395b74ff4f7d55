"""Is everything in order? Versions, places and their permissions, key, clock, open work, quota.

For the person who is asked "what is wrong with it": nothing in here is secret, and the key is
told by the place where it lies only.
"""

from __future__ import annotations

import os
import platform
import sqlite3
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from pm_tui import __version__, crash
from pm_tui.api.errors import ApiError
from pm_tui.cache.disk import JOURNAL_MODE
from pm_tui.cache.folders import is_network_filesystem
from pm_tui.cache.journal import JournalUnavailable
from pm_tui.config import ConfigError, Settings
from pm_tui.i18n import _, ngettext
from pm_tui.models.text import visible_id
from pm_tui.services.session import NothingRemembered

if TYPE_CHECKING:
    from pm_tui.cache.deeds import Deed
    from pm_tui.cache.intent import Intent
    from pm_tui.models.usage import Usage
    from pm_tui.services.session import Session

PACKAGES = ("textual", "httpx", "pydantic", "diskcache", "starlette", "uvicorn")
LARGEST_SKEW = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Where:
    """A file or folder of ours: `mode` as `ls` shows it in octal, None while it is not there."""

    path: Path
    mode: str | None
    problem: str = ""


@dataclass(slots=True)
class Checkup:
    """`wrong` is what a person should mend, in words; empty is fine. None is not known.
    `journal_mode` is what this SQLite lets caches have, `crashes` are reports of earlier runs."""

    versions: dict[str, str] = field(default_factory=dict)
    places: dict[str, Where] = field(default_factory=dict)
    key: str | None = None
    journal_mode: str = ""
    crashes: list[Path] = field(default_factory=list)
    clock_ahead: timedelta | None = None
    open_intents: list[Intent] = field(default_factory=list)
    open_deeds: list[Deed] = field(default_factory=list)  # home chargers that were to go
    usage: Usage | None = None
    wrong: list[str] = field(default_factory=list)


async def examine(session: Session) -> Checkup:
    """Ask everything that can be asked; whatever fails is told and does not end it."""
    settings = session.settings
    checkup = Checkup(versions=versions(), journal_mode=JOURNAL_MODE)
    checkup.crashes = crash.reports(settings.state_dir)
    await _check_key(checkup, settings)
    await _check_journal(checkup, session)
    await _check_deeds(checkup, session)
    _check_places(checkup, settings)
    await _check_line(checkup, session)
    return checkup


def versions() -> dict[str, str]:
    """What runs here, by name."""
    found = {
        "pm-tui": __version__,
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "system": f"{platform.system()} {platform.release()}",
    }
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "?"
    return found


async def _check_key(checkup: Checkup, settings: Settings) -> None:
    if settings.sandbox:
        checkup.key = _("the sandbox's own")
        return
    if settings.key is None:
        checkup.wrong.append(_("no API key is configured"))
        return
    checkup.key = settings.key.where
    if settings.key.path is not None:
        checkup.places["key"] = look_at(settings.key.path)
    try:
        settings.api_key()
    except ConfigError as error:
        checkup.wrong.append(str(error))


async def _check_journal(checkup: Checkup, session: Session) -> None:
    try:
        journal = (await session.desk()).journal
        checkup.places["journal"] = look_at(journal.path)
        if journal.problem:
            checkup.wrong.append(journal.problem)
        checkup.open_intents = await session.unsettled()
    except (JournalUnavailable, ConfigError) as error:
        checkup.wrong.append(str(error))
    if count := len(checkup.open_intents):
        text = ngettext(
            "{n} outcome is not known: pm-tui recover",
            "{n} outcomes are not known: pm-tui recover",
            count,
        )
        checkup.wrong.append(text.format(n=count))


async def _check_deeds(checkup: Checkup, session: Session) -> None:
    """Only what is written down here: ev.energy is not asked."""
    from pm_tui.services.home_deeds import DeedsUnavailable

    if session.settings.home.access is None:
        return
    try:
        checkup.open_deeds = await (await session.home.remover()).open_ones()
    except (DeedsUnavailable, ConfigError) as error:
        checkup.wrong.append(str(error))
    for deed in checkup.open_deeds:
        text = _("Whether a home charger was taken off is not known: pm-tui home show {id}")
        checkup.wrong.append(text.format(id=visible_id(deed.device)))


def _check_places(checkup: Checkup, settings: Settings) -> None:
    checkup.places["config"] = look_at(settings.config_path)
    for name, path in account_places(settings):
        checkup.places[name] = look_at(path)
    for name, place in checkup.places.items():
        if place.problem:
            checkup.wrong.append(f"{name}: {place.path}: {place.problem}")
    for path in (settings.cache_dir, settings.state_dir):
        if is_network_filesystem(path):
            checkup.wrong.append(_("{path} lies on a network filesystem.").format(path=path))


def account_places(settings: Settings) -> Iterator[tuple[str, Path]]:
    try:
        account = settings.account
    except ConfigError:  # told already: there is no key to name it by
        account = ""
    yield "cache", settings.cache_dir / account
    yield "state", settings.state_dir


def look_at(path: Path) -> Where:
    """What is there, and who may read it."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return Where(path, None)
    except OSError as error:
        return Where(path, None, error.strerror or str(error))
    problem = ""
    if hasattr(os, "geteuid") and found.st_uid != os.geteuid():
        problem = _("belongs to another user")
    elif os.name == "posix" and stat.S_IMODE(found.st_mode) & 0o077:
        problem = _("others can read it")
    elif not os.access(path, os.R_OK | os.W_OK):
        problem = _("cannot be written")
    return Where(path, f"{stat.S_IMODE(found.st_mode):04o}", problem)


async def _check_line(checkup: Checkup, session: Session) -> None:
    try:
        checkup.usage = (await session.usage()).value
        checkup.clock_ahead = await session.clock_offset()
    except (ApiError, NothingRemembered, ConfigError) as problem:
        advice = getattr(problem, "advice", "")
        checkup.wrong.append(" ".join(filter(None, (str(problem), advice))))
        return
    if abs(checkup.clock_ahead) > LARGEST_SKEW:
        text = _("The gateway's clock and this one disagree by {n} s.")
        checkup.wrong.append(text.format(n=round(checkup.clock_ahead.total_seconds())))
    if checkup.usage.month_remaining == 0:
        checkup.wrong.append(_("The month's requests are used up."))
