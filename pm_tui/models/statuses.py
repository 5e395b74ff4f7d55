"""The statuses of a booking, in the order of its life (contract/agent-api.md §7)."""

from __future__ import annotations

STATUSES = (
    "REQUESTED",
    "PENDING",
    "CONFIRMED",
    "ATTENDING",
    "COMPLETED",
    "CANCELLED",
    "EXPIRED",
    "NO_SHOW",
)
