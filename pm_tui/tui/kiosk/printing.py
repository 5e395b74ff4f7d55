"""The slip that a visitor takes along."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import work
from textual.dom import DOMNode

from pm_tui import crash

if TYPE_CHECKING:
    from pm_tui.config import Settings
    from pm_tui.models.booking import Booking
    from pm_tui.models.charger import Location


class Printing(DOMNode):
    """The fifth of the kiosk. `_printed` says how it ended for who stands there now."""

    settings: Settings
    booking: Booking | None
    _location: Location | None
    _printed: bool | None

    if TYPE_CHECKING:

        def _show(self) -> None: ...

    @work(exclusive=True, group="print", exit_on_error=False)
    async def _print_slip(self) -> None:
        from pm_tui.services.kiosk_slip import NotPrinted, print_slip, text

        if (booking := self.booking) is None:
            return
        slip, printed = text(self.settings.kiosk, booking, self._location), True
        try:
            await print_slip(self.settings.kiosk.print_command, slip)
        except NotPrinted as problem:
            crash.told(problem, "the slip was not printed", self.settings.state_dir)
            printed = False
        if booking is self.booking:  # its visitor is still there
            self._printed = printed
            self._show()
