"""The program ends while a booking is on its way, in every way in which a program ends.

The gateway has the booking and has not answered. Afterwards the journal does not call it failed,
the next start finds it, and there is one booking, sent once.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pm_tui.cache.intent import STALE, Intent
from pm_tui.cache.journal import Journal
from pm_tui.config import load
from pm_tui.services.settle import INTERRUPTED
from pm_tui.tui.app import PmTuiApp
from tests.conftest import MakeSettings
from tests.sandbox_process import Sandbox, start_sandbox
from tests.tui.terminal import Terminal, terminal
from tests.tui.test_terminal import env as env

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads /proc")
CTRL_Q, CTRL_S = "\x11", "\x13"


@pytest.fixture
def own() -> Iterator[Sandbox]:
    with start_sandbox() as sandbox:
        yield sandbox


def the_intent(env: dict[str, str], *, expire: bool = False) -> Intent:
    settings = load({}, env)
    journal = Journal.open(settings.state_dir)
    try:
        assert (journal.problem, journal.notices) == (None, [])
        if expire:
            journal.expire_stale()
        (intent,) = journal.intents(settings.account)
        return intent
    finally:
        journal.close()


def sends_a_booking(shown: Terminal, own: Sandbox) -> None:
    """By the keyboard, up to where the gateway has it and hangs."""
    shown.sees("online")
    shown.type("Berlin\r")
    shown.sees("12 locations")
    own.fault("accept_then_hang", match="POST /bookings")
    shown.type("b")
    shown.sees("Ready to book")
    shown.type(CTRL_S)
    shown.until(own.bookings, "the booking at the gateway")


def posts(own: Sandbox) -> int:
    return sum(one["method"] == "POST" for one in own.log())


def hang_up(shown: Terminal) -> None:
    shown.hang_up()
    shown.process.wait(30)


def by(number: signal.Signals) -> Callable[[Terminal], None]:
    def end(shown: Terminal) -> None:
        shown.process.send_signal(number)
        assert shown.wait() == (-9 if number == signal.SIGKILL else 128 + number)
        if number != signal.SIGKILL:  # nobody can tidy up after that one
            assert shown.left_on == []
            assert b"Traceback" not in shown.output

    return end


def quit_key(shown: Terminal) -> None:
    shown.type(CTRL_Q)
    assert shown.wait() == 0
    assert shown.left_on == []


ENDS = {
    "TERM": by(signal.SIGTERM),
    "HUP": by(signal.SIGHUP),
    "KILL": by(signal.SIGKILL),
    "closed pty": hang_up,
    "quit key": quit_key,
}


@pytest.mark.parametrize("how", ENDS)
def test_ended_while_a_booking_is_sent_it_is_unknown_and_the_next_start_finds_it(
    env: dict[str, str], own: Sandbox, how: str
) -> None:
    env |= {"PM_TUI_API_KEY": own.api_key, "PM_TUI_BASE_URL": own.base_url}
    with terminal(env) as shown:
        sends_a_booking(shown, own)
        assert the_intent(env).state == "sending"
        ENDS[how](shown)
    intent = the_intent(env, expire=True)
    assert intent.state == "unknown"
    assert intent.reason == (STALE if how == "KILL" else INTERRUPTED)
    (made,) = own.bookings()
    assert made["external_id"] == intent.external_id

    with terminal(env) as shown:  # the next start
        shown.sees("online")
        shown.until(lambda: the_intent(env).state == "confirmed", "the settled intent")
        shown.type("\x1bOR")  # F3
        shown.sees(str(intent.external_id)[:8])
        shown.type(CTRL_Q)
        assert shown.wait() == 0
    assert the_intent(env).booking_id == made["id"]
    assert len(own.bookings()) == 1
    assert posts(own) == 1


def test_a_terminal_that_goes_while_we_leave_does_not_begin_us_anew(
    make_settings: MakeSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kernel sends SIGCONT behind SIGHUP, at which Textual starts its threads again: some
    programs then stayed behind, reading a terminal that was gone."""
    app = PmTuiApp(make_settings())
    ended: list[int] = []
    monkeypatch.setattr(app, "exit", lambda return_code: ended.append(return_code))
    before = signal.getsignal(signal.SIGCONT)
    try:
        app._leave(signal.SIGHUP)
        assert signal.getsignal(signal.SIGCONT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGCONT, before)
    assert ended == [129]
