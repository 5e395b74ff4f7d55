"""How the operators behind the gateway answer: their pace, and now and then an accident."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from pm_tui.sandbox.charging import evse_status
from pm_tui.sandbox.operators import DEADLINE, Behaviour, Operators, ask, ask_all
from pm_tui.sandbox.options import Span
from tests.sandbox.test_lifecycle import NOW
from tests.sandbox.tiny_network import CPOS, ENB, ION, TinyNetwork

SPAN = Span(20, 400)


def test_the_same_seed_the_same_pace() -> None:
    plans = [Operators(seed, SPAN, accidents=True).plan(list(CPOS), None) for seed in (1, 1, 2)]
    assert plans[0] == plans[1] != plans[2]


@given(st.integers(), st.floats(0, 500), st.floats(0, 500))
def test_the_pace_keeps_its_bounds(seed: int, low: float, more: float) -> None:
    operators = Operators(seed, Span(low, low + more), accidents=False)
    for _ in range(3):
        for behaviour in operators.plan(list(CPOS), None).values():
            assert low <= behaviour.seconds * 1000 + 1e-6 and behaviour.error is None
            assert behaviour.seconds * 1000 <= low + more + 1e-6


def test_accidents_happen_but_to_one_at_a_time() -> None:
    operators = Operators(1, SPAN, accidents=True)
    kinds: Counter[str] = Counter()
    for _ in range(1000):
        plan = operators.plan(list(CPOS), None).values()
        unlucky = [b for b in plan if b.error or b.seconds > 0.4]
        assert len(unlucky) <= 1
        kinds.update("failing" if b.error else "slow" for b in unlucky)
    assert 50 < kinds["failing"] < 120 and 80 < kinds["slow"] < 170


async def test_who_is_too_slow_is_left_out() -> None:
    found = TinyNetwork().near(52.52, 13.405, 5)
    late = await ask(ENB, found, Behaviour(DEADLINE + 1))
    assert late.found == [] and late.error == "timeout"
    assert late.duration_ms >= DEADLINE * 1000 - 20


async def test_the_truth_about_each() -> None:
    rows = TinyNetwork().near(52.52, 13.405, 5)
    plan = {"ENB": Behaviour(0.0), "ION": Behaviour(0.0, "HTTP 502")}
    good, bad = await ask_all({ENB: rows, ION: rows}, plan)
    assert good.found == rows and good.error is None
    assert bad.describe("Ion") == {
        "cpo_party_id": "ION",
        "cpo_name": "Ion",
        "count": 0,
        "duration_ms": bad.duration_ms,
        "error": "HTTP 502",
    }


def test_evse_statuses_are_plausible_and_repeat() -> None:
    uids = [f"DE*ENB*E{n}*1" for n in range(4000)]
    now = [evse_status(1, uid, NOW) for uid in uids]
    assert now == [evse_status(1, uid, NOW) for uid in uids]
    assert now != [evse_status(2, uid, NOW) for uid in uids]
    share = Counter(now)
    assert 2400 < share["AVAILABLE"] < 3000 and 700 < share["CHARGING"] < 1100
    assert 60 < share["OUTOFORDER"] < 150 and share["UNKNOWN"] > 20 and share["BLOCKED"] > 20
    assert [evse_status(1, uid, None) for uid in uids] == [evse_status(1, u, None) for u in uids]
