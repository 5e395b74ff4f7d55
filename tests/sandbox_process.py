"""Start a sandbox as a process of its own, and steer it: for everybody's tests.

    with start_sandbox() as sandbox:                    # steady: no chance, quick operators
        httpx.get(sandbox.base_url + "/search", headers=sandbox.headers, params=...)
        sandbox.fault("accept_then_hang", match="POST /bookings")
        sandbox.advance(3600)
        assert sandbox.log()[-1]["external_id"] == "..."

With the steady profile the operators' EVSE statuses are a fixed mix (some are CHARGING or out of
order: book one that the search calls AVAILABLE), no booking is refused, missed or expires
unconfirmed, and every confirmed one is attended.

It asks `/_sandbox` (control_url), which is neither counted nor limited. It is forked from a warm
process (`tests.warm`); still share one where tests do not disturb each other.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

from tests import warm

ROOT = Path(__file__).parents[1]
_OPENER = build_opener(ProxyHandler({}))  # never through a proxy of the environment


@dataclass(slots=True)
class Sandbox:
    """A running sandbox. `stop` is safe to call twice; leaving a `with` block calls it."""

    base_url: str
    fleet_url: str
    control_url: str
    api_key: str
    home_url: str
    home_token_url: str
    home_client_id: str
    home_secret: str
    process: warm.Process

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def headers(self) -> dict[str, str]:
        return {"X-API-Key": self.api_key}

    @property
    def port(self) -> int:
        return int(self.base_url.split(":")[2].split("/")[0])

    def stop(self) -> int:
        """End it by SIGTERM; its exit code (0 when it ended as it should)."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        finally:
            for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
                if pipe is not None:
                    pipe.close()

    def kill(self) -> None:
        """SIGKILL: nothing is cleaned up. The state folder stays usable."""
        self.process.kill()
        self.stop()

    def control(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        """One call of the control endpoint; raises `RuntimeError` with the server's reason."""
        data = None if body is None else json.dumps(body).encode()
        headers = {**self.headers, "Content-Type": "application/json"}
        request = Request(  # noqa: S310  (always our own loopback URL)
            self.control_url + path, data, headers, method=method
        )
        try:
            with _OPENER.open(request, timeout=20) as answer:
                return cast(dict[str, Any], json.load(answer))
        except HTTPError as problem:
            with problem:
                raise RuntimeError(problem.read().decode()) from None

    def fault(self, fault: str, match: str = "*", times: int | None = 1, **more: Any) -> int:
        """Arm a fault (`pm_tui.sandbox.faults`); its id. `times=None`: until disarmed."""
        body = {"fault": fault, "match": match, "times": times, **more}
        return int(self.control("POST", "/faults", body)["armed"][0]["id"])

    def clear_faults(self) -> None:
        self.control("DELETE", "/faults")

    def advance(self, seconds: float) -> None:
        """Move the sandbox's clock (bookings, limits, `Date` header) forward."""
        self.control("POST", "/clock", {"advance_seconds": seconds})

    def now(self) -> str:
        return str(self.control("GET", "/clock")["now"])

    def texts(self, mode: Literal["hostile", "plain"]) -> None:
        self.control("POST", "/texts", {"mode": mode})

    def use_quota(self, used: int) -> None:
        """Say that `used` requests were made this month."""
        self.control("POST", "/quota", {"used": used})

    def seed(self, **wanted: Any) -> int:
        """Add past bookings (`pm_tui.sandbox.seeding.wanted`); `since` stands for `from`."""
        if "since" in wanted:
            wanted["from"] = wanted.pop("since")
        return int(self.control("POST", "/seed", wanted)["bookings"])

    def home(self, **changes: Any) -> dict[str, Any]:
        """Change the side of home chargers (`pm_tui.sandbox.control.home`)."""
        return self.control("POST", "/home", changes)

    def log(self) -> list[dict[str, Any]]:
        """Every API request that arrived, oldest first."""
        return list(self.control("GET", "/log")["requests"])

    def clear_log(self) -> None:
        self.control("DELETE", "/log")

    def bookings(self, history: bool = False) -> list[dict[str, Any]]:
        """The truth: all bookings made, oldest first, each with its `script`."""
        return list(self.control("GET", "/bookings" + "?history=1" * history)["bookings"])


def command(network: Literal["tiny", "generated"] = "tiny", **options: Any) -> list[str]:
    """The command line. Underscores in option names become dashes, True a bare flag."""
    return [sys.executable, "-m", *_line(network, **options)]


def _line(network: str, **options: Any) -> list[str]:
    """The module and its arguments."""
    line = ["tests.sandbox.tiny_network" if network == "tiny" else "pm_tui.sandbox"]
    for name, value in options.items():
        flag = "--" + name.replace("_", "-")
        if value is True:
            line.append(flag)
        elif value is not None and value is not False:
            line.append(f"{flag}={value}")
    return line


def start_sandbox(
    *,
    network: Literal["tiny", "generated"] = "tiny",
    chaos: str | None = "steady",
    confirm_seconds: str = "0.2-0.4",
    cpo_latency: str = "1-5",
    history: bool = False,
    rate: int = 100_000,
    quota: int = 10_000_000,
    parent_stdin: bool = True,
    **options: Any,
) -> Sandbox:
    """Start one and wait until it answers. Raises `RuntimeError` with its stderr if it does not.

    Defaults are those of a test: the tiny network, no accidents, next to no waiting, no past
    bookings, limits out of the way. Further options are those of the command line: `seed`,
    `state`, `stations` (a file; with `network="generated"`), `port`.
    """
    line = _line(
        network,
        chaos=chaos,
        confirm_seconds=confirm_seconds,
        cpo_latency=cpo_latency,
        no_history=not history,
        rate=rate,
        quota=quota,
        parent_stdin=parent_stdin,
        **options,
    )
    process = warm.start(*line)
    assert process.stdout is not None and process.stderr is not None
    watchdog = threading.Timer(30, process.kill)
    watchdog.start()
    first = process.stdout.readline()
    watchdog.cancel()
    if not first:
        stderr = process.stderr.read()
        raise RuntimeError(f"sandbox ended with {process.wait()}: {stderr.strip()}")
    return Sandbox(**json.loads(first), process=process)


@contextmanager
def clean(sandbox: Sandbox) -> Iterator[Sandbox]:
    """Lend a shared sandbox to one test: no faults, plain texts and an empty log before it."""
    sandbox.clear_faults()
    sandbox.texts("plain")
    sandbox.clear_log()
    yield sandbox
