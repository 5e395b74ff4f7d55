"""`python -m pm_tui` is `pm-tui`."""

from __future__ import annotations

import sys

from pm_tui.cli import main

if __name__ == "__main__":
    sys.exit(main())
