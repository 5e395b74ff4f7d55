"""A booking's script: drawn once, a pure function of time ever after (§7)."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from pm_tui.sandbox.lifecycle import (
    CANCELLABLE,
    TERMINAL,
    Luck,
    Script,
    Status,
    write_script,
)
from pm_tui.sandbox.options import Span

S = Status
NOW = datetime(2026, 2, 10, 9, 30, 0, 123000, tzinfo=UTC)
ALLOWED = {
    (S.REQUESTED, S.PENDING),
    (S.PENDING, S.CONFIRMED),
    (S.PENDING, S.CANCELLED),
    (S.PENDING, S.EXPIRED),
    (S.CONFIRMED, S.ATTENDING),
    (S.CONFIRMED, S.NO_SHOW),
    (S.CONFIRMED, S.EXPIRED),
    (S.ATTENDING, S.COMPLETED),
}

lucks = st.builds(
    Luck,
    confirm=st.sampled_from([Span(0, 0), Span(1, 10), Span(900, 20_000)]),
    refused=st.sampled_from([0, 0.5, 1]),
    no_show=st.sampled_from([0, 0.5]),
    expired=st.sampled_from([0, 0.5]),
    never_confirms=st.booleans(),
)
scripts = st.builds(
    lambda luck, lead, length, seed: write_script(
        NOW,
        NOW + timedelta(minutes=lead),
        NOW + timedelta(minutes=lead + length),
        luck,
        random.Random(seed),
    ),
    lucks,
    st.integers(15, 5000),
    st.integers(1, 1440),
    st.integers(),
)
moments = st.integers(-100, 10**9).map(lambda ms: NOW + timedelta(milliseconds=ms))


@given(scripts)
def test_scripts_follow_the_transition_table(script: Script) -> None:
    assert script.steps[0].at == NOW and script.steps[0].status is S.REQUESTED
    assert script.steps[-1].status in TERMINAL
    for before, after in pairwise(script.steps):
        assert (before.status, after.status) in ALLOWED
        assert before.at <= after.at


@given(scripts, moments, moments)
def test_time_never_turns_a_status_back(script: Script, one: datetime, two: datetime) -> None:
    order = [step.status for step in script.steps]
    early, late = sorted((one, two))
    assert order.index(script.current(early).status) <= order.index(script.current(late).status)


@given(scripts, moments)
def test_the_disk_keeps_what_a_millisecond_can_tell(script: Script, now: datetime) -> None:
    loaded = Script.load((int(str(at)), str(status)) for at, status in script.dump())
    assert [step.status for step in loaded.steps] == [step.status for step in script.steps]
    assert Script.load((int(str(at)), str(s)) for at, s in loaded.dump()) == loaded


@given(scripts, moments)
def test_cancelled_stays_cancelled(script: Script, now: datetime) -> None:
    if script.current(now).status not in CANCELLABLE:
        return
    cancelled = script.cancelled(now)
    for later in (timedelta(), timedelta(hours=1), timedelta(days=900)):
        assert cancelled.current(max(now, NOW) + later).status is S.CANCELLED
    assert cancelled.reached(S.CONFIRMED, now) == script.reached(S.CONFIRMED, now)


def test_confirmation_comes_in_its_time_and_fates_are_mixed() -> None:
    fates: Counter[Status] = Counter()
    for seed in range(2000):
        start, end = NOW + timedelta(hours=1), NOW + timedelta(hours=2)
        script = write_script(NOW, start, end, Luck(Span(1, 10)), random.Random(seed))
        answer = script.steps[2]
        assert timedelta(seconds=1) <= answer.at - NOW <= timedelta(seconds=10)
        fates[script.steps[-1].status] += 1
        if script.steps[-1].status is S.COMPLETED:
            assert start <= script.steps[-2].at < script.steps[-1].at <= end
    assert 60 <= fates[S.CANCELLED] <= 140
    assert fates[S.NO_SHOW] > 60 and fates[S.EXPIRED] > 40
    assert fates[S.COMPLETED] > 1500
