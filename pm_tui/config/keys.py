"""Where the API key comes from, and how it is fetched without ever being shown.

A key may need a command or a locked key ring, and so seconds: nothing is fetched before `read`.
No error text holds a key or what a command printed.
"""

from __future__ import annotations

import os
import re
import selectors
import shlex
import signal
import stat
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from pm_tui import crash
from pm_tui.config import checks
from pm_tui.config.errors import ConfigError
from pm_tui.config.file import check_private
from pm_tui.i18n import _

COMMAND_SECONDS = 10.0
KEYRING_SECONDS = 3.0
LONGEST = 4096
VALID = re.compile(r"[\x21-\x7e]+")


class KeySource:
    """A place that holds the API key; the key is fetched once, by the first `read`."""

    def __init__(self, where: str, fetch: Callable[[], str], path: Path | None = None) -> None:
        self.where = where
        self.path = path  # of a file that holds nothing else
        self._fetch = fetch
        self._key: str | None = None
        self._lock = threading.Lock()

    def read(self) -> str:
        """The key. May block for `COMMAND_SECONDS`; raises `ConfigError`."""
        with self._lock:
            if self._key is None:
                self._key = self._checked(self._fetch())
                crash.hide(self._key)
            return self._key

    def _checked(self, key: str) -> str:
        if not VALID.fullmatch(key) or len(key) > LONGEST:
            raise ConfigError(
                _(
                    "{where}: not an API key (empty, or with a space, a line break "
                    "or a character outside ASCII)"
                ).format(where=self.where)
            )
        return key

    def __repr__(self) -> str:
        return f"KeySource({self.where!r})"


def from_text(key: str, where: str) -> KeySource:
    return KeySource(where, lambda: key)


def from_setting(form: str, value: object, place: str, base: Path) -> KeySource:
    """The source of one of the four forms of a configuration file's key: its name alone, or that
    with `_file`, `_command` or `_keyring` behind it."""
    if form.endswith("_file"):
        return from_file(checks.folder(value, place, base), place)
    if form.endswith("_command"):
        return from_command(_arguments(value, place), place)
    if not form.endswith("_keyring"):
        return from_text(checks.text(value, place), place)
    service, slash, user = checks.text(value, place).partition("/")
    if not (service and slash and user):
        raise ConfigError(_("{place}: write it as service/user").format(place=place))
    return from_keyring(service, user, place)


def from_file(path: Path, place: str) -> KeySource:
    """A file that holds nothing but the key. Ours and closed to others; root's (a container's
    secret, an administrator's choice) as it is."""

    def fetch() -> str:
        try:
            with path.open("rb") as stream:
                check_private(
                    path,
                    os.fstat(stream.fileno()),
                    stat.S_IRWXG | stat.S_IRWXO,
                    root_too=True,
                )
                body = stream.read(LONGEST + 2)
        except OSError as error:
            raise ConfigError(f"{place}: {path}: {error.strerror}") from None
        return body.decode("ascii", "replace").strip()

    return KeySource(f"{place}: {path}", fetch, path)


def _arguments(value: object, place: str) -> tuple[str, ...]:
    try:
        words = shlex.split(value) if isinstance(value, str) else value
    except ValueError as error:
        raise ConfigError(f"{place}: {error}") from None
    if not isinstance(words, list) or not words or not all(isinstance(w, str) for w in words):
        raise ConfigError(
            _("{place}: a command as one text or a list of texts is needed").format(place=place)
        )
    return tuple(words)


def from_command(arguments: Sequence[str], place: str) -> KeySource:
    """A program that prints the key. Run without a shell; only its name is ever shown."""
    where = f"{place}: {Path(arguments[0]).name}"

    def fetch() -> str:
        try:
            process = subprocess.Popen(
                arguments,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # so that the deadline ends its children as well
            )
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or _("cannot be started")
            raise ConfigError(f"{where}: {reason}") from None
        return _output(process, where).decode("ascii", "replace").strip()

    return KeySource(where, fetch)


def _output(process: subprocess.Popen[bytes], where: str) -> bytes:
    """What the program prints, within the deadline and a sane length."""
    deadline = time.monotonic() + COMMAND_SECONDS
    body = b""
    assert process.stdout is not None  # noqa: S101  (we asked for the pipe)
    try:
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            while len(body) <= LONGEST:
                if not selector.select(max(0.0, deadline - time.monotonic())):
                    raise subprocess.TimeoutExpired(where, COMMAND_SECONDS)
                chunk = os.read(process.stdout.fileno(), 1024)
                if not chunk:
                    break
                body += chunk
        code = None if chunk else process.wait(max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        raise ConfigError(
            _("{where}: no key within {seconds:g} seconds").format(
                where=where, seconds=COMMAND_SECONDS
            )
        ) from None
    finally:
        _end(process)
    if code:
        raise ConfigError(
            _("{where}: failed with exit code {code}; run it by hand to see why").format(
                where=where, code=code
            )
        )
    return body


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a program that still runs, its children with it (it leads its own session)."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    if process.stdout is not None:
        process.stdout.close()


def from_keyring(service: str, user: str, place: str) -> KeySource:
    """The system's key ring (extra `keyring`). It may ask on a screen that no one sees: over SSH
    a locked one does, hence the deadline."""
    where = f"{place}: {service}/{user}"

    def fetch() -> str:
        answer: list[str | ConfigError | None] = []

        def ask() -> None:
            answer.append(_ask_keyring(service, user, where))

        thread = threading.Thread(target=ask, name="keyring", daemon=True)
        thread.start()
        thread.join(KEYRING_SECONDS)
        if not answer:
            raise ConfigError(
                _("{where}: the key ring did not answer within {seconds:g} seconds").format(
                    where=where, seconds=KEYRING_SECONDS
                )
            )
        if isinstance(answer[0], ConfigError):
            raise answer[0]
        if answer[0] is None:
            raise ConfigError(_("{where}: nothing in the key ring").format(where=where))
        return answer[0]

    return KeySource(where, fetch)


def _ask_keyring(service: str, user: str, where: str) -> str | ConfigError | None:
    """The secret, or the error to raise in the caller's thread."""
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        return ConfigError(
            _("{where}: the key ring needs the extra: pip install 'pm-tui[keyring]'").format(
                where=where
            )
        )
    try:
        return keyring.get_password(service, user)
    except (KeyringError, RuntimeError, OSError) as error:
        # the class alone: a backend's text is not ours to vouch for
        return ConfigError(
            _("{where}: the key ring failed ({error})").format(
                where=where, error=type(error).__name__
            )
        )
