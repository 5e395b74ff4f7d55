"""The time zone of a charger that does not tell its own."""

from __future__ import annotations

from zoneinfo import ZoneInfo

# the gateway serves Germany only, for now (contract/agent-api.md §12)
CHARGERS_ZONE = ZoneInfo("Europe/Berlin")
