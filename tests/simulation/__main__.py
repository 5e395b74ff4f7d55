"""`python -m tests.simulation [--days N] [--seed N]`: what a working month costs, and how late its
changes are seen. `python -m tests.simulation windows`: many windows on one host."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.simulation import measure
from tests.simulation.month import Simulation
from tests.simulation.office import Office


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("what", nargs="?", choices=("month", "windows"), default="month")
    parser.add_argument("--days", type=int, default=22)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--windows", type=int, default=50)
    arguments = parser.parse_args()
    if arguments.what == "windows":
        from tests.simulation import many

        print(many.report(arguments.windows))
        return 0
    began = time.perf_counter()
    memory = Path("/dev/shm")  # a disk would only be waited for
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        office = Office(days=arguments.days, seed=arguments.seed)
        month = Simulation(office, Path(folder)).run()
    print(
        f"{office.days} days, {office.bookings} bookings a day ({len(month.made)} made), "
        f"{office.windows} windows, seed {office.seed}; {time.perf_counter() - began:.0f} s"
    )
    figures = [measure.each_booking(month), measure.one_list(month), measure.ours(month)]
    print(measure.table(figures))
    print("ours, by reason: " + ", ".join(f"{why} {n}" for why, n in sorted(month.whys.items())))
    return 0


if __name__ == "__main__":
    sys.exit(main())
