"""A moment in one line: typed as people say it, or stepped with keys, and always told back.

The line below the field says how the text was understood, in the charger's zone and, where it
differs, the viewer's. An hour that the clock change gives twice is asked about right there.
The keys are plain ones or those that every terminal sends: no Alt, no Ctrl with arrows, which
tmux, screen and macOS keep for themselves. `< > ( )` never occur in a time.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import ClassVar
from zoneinfo import ZoneInfo

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Button, Input, Static
from textual.widgets.input import Selection

from pm_tui import formats
from pm_tui.i18n import N_, _
from pm_tui.services.when import (
    Ambiguous,
    NoSuchTime,
    Unit,
    WhenError,
    full_minute,
    later,
    parse_when,
    step,
)
from pm_tui.tui.keymap import Keyed

_CLOCK = re.compile(r"\b(\d{1,2}):(\d{2})\b", re.ASCII)
_QUICK = "<>()"
_ARROW = {"minute": 5, "hour": 1, "day": 1}


class WhenLine(Keyed, Input):
    """The typed line of a `WhenInput`; its stepping keys belong to the whole."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "step(1)", N_("Later"), show=False, id="when.later"),
        Binding("down", "step(-1)", N_("Earlier"), show=False, id="when.earlier"),
        Binding("greater_than_sign", "shift('minute', 15)", N_("15 min later"), id="when.quarter"),
        Binding(
            "less_than_sign",
            "shift('minute', -15)",
            N_("15 min earlier"),
            show=False,
            id="when.quarter_back",
        ),
        Binding("right_parenthesis", "shift('hour', 1)", N_("1 h later"), id="when.hour"),
        Binding(
            "left_parenthesis",
            "shift('hour', -1)",
            N_("1 h earlier"),
            show=False,
            id="when.hour_back",
        ),
        Binding("pageup", "shift('day', 1)", N_("1 day later"), id="when.day"),
        Binding(
            "pagedown", "shift('day', -1)", N_("1 day earlier"), show=False, id="when.day_back"
        ),
    ]

    def check_consume_key(self, key: str, character: str | None) -> bool:
        return character not in tuple(_QUICK) and super().check_consume_key(key, character)

    async def _on_key(self, event: events.Key) -> None:
        if event.character in tuple(_QUICK):
            event.prevent_default()  # not typed: it bubbles on to the bindings above

    def action_step(self, direction: int) -> None:
        unit = self.unit
        self._whole.shift(unit, direction * _ARROW[unit])

    def action_shift(self, unit: Unit, amount: int) -> None:
        self._whole.shift(unit, amount)

    @property
    def unit(self) -> Unit:
        """The part under the cursor."""
        clock = _last_clock(self.value)
        if clock is None or self.cursor_position > clock.end(1):
            return "minute"
        return "hour" if self.cursor_position >= clock.start() else "day"

    def select_unit(self, unit: Unit) -> None:
        """Select the part, so that the next arrow moves it and typing replaces it."""
        clock = _last_clock(self.value)
        if clock is None:
            return
        parts = {"day": (0, max(0, clock.start() - 1)), "hour": clock.span(1)}
        self.selection = Selection(*parts.get(unit, clock.span(2)))

    @property
    def _whole(self) -> WhenInput:
        whole = self.parent
        if not isinstance(whole, WhenInput):
            raise TypeError("a WhenLine lives in a WhenInput")
        return whole


