"""The line to the gateway in one line of text: its state, its limits, its last good answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING

from textual.content import Content
from textual.geometry import Region
from textual.reactive import reactive, var
from textual.timer import Timer
from textual.widgets import Static

from pm_tui import formats
from pm_tui.i18n import N_, _, ngettext
from pm_tui.services.connection import Connection
from pm_tui.tui.key_names import keyed

if TYPE_CHECKING:
    from pm_tui.api.limits import RateSnapshot
    from pm_tui.services.plan import Look

MARKS = {
    "starting": ("…", N_("starting"), "$text-muted"),
    "online": ("●", N_("online"), "$text-success"),
    "degraded": ("◐", N_("degraded"), "$text-warning"),
    "spent": ("◍", N_("quota spent"), "bold $text-error"),
    "offline": ("○", N_("offline"), "$text-error"),
}
LOW = 0.2  # share of a limit below which it is worth a warning


def clock(at: datetime, now: datetime, zone: tzinfo) -> str:
    """A time of today as hours, an older one with its date."""
    local = at.astimezone(zone)
    same_day = local.date() == now.astimezone(zone).date()
    return f"{local:%H:%M:%S}" if same_day else f"{local:%Y-%m-%d %H:%M}"


def segments(
    connection: Connection,
    *,
    now: datetime,
    zone: tzinfo,
    profile: str,
    next_look: Look | None = None,
    watched: Content | None = None,
    hour: RateSnapshot | None = None,
) -> Iterator[tuple[Content, int]]:
    """Each piece with its rank: the higher ranks leave first when the line gets too short."""
    mark, word, colour = MARKS[connection.state]
    state = f"{mark} {_(word)}"
    if connection.state in ("degraded", "offline"):
        state += " " + _("since {time}").format(time=clock(connection.since, now, zone))
    spent = connection.state == "spent"
    if spent and connection.blocked_until is not None:
        state += " " + spent_until(connection.blocked_until)
    yield Content.styled(state, colour), 0
    if connection.unsettled:
        n = connection.unsettled
        text = ngettext("{n} outcome unknown", "{n} outcomes unknown", n).format(n=n)
        yield Content.styled(text, "bold $text-error"), 0
    if watched:
        yield watched, 1
    if connection.requests_open:
        n = connection.requests_open
        yield Content(ngettext("{n} request…", "{n} requests…", n).format(n=n)), 3
    if not spent and connection.blocked_until is not None and connection.blocked_until > now:
        wait = _seconds(connection.blocked_until - now)
        yield Content.styled(_("limit reached, {s} s").format(s=wait), "bold $text-warning"), 0
    elif not spent and connection.remaining is not None and connection.limit:
        yield _minute(connection, connection.remaining, connection.limit, now), 1
    if hour is not None:
        left = _("home {left}/{limit} this hour").format(
            left=formats.number(hour.remaining), limit=formats.number(hour.limit)
        )
        low = hour.remaining < hour.limit * LOW
        yield Content.styled(left, "bold $text-warning" if low else ""), 1
    if connection.month_used is not None:
        yield _month(connection, connection.month_used), 2
    if connection.last_sync is not None:
        synced = _("synced {time}").format(time=clock(connection.last_sync, now, zone))
        yield Content(synced), 4
    if profile:
        yield Content(profile), 5
    if connection.problem:
        yield Content(connection.problem), 6
    if next_look is not None:
        from pm_tui.tui.widgets.next_look import words  # not before the first paint

        if text := words(next_look, now, zone):
            yield Content(text), 7


def spent_until(end: datetime) -> str:
    """The day on which a spent month ends (contract/agent-api.md §14 U9), or the time today's
    wait is over."""
    day = formats.day(end.astimezone(UTC).date(), year=False)
    return _("until {day} (UTC)").format(day=day)


def _seconds(wait: timedelta) -> int:
    return max(0, round(wait.total_seconds()))


def _minute(connection: Connection, remaining: int, limit: int, now: datetime) -> Content:
    reset = connection.reset_at
    left = _seconds(reset - now) if reset is not None else 0
    if left == 0:  # the minute is over: what was used of it is free again
        remaining = limit
    text = _("{remaining}/{limit} a minute").format(remaining=remaining, limit=limit)
    if left:
        text = _("{remaining}/{limit}, {s} s").format(remaining=remaining, limit=limit, s=left)
    return Content.styled(text, "bold $text-warning" if remaining < limit * LOW else "")


def _month(connection: Connection, used: int) -> Content:
    if connection.month_limit is None:
        return Content(_("month {used}").format(used=formats.number(used)))
    text = _("month {used}/{limit}").format(
        used=formats.number(used), limit=formats.number(connection.month_limit)
    )
    low = used > connection.month_limit * (1 - LOW)
    return Content.styled(text, "bold $text-warning" if low else "")


def why_not_sent(line: Connection | None) -> str:
    """Why nothing can be booked now, while that is so."""
    if line is not None and line.state == "spent":
        until = "" if line.blocked_until is None else " " + spent_until(line.blocked_until)
        text = _(
            "The month's requests are used up{until}: nothing typed here can be sent now. The "
            "account manager can raise the quota; {bookings.look} in the list of bookings tries "
            "again."
        )
        return keyed(text, until=until)
    return _("Offline: a booking needs the network. Nothing typed here can be sent now.")


class StatusBar(Static):
    """Repaints itself once a second only while a countdown is running."""

    connection: reactive[Connection | None] = reactive(None, layout=False)
    next_look: var[Look | None] = var(None)
    watched: var[Content] = var(Content(""))
    hour: var[RateSnapshot | None] = var(None)  # of the other API, where it was asked

    def __init__(self, *, now: Callable[[], datetime], profile: str, zone: tzinfo) -> None:
        super().__init__()
        self._now, self._profile, self._zone = now, profile, zone
        self._line = Content("")

    def on_mount(self) -> None:
        tick: float = getattr(self.app, "tick", 1.0)
        self._timer: Timer = self.set_interval(tick, self._tick, pause=True)

    def watch_connection(self, connection: Connection | None) -> None:
        if connection is not None and self.is_mounted:
            self._timer.resume()

    def _tick(self) -> None:
        connection = self.connection
        now = self._now()
        ends = [connection.reset_at, connection.blocked_until] if connection else []
        if not any(end is not None and end > now for end in ends):
            self._timer.pause()
        self._repaint()

    def watch_next_look(self) -> None:
        if self.is_mounted:
            self._repaint()

    async def on_click(self) -> None:
        """What is watched; else the requests, which most of this line is about."""
        await self.run_action("app.watched" if self.watched else "app.view('requests')")

    def watch_watched(self) -> None:
        self.watch_next_look()

    def watch_hour(self) -> None:
        if self.is_mounted:
            self._repaint()

    def _repaint(self) -> None:
        """The digits that changed, not the line: it is sixty times a minute."""
        before, self._line = self._line.plain, self._compose_line()
        after = self._line.plain
        changed = [x for x, (old, new) in enumerate(zip(before, after, strict=False)) if old != new]
        if len(before) != len(after):
            self.refresh()
        elif changed:
            self.refresh(Region(changed[0], 0, changed[-1] - changed[0] + 1, 1))

    def render(self) -> Content:
        self._line = self._compose_line()
        return self._line

    def _compose_line(self) -> Content:
        if self.connection is None:
            return Content("")
        pieces = list(
            segments(
                self.connection,
                now=self._now(),
                zone=self._zone,
                profile=self._profile,
                next_look=self.next_look,
                watched=self.watched,
                hour=self.hour,
            )
        )
        width = self.size.width - 2
        while sum(piece.cell_length + 2 for piece, _rank in pieces) > width:
            least = max(rank for _piece, rank in pieces)
            if least == 0:
                break
            pieces = [piece for piece in pieces if piece[1] != least]
        return Content(" ") + Content("  ").join(piece for piece, _rank in pieces)
