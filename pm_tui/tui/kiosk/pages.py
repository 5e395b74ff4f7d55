"""What a visitor reads at each step, as plain data: built anew when the language changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from pm_tui import formats
from pm_tui.i18n import _
from pm_tui.models.text import clean
from pm_tui.models.zones import CHARGERS_ZONE
from pm_tui.services.kiosk_hours import Desk, Stay
from pm_tui.tui.widgets.plug_pictures import has_picture

if TYPE_CHECKING:
    from pm_tui.config.kiosk import KioskSettings
    from pm_tui.models.booking import Booking
    from pm_tui.models.charger import Location
    from pm_tui.services.kiosk import Point

MOST_CHOICES = 9  # each has a digit
Block = tuple[str, str]  # a caption, and what is read from two metres


@dataclass(frozen=True, slots=True)
class Choice:
    """A large thing to touch; `id` is what it means to the application. `pictures` are codes of
    connectors."""

    id: str
    label: str
    note: str = ""
    disabled: bool = False
    pictures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """One step. `field` is the hint of a field to type in, None: there is none. `code` is what a
    QR code beside the text says. `large` comes first, in lines of blocks side by side; the text
    says the same once more."""

    title: str
    text: str = ""
    choices: tuple[Choice, ...] = ()
    field: str | None = None
    code: str = ""
    large: tuple[tuple[Block, ...], ...] = ()


def clock(moment: datetime) -> str:
    """The time on the wall at the chargers."""
    return f"{moment.astimezone(CHARGERS_ZONE):%H:%M}"


def back() -> Choice:
    return Choice("start", _("Back to the start"))


def start(desk: Desk) -> Page:
    known = (
        Choice("longer", _("I need longer")),
        Choice("leaving", _("I am leaving")),
    )
    if not desk.is_open:
        opens = desk.opens
        text = _("The desk is closed.")
        if opens is not None:
            local = opens.astimezone(CHARGERS_ZONE)
            text += " " + _("It opens again on {day} at {time}.").format(
                day=formats.day(local.date()), time=f"{local:%H:%M}"
            )
        return Page(_("Welcome"), text, known[1:])
    return Page(
        _("Welcome"),
        _("Reserve a charger for your car in three steps."),
        (Choice("until", _("Charge my car")), *known),
    )


def until(stay: Stay) -> Page:
    if not stay.ends:
        return Page(
            _("When do you leave?"),
            _("The desk closes too soon for another booking."),
            (back(),),
        )
    ends = [
        Choice(
            f"end:{n}",
            _("at {time}").format(time=clock(end)),
            formats.duration(end - stay.start),
        )
        for n, end in enumerate(stay.ends)
    ]
    return Page(
        _("When do you leave?"),
        _("Charging can begin at {time}.").format(time=clock(stay.start)),
        (*ends, Choice("pick", _("Another time")), back()),
    )


def pick(stay: Stay, end: datetime) -> Page:
    return Page(
        _("When do you leave?"),
        "",
        (
            Choice("take", _("at {time}").format(time=clock(end)), _("take this time")),
            Choice("later", _("15 minutes later"), disabled=end >= stay.latest),
            Choice("earlier", _("15 minutes earlier"), disabled=stay.moved(end, -1) >= end),
            back(),
        ),
    )


def looking() -> Page:
    return Page(_("Which charger?"), _("Looking for free chargers …"), (back(),))


def chargers(points: Sequence[Point]) -> Page:
    """Free ones first; what is busy or booked stands there and cannot be chosen."""
    shown = points[: MOST_CHOICES - 1]
    free = any(one.is_free for one in points)
    text = "" if free else _("No charger is free at the moment. Please try again later.")
    choices = [
        Choice(f"point:{n}", named(one), offers(one), not one.is_free, pictures(one))
        for n, one in enumerate(shown)
    ]
    return Page(_("Which charger?"), text, (*choices, back()))


def named(point: Point) -> str:
    return _("Charger {number}, {place}").format(number=point.number, place=point.place)


def pictures(point: Point) -> tuple[str, ...]:
    """The connectors that there is a picture of, each kind once."""
    codes = (one.standard for one in point.connectors)
    return tuple(dict.fromkeys(code for code in codes if code and has_picture(code)))


def offers(point: Point) -> str:
    """`free · CCS 150 kW, CHAdeMO 50 kW · about €12.50`: words, so that no colour is needed."""
    plugs = [
        " ".join(
            (
                formats.plug(one.standard),
                *([formats.power(one.power_kw)] if one.power_kw is not None else []),
            )
        )
        for one in point.connectors
    ]
    price = ""
    if point.estimated_price is not None:
        price = _("about {price}").format(
            price=formats.money(point.estimated_price, point.currency)
        )
    state = _("free") if point.is_free else _("booked") if point.is_booked else _("busy")
    return " · ".join(filter(None, (state, ", ".join(plugs), price)))


def name(ask: str) -> Page:
    texts = {
        "name": (_("Your name, if you like"), _("Name")),
        "plate": (_("Your number plate, if you like"), _("Number plate")),
    }
    title, field = texts[ask]
    text = _("Only this desk sees it, and only until your booking ends.")
    return Page(title, text, (Choice("named", _("Go on")), back()), field)


def confirm(point: Point, stay: Stay, end: datetime) -> Page:
    lines = [
        f"{named(point)}",
        _("{start} to {end}").format(start=clock(stay.start), end=clock(end)),
        offers(point),
        point.address,
        "",
        _(
            "The price is an estimate. Cancelling a confirmed booking, or not coming, may cost a "
            "fee of the operator."
        ),
    ]
    text = "\n".join(lines[:3] + [line for line in lines[3:4] if line] + lines[4:])
    return Page(_("Is this right?"), text, (Choice("book", _("Book it")), back()))


def booking_it() -> Page:
    return Page(
        _("Please wait"),
        _("Your booking is being sent. This takes a few seconds."),
    )


def waiting() -> Page:
    return Page(
        _("Please wait"),
        _("The operator has your booking and has not answered yet. It is not confirmed so far."),
    )


def done(
    kiosk: KioskSettings,
    booking: Booking,
    point: Point,
    number: str | None,
    location_link: str,
    printed: bool | None = None,
) -> Page:
    """`printed` says whether the slip came out; None: nobody has asked for it."""
    start_, end = booking.reservation_start, booking.reservation_end
    window = ""
    if start_ is not None and end is not None:
        window = _("{start} to {end}").format(start=clock(start_), end=clock(end))
    shown = clean(number or formats.UNKNOWN, 60)
    lines = [
        _("Your number: {number}").format(number=shown),
        named(point),
        window,
        point.address,
    ]
    choices = [Choice("start", _("Finish"))]
    if kiosk.print_command:
        labels = {
            None: _("Print"),
            True: _("It is printed"),
            False: _("It was not printed; try again"),
        }
        choices.insert(0, Choice("print", labels[printed]))
    where = [(_("Charger"), point.number), *([(_("Until"), clock(end))] if end else [])]
    return Page(
        _("Confirmed"),
        "\n".join(filter(None, lines)),
        tuple(choices),
        code=location_link,
        large=(((_("Your number"), shown),), tuple(where)),
    )


def sorry(words: str, whom: str, *, again: bool) -> Page:
    choices = (Choice("again", _("Choose another charger")), back()) if again else (back(),)
    return Page(_("Sorry"), f"{words}\n{whom}", choices)


def number(title: str, wrong: bool) -> Page:
    """Who is known here says so by the number that was told at the booking."""
    text = _("Please type the number of your booking.")
    if wrong:
        text = _("No booking here has this number. Please look at it again.")
    choices = (Choice("number", _("Go on")), back())
    return Page(title, text, choices, _("Number"))


def leave(booking: Booking, end: datetime | None) -> Page:
    """`end` is that of what was made longer, here and in `longer`."""
    text = _("This cancels your booking. The operator may charge a fee for it.")
    choices = (Choice("leave", _("Cancel my booking")), back())
    return Page(_("I am leaving"), f"{_window(booking, end)}\n{text}", choices)


def longer(booking: Booking, now_until: datetime | None, stay: Stay) -> Page:
    """Only ends that are later than the one that is booked."""
    ends = [
        Choice(f"longer:{n}", _("at {time}").format(time=clock(end)))
        for n, end in enumerate(stay.ends)
        if now_until is not None and end > now_until
    ]
    text = _window(booking, now_until)
    if not ends:
        text += "\n" + _("It cannot be made longer: the longest stay, or the desk's, ends then.")
    return Page(_("When do you leave?"), text, (*ends, back()))


def told(title: str, words: str, whom: str = "") -> Page:
    """How something ended, and nothing more to do."""
    return Page(title, "\n".join(filter(None, (words, whom))), (back(),))


def _window(booking: Booking, end: datetime | None) -> str:
    begin = booking.reservation_start
    if begin is None or end is None:
        return ""
    return _("{start} to {end}").format(start=clock(begin), end=clock(end))


def link(location: Location | None) -> str:
    """Where the charger is, for a QR code."""
    from pm_tui.services.kiosk_slip import way

    return way(location)


def please_wait() -> Page:
    return Page(_("Please wait"), _("This takes a few seconds."))


def still_there() -> Page:
    text = _("In a few seconds this goes back to the start.")
    return Page(_("Are you still there?"), text, (Choice("stay", _("Go on")), back()))
