"""What a window that opens is told of what others read."""

from __future__ import annotations

from typing import Any

from pm_tui.cache.shared import News
from pm_tui.services.news import folded


def one(seq: int, at: float, *rows: tuple[str, str], whole: bool = False) -> News:
    return News(seq, at, whole, whole, [{"id": name, "status": status} for name, status in rows])


def told(*news: News) -> list[tuple[bool, dict[str, Any]]]:
    return [
        (found.whole, {str(row["id"]): row["status"] for row in found.rows})
        for found in folded(news)
    ]


def test_each_booking_is_told_once_as_it_was_told_last() -> None:
    assert told(
        one(1, 10, ("a", "PENDING")),
        one(2, 11, ("a", "CONFIRMED")),
        one(3, 20, ("a", "CONFIRMED"), ("b", "PENDING"), whole=True),
        one(4, 12, ("b", "REQUESTED")),  # written late
        one(5, 30, ("a", "CANCELLED")),
        one(6, 31, ("c", "PENDING")),
    ) == [(True, {"a": "CANCELLED", "b": "PENDING"}), (False, {"c": "PENDING"})]


def test_without_a_list_the_last_of_each_is_told() -> None:
    assert told(one(1, 10, ("a", "PENDING")), one(2, 11, ("a", "CONFIRMED"))) == [
        (False, {"a": "CONFIRMED"})
    ]
    assert told() == []
