"""The sandbox's ev.energy over real HTTP: who may ask, how pages turn, what stays changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.sandbox.conftest import NO_TLS
from tests.sandbox_process import Sandbox, start_sandbox

ALL = ["evse:read", "evse:write", "user:read", "charging_session:read", "debug:read"]


@pytest.fixture(autouse=True)
def _whole(sandbox: Sandbox) -> None:
    sandbox.home(rate=1000, scopes=ALL, back=True)


def token(sandbox: Sandbox, *, in_form: bool = False, secret: str | None = None) -> httpx.Response:
    pair = (sandbox.home_client_id, secret or sandbox.home_secret)
    form = {"grant_type": "client_credentials"}
    if in_form:
        form |= dict(zip(("client_id", "client_secret"), pair, strict=True))
    auth = None if in_form else pair
    return httpx.post(sandbox.home_token_url, data=form, auth=auth, trust_env=False, verify=NO_TLS)


def connect(sandbox: Sandbox) -> httpx.Client:
    bearer = {"Authorization": f"Bearer {token(sandbox).json()['access_token']}"}
    url = sandbox.home_url
    return httpx.Client(base_url=url, headers=bearer, trust_env=False, verify=NO_TLS, timeout=10)


def links(answer: httpx.Response) -> dict[str, str]:
    return {str(name): one["url"] for name, one in answer.links.items()}


def test_tokens_scopes_version_and_the_hour(sandbox: Sandbox) -> None:
    assert token(sandbox, in_form=True).json()["expires_in"] == 36_000
    assert token(sandbox, secret="wrong").status_code == 401
    with connect(sandbox) as api:
        answer = api.get("/evses")
        assert answer.headers["evenergy-version"] == "2"
        assert answer.headers["x-ratelimit-limit"] == "1000"
        assert api.get("/evses", headers={"EvEnergy-Version": "3.0"}).status_code == 400
        sandbox.home(scopes=["evse:read"])
        refused = api.get(f"/evses/{answer.json()[1]['id']}/command_logs")
        assert refused.status_code == 403
        assert refused.headers["content-type"] == "application/problem+json"
        assert {"status", "title", "detail"} <= set(refused.json())
        sandbox.home(rate=2)
        names: set[str] = set()
        for _time in range(2):
            spent = api.get("/evses")
            assert spent.status_code == 429
            names |= {"retry-after", "retryafter"} & set(spent.headers)
            sandbox.advance(1)
        assert names == {"retry-after", "retryafter"}, "both spellings live"
        sandbox.home(rate=1000, forget_tokens=True)
        assert api.get("/evses").status_code == 401
        assert httpx.get(sandbox.home_url + "/evse_makes", trust_env=False, verify=NO_TLS).json(), (
            "what is open to all"
        )


@pytest.mark.parametrize("path", ["/nothing", "/evses/evse1", "/evses?page_size=0"])
def test_what_is_wrong_is_a_problem(sandbox: Sandbox, path: str) -> None:
    with connect(sandbox) as api:
        answer = api.get(path)
        assert answer.status_code in (400, 404) and "detail" in answer.json()


def test_pages_turn_both_ways_and_both_ages_are_there(sandbox: Sandbox) -> None:
    with connect(sandbox) as api:
        first = api.get("/evses", params={"page_size": 40, "expand": "user"})
        assert links(first)["previous"] == "about:blank"
        second = api.get(links(first)["next"])
        assert "expand" not in links(first)["next"] and isinstance(second.json()[0]["user"], str)
        back = api.get(links(second)["previous"])
        assert [one["id"] for one in back.json()] == [one["id"] for one in first.json()]
        ages = {"cpid" in one for one in first.json()}
        assert ages == {True, False}
        gone = first.json()[-1]["id"]
        assert api.delete(f"/evses/{gone}").status_code == 204
        again = api.get(links(first)["next"])
        assert again.json()[0]["id"] == second.json()[0]["id"], "the cursor may be gone itself"


def test_logs_by_time_and_one_by_its_own_spelling(sandbox: Sandbox) -> None:
    with connect(sandbox) as api:
        for evse in api.get("/evses", params={"page_size": 8}).json():
            url = f"/evses/{evse['id']}/status_logs"
            first = api.get(url, params={"page_size": 5})
            second = api.get(links(first)["next"])
            times = [one["sampled_at"] for one in (*first.json(), *second.json())]
            assert len(set(times)) == 10
            one = api.get(f"{url}/{times[3]}")
            assert one.json()["sampled_at"] == times[3]


def test_what_only_the_openapi_document_has(sandbox: Sandbox) -> None:
    sandbox.home(evses=30)
    with connect(sandbox) as api:
        one = api.get("/evses").json()[1]
        url, user = f"/evses/{one['id']}", one["user"].rpartition("/")[2]
        found = api.get(url + "/connectivity").json()
        assert found["signal_strength_rssi_dbm"] is None, "on WiFi"
        assert 0 <= found["connection_reliability_30d"] <= 100 and found["firmware_version"]
        assert api.get(url + "/vpp_modes").json()
        link = api.post(url + "/reconnect")
        assert link.status_code == 201 and link.json()["url"].startswith("http")
        header, order = {"EvEnergy-User": user}, {"provider": "Easee", "serial_number": "SN-1"}
        path = "/evse_onboarding/import"
        assert api.post(path, json=order).status_code == 400, "whose is it"
        assert api.post(path, json={**order, "provider": "X"}, headers=header).status_code == 422
        unknown = {**order, "serial_number": "7"}
        assert api.post(path, json=unknown, headers=header).status_code == 404
        taken = api.post(path, json=order, headers=header)
        assert taken.status_code == 201 and taken.json()["user"] == one["user"]
        assert api.post(path, json=order, headers=header).status_code == 422, "once"
        assert taken.json()["id"] in [row["id"] for row in api.get("/evses?page_size=100").json()]
        api.headers.pop("authorization")
        assert api.post(path, json=order, headers=header).status_code == 401
        assert api.post("/evse_waitlist", json={"email": "a@b.example"}).json()["id"][:4] == "ewlt"
        assert "email" in api.post("/evse_waitlist", json={}).json()["field_errors"]
        answer = api.get("/evse_compatibility/check?make=nordlade").json()
        assert answer == {"is_compatible": True}
    sandbox.home(version="2.1")
    with connect(sandbox) as api:
        assert api.get("/evses").headers["evenergy-version"] == "2.1"
    sandbox.home(version="2")


def test_what_was_changed_outlives_a_restart(tmp_path: Path) -> None:
    def listed(sandbox: Sandbox) -> list[dict[str, Any]]:
        with connect(sandbox) as api:
            rows: list[dict[str, Any]] = api.get("/evses", params={"page_size": 10}).json()
            return rows

    with start_sandbox(state=tmp_path) as sandbox:
        rows, secret = listed(sandbox), sandbox.home_secret
        with connect(sandbox) as api:
            api.delete(f"/evses/{rows[4]['id']}")
            api.patch(f"/evses/{rows[1]['id']}", json={"location": None})
    with start_sandbox(state=tmp_path) as sandbox:
        again = listed(sandbox)
        assert sandbox.home_secret == secret
        assert rows[4]["id"] not in [one["id"] for one in again] and again[1]["location"] is None
