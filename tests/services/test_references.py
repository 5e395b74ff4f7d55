"""References: what is suggested parses back, whatever a department is called."""

from __future__ import annotations

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pm_tui.services import references
from pm_tui.services.references import LONGEST, Reference, parse, suggest, visitor
from tests.strategies import unicode_text

DAY = date(2026, 2, 10)
FREE_FORMS = (
    "|my-ref-001|driver-123-session-456|depot-bay-14-morning|emp042-20260210|a-b-20261310|a-b-2026021"
    "|a-b-20260210-x|-b-20260210|a--20260210|20260210"
)


def test_the_samples_of_the_contract() -> None:
    assert suggest("Engineering", "EMP042", DAY) == "engineering-emp042-20260210"
    assert visitor("Reception", DAY) == "visitor-reception-20260210"
    assert parse("engineering-emp042-20260210") == Reference("engineering", "emp042", DAY)
    guest = parse("visitor-reception-20260210")
    assert guest is not None
    assert guest.is_visitor


def test_departments_keep_their_hyphens_and_umlauts_are_spelled() -> None:
    reference = suggest("Vertrieb Süd-West", "Jürgen-Müller", DAY)
    assert reference == "vertrieb-sued-west-juergen_mueller-20260210"
    assert parse(reference) == Reference("vertrieb-sued-west", "juergen_mueller", DAY)


def test_a_counter_only_where_the_reference_is_taken() -> None:
    plain = "engineering-emp042-20260210"
    assert suggest("engineering", "emp042", DAY, ["other"]) == plain
    assert suggest("engineering", "emp042", DAY, [plain]) == f"{plain}-2"
    assert suggest("engineering", "emp042", DAY, {plain, f"{plain}-2"}) == f"{plain}-3"
    assert parse(f"{plain}-3") == parse(plain)


@pytest.mark.parametrize(
    "text",
    [None, *FREE_FORMS.split("|")],
)
def test_free_forms_do_not_parse(text: str | None) -> None:
    assert parse(text) is None


@pytest.mark.parametrize(("department", "employee"), [("", "emp"), ("dev", " "), ("***", "emp")])
def test_nothing_to_show_is_refused(department: str, employee: str) -> None:
    with pytest.raises(ValueError, match="letter or a digit"):
        suggest(department, employee, DAY)


@given(
    department=unicode_text(max_size=100),
    employee=unicode_text(max_size=100),
    day=st.dates(min_value=date(1000, 1, 1)),
    count=st.integers(0, 4),
)
def test_what_is_suggested_is_safe_unique_and_parses_back(
    department: str, employee: str, day: date, count: int
) -> None:
    taken: set[str] = set()
    for _again in range(count + 1):
        try:
            reference = suggest(department, employee, day, taken)
        except ValueError:
            assert not references._plain(department) or not references._plain(employee).strip("_")
            return
        assert re.fullmatch(r"[A-Za-z0-9_-]+", reference)
        assert len(reference) <= LONGEST
        assert reference not in taken
        taken.add(reference)
        parsed = parse(reference)
        assert parsed is not None
        assert parsed.day == day
        assert "-" not in parsed.employee


@given(unicode_text(max_size=80))
def test_any_text_is_read_without_a_stumble(text: str) -> None:
    parsed = parse(text)
    assert parsed is None or f"{parsed.day:%Y%m%d}" in text
