"""Write a report to a file that a person names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pm_tui.i18n import _
from pm_tui.tui.key_names import keyed

if TYPE_CHECKING:
    from pm_tui.models.result import Result
    from pm_tui.services.report import Report
    from pm_tui.services.report_behind import Source
    from pm_tui.tui.app import PmTuiApp


async def export(app: PmTuiApp, source: Source, result: Result[Report] | None) -> None:
    """Ask for a format and a path, write, and say so; `source` has the bookings. In a worker."""
    if result is None:
        text = _("There is nothing to write yet: {report.read} reads the period.")
        app.notify(keyed(text), markup=False)
        return
    from pm_tui.services.report_save import write
    from pm_tui.services.report_xlsx import NoLibrary
    from pm_tui.tui.screens.report_ask import ExportScreen

    wanted = await app.push_screen_wait(ExportScreen(result.value))
    if wanted is None:
        return
    form, path = wanted
    try:
        await write(source, result, form, path)
    except (OSError, NoLibrary) as problem:
        reason = getattr(problem, "strerror", None) or str(problem)
        text = _("{path} was not written: {reason}").format(path=path, reason=reason)
        app.notify(text, severity="error", markup=False, timeout=20)
    else:
        app.notify(_("{path} is written.").format(path=path), markup=False)
