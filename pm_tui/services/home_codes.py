"""What ev.energy says in constants, in the words of people; one that we do not know as it was sent
(contract/evenergy-v2.md §10)."""

from __future__ import annotations

from pm_tui.formats import UNKNOWN
from pm_tui.i18n import N_, _

_LOCKS = {
    "UNLOCKED": N_("unlocked"),
    "SMART": N_("by the schedule"),
    "LOCKED": N_("locked"),
}
_DOING = {
    "Unknown": N_("unknown"),
    "Idle": N_("idle"),
    "Delay": N_("waiting to begin"),
    "Charge": N_("charges"),
    "Discharge": N_("feeds back"),
    "FFR": N_("holds the grid's frequency"),
    "Load match": N_("follows the load"),
    "Export match": N_("follows the surplus"),
    "Peak time": N_("peak time"),
    "Deep sleep": N_("deep sleep"),
}
_CHARGED = {
    "SMART": N_("by the schedule"),
    "BOOST": N_("at once (boost)"),
    "UNMANAGED_HOME": N_("not steered, at home"),
    "UNMANAGED_OTG": N_("not steered, on the way"),
    "MANAGED_OTG": N_("steered, on the way"),
}
_REASONS = {
    "SCHEDULED_CHARGING": N_("charging by the schedule"),
    "REFRESH_SCHEDULES": N_("schedules renewed"),
    "STOP_CHARGE": N_("stop charging"),
    "START_CHARGE": N_("start charging"),
    "SOLAR_CHARGE_NIGHTTIME_CHARGE_RATE": N_("solar charging: power at night"),
    "API_TRIGGERED_COMMAND": N_("told by a program"),
    "COMMISSIONING": N_("taken into service"),
    "CHARGING_SESSION": N_("charging session"),
    "VEHICLE_TO_HOME": N_("from the vehicle to the house"),
    "FREE_VEND": N_("charging for everybody"),
    "MAINTAIN_EVSE_STATE": N_("state kept"),
    "CREATE_HOME_CHARGER": N_("charger set up"),
    "LOCKED_MODE": N_("locked"),
    "SMART_CHARGE_ENABLED_CHANGED": N_("smart charging switched"),
    "SMART_CHARGE_ENABLED": N_("smart charging switched on"),
    "SMART_CHARGE_DISABLED": N_("smart charging switched off"),
}


def lock(given: str | None) -> str:
    """Who may charge: `EVSE.lock_mode`."""
    return _worded(given, _LOCKS)


def doing(given: str | None) -> str:
    """What it does: `EVSEStatusLog.mode`."""
    return _worded(given, _DOING)


def charged(given: str | None) -> str:
    """How a charging sub-session was steered: its `mode`."""
    return _worded(given, _CHARGED)


def reason(given: str | None) -> str:
    """Why it was told something: `EVSECommandLog.reason`."""
    return _worded(given, _REASONS)


def _worded(given: str | None, words: dict[str, str]) -> str:
    if given is None:
        return UNKNOWN
    return _(words[given]) if given in words else given
