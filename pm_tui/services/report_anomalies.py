"""What somebody should look at in a period's bookings, with the reason in words.

Nothing here accuses: each is a rule of arithmetic whose threshold is in the configuration
(`[report.anomalies]`). What is alike is told together, so that a large month stays readable.
Bookings that were cancelled or expired count for nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from operator import attrgetter
from statistics import median
from zoneinfo import ZoneInfo

from pm_tui import formats
from pm_tui.config.anomalies import AnomalyRules
from pm_tui.i18n import _, ngettext
from pm_tui.models.text import clean, visible_id
from pm_tui.services.report import Anomaly
from pm_tui.services.report_facts import Fact, amount

KINDS = ("overlap", "token", "price", "count", "no_show", "visitor", "weekend", "night")
_OTHERS = 3  # people in a department whose usual says something about another one


def find(
    facts: Sequence[Fact], before: Sequence[Fact], rules: AnomalyRules, zone: ZoneInfo
) -> tuple[Anomaly, ...]:
    """The gravest kinds first, and of a kind the largest. `before` are the bookings of the period
    before, for what is usual; empty where they are not known. Times are told in `zone`."""
    now = [one for one in facts if one.counts]
    old = [one for one in before if one.counts]
    found: list[Anomaly] = []
    if rules.overlap:
        found += _overlaps(now, zone)
    if rules.token is not None:
        found += _tokens(now, rules.token, zone)
    if rules.price is not None:
        found += _prices(now, old, float(rules.price), rules.least)
    if rules.count is not None:
        found += _counts(now, old, float(rules.count), rules.least)
    if rules.no_show is not None:
        found += _no_shows(now, float(rules.no_show), rules.least)
    if rules.visitor:
        found += _visitors(now)
    if rules.weekend:
        found += _odd_times(now, "weekend", lambda at: at.astimezone(zone).weekday() > 4)
    if rules.night is not None:
        begins, ends = rules.night

        def is_night(at: datetime) -> bool:
            clock = at.astimezone(zone).time()
            if begins <= ends:
                return begins <= clock < ends
            return clock >= begins or clock < ends

        found += _odd_times(now, "night", is_night)
    found.sort(key=lambda one: (KINDS.index(one.kind), -len(one.ids), one.reason))
    return tuple(found)


# -- twice at the same time ----------------------------------------------------------


def _overlaps(facts: Sequence[Fact], zone: ZoneInfo) -> Iterator[Anomaly]:
    for person, theirs in _by(facts, "person").items():
        found = _meeting(theirs, timedelta(0), lambda _one, _other: True)
        if found:
            yield Anomaly(
                "overlap",
                _("{who}: {n} bookings at the same time, first on {when}").format(
                    who=_who(person, theirs), n=formats.number(len(found)), when=_when(found, zone)
                ),
                _ids(found),
            )


def _tokens(facts: Sequence[Fact], apart: timedelta, zone: ZoneInfo) -> Iterator[Anomaly]:
    def elsewhere(one: Fact, other: Fact) -> bool:
        return None not in (one.place, other.place) and one.place != other.place

    for token, its in _by(facts, "token").items():
        found = _meeting(its, apart, elsewhere)
        if found:
            yield Anomaly(
                "token",
                _("token {token}: {n} bookings in two places at a time, first on {when}").format(
                    token=visible_id(token), n=formats.number(len(found)), when=_when(found, zone)
                ),
                _ids(found),
            )


def _meeting(
    facts: Iterable[Fact], apart: timedelta, matters: Callable[[Fact, Fact], bool]
) -> list[Fact]:
    """Those whose time another one shares, or is nearer to than `apart`; the earliest first."""
    found: dict[str, Fact] = {}
    going: list[Fact] = []
    for one in sorted(
        (f for f in facts if f.start and f.end), key=attrgetter("start", "end", "id")
    ):
        going = [other for other in going if other.end + apart > one.start]  # type: ignore[operator]
        for other in going:
            if matters(one, other):
                found |= {other.id: other, one.id: one}
        going.append(one)
    return sorted(found.values(), key=attrgetter("start", "id"))


# -- far above the usual -------------------------------------------------------------


def _prices(
    facts: Sequence[Fact], before: Sequence[Fact], factor: float, least: int
) -> Iterator[Anomaly]:
    """The usual price is the median: of the person, else of the department."""
    priced = [one for one in facts if one.price is not None]
    known = [*priced, *(one for one in before if one.price is not None)]
    for currency in {one.currency for one in priced}:
        mine = [one for one in priced if one.currency == currency]
        prices = [one for one in known if one.currency == currency]
        persons = _usual(_by(prices, "person"), least)
        departments = _usual(_by(prices, "department"), least)
        dear: dict[tuple[str | None, str | None, float], list[Fact]] = defaultdict(list)
        for one in mine:
            usual = persons.get(one.person or "", departments.get(one.department or ""))
            if usual and (one.price or 0) > factor * usual:
                dear[one.person, one.department, usual].append(one)
        for (person, department, usual), theirs in dear.items():
            text = ngettext(
                "{who}: {n} booking of {price}, usual is {usual}",
                "{who}: {n} bookings of up to {price}, usual is {usual}",
                len(theirs),
            )
            top = max(one.price or 0 for one in theirs)
            yield Anomaly(
                "price",
                text.format(
                    who=_who(person, theirs) if person else _named(department),
                    n=formats.number(len(theirs)),
                    price=formats.money(amount(top), currency),
                    usual=formats.money(amount(int(usual)), currency),
                ),
                _ids(theirs),
            )


def _usual(groups: dict[str, list[Fact]], least: int) -> dict[str, float]:
    return {
        key: median(one.price or 0 for one in theirs)
        for key, theirs in groups.items()
        if len(theirs) >= least
    }


def _counts(
    facts: Sequence[Fact], before: Sequence[Fact], factor: float, least: int
) -> Iterator[Anomaly]:
    """The usual number is that of the period before; for a person who was not there then, the
    median of the others of the department."""
    persons = _by(facts, "person")
    then = {key: len(theirs) for key, theirs in _by(before, "person").items()}
    team: dict[str, list[int]] = defaultdict(list)
    for theirs in persons.values():
        team[theirs[0].department or ""].append(len(theirs))
    for person, theirs in persons.items():
        usual: float = then.get(person, 0)
        others = team[theirs[0].department or ""]
        if usual < least and len(others) > _OTHERS:
            usual = median(others)
        if len(theirs) >= least and usual and len(theirs) > factor * usual:
            yield _many(_who(person, theirs), theirs, usual)
    earlier = {key: len(theirs) for key, theirs in _by(before, "department").items()}
    for department, theirs in _by(facts, "department").items():
        was = earlier.get(department, 0)
        if was >= least and len(theirs) > factor * was:
            yield _many(_named(department), theirs, was)


def _many(who: str, theirs: Sequence[Fact], usual: float) -> Anomaly:
    text = _("{who}: {n} bookings, usual are {usual}").format(
        who=who, n=formats.number(len(theirs)), usual=formats.number(usual, 1, trim=True)
    )
    return Anomaly("count", text, _ids(theirs))


# -- what the single booking says ----------------------------------------------------


def _no_shows(facts: Sequence[Fact], percent: float, least: int) -> Iterator[Anomaly]:
    over = [one for one in facts if one.status in ("COMPLETED", "NO_SHOW")]
    groups = [
        *((_who(key, theirs), theirs) for key, theirs in _by(over, "person").items()),
        *((_named(key), theirs) for key, theirs in _by(over, "department").items()),
    ]
    for who, theirs in groups:
        missed = [one for one in theirs if one.status == "NO_SHOW"]
        if len(theirs) >= least and len(missed) > 1 and len(missed) * 100 >= percent * len(theirs):
            text = _("{who}: for {n} of {all} bookings nobody came")
            yield Anomaly("no_show", _of(text, who, missed, theirs), _ids(missed))


def _visitors(facts: Sequence[Fact]) -> Iterator[Anomaly]:
    found = [one for one in facts if one.deskless]
    if found:
        text = ngettext(
            "{n} visitor booking names no desk", "{n} visitor bookings name no desk", len(found)
        )
        yield Anomaly("visitor", text.format(n=formats.number(len(found))), _ids(found))


def _odd_times(
    facts: Sequence[Fact], kind: str, is_odd: Callable[[datetime], bool]
) -> Iterator[Anomaly]:
    groups: dict[str | None, list[Fact]] = defaultdict(list)
    for one in facts:
        groups[one.department].append(one)
    for department, theirs in groups.items():
        odd = [one for one in theirs if one.start is not None and is_odd(one.start)]
        if odd:
            text = ngettext(
                "{who}: {n} of {all} bookings begins at night",
                "{who}: {n} of {all} bookings begin at night",
                len(odd),
            )
            if kind == "weekend":
                text = ngettext(
                    "{who}: {n} of {all} bookings begins at the weekend",
                    "{who}: {n} of {all} bookings begin at the weekend",
                    len(odd),
                )
            yield Anomaly(kind, _of(text, _named(department), odd, theirs), _ids(odd))


# -- words ---------------------------------------------------------------------------


def _by(facts: Iterable[Fact], name: str) -> dict[str, list[Fact]]:
    """Those that tell it, by what they tell."""
    found: dict[str, list[Fact]] = defaultdict(list)
    for one in facts:
        key = getattr(one, name)
        if key is not None:
            found[key].append(one)
    return found


def _who(person: str, theirs: Sequence[Fact]) -> str:
    department = theirs[0].department
    return clean(person) if department is None else f"{clean(person)} ({clean(department)})"


def _named(department: str | None) -> str:
    return _("no department") if department is None else clean(department)


def _of(text: str, who: str, some: Sequence[Fact], every: Sequence[Fact]) -> str:
    return text.format(who=who, n=formats.number(len(some)), all=formats.number(len(every)))


def _when(facts: Sequence[Fact], zone: ZoneInfo) -> str:
    first = facts[0].start
    if first is None:
        return formats.UNKNOWN
    local = first.astimezone(zone)
    return f"{formats.day(local.date())} {local:%H:%M}"


def _ids(facts: Iterable[Fact]) -> tuple[str, ...]:
    return tuple(one.id for one in facts)
