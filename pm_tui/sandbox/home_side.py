"""Everything the sandbox's ev.energy has: its fleet, who may ask, and what was changed."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from pm_tui.sandbox.home_access import Access
from pm_tui.sandbox.home_fleet import Device, Fleet
from pm_tui.sandbox.home_logs import Sample, latest
from pm_tui.sandbox.home_wire import Problem, Row
from pm_tui.sandbox.store import Store
from pm_tui.sandbox.texts import Texts

_META = "home"
_NEWER = ("cpid", "ct_clamp", "lock_mode", "location", "lifecycle_state")


class HomeSide:
    """`gone`, `places` and `imported` (whose, by serial number) outlive a restart on the same
    state."""

    def __init__(self, seed: int, store: Store, texts: Texts) -> None:
        self.fleet = Fleet(seed)
        self.access = Access(store.home_secret())
        self._store, self._texts = store, texts
        kept: dict[str, Any] = json.loads(store.meta(_META) or "{}")
        self.gone: set[str] = set(kept.get("gone", ()))
        self.places: dict[str, Row | None] = kept.get("places", {})
        self.imported: dict[str, str] = {}
        for serial, user in kept.get("imported", {}).items():
            if user in self.fleet.by_user:
                self._import(serial, user)

    def keep(self) -> None:
        """Write down what was changed."""
        state = {
            "gone": sorted(self.gone),
            "places": self.places,
            "imported": self.imported,
        }
        self._store.set_meta(_META, json.dumps(state))

    def take_on(self, serial: str, user_id: str) -> Device:
        """Another charger for a user."""
        device = self._import(serial, user_id)
        self.keep()
        return device

    def resize(self, number: int) -> None:
        """Another fleet, without what was taken on."""
        self.imported.clear()
        self.fleet.resize(number)

    def _import(self, serial: str, user_id: str) -> Device:
        self.imported[serial] = user_id
        return self.fleet.add(user_id)

    def listed(self, user_id: str | None = None) -> list[Device]:
        all_of = self.fleet.devices if user_id is None else self.fleet.by_user.get(user_id, [])
        return [device for device in all_of if device.id not in self.gone]

    def device(self, evse_id: str) -> Device:
        """Raises the 404. A decommissioned one is gone, or (every second) there and says so."""
        device = self.fleet.by_id.get(evse_id)
        if device is None or (evse_id in self.gone and (device.number % 2 or device.is_old)):
            raise Problem(404, "No EVSE matches the given query.")
        return device

    def evse(self, device: Device, base: str, expand: frozenset[str], now: datetime) -> Row:
        """The object, in the age of this device (§10)."""
        url = f"{base}/evses/{device.id}"
        sample = latest(device, now)
        log: Row | str | None = None
        if sample is not None:
            # the singular form and the slash are the reference's own sample (§8)
            log = f"{base}/evse/{device.id}/status_logs/{sample.text}/"
            if "latest_status_log" in expand:
                log = self.status_log(device, sample, base)
        row: Row = {
            "id": device.id,
            "url": url,
            "cpid": f"CP-{device.number:06d}",
            "model": self.model(device, base, "model.make" in expand)
            if "model" in expand
            else f"{base}/evse_models/{device.model.id}",
            "user": self.user(device, base)
            if "user" in expand
            else f"{base}/users/{device.user.id}",
            "latest_status_log": log,
            "ct_clamp": None,
            "lock_mode": ("UNLOCKED", "SMART", "LOCKED", None)[device.number % 4],
            "location": self.place(device),
            "lifecycle_state": "DECOMMISSIONED" if device.id in self.gone else "COMMISSIONED",
            "charging_sub_sessions": f"{base}/charging_sub_sessions?evse_id={device.id}",
        }
        if device.is_old:
            row = {name: value for name, value in row.items() if name not in _NEWER}
        return row

    def place(self, device: Device) -> Row | None:
        if device.id in self.places:
            return self.places[device.id]
        if device.number % 7 == 1:
            return None
        return {"latitude": device.latitude, "longitude": device.longitude}

    def make(self, number: int, base: str) -> Row:
        make = self.fleet.makes[number]
        query = f"{base}/evse_models/?make_id={make.id}"
        return {
            "id": make.id,
            "url": f"{base}/evse_makes/{make.id}",
            "name": self._texts(make.name, make.id),
            "icon": None,
            "onboarding_url": f"{base}/evse_onboarding?make_id={make.id}",
            "evse_models" if number % 2 else "models": query,  # both spellings live (§13.5)
        }

    def model_row(self, number: int, base: str, with_make: bool) -> Row:
        model = self.fleet.models[number]
        make = next(n for n, one in enumerate(self.fleet.makes) if one.id == model.make.id)
        row = {"id": model.id, "name": self._texts(model.name, model.id)}
        if with_make:  # the reference's own sample has no url then (§7)
            return {**row, "make": self.make(make, base)}
        return {
            **row,
            "url": f"{base}/evse_models/{model.id}",
            "make": f"{base}/evse_makes/{model.make.id}",
            "onboarding_url": f"{base}/evse_onboarding?model_id={model.id}",
        }

    def model(self, device: Device, base: str, with_make: bool) -> Row:
        number = next(n for n, m in enumerate(self.fleet.models) if m.id == device.model.id)
        return self.model_row(number, base, with_make)

    def user(self, device: Device, base: str) -> Row:
        return self.user_row(device.user.id, base)

    def user_row(self, user_id: str, base: str) -> Row:
        """Raises the 404."""
        if not self.fleet.by_user.get(user_id):
            raise Problem(404, "No User matches the given query.")
        user = self.fleet.by_user[user_id][0].user
        row: Row = {
            "id": user.id,
            "url": f"{base}/users/{user.id}",
            "full_name": self._texts(user.name, user.id),
            "evses": [f"{base}/evses/{device.id}" for device in self.listed(user.id)],
        }
        return row if user.email is None else {**row, "email": user.email}

    def status_log(self, device: Device, sample: Sample, base: str) -> Row:
        """A sample in the age of this device."""
        row: Row = {
            "url": f"{base}/evses/{device.id}/status_logs/{sample.text}",
            "sampled_at": sample.text,
            "logged_at": sample.text,
            "evse": f"{base}/evses/{device.id}",
            "is_plugged_in": sample.is_plugged_in,
            "is_charging": sample.is_charging,
            "charge_rate_watts": sample.watts,
        }
        if device.is_old:
            return row
        mode = None if sample.is_charging is None else "Charge" if sample.is_charging else "Idle"
        return {**row, "meter_reading_watt_hours": sample.meter, "mode": mode}
