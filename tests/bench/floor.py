"""The least that a Textual program with a table costs: what ours is compared with."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.widgets import DataTable

ROWS = 200
FIRST_ROW = "Station 000"


class Floor(App[None]):
    BINDINGS = [("q", "quit", "Quit")]  # noqa: RUF012 - as in App

    def compose(self) -> ComposeResult:
        yield DataTable(cursor_type="row")

    def on_mount(self) -> None:
        table = self.query_one(DataTable)
        table.add_columns("Station", "Town", "Operator", "km", "kW")
        for n in range(ROWS):
            table.add_row(
                f"Station {n:03}", f"Town {n % 17}", f"Operator {n % 7}", f"{n * 0.37:.1f}", 50
            )


if __name__ == "__main__":
    Floor().run()
