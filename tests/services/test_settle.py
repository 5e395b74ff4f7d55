"""An unknown outcome is found out by looking, twice, and never by sending again."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
import pytest_asyncio
from pydantic import SecretStr

from pm_tui.api.agent import AgentClient
from pm_tui.api.errors import ApiError
from pm_tui.cache.intent import RESTORED, STALE, Intent
from pm_tui.cache.journal import Journal
from pm_tui.models.booking import Booking
from pm_tui.models.times import read_time, wire_time
from pm_tui.services import settle
from pm_tui.services.settle import (
    ABSENT_ONCE,
    ABSENT_TWICE,
    AROUND,
    GIVEN_UP,
    LATEST,
    NEVER_SENT,
    NOT_CANCELLED,
    Settler,
    explain,
    match,
)
from tests.sandbox_process import Sandbox, start_sandbox
from tests.services.conftest import a_request


class Elapsing:
    """The time of day, and however much later a test has waited without waiting."""

    def __init__(self) -> None:
        self.ahead = timedelta()
        self.waits: list[float] = []
        self.meanwhile: Callable[[], object] = lambda: None

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.ahead += timedelta(seconds=seconds)
        self.meanwhile()


class Bench:
    """A settler at a real gateway, its journal, and a clock that waits at once."""

    def __init__(self, gateway: Sandbox, folder: Path) -> None:
        self.gateway = gateway
        self.clock = Elapsing()
        self.journal = Journal.open(folder, self.clock)
        self.client = AgentClient(gateway.base_url, SecretStr(gateway.api_key))
        self.settler = Settler(
            self.journal, "a", self._ask, self._work, now=self.clock, sleep=self.clock.sleep
        )

    async def _ask(self, call: Any) -> Any:
        return await call(self.client)

    async def _work(self, work: Any, *args: object) -> Any:
        return work(*args)

    def unknown(self, reason: str = "lost", **changes: Any) -> Intent:
        """A booking that was being sent, and whose answer nobody got."""
        request = a_request(**changes)
        intent = self.journal.plan("book", "a", request.body(), external_id=request.external_id)
        self.journal.claim(intent.id)
        self.journal.unknown(intent.id, reason)
        return self.now(intent)

    def now(self, intent: Intent) -> Intent:
        found = self.journal.get(intent.id)
        assert found is not None
        return found

    def arrives(self, intent: Intent) -> str:
        """The gateway books it after all."""
        return str(self._post("/bookings", intent.request)["id"])

    def cancels(self, booking_id: str) -> None:
        self._post(f"/bookings/{booking_id}/cancel", {"reason": "x"})

    def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        url = self.gateway.base_url + path
        headers = {**self.gateway.headers, "Content-Type": "application/json"}
        request = Request(url, json.dumps(body).encode(), headers)  # noqa: S310  (loopback)
        with urlopen(request, timeout=20) as answer:  # noqa: S310
            return dict(json.load(answer))

    def asked(self) -> list[str]:
        return [one["method"] for one in self.gateway.log() if "/bookings" in one["path"]]


@pytest_asyncio.fixture
async def bench(gateway: Sandbox, tmp_path: Path, hasty: None) -> AsyncIterator[Bench]:
    made = Bench(gateway, tmp_path / "state")
    yield made
    await made.client.aclose()
    made.journal.close()


async def test_nothing_open_asks_nothing(bench: Bench) -> None:
    settled = await bench.settler.settle()
    assert (settled.adopted, settled.left) == ([], [])
    assert bench.asked() == []


async def test_found_at_the_first_look_is_adopted_without_waiting(bench: Bench) -> None:
    intent = bench.unknown()
    booking_id = bench.arrives(intent)
    settled = await bench.settler.settle()
    ((adopted, answer),) = settled.adopted
    assert (adopted.id, answer.value.id) == (intent.id, booking_id)
    assert (bench.now(intent).state, bench.now(intent).booking_id) == ("confirmed", booking_id)
    assert bench.clock.waits == []


async def test_accepted_during_the_grace_time_is_found_by_the_second_look(bench: Bench) -> None:
    intent = bench.unknown()
    bench.clock.meanwhile = lambda: bench.arrives(intent)
    settled = await bench.settler.settle()
    assert [one.id for one, _answer in settled.adopted] == [intent.id]
    assert settled.left == []
    (waited,) = bench.clock.waits
    assert 45 < waited <= settle.GRACE.total_seconds()


async def test_absent_twice_is_left_to_a_person_and_never_looked_for_by_itself(
    bench: Bench,
) -> None:
    intent = bench.unknown()
    settled = await bench.settler.settle()
    assert [one.reason for one in settled.left] == [ABSENT_TWICE]
    assert bench.now(intent).state == "unknown"
    assert "twice" in explain(bench.now(intent))
    assert bench.asked() == ["GET", "GET"], "looked twice, sent nothing"
    for _look in range(3):
        assert [one.id for one in (await bench.settler.look()).left] == [intent.id]
    assert bench.asked() == ["GET", "GET"], "the quota is money"


async def test_who_asks_for_it_looks_again_and_finds_what_came_very_late(bench: Bench) -> None:
    intent = bench.unknown()
    await bench.settler.settle()
    booking_id = bench.arrives(intent)
    settled = await bench.settler.settle()
    assert [answer.value.id for _intent, answer in settled.adopted] == [booking_id]
    assert len(bench.clock.waits) == 1, "only the first time"


async def test_two_looks_without_the_grace_time_between_count_once(bench: Bench) -> None:
    intent = bench.unknown()
    await bench.settler.look()
    await bench.settler.look()
    await bench.settler.look_for([bench.now(intent)])
    assert bench.now(intent).reason == ABSENT_ONCE
    bench.clock.ahead += settle.GRACE
    await bench.settler.look()
    assert bench.now(intent).reason == ABSENT_TWICE


async def test_a_person_gives_up_and_a_found_one_cannot_be_given_up(bench: Bench) -> None:
    lost, found = bench.unknown(), bench.unknown()
    bench.arrives(found)
    await bench.settler.settle()
    assert await bench.settler.give_up(lost.id)
    assert (bench.now(lost).state, bench.now(lost).reason) == ("refused", GIVEN_UP)
    assert not await bench.settler.give_up(found.id)
    assert not await bench.settler.give_up("no such")
    assert bench.now(found).state == "confirmed"


async def test_a_look_that_fails_is_no_look(bench: Bench) -> None:
    intent = bench.unknown()
    bench.gateway.fault("error", match="GET /bookings", times=3)
    with pytest.raises(ApiError):
        await bench.settler.settle()
    assert bench.now(intent).reason == "lost"


@pytest.mark.parametrize("row", ["null", '{"status": "REQUESTED"}'])
async def test_a_list_that_hides_a_row_proves_no_absence(bench: Bench, row: str) -> None:
    intent = bench.unknown()
    bench.gateway.fault("raw", match="GET /bookings", times=None, text=f'{{"bookings": [{row}]}}')
    settled = await bench.settler.settle()
    assert [one.reason for one in settled.left] == (["lost"] if row != "null" else [ABSENT_TWICE])
    assert bench.now(intent).state == "unknown"


async def test_behind_a_hundred_others_it_is_found_on_another_page(
    tmp_path: Path, hasty: None
) -> None:
    with start_sandbox() as crowded:  # its own: the others' lists would stay full
        bench = Bench(crowded, tmp_path)
        intent = bench.unknown()
        booking_id = bench.arrives(intent)
        crowded.advance(2)
        for _n in range(101):
            bench.arrives(replace(intent, request=a_request().body()))
        settled = await bench.settler.look()
        assert [answer.value.id for _intent, answer in settled.adopted] == [booking_id]
        await bench.client.aclose()
        bench.journal.close()


async def test_two_wishes_of_one_name_are_two_and_one_booking_is_only_one_of_them(
    bench: Bench,
) -> None:
    first = bench.unknown(external_id="twin")
    second = bench.unknown(external_id="twin", evse_uid=first.request["evse_uid"])
    twin = replace(second, request=first.request)
    booking_id = bench.arrives(first)
    settled = await bench.settler.look_for([first, twin])
    assert [one.id for one, _answer in settled.adopted] == [first.id]
    assert [one.id for one in settled.left] == [second.id]
    assert bench.now(first).booking_id == booking_id
    # nor is it that of another one, sent for the same some minutes later
    bench.clock.ahead += AROUND - timedelta(minutes=1)
    window = ("reservation_start", "reservation_end")
    same: dict[str, Any] = {name: read_time(first.request[name]) for name in window}
    third = bench.unknown(external_id="twin", evse_uid=first.request["evse_uid"], **same)
    assert third.request == first.request
    assert (await bench.settler.look_for([third])).adopted == []
    listed = [answer.value for _intent, answer in settled.adopted]
    assert await bench.settler.adopt(listed) == 2
    assert bench.now(third).state == "unknown"


async def test_a_sender_that_died_is_settled_and_one_that_lives_is_left_alone(
    bench: Bench,
) -> None:
    request = a_request()
    alive = bench.journal.plan("book", "a", request.body(), external_id=request.external_id)
    bench.journal.claim(alive.id)
    assert await bench.settler.unsettled() == []
    bench.clock.ahead += timedelta(minutes=3)  # longer than any request lasts
    (stale,) = await bench.settler.unsettled()
    assert (stale.id, stale.reason) == (alive.id, STALE)
    assert "ended" in explain(stale)


async def test_planned_and_never_claimed_was_never_sent(bench: Bench) -> None:
    intent = bench.journal.plan("book", "a", a_request().body(), external_id="x")
    await bench.settler.settle()
    assert bench.now(intent).state == "planned", "its window may be about to claim it"
    bench.clock.ahead += timedelta(minutes=1)
    await bench.settler.settle()
    assert (bench.now(intent).state, bench.now(intent).reason) == ("refused", NEVER_SENT)
    assert bench.asked() == []
    assert not bench.journal.claim(intent.id), "whoever comes back too late does not send it"


# -- cancellations -----------------------------------------------------------


def cancelling(bench: Bench, booking_id: str) -> Intent:
    intent = bench.journal.plan("cancel", "a", {"reason": "x"}, booking_id=booking_id)
    bench.journal.claim(intent.id)
    bench.journal.unknown(intent.id, "lost")
    return bench.now(intent)


async def test_a_cancellation_is_settled_by_reading_the_booking(bench: Bench) -> None:
    booking_id = bench.arrives(bench.unknown())
    intent = cancelling(bench, booking_id)
    bench.clock.meanwhile = lambda: bench.cancels(booking_id)
    settled = await bench.settler.settle()
    assert intent.id in [one.id for one, _answer in settled.adopted]
    assert (settled.refused, settled.left) == ([], [])
    assert bench.now(intent).state == "confirmed"


async def test_a_booking_that_stands_after_the_grace_time_was_not_cancelled(bench: Bench) -> None:
    intent = cancelling(bench, bench.arrives(bench.unknown()))
    settled = await bench.settler.settle()
    assert [one.id for one in settled.refused] == [intent.id]
    assert (bench.now(intent).state, bench.now(intent).reason) == ("refused", NOT_CANCELLED)
    assert bench.asked().count("POST") == 1, "the one that made it"


async def test_a_booking_that_is_not_known_was_not_cancelled(bench: Bench) -> None:
    intent = cancelling(bench, "no-such-booking")
    await bench.settler.settle()
    assert bench.now(intent).state == "refused"


# -- a damaged journal -------------------------------------------------------


async def test_after_damage_the_last_two_days_are_compared_once(
    gateway: Sandbox, tmp_path: Path
) -> None:
    first = Bench(gateway, tmp_path)
    kept, lost = first.unknown(), first.unknown()
    kept_id = first.arrives(kept)
    lost_id = first.arrives(lost)
    stranger = first.arrives(replace(kept, request=a_request().body()))
    first.journal.confirmed(kept.id, kept_id)
    first.journal.close()
    data = bytearray((tmp_path / "journal.db").read_bytes())
    at = data.rindex(lost.id.encode())  # tear the page that holds the other one
    data[at : at + 40] = b"\xff" * 40
    (tmp_path / "journal.db").write_bytes(data)
    again = Bench(gateway, tmp_path)
    assert again.journal.reconcile_since is not None
    settled = await again.settler.settle()
    known = {one.booking_id for one in again.journal.intents("a")}
    told = {booking.id for booking in settled.unaccounted}
    assert lost_id in told | known
    assert kept_id in told | known
    assert stranger in told and not told & known
    assert any("since then" in notice for notice in again.journal.notices)
    assert again.journal.reconcile_since is None
    assert (await again.settler.settle()).unaccounted == ()
    assert any("damaged" in notice for notice in again.journal.notices)
    assert RESTORED not in {one.reason for one in again.journal.open_intents("a")}
    await again.client.aclose()
    again.journal.close()


# -- which booking an intent became -------------------------------------------


NINE = datetime(2026, 11, 24, 9, tzinfo=UTC)
WINDOW = {"reservation_start": "2026-11-24T14:30:00Z", "reservation_end": "2026-11-24T16:30:00Z"}


def intended() -> Intent:
    request = {"location_id": "DE-ENB-1", "evse_uid": "DE*ENB*E1*1", **WINDOW}
    return Intent(
        id="1",
        kind="book",
        state="unknown",
        account="a",
        request=request,
        external_id="it-emp1-20261124",
        booking_id=None,
        reason="",
        once=None,
        part_of=None,
        created_at=NINE,
        updated_at=NINE,
        claimer=None,
        lease_until=None,
    )


@pytest.mark.parametrize(
    ("changes", "same"),
    [
        ({}, True),
        ({"evse_uid": None, "reservation_start": None, "created_at": None}, True),
        ({"reservation_start": "2026-11-24T15:30:00+01:00"}, True),
        ({"external_id": "it-emp1-20261125"}, False),
        ({"external_id": None}, False),
        ({"evse_uid": "DE*ENB*E1*2"}, False),
        ({"reservation_start": "2026-11-24T15:30:00Z"}, False),
        ({"reservation_end": "2026-11-24T17:30:00Z"}, False),
        ({"location_id": "DE-ENB-1"}, True),
        ({"location_id": "DE-ENB-2"}, False),
        ({"created_at": NINE - AROUND / 2}, True),
        ({"created_at": NINE - AROUND * 2}, False),
        ({"created_at": NINE + LATEST}, True),
        ({"created_at": NINE + LATEST + AROUND}, False),
    ],
)
def test_a_booking_is_ours_when_nothing_that_is_told_speaks_against_it(
    changes: dict[str, Any], same: bool
) -> None:
    told: dict[str, Any] = {
        "id": "b1",
        "status": "REQUESTED",
        "external_id": "it-emp1-20261124",
        "evse_uid": "DE*ENB*E1*1",
        "created_at": NINE + timedelta(seconds=2),
        **WINDOW,
        **changes,
    }
    if isinstance(told["created_at"], datetime):
        told["created_at"] = wire_time(told["created_at"])
    found = match(intended(), [Booking.read(told)])
    assert (found is not None) is same


def test_of_several_it_is_the_one_made_when_it_was_sent() -> None:
    def made(booking_id: str, at: datetime) -> Booking:
        told = {"id": booking_id, "external_id": "it-emp1-20261124", "created_at": wire_time(at)}
        return Booking.read({**told, "status": "REQUESTED"})

    minute = timedelta(minutes=1)
    listed = [made("b1", NINE - 8 * minute), made("b2", NINE + minute), made("b3", NINE + LATEST)]
    for taken, offset, found in (
        ((), timedelta(), "b2"),
        ((), -7 * minute, "b1"),  # by a gateway's clock that is behind ours
        (("b2",), timedelta(), "b1"),
    ):
        ours = match(intended(), listed, taken, offset)
        assert ours is not None and ours.id == found


def test_a_cancellation_is_done_only_when_that_booking_says_so() -> None:
    intent = replace(intended(), kind="cancel", booking_id="b1")
    for booking_id, status, same in (
        ("b1", "CANCELLED", True),
        ("b1", "cancelled", True),
        ("b1", "CONFIRMED", False),
        ("b2", "CANCELLED", False),
    ):
        found = match(intent, [Booking.read({"id": booking_id, "status": status})])
        assert (found is not None) is same
