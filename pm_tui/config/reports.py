"""What reports are told by the configuration: the zone of a month, the patterns of references,
what is pointed at."""

from __future__ import annotations

from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from pm_tui.config import anomalies, checks, zones
from pm_tui.config.anomalies import AnomalyRules
from pm_tui.config.errors import ConfigError
from pm_tui.i18n import _

KEYS = frozenset({"timezone", "patterns", "anomalies"})
# contract/agent-api.md §11: the documented conventions, the most telling first
PATTERNS = (
    "visitor-{desk}-{date}",
    "{group:group_*}-{driver}-{date}",
    "{department}-{employee}-{date}",
)
_MOST = 20


@dataclass(frozen=True, slots=True)
class ReportSettings:
    """`zone` None: not said (`Settings.report_zone`). `patterns` are those of
    `services.report_reference`, which reads them."""

    zone: ZoneInfo | None = None
    patterns: tuple[str, ...] = PATTERNS
    anomalies: AnomalyRules = field(default_factory=AnomalyRules)


def check(value: object, place: str) -> ReportSettings:
    """The table `[report]`. What a pattern means is only known where it is used."""
    if not isinstance(value, dict):
        raise ConfigError(_("{place}: a table is needed: [report]").format(place=place))
    for key in value:
        checks.known_key(key, KEYS, place)
    told = value.get("timezone")
    patterns = value.get("patterns", list(PATTERNS))
    good = isinstance(patterns, list) and 0 < len(patterns) <= _MOST
    if not good or not all(isinstance(one, str) and one for one in patterns):
        raise ConfigError(
            _("{place} patterns: a list of 1 to {n} texts is needed").format(place=place, n=_MOST)
        )
    zone = None if told is None else zones.zone(told, f"{place} timezone")
    rules = anomalies.check(value.get("anomalies", {}), f"{place} anomalies")
    return ReportSettings(zone, tuple(patterns), rules)
