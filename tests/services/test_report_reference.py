"""What an `external_id` says, by the documented conventions and by one's own."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from pm_tui.services.report_reference import PatternError, Reader, Reference

DAY = date(2026, 2, 10)
READER = Reader()


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("engineering-emp042-20260210", Reference("engineering", "emp042", date=DAY)),
        ("field-service-emp042-20260210", Reference("field-service", "emp042", date=DAY)),
        ("visitor-reception-20260210", Reference(desk="reception", date=DAY)),
        ("visitor-north-gate-20260210", Reference(desk="north-gate", date=DAY)),
        ("group_abc123-drv07-20260210", Reference(group="group_abc123", driver="drv07", date=DAY)),
        ("Außendienst-emp1-20260210", Reference("Außendienst", "emp1", date=DAY)),
        # from the contract: what follows no convention is not made to
        ("my-ref-001", None),
        ("driver-123-session-456", None),
        ("fleet-delivery-route-morning", None),
        ("engineering-emp042-20260230", None),
        ("engineering--20260210", None),
        ("-emp042-20260210", None),
        ("emp042-20260210", None),
        ("engineering-emp042-20260210\n", None),
        ("", None),
        (None, None),
    ],
)
def test_the_documented_conventions(text: str | None, read: Reference | None) -> None:
    assert READER.read(text) == read


def test_the_group_that_the_booking_tells_decides() -> None:
    """`{group_id}-{driver_id}-{date}` looks like a department's; the booking knows better."""
    text = "depot-north-drv07-20260210"
    assert READER.read(text, "depot-north") == Reference(
        group="depot-north", driver="drv07", date=DAY
    )
    assert READER.read(text) == Reference("depot-north", "drv07", date=DAY)
    assert READER.read("group_a-drv07-20260210", "group_b") == Reference(
        "group_a", "drv07", date=DAY
    )


def test_patterns_of_ones_own() -> None:
    reader = Reader(["{date}/{department}/{employee}", "{department}-{employee:emp*}-{date}"])
    assert reader.read("20260210/R-D/anna") == Reference("R-D", "anna", date=DAY)
    assert reader.read("field-service-emp-042-20260210") == Reference(
        "field-service", "emp-042", date=DAY
    )
    assert reader.read("field-service-042-20260210") is None
    digits = Reader(["{employee:###}"])
    assert digits.read("042") == Reference(employee="042")
    assert digits.read("04a") is None


@pytest.mark.parametrize(
    "text", ["", "plain", "{colour}", "{date", "{employee}{date}", "{date}-{date}", "x" * 300]
)
def test_patterns_that_are_refused(text: str) -> None:
    with pytest.raises(PatternError):
        Reader([text])


NAME = st.text("abcäöü-_.", min_size=1, max_size=12).filter(lambda text: text.strip("-") != "")
SHORT = st.text("abc019_", min_size=1, max_size=8)


@given(department=NAME, employee=SHORT, day=st.dates(date(2000, 1, 1), date(2100, 1, 1)))
@examples(deadline=None, max_examples=60)
def test_hyphens_in_a_department_shift_nothing(department: str, employee: str, day: date) -> None:
    if department.startswith(("visitor-", "group_")):
        return
    read = READER.read(f"{department}-{employee}-{day:%Y%m%d}")
    assert read == Reference(department, employee, date=day)


@given(st.text("ab-{}.*2026 ä\n", max_size=40), st.none() | st.text("ab-", max_size=5))
@examples(deadline=None, max_examples=40)
def test_whatever_it_is_it_is_read_or_not(text: str, group: str | None) -> None:
    read = READER.read(text, group)
    assert read is None or read != Reference()
