"""All that is written down of one request, as text that scrolls."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from textual.content import Content

from pm_tui import formats
from pm_tui.i18n import _
from pm_tui.tui.key_names import keyed
from pm_tui.tui.widgets import request_table as table
from pm_tui.tui.widgets.text_pane import TextPane

if TYPE_CHECKING:
    from pm_tui.api.record import Headers, Sent

APIS = {"agent": "Petit Monde Agent API", "home": "ev.energy v2"}


class RequestDetail(TextPane):
    def on_mount(self) -> None:
        self.border_title = _("Request")
        self.offer_copying()

    def show_request(self, sent: Sent | None, nothing: str, now: datetime, zone: ZoneInfo) -> None:
        """Show a request; where there is none, why."""
        if sent is None:
            self.show([Content(nothing)])
        else:
            self.show(lines(sent, now, zone), key=sent.number)


def lines(sent: Sent, now: datetime, zone: ZoneInfo) -> Iterator[Content]:
    """The detail's lines. Every text is `Content`: a server's header is never markup."""
    from pm_tui.api.answers import status_line  # not before the first paint

    yield Content.styled(f"{sent.method} {sent.path}", "bold")
    ended = table.answer(sent) if sent.status is None else status_line(sent.status)
    yield Content.styled(ended, "$text-success" if sent.is_good else "bold $text-error")
    if sent.fault:
        yield Content.styled(sent.fault, "$text-warning")
    if not sent.left:
        yield Content(_("Not a byte of it left: it cost nothing."))
    yield _labelled(_("Why"), table.word(sent.why))
    at = f"{formats.when(sent.at, zone, now=now)}, {table.moment(sent.at, zone)}"
    yield _labelled(_("Sent"), at)
    yield _labelled(_("Took"), table.took(sent.seconds))
    yield _labelled(_("Try"), str(sent.attempt))
    sizes = _("{sent} sent, {received} received (as they travelled)")
    sizes = sizes.format(sent=table.size(sent.size), received=table.size(sent.received))
    yield _labelled(_("Bodies"), sizes)
    yield _labelled(_("Left"), _left(sent, zone))
    yield _labelled("API", APIS.get(sent.api, sent.api))
    yield Content(sent.url)
    yield from _headers(_("Headers of the request"), sent.headers)
    yield from _headers(_("Headers of the answer"), sent.answer_headers)
    yield Content("")
    text = _(
        "The key, bodies and what names a person are not kept. {requests.copy} copies it as a curl "
        "line."
    )
    yield Content.styled(keyed(text), "$text-muted")


def _left(sent: Sent, zone: ZoneInfo) -> str:
    if sent.remaining is None:
        return _("not told by this answer")
    text = _("{left} of this minute") if sent.api == "agent" else _("{left} of this hour")
    told = text.format(left=table.left(sent))
    if sent.reset_at is None:
        return told
    return _("{left}, until {time}").format(left=told, time=table.moment(sent.reset_at, zone))


def _headers(title: str, headers: Headers) -> Iterator[Content]:
    if not headers:
        return
    yield Content("")
    yield Content.styled(title, "bold")
    for name, value in headers:
        yield _labelled(name, value)


def _labelled(label: str, value: str) -> Content:
    return Content.assemble(Content.styled(f"{label}: ", "$text-muted"), value)
