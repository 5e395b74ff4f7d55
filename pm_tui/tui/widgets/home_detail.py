"""All that is known of one home charger, as text that scrolls: facts, a day's log, and what it was
told and did where that was asked for."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from textual.content import Content
from textual.events import Resize

from pm_tui import formats
from pm_tui.i18n import _, ngettext
from pm_tui.models.text import visible_id
from pm_tui.tui.key_names import after_key
from pm_tui.tui.widgets.text_pane import TextPane

if TYPE_CHECKING:
    from pm_tui.models.home import CommandLog, Evse, StatusLog, SubSession
    from pm_tui.models.result import Result
    from pm_tui.services.home_contact import Contact

HEIGHT = 5  # rows of the chart
WIDEST = 96  # columns: a quarter of an hour each
STAYS_LIVE = timedelta(minutes=15)  # as bookings do; the list is read when that is asked for
_MOST = 40  # lines of a list


@dataclass(slots=True)
class Part:
    """Something of a charger that is asked for by itself: its answer, or why there is none."""

    result: Result[Any] | None = None
    problem: str = ""
    is_asked: bool = False


@dataclass(slots=True)
class Opened:
    """A charger that the person looks into, and the day whose log is shown."""

    row: Result[Evse]
    day: date
    log: Part = field(default_factory=Part)
    contact: Part = field(default_factory=Part)
    commands: Part = field(default_factory=Part)
    sessions: Part = field(default_factory=Part)


class HomeDetail(TextPane):
    def __init__(self, *, id: str) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._last: tuple[Opened, datetime, ZoneInfo, timedelta] | None = None

    def on_mount(self) -> None:
        self.border_title = _("Home charger")
        self.offer_copying()

    def show_nothing(self, text: str) -> None:
        """Say why there is nothing, or how to see something."""
        self._last = None
        self.show([Content(text)])

    def show_device(
        self, opened: Opened, now: datetime, zone: ZoneInfo, threshold: timedelta
    ) -> None:
        """Show a charger as it is known."""
        self._last = (opened, now, zone, threshold)
        width = min(self.scrollable_content_region.width - 1, WIDEST)
        self.show(lines(opened, now, zone, threshold, width), key=opened.row.value.id)

    def on_resize(self, event: Resize) -> None:
        if self._last is not None:
            self.show_device(*self._last)  # the chart is as wide as the pane
        super().on_resize(event)


def commands_title() -> str:
    return _("What it was told")


def sessions_title() -> str:
    return _("Charging sub-sessions")


def lines(
    opened: Opened, now: datetime, zone: ZoneInfo, threshold: timedelta, width: int
) -> Iterator[Content]:
    """The detail's lines. Every text is `Content`: server text is never markup."""
    from pm_tui.services import home_codes, home_words  # not before the first paint
    from pm_tui.services.home_reach import reach_seen

    row, evse = opened.row, opened.row.value
    status = evse.status
    reach, is_past = reach_seen(evse, row.fetched_at, now, threshold)
    yield Content.styled(home_words.name(evse), "bold")
    tone = "$text-success" if reach.answer == "reachable" else "$text-warning"
    at = None if status is None or status.sampled is None else status.sampled.at
    told = _("no sample")
    if at is not None and reach.age is not None:
        told = _("sample {time}, {age} ago (limit {limit})").format(
            time=formats.when(at, zone, now=now),
            age=formats.age(reach.age),
            limit=formats.age(threshold),
        )
    word = home_words.reach(reach)
    if is_past:  # since then nobody has asked
        word, tone = _("was: {status}").format(status=word), "dim"
    yield Content.styled(word, tone) + Content(f" · {told}")
    yield _beside(
        (_("Plugged in"), home_words.yes(status.is_plugged_in if status else None)),
        (_("Charging"), home_words.yes(status.is_charging if status else None)),
        (_("Power"), home_words.watts(status.charge_rate_watts if status else None)),
    )
    yield _beside((_("User"), evse.user_name or formats.UNKNOWN))
    yield _beside(
        (_("State"), home_words.state(evse)),
        (_("Lock"), home_codes.lock(evse.lock_mode)),
        (_("Mode"), home_codes.doing(status.mode if status else None)),
    )
    yield _beside((_("Position"), home_words.place(evse.location)))
    yield _beside((_("Number"), evse.cpid or formats.UNKNOWN), (_("Known"), _source(row, now)))
    yield _beside(("ID", visible_id(evse.id)))
    yield Content("")
    yield from _log(opened, now, zone, width)
    yield from _contact(opened.contact, now)
    yield from _commands(opened.commands, now, zone)
    yield from _sessions(opened.sessions, now, zone)


def _source(row: Result[Any], now: datetime) -> str:
    age = row.age(now)
    is_live = row.origin == "live" and age < STAYS_LIVE
    source = _("live, {age} ago") if is_live else _("remembered, {age} ago")
    return source.format(age=formats.age(age))


