"""What ev.energy says in constants, in the words of people; one that we do not know as it was sent
(contract/evenergy-v2.md §10)."""

from __future__ import annotations

from pm_tui.formats import UNKNOWN
from pm_tui.i18n import _


def lock(given: str | None) -> str:
    """Who may charge: `EVSE.lock_mode`."""
    words = {
        "UNLOCKED": _("unlocked"),
        "SMART": _("by the schedule"),
        "LOCKED": _("locked"),
    }
    return _worded(given, words)


def doing(given: str | None) -> str:
    """What it does: `EVSEStatusLog.mode`."""
    words = {
        "Unknown": _("unknown"),
        "Idle": _("idle"),
        "Delay": _("waiting to begin"),
        "Charge": _("charges"),
        "Discharge": _("feeds back"),
        "FFR": _("holds the grid's frequency"),
        "Load match": _("follows the load"),
        "Export match": _("follows the surplus"),
        "Peak time": _("peak time"),
        "Deep sleep": _("deep sleep"),
    }
    return _worded(given, words)


def charged(given: str | None) -> str:
    """How a charging sub-session was steered: its `mode`."""
    words = {
        "SMART": _("by the schedule"),
        "BOOST": _("at once (boost)"),
        "UNMANAGED_HOME": _("not steered, at home"),
        "UNMANAGED_OTG": _("not steered, on the way"),
        "MANAGED_OTG": _("steered, on the way"),
    }
    return _worded(given, words)


def reason(given: str | None) -> str:
    """Why it was told something: `EVSECommandLog.reason`."""
    words = {
        "SCHEDULED_CHARGING": _("charging by the schedule"),
        "REFRESH_SCHEDULES": _("schedules renewed"),
        "STOP_CHARGE": _("stop charging"),
        "START_CHARGE": _("start charging"),
        "SOLAR_CHARGE_NIGHTTIME_CHARGE_RATE": _("solar charging: power at night"),
        "API_TRIGGERED_COMMAND": _("told by a program"),
        "COMMISSIONING": _("taken into service"),
        "CHARGING_SESSION": _("charging session"),
        "VEHICLE_TO_HOME": _("from the vehicle to the house"),
        "FREE_VEND": _("charging for everybody"),
        "MAINTAIN_EVSE_STATE": _("state kept"),
        "CREATE_HOME_CHARGER": _("charger set up"),
        "LOCKED_MODE": _("locked"),
        "SMART_CHARGE_ENABLED_CHANGED": _("smart charging switched"),
        "SMART_CHARGE_ENABLED": _("smart charging switched on"),
        "SMART_CHARGE_DISABLED": _("smart charging switched off"),
    }
    return _worded(given, words)


def _worded(given: str | None, words: dict[str, str]) -> str:
    return UNKNOWN if given is None else words.get(given, given)
