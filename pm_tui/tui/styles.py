"""Where the TCSS lies: in the wheel inside the package, in a checkout beside it."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent.parent
STYLES = _PACKAGE / "styles" if (_PACKAGE / "styles").is_dir() else _PACKAGE.parent / "styles"


def style(name: str) -> Path:
    """The path of `styles/<name>.tcss`."""
    return STYLES / f"{name}.tcss"


def all_styles() -> list[Path]:
    """The styles of every view and dialog but the kiosk's, which is a program of its own."""
    return [path for path in sorted(STYLES.glob("*.tcss")) if not path.name.startswith("kiosk")]
