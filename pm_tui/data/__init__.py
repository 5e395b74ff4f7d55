"""Small data files that client and sandbox share: facts, no code of either.

`places.tsv.gz` is made by `python -m pm_tui.data.make_places`; `PLACES_HEADER` names its columns.
"""

from __future__ import annotations

import gzip
from pathlib import Path

ATTRIBUTION = "Place data © GeoNames (https://www.geonames.org/), CC BY 4.0, modified"
PLACES_FILE = "places.tsv.gz"
PLACES_HEADER = ("name", "qualifier", "state", "latitude", "longitude", "population", "aliases")


def places_lines() -> list[str]:
    """One tab-separated line (`PLACES_HEADER`) a German place, most people first.

    Coordinates are WGS 84 degrees, a population of 0 is unknown, aliases are joined by `|`. The
    qualifier is empty for a name that is unique, else what tells the place from its namesakes.
    """
    # not importlib.resources: that import alone takes half as long as reading the file
    packed = Path(__file__).with_name(PLACES_FILE).read_bytes()
    return gzip.decompress(packed).decode().splitlines()[1:]
