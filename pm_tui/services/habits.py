"""How a person left the full screen: the view, the order and columns of each table, the theme.

Named values, for any part of the screen: `remember` says what to keep, `recall` what was kept. They
lie in one small file of the state folder, read before the first paint and written in a thread.
Nothing in it is of an account or of a driver.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

from pm_tui.cache.notebook import HABITS, JsonObject, Notebook

MOST = 200  # values
LONGEST = 4000  # characters of one, as JSON

T = TypeVar("T")


class Habits:
    """`folder` None: nothing is read and nothing written. `notices` grows by what went wrong."""

    def __init__(self, folder: Path | None) -> None:
        self.notices: list[str] = []
        self._book = Notebook(None if folder is None else folder / HABITS, self._tell)
        self._values = self._book.read()
        self._new: JsonObject = {}

    def _tell(self, text: str) -> None:
        if text not in self.notices:
            self.notices.append(text)

    def recall(self, name: str, kind: type[T], default: T) -> T:
        """The value kept under `name`, where it is of `kind`."""
        value = self._values.get(name)
        return value if type(value) is kind else default

    def remember(self, name: str, value: Any) -> bool:
        """Keep a value that JSON can hold; None forgets it. Whether there is something to save."""
        import json  # not before the first paint

        if len(json.dumps(value)) > LONGEST or self._values.get(name) == value:
            return False
        self._values[name] = self._new[name] = value
        return True

    def save(self) -> None:
        """Write what is new; in a thread, for it waits for the disk."""
        new, self._new = self._new, {}
        if not new:
            return

        def put(values: JsonObject) -> None:
            kept = {**values, **new}
            values.clear()
            # the first ones named go, should there ever be too many
            values.update([(k, v) for k, v in kept.items() if v is not None][-MOST:])

        self._book.change(put)
