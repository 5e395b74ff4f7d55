"""The words for a change: its steps in their order and marks, and an advice for every ending."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from pm_tui.models.booking import Booking
from pm_tui.services.rebook import Outcome, Rebooking, Step
from pm_tui.tui.widgets.rebook_text import Change, advice, heading, order, step_lines
from tests.services.conftest import a_request


def change(*steps: Step, ending: Any = None, clash: bool = False, **more: Any) -> Change:
    request = a_request()
    part = Rebooking("part", Booking("b1", "CONFIRMED"), request, request, clash, **more)
    return Change(part, steps=list(steps), ending=ending)


def marks(one: Change) -> str:
    return "".join(str(line)[0] for line in step_lines(one))


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (change(), "···"),
        (change("book"), "»··"),
        (change("book", "wait"), "✓»·"),
        (change("book", "wait", ending="kept"), "✓✗·"),
        (change("book", "wait", ending="waiting"), "✓··"),
        (change("book", "wait", "cancel", ending="rebooked"), "✓✓✓"),
        (change("book", "wait", "cancel", ending="both"), "✓✓✗"),
        (change("book", ending="unknown"), "?··"),
        (change("cancel", "book", clash=True), "✓»·"),
        (change("cancel", "book", "restore", clash=True), "✓✗·»"),
        (change("cancel", "book", "wait", "restore", ending="restored", clash=True), "✓✓✗✓"),
        (change("cancel", "book", "restore", ending="lost", clash=True), "✓✗·✗"),
        # gone on with: what the journal tells of the earlier run
        (change(begun=True, done={"book"}, unclear={"cancel"}), "·✓·?"),
        (change("settle", begun=True, done={"book"}, unclear={"cancel"}), "»✓·?"),
        (change(begun=True, done={"cancel"}, unclear={"restore"}, clash=True), "·✓··?"),
    ],
)
def test_every_step_has_a_mark_for_what_became_of_it(one: Change, expected: str) -> None:
    assert marks(one) == expected


@pytest.mark.parametrize("ending", [*get_args(Outcome), "nothing"])
def test_every_ending_has_words_and_a_way_on(ending: Any) -> None:
    assert heading(ending)[0] in "✓✗!…?"
    assert advice(ending).endswith(".")


@pytest.mark.parametrize(
    ("status", "fee"), [("PENDING", "free of charge"), ("CONFIRMED", "fee"), ("NEW", "fee")]
)
@pytest.mark.parametrize("clash", [False, True])
def test_the_order_says_what_it_may_cost(status: str, fee: str, clash: bool) -> None:
    assert fee in order(clash, Booking("b1", status))
