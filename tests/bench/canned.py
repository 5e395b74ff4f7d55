"""A gateway that answers every search with as many locations as its address says.

    http://127.0.0.1:PORT/5000/search    5,000 locations, whatever was asked for

Prints its port, then for every search the moment when the last byte was handed to the kernel.
"""

from __future__ import annotations

import json
import sys
import time
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

CENTRE = (52.52, 13.405)  # Berlin
PLUGS = (("IEC_62196_T2", "AC_3_PHASE", 22_000), ("IEC_62196_T2_COMBO", "DC", 150_000))


def name(n: int) -> str:
    """The n-th location's, the nearest being 0."""
    return f"Ladepark {n:05}"


def location(n: int) -> dict[str, Any]:
    """Shaped like the answers of contract/agent-api.md §3."""
    plug, power_type, power = PLUGS[n % 2]
    connector = {
        "id": "1",
        "standard": plug,
        "format": "CABLE",
        "power_type": power_type,
        "max_electric_power": power,
    }
    status = ("AVAILABLE", "CHARGING", "AVAILABLE", "OUTOFORDER")[n % 4]
    return {
        "location_id": f"DE-BEN-E{n:05}",
        "name": name(n),
        "address": f"Hauptstraße {n % 200 + 1}",
        "city": "Berlin",
        "postal_code": "10115",
        "country": "DEU",
        "coordinates": {"latitude": f"{CENTRE[0] + n * 1e-4:.6f}", "longitude": f"{CENTRE[1]}"},
        "time_zone": "Europe/Berlin",
        "distance_km": round(n * 0.011, 2),
        "cpo_name": f"Betreiber {n % 9}",
        "cpo_party_id": f"B{n % 9:02}",
        "supports_reservation": n % 5 != 4,
        "opening_times": {"twentyfourseven": True},
        "pricing": {"estimated_price": 12.5 + n % 7, "currency": "EUR"},
        "evses": [
            {"evse_uid": f"DE*BEN*E{n:05}*{k}", "status": status, "connectors": [connector]}
            for k in (1, 2, 3)
        ],
    }


@cache
def body(rows: int) -> bytes:
    answer = {"total": rows, "results": [location(n) for n in range(rows)], "cpo_results": []}
    return json.dumps(answer).encode()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        search = path.endswith("/search")
        data = body(int(path.split("/")[1])) if search else b'{"bookings": []}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
        if search:
            print(time.perf_counter(), flush=True)

    def log_message(self, *_: object) -> None:
        """Nothing: stdout is for the times."""


if __name__ == "__main__":
    for size in map(int, sys.argv[1:]):
        body(size)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_port, flush=True)
    server.serve_forever()
