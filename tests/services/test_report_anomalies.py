"""What a report points at: each rule by itself, its threshold, its words, and switched off."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from pm_tui.config.anomalies import AnomalyRules
from pm_tui.services.report import Anomaly
from pm_tui.services.report_anomalies import find
from pm_tui.services.report_facts import Fact, facts_of
from tests.services.test_report_sums import OCTOBER, filled, raw

BERLIN = ZoneInfo("Europe/Berlin")
TUESDAY = datetime(2026, 10, 13, 8, tzinfo=UTC)  # 10:00 in Berlin
HOUR = timedelta(hours=1)
OFF = AnomalyRules(
    overlap=False, price=None, count=None, weekend=False, night=None, no_show=None, visitor=False,
    token=None,
)  # fmt: skip


def fact(number: int, **changes: Any) -> Fact:
    """Everybody's own hour of a working day, for 10 euros."""
    start = TUESDAY + timedelta(minutes=number % 60)
    fields: dict[str, Any] = {
        "status": "COMPLETED",
        "department": "sales",
        "person": f"emp{number}",
        "price": 10_000_000,
        "currency": "EUR",
        "start": start,
        "end": start + HOUR,
        "place": "L1",
    }
    return Fact(f"b{number:03}", **fields | changes)


def found(
    *facts: Fact, before: tuple[Fact, ...] = (), rules: AnomalyRules | None = None
) -> list[Anomaly]:
    return list(find(facts, before, rules or AnomalyRules(), BERLIN))


def test_an_ordinary_month_says_nothing() -> None:
    assert found(*map(fact, range(20))) == []
    assert found() == []


def test_one_person_twice_at_the_same_time() -> None:
    pair = [fact(1, person="anna"), fact(2, person="anna")]
    touching = [fact(3, person="otto"), fact(4, person="otto", start=fact(3).end)]
    given_up = [fact(5, person="ida"), fact(6, person="ida", status="CANCELLED")]
    (one,) = found(*pair, *touching, *given_up)
    assert (one.kind, one.ids) == ("overlap", ("b001", "b002"))
    assert one.reason == "anna (sales): 2 bookings at the same time, first on Tue 13 Oct 2026 10:01"
    unknown = replace(pair[1], end=None)
    assert found(pair[0], unknown) == []


def test_one_token_in_two_places() -> None:
    here, there = fact(1, token="AB12"), fact(2, token="AB12", place="L2")
    (one,) = found(here, there)
    assert (one.kind, one.ids) == ("token", ("b001", "b002"))
    assert one.reason.startswith("token AB12: 2 bookings in two places at a time, first on Tue")
    assert found(here, replace(there, place="L1")) == []  # two points of one place
    later = replace(there, start=TUESDAY + 1.5 * HOUR, end=TUESDAY + 2 * HOUR)
    assert found(here, later) == []
    assert len(found(here, later, rules=replace(AnomalyRules(), token=HOUR))) == 1


def test_a_price_far_above_the_persons_or_the_departments_usual() -> None:
    usual = [fact(n, person="anna", start=None) for n in range(5)]
    dear = fact(9, person="anna", price=30_010_000)
    (one,) = found(*usual, dear)
    assert (one.kind, one.ids) == ("price", ("b009",))
    assert one.reason == "anna (sales): 1 booking of €30.01, usual is €10.00"
    assert found(*usual, replace(dear, price=30_000_000)) == []
    assert found(*usual, replace(dear, currency="CHF")) == []  # with none to compare it with
    assert found(*usual[:3], dear) == []  # too few for a usual, of the department too
    # she is new: the department's usual, that of the period before included
    old = tuple(fact(n) for n in range(20, 25))
    (one,) = found(replace(dear, person="new"), before=old)
    assert one.reason == "new (sales): 1 booking of €30.01, usual is €10.00"
    (one,) = found(*usual, replace(dear, person=None, id="x"))
    assert one.reason.startswith("sales: 1 booking of")


def test_a_number_far_above_the_usual() -> None:
    mine = [fact(n, person="anna", start=TUESDAY + n * HOUR) for n in range(7)]
    team = [fact(n) for n in range(30, 34)]
    (one,) = found(*mine, *team)  # the median of the five is one
    assert (one.kind, len(one.ids)) == ("count", 7)
    assert one.reason == "anna (sales): 7 bookings, usual are 1"
    before = tuple(fact(n, person="anna") for n in range(5))
    assert found(*mine, *team, before=before) == []  # as always
    (one,) = found(*(fact(n) for n in range(16)), before=before)
    assert one.reason == "sales: 16 bookings, usual are 5"


