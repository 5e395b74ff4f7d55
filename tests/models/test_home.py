"""Home chargers from JSON: links or objects, times of any precision, nothing made of nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pm_tui.models.home import Evse, Make, Model, Moment, StatusLog, id_in, user_id
from tests.strategies import CHARACTERS, unicode_text

EVSE = "evse01HV8G1YV5QEVSE0000000AAAA"
ids = st.from_regex(r"[a-z]{4}[A-Z0-9]{26}", fullmatch=True, alphabet=CHARACTERS)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | unicode_text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(unicode_text(), inner, max_size=3),
    max_leaves=6,
)
FIELDS = (
    *("cpid", "model", "user", "latest_status_log", "lock_mode", "location", "lifecycle_state"),
    *("sampled_at", "is_plugged_in", "is_charging", "charge_rate_watts", "mode", "name", "make"),
)


@given(st.dictionaries(st.sampled_from(FIELDS), json_values))
def test_no_value_of_a_field_breaks_a_charger(raw: dict[str, Any]) -> None:
    evse = Evse.read({**raw, "id": EVSE})
    assert evse.id == EVSE
    if not isinstance(raw.get("location"), dict):
        assert evse.location is None
    log = StatusLog.read(raw)
    for name in ("is_plugged_in", "is_charging"):
        told = raw.get(name)
        assert getattr(log, name) is (told if isinstance(told, bool) else None)
    if raw.get("charge_rate_watts") is None:
        assert log.charge_rate_watts is None, "null is not 0"


@given(
    ids, st.sampled_from(["/v2/evse/{}/", "/evses/{}", "/v2/evses/{}/status_logs/2024-04-17T0Z/"])
)
def test_a_link_gives_its_id_whatever_it_looks_like(one: str, path: str) -> None:
    url = "https://api.ev.energy" + path.format(one)
    assert id_in(url) == one
    evse = Evse.read({"id": EVSE, "model": url, "user": {"id": one, "future": 1}})
    assert evse.model is not None and (evse.model.id, evse.model.url) == (one, url)
    assert evse.model.value is None
    assert evse.user is not None and evse.user.id == one
    assert evse.user.value is not None


@given(unicode_text())
def test_no_link_breaks_it(url: str) -> None:
    found = id_in(url)
    assert found is None or found in url
    assert user_id(url) is None or "user" in url


def test_an_expanded_thing_may_lack_what_is_required() -> None:
    evse = Evse.read({"id": EVSE, "model": {"id": "x", "name": "Arc", "make": {"name": "V"}}})
    assert (evse.model_name, evse.make_name) == ("Arc", "V")
    assert Evse.read({"id": EVSE, "model": {"url": "https://x/"}}).model is None
    for reader in (Make.read, Model.read, Evse.read):
        with pytest.raises(ValueError, match="expected"):
            reader({"url": "https://x/"})


@given(
    st.datetimes(datetime(1971, 1, 1), datetime(2199, 1, 1)),  # noqa: DTZ001
    st.integers(0, 9),
    st.sampled_from(["Z", "z", "+00:00", "-08:30", "+05:45"]),
    st.data(),
)
def test_times_of_every_precision(
    moment: datetime, digits: int, zone: str, data: st.DataObject
) -> None:
    fraction = data.draw(st.text("0123456789", min_size=digits, max_size=digits))
    text = f"{moment:%Y-%m-%dT%H:%M:%S}{'.' + fraction if digits else ''}{zone}"
    read = Moment.read(text)
    assert read is not None and read.raw == text, "the very text: a path repeats it"
    sign = -1 if zone.startswith("-") else 1
    hours, minutes = (int(zone[1:3]), int(zone[4:6])) if len(zone) > 1 else (0, 0)
    offset = timezone(sign * timedelta(hours=hours, minutes=minutes))
    micros = int((fraction + "000000")[:6])
    wanted = moment.replace(microsecond=micros, tzinfo=offset).astimezone(UTC)
    assert read.at == wanted


@pytest.mark.parametrize("value", [None, 3, "", "  ", {}, ["2024-04-17T09:39:45Z"]])
def test_what_is_no_moment(value: Any) -> None:
    assert Moment.read(value) is None


def test_a_time_that_cannot_be_read_keeps_its_text() -> None:
    assert Moment.read("yesterday") == Moment("yesterday", None)


def test_power_may_flow_back() -> None:
    assert StatusLog.read({"charge_rate_watts": -2300}).charge_rate_watts == -2300
    assert StatusLog.read({"charge_rate_watts": 10**12}).charge_rate_watts is None
