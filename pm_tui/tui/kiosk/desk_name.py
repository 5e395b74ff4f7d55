"""The desk's name in a corner: what a finger opens the gate with."""

from __future__ import annotations

from textual.widgets import Static


class DeskName(Static):
    ALLOW_SELECT = False

    def __init__(self) -> None:
        super().__init__(id="kiosk-desk", markup=False)

    async def on_click(self) -> None:
        await self.run_action("app.gate")