class WhenInput(Vertical):
    """A moment in `zone`; `value` is None while the text is none. Posts `Changed`.

    With `base` (the start of a window) this is its end: bare times and spans count from there and
    the length is told. `optional` lets it be empty without complaint.
    """

    @dataclass
    class Changed(Message):
        """The moment is another one, or none."""

        when_input: WhenInput
        value: datetime | None

        @property
        def control(self) -> WhenInput:
            return self.when_input

    def __init__(
        self,
        value: datetime | None = None,
        *,
        zone: ZoneInfo,
        viewer_zone: ZoneInfo,
        now: Callable[[], datetime],
        base: datetime | None = None,
        optional: bool = False,
        placeholder: str = "",
        id: str | None = None,  # noqa: A002  Textual's name for it
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._zone, self._viewer_zone, self._now = zone, viewer_zone, now
        self._base, self._optional, self._placeholder = base, optional, placeholder
        self._value = self._written_moment = value.astimezone(zone) if value else None
        self._written = self._text_of(self._value) if self._value else ""
        self._choices: tuple[datetime, ...] = ()
        self.tells_length = True

    def compose(self) -> ComposeResult:
        placeholder = self._placeholder or _("14:30, +2h, tomorrow 9, 25.11. 14:30")
        line = WhenLine(self._written, placeholder=placeholder, compact=True)
        line.cursor_blink = False
        yield line
        yield Static(classes="when-echo")
        with Horizontal(classes="when-choices"):
            yield Button(compact=True, classes="when-choice", name="0")
            yield Button(compact=True, classes="when-choice", name="1")

    def on_mount(self) -> None:
        self._line_changed()

    @property
    def line(self) -> WhenLine:
        """The typed line."""
        return self.query_one(WhenLine)

    @property
    def value(self) -> datetime | None:
        """The moment, aware in the zone of the field."""
        return self._value

    @value.setter
    def value(self, moment: datetime | None) -> None:
        self._write(moment.astimezone(self._zone) if moment else None)

    @property
    def base(self) -> datetime | None:
        """The start that this end counts from."""
        return self._base

    @base.setter
    def base(self, moment: datetime | None) -> None:
        self._base = moment
        if self.typed:
            self._understand()
        else:
            self._tell("", self._value)

    def tell_length(self, tell: bool) -> None:
        """Whether the length from `base` is told: not while the start is being typed anew."""
        self.tells_length = tell
        if self._value:
            self._tell("", self._value)

    def follow(self, began: datetime, start: datetime | None) -> datetime:
        """This end moves with its start, which was `began` and is `start` now (None while that is
        no time); the start to remember."""
        self.tell_length(start is not None)
        if start is None:
            return began
        before = self.value
        self.base = start
        if before and not self.typed:  # a typed end has been read anew from its new base
            self.value = later(before, timedelta(seconds=start.timestamp() - began.timestamp()))
        return start

    @property
    def typed(self) -> bool:
        """Whether the text is the person's own and not one that this field wrote."""
        return self.line.value != self._written

    def shift(self, unit: Unit, amount: int) -> None:
        """Move the moment; from nothing, begin with `base` or now."""
        selected = self.line.unit
        origin = self._value or full_minute(self._base or self._now()).astimezone(self._zone)
        self._write(step(origin, unit, amount))
        self.line.select_unit(selected)

    @on(Input.Changed)
    def _line_changed(self, event: Input.Changed | None = None) -> None:
        if event:
            event.stop()
        if self.typed or self._written_moment is None:
            self._understand()
        else:
            self._settle(self._written_moment, "")

    @on(Button.Pressed, ".when-choice")
    def _chosen(self, event: Button.Pressed) -> None:
        event.stop()
        self._write(self._choices[int(event.button.name or 0)])
        self.line.focus()

    def _write(self, moment: datetime | None) -> None:
        self._written_moment = moment
        self._written = self._text_of(moment) if moment else ""
        self.line.value = self._written
        self._settle(moment, "")

    def _understand(self) -> None:
        text, problem = self.line.value, ""
        moment: datetime | None = None
        choices: tuple[datetime, ...] = ()
        try:
            if text.strip() or not self._optional:
                moment = parse_when(text, now=self._now(), zone=self._zone, base=self._base)
        except Ambiguous as twice:
            choices, problem = (twice.first, twice.second), str(twice)
        except NoSuchTime as gap:
            choices, problem = (gap.next_valid,), str(gap)
        except WhenError as wrong:
            problem = str(wrong)
        self._settle(moment, problem, choices)

    def _settle(
        self, moment: datetime | None, problem: str, choices: tuple[datetime, ...] = ()
    ) -> None:
        before, self._value, self._choices = self._value, moment, choices
        self._tell(problem, moment)
        # through UTC: the two hours of a clock change are equal within their zone
        if _instant(before) != _instant(moment):
            self.post_message(self.Changed(self, moment))

    def _tell(self, problem: str, moment: datetime | None) -> None:
        text = problem
        if moment:
            text = formats.when(moment, self._zone, self._viewer_zone, now=self._now())
            if (
                self._base
                and self.tells_length
                and (length := moment.astimezone(UTC) - self._base.astimezone(UTC))
            ):
                text = f"{text} · {formats.duration(length)}"
        self.set_class(bool(problem), "-wrong")
        self.query_one(".when-echo", Static).update(Content(text))
        self.query_one(".when-choices").display = bool(self._choices)
        buttons = self.query(".when-choice").results(Button)
        for letter, button, choice in zip(
            "AB", buttons, (*self._choices, None, None), strict=False
        ):
            button.display = choice is not None
            if choice is not None:
                label = f"{choice:%H:%M} {formats.zone_mark(choice, with_offset=True)}"
                button.label = Content(f"{letter} {label}" if len(self._choices) > 1 else label)

    def _text_of(self, moment: datetime) -> str:
        """The shortest text that is read back as the minute of `moment`."""
        now = self._now()
        local = moment.astimezone(self._zone).replace(second=0, microsecond=0)
        for year in (local.year != now.astimezone(self._zone).year, True):
            text = f"{formats.day(local.date(), year=year)} {local:%H:%M}"
            try:
                if parse_when(text, now=now, zone=self._zone, base=self._base) == local:
                    return text
            except WhenError:
                continue  # twice on that day: the offset has to be named
        return f"{formats.day(local.date())} {local:%H:%M} {formats.offset(local)}"


def _last_clock(text: str) -> re.Match[str] | None:
    found = list(_CLOCK.finditer(text))
    return found[-1] if found else None


def _instant(moment: datetime | None) -> datetime | None:
    return moment.astimezone(UTC) if moment else None
