"""Distances on the globe, for both networks."""

from __future__ import annotations

from math import asin, cos, radians, sin, sqrt

EARTH_KM = 6371.0088  # mean radius (IUGG)
DEGREE_KM = 111.19  # a degree of latitude, rounded down: boxes made with it are a little too big


def distance_km(lat1: float, lng1: float, lat2: float, lng2: float) -> float:
    """Great-circle distance of two points in degrees (haversine, sphere of the mean radius)."""
    phi1, phi2 = radians(lat1), radians(lat2)
    across = sin((phi2 - phi1) / 2) ** 2
    along = sin(radians(lng2 - lng1) / 2) ** 2
    return 2 * EARTH_KM * asin(min(1.0, sqrt(across + cos(phi1) * cos(phi2) * along)))


def box_degrees(latitude: float, radius_km: float) -> tuple[float, float]:
    """Half height and half width, in degrees, of a box that holds the whole circle."""
    high = radius_km / DEGREE_KM
    edge = min(90.0, abs(latitude) + high)
    narrow = cos(radians(edge))  # meridians run together towards the pole
    return high, min(180.0, high / narrow) if narrow > 1e-9 else 180.0
