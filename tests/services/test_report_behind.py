"""What stands behind a line that is worth a look: its own bookings, and of a budget its month's."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from pm_tui import config
from pm_tui.config import Settings
from pm_tui.config.caps import CapSettings
from pm_tui.services.fleet import FleetFile, opened
from pm_tui.services.fleet_table import FleetError
from pm_tui.services.report_behind import behind_finding, findings
from pm_tui.services.report_period import Period
from pm_tui.services.report_xlsx import as_workbook
from tests.services.test_report_files import _cells

TABLE = """\
booking_id;created_at;external_id;status;client_price;reservation_start;reservation_end
b1;2026-10-14T10:00:00Z;sales-emp1-20261014;COMPLETED;18.75;2026-10-14T12:00:00Z;2026-10-14T14:00:00Z
b2;2026-10-14T10:01:00Z;sales-emp1-20261014;COMPLETED;5.00;2026-10-14T13:00:00Z;2026-10-14T15:00:00Z
b3;2026-10-15T10:00:00Z;sales-emp1-20261015;CANCELLED;90.00;;
b4;2026-10-15T10:00:00Z;it-emp2-20261015;NO_SHOW;1.00;;
"""
AT = datetime(2026, 11, 1, 5, tzinfo=UTC)


@pytest.fixture
def table(tmp_path: Path) -> FleetFile:
    path = tmp_path / "fleet.csv"
    path.write_text(TABLE)
    os.utime(path, (AT.timestamp(), AT.timestamp()))
    return opened(path, settings_in(tmp_path))


def settings_in(home: Path) -> Settings:
    """With a budget of 20 for everybody."""
    (home / "config.toml").write_text('[caps.employee]\n"*" = 20\n')
    environment = {"HOME": str(home), "PM_TUI_CONFIG": str(home / "config.toml")}
    settings = config.load({}, environment)
    assert settings.caps == CapSettings(limits={("employee", "*"): Decimal(20)})
    return settings


async def test_the_budgets_come_first_and_each_line_opens_its_bookings(table: FleetFile) -> None:
    month = Period.containing(table.period.first, "month", table.period.zone)
    result = table.report(month, "city", "COMPLETED")
    assert (table.name, result.fetched_at) == ("fleet.csv", AT)
    budget, overlap = found = findings(result.value)
    assert budget.text.startswith("✗ used up: emp1") and budget.bookings == 2
    assert overlap.text.startswith("emp1 (sales): 2 bookings at the same time")
    assert len({one.key for one in found}) == 2
    for one in found:
        listed = await behind_finding(table, month, one)
        assert [booking.id for booking in listed] == ["b1", "b2"]
    # no month: no budget, and the same overlap
    days = table.report(table.period, "city", "COMPLETED").value
    assert [one.text for one in findings(days)] == [overlap.text]

    sheet = _cells(as_workbook(result, ()), 1)
    assert [(str(text)[:9], number) for text, number in sheet[1:]] == [
        ("✗ used up", 2),
        ("emp1 (sal", 2),
    ]


def test_a_table_that_is_none_says_why(tmp_path: Path) -> None:
    with pytest.raises(FleetError, match="no column"):
        opened(tmp_path / "config.toml", settings_in(tmp_path))
