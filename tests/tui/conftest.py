"""Every test of the screen starts in English and waits for nothing but conditions."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pm_tui import i18n
from pm_tui.config import Settings
from tests.conftest import MakeSettings
from tests.sandbox_process import Sandbox
from tests.tui.driving import driven


@pytest.fixture(autouse=True)
def _in_english(hasty: None) -> Iterator[None]:
    i18n.use("en")
    yield
    i18n.use("en")


@pytest.fixture
async def remembered(gateway: Sandbox, make_settings: MakeSettings) -> Settings:
    """An account that has searched Berlin and read its bookings, and is offline now."""
    async with driven(make_settings(gateway)) as seen:
        await seen.search("Berlin")
        await seen.press("f3")
    return make_settings(gateway, offline=True)
