"""Where a site is, when all that is told are the ids of its chargers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pm_tui.config.kiosk import MOST_RADIUS
from pm_tui.i18n import _
from pm_tui.models.text import visible_id

if TYPE_CHECKING:
    from pm_tui.services.session import Session

_KM_A_DEGREE = 111.2
_ROOM = 0.2  # km around the outermost charger: two operators measure a place differently


class NoSuchSite(LookupError):
    """The text says which charger is not known, or that they are no site."""


async def around(
    session: Session, location_ids: Sequence[str]
) -> tuple[tuple[float, float], float]:
    """The middle of these locations (degrees) and the radius (km) of a search that finds them all.

    From memory: a search costs a request and finds nothing by id (contract/agent-api.md §3).
    Raises `NoSuchSite`.
    """
    known = await session.locations(location_ids)
    places: list[tuple[float, float]] = []
    for one in location_ids:
        seen = known[one].value if one in known else None
        if seen is None or seen.latitude is None or seen.longitude is None:
            raise NoSuchSite(
                _("{id} was never seen here: search for it once, or give coordinates.").format(
                    id=visible_id(one)
                )
            )
        places.append((seen.latitude, seen.longitude))
    south, north = min(lat for lat, _lng in places), max(lat for lat, _lng in places)
    west, east = min(lng for _lat, lng in places), max(lng for _lat, lng in places)
    # a degree of longitude is never longer than one of latitude: half the diagonal is enough
    radius = ((north - south) ** 2 + (east - west) ** 2) ** 0.5 / 2 * _KM_A_DEGREE + _ROOM
    if radius > MOST_RADIUS:
        raise NoSuchSite(
            _("These chargers are too far apart for one site (at most {n:g} km around).").format(
                n=MOST_RADIUS
            )
        )
    middle = ((south + north) / 2, (west + east) / 2)
    return (round(middle[0], 6), round(middle[1], 6)), round(radius, 3)