def test_nobody_came() -> None:
    mine = [fact(n, person="anna", start=None) for n in range(5)]
    missed = [replace(one, status="NO_SHOW") for one in mine[:2]]
    by = found(*missed, *mine[2:])
    assert [(one.kind, one.reason, one.ids) for one in by] == [
        ("no_show", "anna (sales): for 2 of 5 bookings nobody came", ("b000", "b001")),
        ("no_show", "sales: for 2 of 5 bookings nobody came", ("b000", "b001")),
    ]
    half = replace(AnomalyRules(), no_show=Decimal(50))
    assert found(*missed, *mine[2:], rules=half) == []


def test_weekend_and_night_by_the_clock_of_the_report() -> None:
    friday = datetime(2026, 10, 16, 20, tzinfo=UTC)  # 22:00 in Berlin
    late = fact(1, start=friday, end=friday + HOUR)
    saturday = fact(2, start=friday + 2 * HOUR, end=friday + 3 * HOUR, department=None)
    told = [(one.kind, one.reason) for one in found(late, saturday)]
    assert told == [
        ("weekend", "no department: 1 of 1 bookings begins at the weekend"),
        ("night", "no department: 1 of 1 bookings begins at night"),
        ("night", "sales: 1 of 1 bookings begins at night"),
    ]
    early = replace(AnomalyRules(), night=(time(1), time(5)), weekend=False)
    assert found(late, saturday, rules=early) == []


def test_visitors_without_a_desk_as_the_store_tells_them() -> None:
    store = filled(
        raw(1, external_id="visitor-reception-20261014", token_strategy="ad_hoc"),
        raw(2, external_id="visitor-20261014"),
        raw(3, external_id=None, token_strategy="ad_hoc"),
        raw(4, external_id=None),
        raw(5, external_id="sales-emp1-20261014", token_strategy="ad_hoc"),
        raw(6, token_id="tok1", reservation_start="2026-10-14T08:00:00Z"),
    )
    facts = facts_of(store, OCTOBER.start, OCTOBER.end)
    assert [one.id[-1] for one in facts if one.deskless] == ["2", "3"]
    assert (facts[5].token, facts[5].person, facts[5].place) == ("tok1", "emp1", "DE-ENB-E1")
    usual = facts_of(store, OCTOBER.start, OCTOBER.end, words=False)
    names = [(one.id, one.person, one.department, one.price, one.status) for one in facts]
    assert [(one.id, one.person, one.department, one.price, one.status) for one in usual] == names
    (one,) = find(facts, [], AnomalyRules(), BERLIN)
    assert (one.kind, one.reason) == ("visitor", "2 visitor bookings name no desk")


STRANGE = st.lists(
    st.builds(
        fact,
        st.integers(0, 500),
        status=st.sampled_from(["COMPLETED", "NO_SHOW", "CANCELLED", "NEW"]),
        person=st.sampled_from([None, "anna", "otto", "[b]x"]),
        department=st.sampled_from([None, "sales", "\x1b[31m"]),
        price=st.none() | st.integers(0, 10**12),
        start=st.none() | st.datetimes(timezones=st.just(UTC), min_value=datetime(2000, 1, 1),  # noqa: DTZ001
                                       max_value=datetime(2100, 1, 1)),  # noqa: DTZ001
        token=st.sampled_from([None, "AB"]),
        place=st.sampled_from([None, "L1", "L2"]),
    ),
    max_size=30,
    unique_by=lambda one: one.id,
)  # fmt: skip


@given(STRANGE, STRANGE)
@examples(deadline=None, max_examples=60)
def test_whatever_the_bookings_are(now: list[Fact], before: list[Fact]) -> None:
    told = found(*now, before=tuple(before))
    counted = {one.id for one in now if one.counts}
    for one in told:
        assert one.ids and set(one.ids) <= counted
        assert len(set(one.ids)) == len(one.ids)
        assert one.reason.isprintable() and "{" not in one.reason
    again = found(*reversed(now), before=tuple(before))
    assert sorted(one.kind for one in told) == sorted(one.kind for one in again)
    assert found(*now, before=tuple(before), rules=OFF) == []


@pytest.mark.parametrize("kind", ["overlap", "token", "price", "count", "no_show", "visitor"])
def test_each_is_switched_off_alone(kind: str) -> None:
    mine = [fact(n, person="anna", token="T", place=f"L{n % 2}") for n in range(12)]
    mine[3] = replace(mine[3], price=90_000_000, deskless=True)
    facts = [replace(one, status="NO_SHOW") if n > 8 else one for n, one in enumerate(mine)]
    facts += [fact(n) for n in range(30, 34)]
    kinds = {one.kind for one in found(*facts)}
    assert kinds == {"overlap", "token", "price", "count", "no_show", "visitor"}
    off = replace(AnomalyRules(), **{kind: getattr(OFF, kind)})
    assert {one.kind for one in found(*facts, rules=off)} == kinds - {kind}
