"""The application with a fault in it, for the test of how it ends: `python -m tests.tui.crashing`.

The key lies in a local variable of the frame that fails: the worst place for it.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import ClassVar

from textual.binding import Binding, BindingType

from pm_tui import config
from pm_tui.tui.app import PmTuiApp


class Crashing(PmTuiApp):
    BINDINGS: ClassVar[list[BindingType]] = [Binding("f9", "break")]

    def action_break(self) -> None:
        key = Path(os.environ["PM_TUI_API_KEY_FILE"]).read_text()
        raise RuntimeError(f"a fault of ours, {len(key)} characters long")


if __name__ == "__main__":
    app = Crashing(config.load({}))
    app.run()
    sys.exit(app.return_code or 0)
