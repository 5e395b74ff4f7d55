"""`python -m tests.experiment [--intents N] [--seed N] [--no-naive]`: the promise, counted.

Ends with 1 when a booking was made twice or lost.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from pathlib import Path

from tests.experiment.run import Outcome, Trial, report


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.experiment", description=__doc__)
    parser.add_argument("--intents", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=None, help="of the kills (default: chance)")
    parser.add_argument(
        "--naive",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="the naive strategy beside ours",
    )
    arguments = parser.parse_args()
    seed = random.randrange(10**6) if arguments.seed is None else arguments.seed
    print(f"{arguments.intents} intents, seed {seed}", flush=True)
    outcomes: list[Outcome | None] = []
    with tempfile.TemporaryDirectory() as folder:
        rng = random.Random(seed)
        outcomes += Trial("journal", Path(folder) / "journal", arguments.intents, rng).run()
        if arguments.naive:
            rng = random.Random(seed)
            outcomes += Trial("naive", Path(folder) / "naive", arguments.intents, rng).run()
    print(report(outcomes))
    ours = [one for one in outcomes if one is not None and one.strategy == "journal"]
    return 1 if any(one.duplicated or one.lost or one.stuck for one in ours) else 0


if __name__ == "__main__":
    sys.exit(main())
