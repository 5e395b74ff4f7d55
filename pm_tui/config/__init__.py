"""Profiles, paths, key sources, time zone: read once, and each value knows where it came from.

Imported before the first paint, hence the standard library alone. Order: command-line flags,
environment, the profile's table in the file, the file's defaults, built-in defaults.
"""

from __future__ import annotations

from pm_tui.config.errors import ConfigError
from pm_tui.config.load import DEFAULT_BASE_URL, load
from pm_tui.config.settings import Setting, Settings

__all__ = ["DEFAULT_BASE_URL", "ConfigError", "Setting", "Settings", "load"]