def _log(opened: Opened, now: datetime, zone: ZoneInfo, width: int) -> Iterator[Content]:
    day = formats.day(opened.day)
    part = opened.log
    yield Content.styled(_("Charge rate on {day}").format(day=day), "bold")
    if not part.is_asked:
        yield Content(_("Enter reads the log of this day."))
        return
    samples: tuple[StatusLog, ...] | None = yield from _answer(part, now)
    if samples is None:
        return
    yield from _chart(samples, opened.day, zone, width)
    hints = (
        ("home.before", _("day before"), "day(-1)"),
        ("home.after", _("day after"), "day(1)"),
        ("home.commands", _("commands"), "commands"),
        ("home.sessions", _("sessions"), "sessions"),
    )
    told = [
        Content(after_key(name, text, " ")).stylize(f"@click=screen.{action}")
        for name, text, action in hints
    ]
    yield Content(" · ").join(told).stylize("dim")


def _chart(
    samples: tuple[StatusLog, ...], day: date, zone: ZoneInfo, width: int
) -> Iterator[Content]:
    from pm_tui.services import home_chart, home_words

    n = len(samples)
    if n == 0:
        yield Content(_("It reported nothing on this day."))
        return
    drawn = home_chart.chart(samples, *home_chart.day_of(day, zone), max(width, 24), HEIGHT)
    if drawn.most is None:
        yield Content(_("It does not report its power."))
    elif drawn.most == 0:
        yield Content(_("Nothing was charged."))
    else:
        yield Content(_("to {power}").format(power=home_words.watts(drawn.most)))
        for one in drawn.rows:
            yield Content.styled(one, "$text-accent")
        yield Content.styled(drawn.scale, "dim")
    text = ngettext("{n} sample", "{n} samples", n).format(n=n)
    meter = home_chart.energy(samples)
    if meter is not None:
        text += " · " + _("{energy} by the meter").format(energy=home_words.energy(meter))
    yield Content(text)


def _contact(part: Part, now: datetime) -> Iterator[Content]:
    if not part.is_asked:
        return
    from pm_tui.services import home_words

    yield Content("")
    yield Content.styled(_("How it is reached"), "bold")
    found: Contact | None = yield from _answer(part, now)
    if found is not None:
        for pair in home_words.reached(found):
            yield _beside(pair)
    text = after_key("home.reconnect", _("link to connect it anew"), " ")
    yield Content(text).stylize("@click=screen.reconnect").stylize("dim")


def _commands(part: Part, now: datetime, zone: ZoneInfo) -> Iterator[Content]:
    if not part.is_asked:
        return
    yield Content("")
    yield Content.styled(commands_title(), "bold")
    rows: tuple[CommandLog, ...] | None = yield from _answer(part, now)
    if rows is None:
        return
    from pm_tui.services import home_codes

    if not rows:
        yield Content(_("Nothing in these days."))
    for row in rows[:_MOST]:
        at = None if row.logged is None else row.logged.at
        amps = row.max_load_target_milliamps
        words = [
            formats.when(at, zone, now=now),
            home_codes.reason(row.reason),
            "" if amps is None else _("up to {amps} A").format(amps=formats.number(amps / 1000)),
        ]
        yield Content("  ".join(filter(None, words)))


def _sessions(part: Part, now: datetime, zone: ZoneInfo) -> Iterator[Content]:
    if not part.is_asked:
        return
    yield Content("")
    yield Content.styled(sessions_title(), "bold")
    rows: tuple[SubSession, ...] | None = yield from _answer(part, now)
    if rows is None:
        return
    if not rows:
        yield Content(_("None are known."))
    from pm_tui.services import home_codes, home_words
    from pm_tui.tui.widgets.booking_table import span

    for row in rows[:_MOST]:
        running = row.end is None
        words = [
            span(row.start, row.end, zone) + (" " + _("running") if running else ""),
            home_words.energy(row.energy_watt_hours),
            home_words.cost(row),
            home_codes.charged(row.mode),
        ]
        yield Content("  ".join(words))


def _answer(part: Part, now: datetime) -> Generator[Content, None, Any]:
    """What was answered, after a line that says where it is from where it is not live."""
    if part.problem:
        yield Content.styled(part.problem, "$text-warning")
        return None
    if part.result is None:
        yield Content(_("Reading…"))
        return None
    if part.result.origin != "live":
        yield Content.styled(_source(part.result, now), "$text-warning")
    return part.result.value


def _beside(*pairs: tuple[str, str]) -> Content:
    """`Label: value` after each other in one line."""
    parts = [Content.assemble(Content.styled(f"{name}: ", "$text-muted"), v) for name, v in pairs]
    return Content("  ").join(parts)
