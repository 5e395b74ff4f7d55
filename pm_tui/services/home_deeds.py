"""Take a home charger off ev.energy: once, written down before and after, settled when unclear.

There is no way back and no idempotency key (contract/evenergy-v2.md §0, §14): the person types what
shows that this very charger is meant, it is read again before anything is sent, and a lost answer
is settled by reading (404 or `DECOMMISSIONED` means done). Nothing is ever sent again by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from pm_tui.api.errors import ApiError, NotFound, OutcomeUnknown
from pm_tui.api.record import because
from pm_tui.cache.deeds import Deed, Deeds
from pm_tui.cache.deeds import DeedsUnavailable as DeedsUnavailable  # for the rooms above
from pm_tui.i18n import _
from pm_tui.models.home import Evse
from pm_tui.models.result import Result
from pm_tui.services.home_list import WHOLE

if TYPE_CHECKING:
    from pm_tui.services.home import Home

SHORTEST = 6  # characters of the id's end that tell one charger from another
GRACE = timedelta(minutes=2)  # a request that was lost on its way is not carried out later


class NotConfirmed(ValueError):
    """What was typed is not this charger's; nothing was sent. The text says what is asked for."""


@dataclass(frozen=True, slots=True)
class Removed:
    """`gone`: ev.energy has it no more (`already`, before we asked); `refused`: it surely still
    has, `reason` says why; `unknown`: nobody can say yet."""

    kind: Literal["gone", "refused", "unknown"]
    evse_id: str
    reason: str = ""
    already: bool = False
    problem: Exception | None = None


def what_to_type(evse: Evse) -> str:
    """For the person who is asked to confirm."""
    ending = evse.id[-SHORTEST:]
    if evse.model_name is None:
        return _("the last {n} characters of its id ({ending})").format(n=SHORTEST, ending=ending)
    return _("its model ({model}) or the last {n} characters of its id ({ending})").format(
        model=evse.model_name, n=SHORTEST, ending=ending
    )


def is_confirmed(evse: Evse, typed: str) -> bool:
    """Whether `typed` is the model's name or at least `SHORTEST` last characters of the id."""
    given = typed.strip().casefold()
    if evse.model_name is not None and given == evse.model_name.casefold():
        return True
    return len(given) >= SHORTEST and evse.id.casefold().endswith(given)


def warning(evse: Evse) -> str:
    """What speaks against it now; empty when nothing is known to."""
    status = evse.status
    if status is not None and status.is_charging:
        return _("It is charging now.")
    if status is None or status.is_charging is None:
        return _("Whether it is charging now is not known.")
    return ""


class Remover:
    """For one account. Raises `DeedsUnavailable` before anything is sent, and nothing after."""

    def __init__(self, home: Home, deeds: Deeds, account: str) -> None:
        self._home, self.deeds, self._account = home, deeds, account

    async def look(self, evse_id: str) -> Result[Evse]:
        """The charger as it is at this moment, never as it was. Raises the `ApiError`."""
        client = await self._home.line.open()
        return await self._home.keep(await client.evse(evse_id, expand=WHOLE))

    async def remove(self, evse_id: str, typed: str) -> Removed:
        """Decommission it. Raises `NotConfirmed`, and the `ApiError` of reading it before."""
        found = (await self.look(evse_id)).value
        if found.is_gone:
            await self._home.forget(evse_id)
            return Removed("gone", evse_id, already=True)
        if not is_confirmed(found, typed):
            wanted = what_to_type(found)
            raise NotConfirmed(_("Nothing was sent. Type {wanted}.").format(wanted=wanted))
        return await self._send(found)

    async def settle(self) -> list[Removed]:
        """Read what is open; the outcomes that are known now. A reading that fails changes
        nothing."""
        settled = []
        for deed in await self._home.in_worker(self.deeds.open_ones, self._account):
            with because("settling"):
                known = await self._read_after(deed)
            if known.kind != "unknown":
                settled.append(known)
        return settled

    async def open_ones(self) -> list[Deed]:
        """Those whose outcome nobody knows."""
        return await self._home.in_worker(self.deeds.open_ones, self._account)

    async def _send(self, evse: Evse) -> Removed:
        label = evse.model_name or ""
        deed = await self._home.in_worker(self.deeds.begin, self._account, evse.id, label)
        if deed is None:
            reason = _("Another window is sending this at the moment.")
            return Removed("refused", evse.id, reason)
        try:
            client = await self._home.line.open()
            await client.decommission(evse.id)
        except OutcomeUnknown as lost:
            await self._end(deed, "unknown", lost.said)
            return await self._read_after(deed, lost)
        except ApiError as problem:
            await self._end(deed, "refused", str(problem))
            return Removed("refused", evse.id, f"{problem} {problem.advice}", problem=problem)
        except BaseException:  # given up in between: it may be done
            await self._end(deed, "unknown", "interrupted")
            raise
        return await self._done(deed)

    async def _read_after(self, deed: Deed, lost: ApiError | None = None) -> Removed:
        """What became of an unclear deed, as far as the charger itself tells."""
        reason = _("It is not known yet whether it was done; it is looked up again later.")
        try:
            client = await self._home.line.open()
            answer = await client.evse(deed.device, expand=("model.make",))
        except NotFound:
            return await self._done(deed)
        except ApiError as problem:
            return Removed("unknown", deed.device, f"{reason} {problem}", problem=lost or problem)
        if answer.value.is_gone:
            return await self._done(deed)
        if answer.received_at - deed.created_at < GRACE:
            return Removed("unknown", deed.device, reason, problem=lost)
        reason = _("It is still there: the request did not arrive.")
        await self._end(deed, "refused", reason)
        return Removed("refused", deed.device, reason)

    async def _done(self, deed: Deed) -> Removed:
        await self._end(deed, "done")
        await self._home.forget(deed.device)
        return Removed("gone", deed.device)

    async def _end(
        self, deed: Deed, state: Literal["done", "refused", "unknown"], reason: str = ""
    ) -> None:
        await self._home.in_worker(self.deeds.end, deed.id, state, reason)
