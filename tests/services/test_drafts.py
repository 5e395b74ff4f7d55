"""Bookings half filled in: kept for a week, bounded, read tolerantly."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from pm_tui.cache.notebook import BROKEN, LEFT
from pm_tui.services import drafts
from pm_tui.services.account import Account
from pm_tui.services.drafts import KEPT, MOST, FormDraft
from tests.conftest import MakeSettings
from tests.fakes import NOON, FixedClock

TYPED = FormDraft(
    "DE-1",
    NOON,
    evse_uid="DE*1",
    connector_id="2",
    start=NOON + timedelta(hours=3),
    end_text="+2 hou",
    token_strategy="driver_token",
    department="sales",
    employee="emp007",
    identity={"customer_id": "cust_emp007"},
)


@pytest.fixture
def account(make_settings: MakeSettings, clock: FixedClock) -> Account:
    return Account(make_settings(memory=True), now=clock)


async def test_a_draft_comes_back_as_it_was_typed_until_it_is_dropped(
    account: Account, clock: FixedClock, tmp_path: Path
) -> None:
    await drafts.forget_old(account)
    assert not list((tmp_path / "state").rglob(LEFT)), "no file is made for nothing"
    assert await drafts.draft_of(account, "DE-1") is None
    clock.at = NOON + timedelta(minutes=1)
    assert await drafts.keep(account, TYPED)
    found = await drafts.draft_of(account, "DE-1")
    assert found is not None and found.says_the_same(TYPED)
    assert found.saved_at == clock.at
    assert await drafts.draft_of(account, "DE-2") is None
    (file,) = (tmp_path / "state").rglob(LEFT)
    assert file.stat().st_mode & 0o777 == 0o600
    await drafts.drop(account, "DE-1")
    assert await drafts.draft_of(account, "DE-1") is None
    assert "emp007" not in file.read_text()


async def test_after_a_week_it_is_gone_from_the_disk(
    account: Account, clock: FixedClock, tmp_path: Path
) -> None:
    await drafts.keep(account, TYPED)
    clock.at = NOON + KEPT
    assert await drafts.draft_of(account, "DE-1") is not None
    clock.at = NOON + KEPT + timedelta(seconds=1)
    assert await drafts.draft_of(account, "DE-1") is None
    (file,) = (tmp_path / "state").rglob(LEFT)
    aside = file.with_name(LEFT + BROKEN)
    aside.write_text('{"drafts": {"emp007"')
    os.utime(aside, times=(NOON.timestamp() + 2, NOON.timestamp() + 2))
    await drafts.forget_old(account)
    assert aside.exists(), "it is not a week old"
    os.utime(aside, times=(NOON.timestamp() - 1, NOON.timestamp() - 1))
    await drafts.forget_old(account)
    assert not aside.exists()
    assert "emp007" not in file.read_text()


async def test_there_are_twenty_at_most_and_the_oldest_goes(
    account: Account, clock: FixedClock
) -> None:
    for n in range(MOST + 1):
        clock.at = NOON + timedelta(minutes=n)
        await drafts.keep(account, FormDraft(f"DE-{n}", NOON))
        if n == 1:
            clock.at += timedelta(seconds=30)
            await drafts.keep(account, FormDraft("DE-0", NOON, employee="again"))
    kept = [one.location_id for one in await drafts.listed(account)]
    assert kept == [*(f"DE-{n}" for n in range(MOST, 1, -1)), "DE-0"], "DE-1 was the oldest"


async def test_without_memory_it_lasts_as_long_as_the_session(
    make_settings: MakeSettings, clock: FixedClock, tmp_path: Path
) -> None:
    account = Account(make_settings(memory=False), now=clock)
    await drafts.keep(account, TYPED)
    assert await drafts.draft_of(account, "DE-1") is not None
    assert not list(tmp_path.rglob(LEFT))


ODD: tuple[object, ...] = (None, True, 7, -0.5, 1e400, "", "x", "\ud800", [], [1], {}, {"a": [{}]})


def test_nonsense_is_no_draft_or_one_without_it() -> None:
    for name in [*TYPED.raw, "end", "end_text", "external_id"]:
        for odd in ODD:
            read = FormDraft.read("DE-1", {**TYPED.raw, name: odd}, NOON)
            assert (read is None) <= (name in ("saved_at", "start", "end")), (name, odd)
            if read is not None:
                texts = (read.evse_uid, read.end_text, read.employee, *read.identity.values())
                assert all(isinstance(one, str) for one in texts), (name, odd)


def test_a_time_that_is_none_or_to_come_is_not_believed() -> None:
    assert FormDraft.read("x", TYPED.raw, NOON - timedelta(hours=1)) is None
    assert FormDraft.read("x", {**TYPED.raw, "start": "soon"}, NOON) is None
    nonsense: list[object] = [[], None, "saved_at"]
    assert [FormDraft.read("x", raw, NOON) for raw in nonsense] == [None] * 3
    whole = replace(TYPED, end=NOON + timedelta(hours=5), start_text="soon")
    assert FormDraft.read("DE-1", whole.raw, NOON) == whole
    odd = {**TYPED.raw, "identity": {"customer_id": "c\x1b[2J", "token_uid": 7}}
    read = FormDraft.read("DE-1", odd, NOON)
    assert read is not None and list(read.identity) == ["customer_id"]
    assert read.identity["customer_id"].isprintable()
    assert FormDraft.read("x", {"saved_at": "2026-01-01T00:00:00+00:00"}, NOON) is None
