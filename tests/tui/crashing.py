"""The application with faults in it, for the tests of how it ends: `python -m tests.tui.crashing`.

The key lies in a local variable of the frame that fails and in the error's own text, in two
forms: the worst places for it.
"""

from __future__ import annotations

import base64
import sys
from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType

from pm_tui import config
from pm_tui.tui.app import PmTuiApp, run


class Crashing(PmTuiApp):
    BINDINGS: ClassVar[list[BindingType]] = [Binding("f9", "break"), Binding("f8", "worker")]

    def action_break(self) -> None:
        key = self.settings.api_key().get_secret_value()
        encoded = base64.b64encode(key.encode()).decode()
        raise RuntimeError(f"a fault of ours \x1b]52;c;aGk=\x07 with {key} and {encoded}")

    @work(exit_on_error=False)
    async def action_worker(self) -> None:
        key = self.settings.api_key().get_secret_value()
        raise KeyError(f"of a worker, {key}")


if __name__ == "__main__":
    sys.exit(run(config.load({}), Crashing))
