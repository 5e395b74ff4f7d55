"""Filters kept under names: take one, save those of the form, rename, delete."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Label, OptionList

from pm_tui import formats
from pm_tui.i18n import N_, _
from pm_tui.services import filter_profiles
from pm_tui.services.filter_profiles import LONGEST_NAME, Profile
from pm_tui.services.search_fields import Fields
from pm_tui.tui.key_names import keyed
from pm_tui.tui.screens.base import Dialog
from pm_tui.tui.widgets.key_bar import KeyBar

if TYPE_CHECKING:
    from pm_tui.services.session import Session


class ProfilesScreen(Dialog["Profile | None"]):
    """Gives the one to apply. `present` is what the form says now."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "apply", N_("Apply"), id="profiles.apply"),
        Binding("s", "save", N_("Save these"), id="profiles.save"),
        Binding("n", "rename", N_("Rename"), id="profiles.rename"),
        Binding("d,delete", "remove", N_("Delete"), id="profiles.remove", key_display="d"),
        Binding("u", "undo", N_("Undo"), id="profiles.undo"),
        Binding("escape", "dismiss(None)", N_("Back"), id="profiles.back"),
    ]

    def __init__(self, session: Session, known: Sequence[Profile], present: Fields) -> None:
        super().__init__()
        self._session, self._known, self._present = session, list(known), present.filters
        # what was deleted or written over, and where it stood; the application undoes it later
        self.gone: list[tuple[Profile, int]] = []

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as box:
            box.border_title = _("Filter profiles")
            yield Label(id="profiles-head")
            yield OptionList(markup=False)
        yield KeyBar()

    def on_mount(self) -> None:
        self.show_profiles()

    # -- showing -------------------------------------------------------------

    def show_profiles(self, chosen: str = "") -> None:
        """Show what is kept; `chosen` has the cursor, else what had it or took its place."""
        options = self.query_one(OptionList)
        place = options.highlighted or 0
        options.set_options(_line(one) for one in self._known)
        names = [one.name for one in self._known]
        if names:
            here = min(place, len(names) - 1)
            options.highlighted = names.index(chosen) if chosen in names else here
        present = " · ".join(words(self._present)) or _("no filter")
        hint = _("Enter applies one.") if names else _("None yet.")
        text = keyed(_("In the form: {filters}; {profiles.save} saves that."), filters=present)
        text = f"{hint} {text}"
        self.query_one("#profiles-head", Label).update(Content(text))

    @property
    def _chosen(self) -> Profile | None:
        index = self.query_one(OptionList).highlighted
        return None if index is None else self._known[index]

    # -- acting --------------------------------------------------------------

    @on(OptionList.OptionSelected)
    def action_apply(self) -> None:
        if self._chosen is not None:
            self.dismiss(self._chosen)

    @work(exclusive=True, exit_on_error=False)
    async def action_save(self) -> None:
        name = await self._asked_name(_("Save these filters as"), "")
        if not name:
            return
        there = next((n for n, one in enumerate(self._known) if one.name == name), None)
        before = None if there is None else self._known[there]
        if await filter_profiles.keep(self._session, Profile(name, self._present)):
            if before is not None and there is not None:
                self.gone.append((before, there))
            await self._look(name)
        else:
            text = _("Not saved: there can be {n} profiles.").format(n=filter_profiles.MOST)
            self.app.notify(text, severity="error", markup=False)

    @work(exclusive=True, exit_on_error=False)
    async def action_rename(self) -> None:
        one = self._chosen
        name = "" if one is None else await self._asked_name(_("Another name for it"), one.name)
        if one is None or name in ("", one.name):
            return
        if await filter_profiles.rename(self._session, one.name, name):
            await self._look(name)
        else:
            text = _("“{name}” is the name of another one.").format(name=name)
            self.app.notify(text, severity="error", markup=False)

    async def _asked_name(self, title: str, text: str) -> str:
        from pm_tui.models.text import clean
        from pm_tui.tui.screens.note import NoteScreen

        asked = NoteScreen(title, text, hint=_("a short name"))
        given: str | None = await self.app.push_screen_wait(asked)
        return clean(given or "", LONGEST_NAME)

    @work(exclusive=True, exit_on_error=False)
    async def action_remove(self) -> None:
        one = self._chosen
        if one is not None and await filter_profiles.remove(self._session, one.name):
            self.gone.append((one, self._known.index(one)))
            await self._look()

    @work(exclusive=True, exit_on_error=False)
    async def action_undo(self) -> None:
        if self.gone and await filter_profiles.keep(self._session, *self.gone[-1]):
            one, _place = self.gone.pop()
            await self._look(one.name)

    async def _look(self, chosen: str = "") -> None:
        self._known = await filter_profiles.listed(self._session)
        self.show_profiles(chosen)


def _line(one: Profile) -> Content:
    what = " · ".join(words(one.fields)) or _("no filter")
    return Content.assemble(Content.styled(one.name, "bold"), "  ", what)


def words(fields: Fields) -> Iterator[str]:
    """What filters say, as far as they say something."""
    if fields.radius:
        yield f"{fields.radius} km"
    if fields.plug:
        yield formats.plug(fields.plug)
    if fields.power:
        yield _("from {power}").format(power=f"{fields.power} kW")
    if fields.start:
        yield f"{fields.start} – {fields.end}" if fields.end else fields.start
    if fields.operator:
        yield fields.operator
    if fields.reservable:
        yield _("reservable")
    if fields.text:
        yield f"/{fields.text}"
