"""What each `--chaos` profile arms; the names are those of `options.PROFILES`."""

from __future__ import annotations

from dataclasses import dataclass

from pm_tui.sandbox.faults import Fault


@dataclass(frozen=True, slots=True)
class Profile:
    """`accidents`: operators are now and then slow, fail or refuse, as in life."""

    faults: tuple[tuple[str, str, float, dict[str, float | int | str | bool]], ...] = ()
    accidents: bool = True
    hostile: bool = False

    def make(self) -> list[Fault]:
        """Fresh faults: kind, match, probability and the fields of their own."""
        return [
            Fault.of({"fault": kind, "match": match, "times": None, "probability": chance, **more})
            for kind, match, chance, more in self.faults
        ]


PROFILES: dict[str, Profile] = {
    # no chance at all: for tests and for demonstrations
    "steady": Profile(accidents=False),
    "flaky": Profile(
        (
            ("error", "*", 0.08, {"status": 503}),
            ("error", "*", 0.04, {"status": 500, "process": True}),
            ("drop", "*", 0.05, {}),
            ("accept_then_reset", "*", 0.04, {}),
            ("truncated", "*", 0.04, {}),
        )
    ),
    "slow": Profile(
        (("slow", "*", 0.5, {"seconds": 2.5}), ("drip", "*", 0.15, {"seconds": 0.1, "size": 500}))
    ),
    "lossy": Profile(
        (
            ("accept_then_hang", "POST *", 0.2, {}),
            ("accept_then_reset", "POST *", 0.2, {}),
            ("lost_body", "POST *", 0.2, {}),
            ("late", "POST *", 0.1, {"seconds": 3}),
            ("truncated", "GET *", 0.1, {}),
            ("drop", "*", 0.1, {}),
        )
    ),
    "html": Profile(
        (
            ("html", "*", 0.3, {}),
            ("html_502", "*", 0.2, {}),
            ("redirect", "*", 0.2, {}),
        )
    ),
    "limits": Profile(
        (
            ("429_seconds", "*", 0.15, {"seconds": 5}),
            ("429_date", "*", 0.1, {"seconds": 5}),
            ("429_bare", "*", 0.05, {}),
        )
    ),
    "cpo-down": Profile((("cpo_down", "*", 1.0, {}),)),
    "never-confirms": Profile((("never_confirms", "*", 1.0, {}),)),
    "hostile": Profile((("hostile_error", "POST *", 0.05, {}),), hostile=True),
}

DEFAULT = Profile()
