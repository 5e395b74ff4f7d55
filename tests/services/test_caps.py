"""Monthly budgets: counted as the reports count, warned of in time, and never asked for."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from pm_tui.cache.reports import Part
from pm_tui.config.caps import CapSettings
from pm_tui.models.booking import Booking
from pm_tui.models.result import Result
from pm_tui.services import caps
from pm_tui.services.caps import Budget, Budgets
from pm_tui.services.report_rows import entry_of
from pm_tui.services.rules import Draft, check
from pm_tui.services.session import Session
from pm_tui.services.spending import budgets_of, spending_in, spending_of
from tests.conftest import MakeSettings
from tests.services.test_report_sums import NOON, OCTOBER, READER, filled, raw
from tests.services.test_rules import GOOD, NOW

LIMITS = CapSettings(
    limits={
        ("employee", "*"): Decimal("50.00"),
        ("employee", "emp1"): Decimal(20),
        ("department", "sales"): Decimal(1000),
        ("group", "g7"): Decimal(10),
    }
)


def test_used_left_and_where_the_month_ends() -> None:
    store = filled(
        raw(1),
        raw(2, external_id="sales-emp2-20261014", client_price=Decimal(30)),
        raw(3, external_id="sales-emp2-20261014", client_price=None),
        raw(4, external_id="sales-emp2-20261014", client_price=Decimal(9),
            client_price_currency="CHF"),
        raw(5, status="CANCELLED"),
        raw(6, status="EXPIRED"),
        raw(7, status="CONFIRMED", external_id="it-emp3-20261014"),
        raw(8, external_id="visitor-reception-20261014"),
    )  # fmt: skip
    half = OCTOBER.start + (OCTOBER.end - OCTOBER.start) / 2
    found = {(one.kind, one.name): one for one in budgets_of(store, OCTOBER, half, LIMITS)}
    assert list(found) == [
        ("employee", "emp1"), ("employee", "emp2"), ("employee", "emp3"), ("department", "sales"),
        ("group", "g7"),
    ]  # fmt: skip
    one = found["employee", "emp1"]
    assert (one.used, one.left, one.forecast, one.level) == (
        Decimal("18.75"), Decimal("1.25"), Decimal("37.50"), "near",
    )  # fmt: skip
    two = found["employee", "emp2"]
    assert two.used == 30
    assert (two.bookings, two.unpriced, two.foreign, two.level) == (3, 1, 1, "well")
    assert found["department", "sales"].used == Decimal("48.75")
    assert found["group", "g7"].used == found["group", "g7"].bookings == 0
    over = budgets_of(store, OCTOBER, OCTOBER.end, LIMITS)
    assert {one.forecast for one in over} == {None}  # the month is over
    assert budgets_of(store, OCTOBER, OCTOBER.end, CapSettings()) == ()


def test_in_words() -> None:
    one = Budget("employee", "emp1", "EUR", Decimal(20), Decimal("18.75"), Decimal(80),
                 forecast=Decimal("37.5"), unpriced=1)  # fmt: skip
    assert caps.lines([one]) == [
        "! above 80 %: emp1: €18.75 of €20.00 (94 %), €1.25 left, "
        "€37.50 by the end of the month at this rate, 1 without a price"
    ]
    all_of_it = Budget("group", "g7", "EUR", Decimal(10), Decimal(10), Decimal(80))
    soon = Budget("group", "g8", "EUR", Decimal(10), Decimal(5), Decimal(80), forecast=Decimal(11))
    well = Budget("group", "g9", "EUR", Decimal(10), Decimal(5), Decimal(80), forecast=Decimal(9))
    told = caps.lines([all_of_it, soon, well])
    assert caps.line(replace(all_of_it, used=Decimal(13))).endswith("(130 %), €3.00 too much")
    assert told[0].startswith("✗ used up: g7: €10.00 of €10.00 (100 %), €0.00 left")
    assert told[1].startswith("! over by the end of the month: g8:") and len(told) == 2
    some = Budgets((one, all_of_it, soon), LIMITS, READER, OCTOBER.start, OCTOBER.end)
    assert caps.head(some) == "✗ 1 budget used up, ! 1 budget above 80 %"
    assert caps.head(Budgets((well,), LIMITS, READER, OCTOBER.start, OCTOBER.end)) == ""


def warned(used: str, price: str | None = "5", currency: str = "EUR", **draft: Any) -> list[str]:
    one = Budget("employee", "emp1", "EUR", Decimal(20), Decimal(used), Decimal(80))
    known = Result(
        Budgets((one,), LIMITS, READER, OCTOBER.start, OCTOBER.end),
        "cache",
        NOW - timedelta(minutes=7),
    )
    fields = {name: getattr(GOOD, name) for name in GOOD.__slots__} | draft
    estimate = (None if price is None else Decimal(price), currency)
    quiet = check(Draft(**fields), NOW)
    told = check(Draft(**fields), NOW, known, estimate)
    assert all(finding.severity == "warning" for finding in told if finding not in quiet)
    return [f"{one.field}: {one.text}" for one in told if one not in quiet]


def test_before_a_booking_is_sent() -> None:
    mine = {"external_id": "sales-emp1-20261124"}
    assert warned("10", **mine) == []
    assert warned("11", **mine) == [
        "external_id: emp1: €16.00 of €20.00 with this booking, little is left "
        "(known to this client only, 7 min old)"
    ]
    assert "€20.00 of €20.00 with this booking, the month's budget is used up" in warned(
        "15", **mine
    )[0]  # fmt: skip
    # what it costs is not known, or in another currency
    assert warned("11", None, **mine) == warned("11", currency="CHF", **mine) == []
    assert "€16.00 of €20.00 before this booking" in warned("16", None, **mine)[0]
    # somebody of whom nothing is known yet has the budget of everybody
    assert warned("0", "39", external_id="it-emp9-20261124") == []
    assert "emp9: €40.00 of €50.00" in warned("0", "40", external_id="it-emp9-20261124")[0]
    (group,) = warned(
        "0", "8", external_id="my-ref", token_strategy="group_token", fleet_group_id="g7",
        customer_id=None, token_id=None,
    )  # fmt: skip
    assert group.startswith("fleet_group_id: g7: €8.00 of €10.00")
    assert warned("0", "8", external_id=None) == []


ROWS = st.lists(
    st.tuples(
        st.none() | st.decimals(0, 500, places=3),
        st.sampled_from(["EUR", "CHF", None]),
        st.sampled_from(["sales-emp1-20261014", "it-emp2-20261014", "g7-d-20261014", "x", None]),
        st.sampled_from(["COMPLETED", "CANCELLED", "EXPIRED", "CONFIRMED", "NO_SHOW"]),
        st.sampled_from([None, "g7"]),
    ),
    max_size=25,
)


@given(ROWS)
@examples(deadline=None, max_examples=50)
def test_booking_by_booking_is_what_the_store_sums(rows: list[tuple[Any, ...]]) -> None:
    names = ("client_price", "client_price_currency", "external_id", "status", "fleet_group_id")
    raws = [raw(n, **dict(zip(names, row, strict=True))) for n, row in enumerate(rows)]
    store = filled(*raws)
    single = spending_of([entry_of(one, READER, OCTOBER.start) for one in raws], "EUR")
    assert spending_in(store, OCTOBER, "EUR") == single
    assert spending_of(store.scan(OCTOBER.start, OCTOBER.end, lambda row: row), "EUR") == single
    store.close()


async def test_what_reports_read_and_what_the_list_knows_is_counted_once_and_the_newer_way(
    make_settings: MakeSettings,
) -> None:
    now = NOON + timedelta(hours=1)
    settings = make_settings(offline=True)
    object.__setattr__(settings, "caps", LIMITS)
    read_at = now - timedelta(hours=2)
    async with Session(settings, now=lambda: now) as session:
        empty = await session.budgets()
        assert (
            empty is not None and empty.fetched_at == OCTOBER.start
        )  # since when nothing is known

        def keep(stores: Any) -> None:
            entries = [entry_of(one, READER, NOON) for one in (raw(1), raw(2))]
            stores.reports.keep(Part(OCTOBER.start, now - timedelta(hours=3), read_at), entries)
            stores.bookings.put([raw(3, status="CONFIRMED")], now - timedelta(minutes=30))
            stores.bookings.put([raw(4, created_at="2026-09-30T21:59:59Z")], now)  # September's

        await session.with_stores(keep)
        remembered = await session.budgets()
        assert remembered is not None
        (one, *_rest) = remembered.value.of("sales-emp1-20261020", None)[-2:]
        assert (one.used, one.bookings) == (Decimal("56.25"), 3)
        assert remembered.fetched_at == now - timedelta(minutes=30)
        # the list has just told that one of them was cancelled, and one that is newer
        seen = [
            (Booking.read(raw(1, status="CANCELLED")), now),
            (Booking.read(raw(2, client_price=Decimal(99))), read_at - timedelta(hours=9)),
            (Booking.read(raw(9, status="REQUESTED", client_price=Decimal(1))), now),
        ]
        listed = await session.budgets(seen, now)
        assert listed is not None and listed.origin == "cache"
        assert listed.value.all[0].used == Decimal("19.75")
        assert listed.fetched_at == now
        assert [one.name for one in listed.value.of_booking(seen[2][0])] == ["emp1", "sales"]
        september = Booking.read(raw(4, created_at="2026-09-30T21:59:59Z"))
        assert listed.value.of_booking(september) == []
    object.__setattr__(settings, "caps", CapSettings())
    async with Session(settings, now=lambda: now) as session:
        assert await session.budgets() is None


@pytest.mark.parametrize(("hours", "share"), [(23, None), (24, "0.03"), (744, "1.00"), (800, None)])
def test_a_month_too_young_or_over_is_not_forecast(hours: int, share: str | None) -> None:
    now = OCTOBER.start + timedelta(hours=hours)
    found = caps.passed(OCTOBER.start, OCTOBER.end, now)
    assert (None if found is None else f"{found:.2f}") == share
