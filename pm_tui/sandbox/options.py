"""The sandbox's command-line options, apart so that the parser costs no server import."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

from pm_tui.arguments import count, decimal, whole
from pm_tui.i18n import _

# The contents are in `profiles`; the names are here for help and shell completion.
PROFILES = (
    "steady",
    "flaky",
    "slow",
    "lossy",
    "html",
    "limits",
    "cpo-down",
    "never-confirms",
    "hostile",
)


@dataclass(frozen=True, slots=True)
class Span:
    """A range of seconds (or milliseconds), both ends included."""

    low: float
    high: float


def span(text: str) -> Span:
    """Read `A-B` or `A`; raises `ArgumentTypeError`."""
    low, dash, high = text.partition("-")
    result = Span(decimal(low), decimal(high) if dash else decimal(low))
    if not 0 <= result.low <= result.high < 1e6:
        raise argparse.ArgumentTypeError(
            _("“{text}” is not a range such as 1-10").format(text=text)
        )
    return result


def port(text: str) -> int:
    """A port to listen on; 0 is a free one. Raises `ArgumentTypeError`."""
    number = whole(text)
    if not 0 <= number <= 65535:
        raise argparse.ArgumentTypeError(
            _("must be from 0 to 65535, not {number}").format(number=number)
        )
    return number


@dataclass(frozen=True, slots=True)
class Options:
    """What a sandbox is started with; the defaults are those of the command line."""

    port: int = 0
    seed: int = 1
    stations: Path | None = None
    state: Path | None = None
    rate: int = 100
    quota: int = 10_000
    confirm_seconds: Span = Span(1, 10)
    chaos: str | None = None
    parent_stdin: bool = False
    cpo_latency: Span = Span(20, 400)
    history: bool = True

    @classmethod
    def of(cls, namespace: argparse.Namespace) -> Options:
        return cls(**{name: getattr(namespace, name) for name in cls.__dataclass_fields__})


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add every option; `Options.of` reads the parsed namespace."""
    default = Options()
    add = parser.add_argument
    add(
        "--port",
        type=port,
        default=default.port,
        metavar="N",
        help=_("port on loopback (default: a free one)"),
    )
    add(
        "--seed",
        type=whole,
        default=default.seed,
        metavar="N",
        help=_("seed of the charger network and of chance (default: %(default)s)"),
    )
    add(
        "--stations",
        type=Path,
        metavar="FILE",
        help=_("use the stations of this register instead of generated ones"),
    )
    add("--state", type=Path, metavar="DIR", help=_("keep bookings and the key in this folder"))
    add(
        "--rate",
        type=count,
        default=default.rate,
        metavar="N",
        help=_("requests a minute (default: %(default)s)"),
    )
    add(
        "--quota",
        type=count,
        default=default.quota,
        metavar="N",
        help=_("requests a month (default: %(default)s)"),
    )
    add(
        "--confirm-seconds",
        type=span,
        default=default.confirm_seconds,
        metavar="A-B",
        help=_("how long operators take to confirm (default: 1-10)"),
    )
    add(
        "--chaos",
        choices=PROFILES,
        metavar="PROFILE",
        help=_("faults to practise with: %(choices)s"),
    )
    add("--parent-stdin", action="store_true", help=argparse.SUPPRESS)
    add("--cpo-latency", type=span, default=default.cpo_latency, help=argparse.SUPPRESS)
    add("--no-history", dest="history", action="store_false", help=argparse.SUPPRESS)
