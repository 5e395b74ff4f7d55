"""Every charger ever seen, found by distance from any point or by name, with its age.

Distances are exact (great circle on the mean sphere); the index only narrows. What an answer
covered is kept beside it, so that the reader can tell "nothing there" from "never looked".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from pm_tui.cache import faults
from pm_tui.cache.directory_cells import Cells
from pm_tui.cache.directory_file import FAULTS, DirectoryFile, Features, features_here
from pm_tui.cache.directory_rows import (
    Entry,
    Known,
    Offers,
    Question,
    Rows,
    Run,
    Seen,
    Spots,
    line,
)
from pm_tui.cache.moments import FUTURE, Clock, from_number, to_number
from pm_tui.cache.sphere import distances_from, is_place
from pm_tui.models.reading import identifier

__all__ = ["Area", "Directory", "Entry", "Known", "Seen", "Spots"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Area:
    """A circle that was searched; `complete` when the answer held all that fits `filter_key`."""

    latitude: float
    longitude: float
    radius_km: float
    filter_key: str
    complete: bool
    fetched_at: datetime


class Directory:
    """For one thread at a time. `spared` names the ids that `prune` leaves."""

    def __init__(
        self,
        folder: Path | None,
        notices: faults.Notices,
        clock: Clock,
        spared: Callable[[], Iterable[str]] = tuple,
        features: Features | None = None,
    ) -> None:
        self._clock = clock
        self._spared = spared
        self._file = DirectoryFile(folder, notices, clock, features or features_here())
        self._cells = Cells(self._file.connection, self._file.features)

    def add(self, entries: Iterable[Entry], fetched_at: datetime) -> int:
        """Remember `entries`, all in one transaction; the number that was taken.

        Those without a usable id or place are left out, and so are those known from later.
        """
        good = [
            line(entry)
            for entry in entries
            if identifier(entry.location_id) and is_place(entry.latitude, entry.longitude)
        ]
        at = to_number(fetched_at)
        if not good:
            return 0
        return self._write(lambda run: self._rows(run).add(good, at, self._latest()))

    def add_area(
        self,
        latitude: float,
        longitude: float,
        radius_km: float,
        filter_key: str,
        complete: bool,
        fetched_at: datetime,
    ) -> None:
        """Remember that this circle was searched. An incomplete answer never hides a complete one
        of before; of two alike the later stays."""
        row = (latitude, longitude, radius_km, filter_key, complete, to_number(fetched_at))
        latest = self._latest()
        self._write(lambda run: self._rows(run).add_area(row, latest))

    def spots(
        self,
        latitude: float,
        longitude: float,
        radius_km: float,
        limit: int | None = None,
        offers: Offers | None = None,
    ) -> Spots:
        """Where locations are within `radius_km`, nearest first, at most `limit`, of those only
        whose `Entry.offers` pass `offers`. What they are takes longer and is read by `read`, for
        as many as are wanted."""
        if not is_place(latitude, longitude):
            return Spots()
        asked = Question(latitude, longitude, radius_km, self._latest(), limit, offers)

        def near(_run: Run) -> Spots:
            if self._cells.connection is not self._file.connection:  # made anew
                self._cells = Cells(self._file.connection, self._file.features)
            return self._cells.near(asked)

        return self._read(near, Spots())

    def read(self, spots: Spots) -> list[Seen]:
        """What is known of each of `spots`, in their order."""
        return self._read(lambda run: self._rows(run).read(spots), [])

    def touching(self, latitude: float, longitude: float, radius_km: float) -> list[Area]:
        """The searched circles that have something in common with this one, the last searched
        first."""
        km = distances_from(latitude, longitude)

        def areas(run: Run) -> list[Area]:
            rows = run(
                "SELECT latitude, longitude, radius_km, filter_key, complete, fetched_at FROM area"
                # a degree of latitude is more than 111 km: those too far north or south go unread
                " WHERE fetched_at <= ? AND abs(latitude - ?) * 111 <= radius_km + ?"
                " ORDER BY fetched_at DESC",
                (self._latest(), latitude, radius_km),
            )
            return [
                Area(row[0], row[1], row[2], row[3], bool(row[4]), from_number(row[5]))
                for row in rows
                if km(row[0], row[1]) <= row[2] + radius_km
            ]

        return self._read(areas, [])

    def get(self, location_id: str) -> Known | None:
        """The location with this id; None when it was never seen."""
        if identifier(location_id) is None:
            return None
        return self._read(lambda run: self._rows(run).get(location_id, self._latest()), None)

    def find(self, text: str, limit: int = 50) -> list[Known]:
        """Locations whose name, operator, city or id has words that begin as those of `text`.

        Umlauts may be typed as ü, ue or u. Without FTS5 the words may stand anywhere.
        """
        return self._read(lambda run: self._rows(run).find(text, self._latest(), limit), [])

    def count(self) -> int:
        """How many locations are known."""
        return self._count("SELECT count(*) FROM location")

    def count_areas(self) -> int:
        """How many searched circles are known."""
        return self._count("SELECT count(*) FROM area")

    def _count(self, sql: str) -> int:
        return self._read(lambda run: int(run(sql).fetchone()[0]), 0)

    def clear(self) -> int:
        """Forget everything, also what `spared` names; how many locations went."""
        gone = self._write(lambda run: self._rows(run).clear())
        self._read(lambda run: run("VACUUM").fetchall(), [])
        return gone

    def prune(self, older_than: datetime) -> int:
        """Forget what was fetched before, favourites excepted; how many locations went."""
        spared = frozenset(self._spared())
        gone = self._write(lambda run: self._rows(run).prune(to_number(older_than), spared))
        if gone:
            self._read(lambda run: run("VACUUM").fetchall(), [])
        return gone

    def close(self) -> None:
        self._file.connection.close()

    def _latest(self) -> int:
        return to_number(self._clock() + FUTURE)

    def _rows(self, run: Run) -> Rows:
        return Rows(self._file.connection, self._file.features)

    def _read(self, work: Callable[[Run], T], nothing: T) -> T:
        """What `work` reads; `nothing` where the disk does not give it (which is told)."""
        for _again in range(2):
            try:
                return work(self._file.connection.execute)
            except FAULTS as fault:
                if not self._file.failed(fault):
                    break
        return nothing

    def _write(self, work: Callable[[Run], int]) -> int:
        """All of `work` or nothing; nothing when the disk does not take it (which is told)."""
        for _again in range(2):
            connection = self._file.connection
            try:
                connection.execute("BEGIN IMMEDIATE")
                done = work(connection.execute)
                connection.execute("COMMIT")
            except FAULTS as fault:
                if connection.in_transaction:
                    connection.rollback()
                if not self._file.failed(fault):
                    break
            else:
                return done
        return 0
