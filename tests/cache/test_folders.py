from __future__ import annotations

import os
import sqlite3
import stat
from pathlib import Path

import pytest

from pm_tui.cache import faults
from pm_tui.cache.folders import FolderError, is_network_filesystem, private_folder


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_folder_and_its_new_parents_are_private_whatever_the_umask(tmp_path: Path) -> None:
    old = os.umask(0o000)
    try:
        made = private_folder(tmp_path / "a" / "b")
    finally:
        os.umask(old)
    assert (mode(made), mode(tmp_path / "a")) == (0o700, 0o700)


def test_an_open_folder_of_ours_is_closed(tmp_path: Path) -> None:
    folder = tmp_path / "open"
    folder.mkdir()
    folder.chmod(0o755)
    assert mode(private_folder(folder)) == 0o700


def test_a_file_in_its_place_is_refused_by_name(tmp_path: Path) -> None:
    place = tmp_path / "file"
    place.write_text("mine")
    with pytest.raises(FolderError, match="file"):
        private_folder(place)
    with pytest.raises(FolderError, match="below") as below:
        private_folder(place / "below")
    assert faults.reason(below.value) == "File exists"
    assert place.read_text() == "mine"


def test_another_users_folder_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    owner = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    with pytest.raises(FolderError, match="another user"):
        private_folder(tmp_path)


def test_a_full_disk_is_told_in_words() -> None:
    database = sqlite3.connect(":memory:")
    database.execute("CREATE TABLE kept(one)")
    database.execute("PRAGMA max_page_count=2")
    with pytest.raises(sqlite3.OperationalError) as full:
        database.execute("INSERT INTO kept VALUES (zeroblob(100000))")
    assert faults.reason(full.value) == "No space left on device"
    database.close()


MOUNTS = """\
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
30 22 0:40 / {root}/nfs rw - nfs4 server:/export rw
31 22 0:41 / {root}/sshfs rw shared:7 - fuse.sshfs user@host: rw
32 22 0:42 / {root}/ntfs rw - fuseblk /dev/sdb1 rw
33 30 8:2 / {root}/nfs/scratch rw - xfs /dev/sdc1 rw
34 22 0:43 / {root}/with\\040space rw - cifs //server/share rw
35 22 8:3 / {root}/twice rw - ext4 /dev/sdd1 rw
36 22 0:44 / {root}/twice rw - 9p host rw
broken line
"""


@pytest.mark.parametrize(
    ("folder", "network"),
    [
        ("home", False),
        ("nfs", True),
        ("nfs/not/made/yet", True),
        ("nfs2", False),
        ("sshfs/x", True),
        ("ntfs/x", False),
        ("nfs/scratch/x", False),
        ("with space/x", True),
        ("twice", True),
    ],
)
def test_network_filesystems_are_told_by_the_nearest_mount(
    tmp_path: Path, folder: str, network: bool
) -> None:
    table = tmp_path / "mountinfo"
    table.write_text(MOUNTS.format(root=tmp_path))
    assert is_network_filesystem(tmp_path / folder, table) is network


def test_a_system_without_mountinfo_has_no_network_filesystem(tmp_path: Path) -> None:
    assert not is_network_filesystem(tmp_path, tmp_path / "none")


def test_this_systems_own_table_is_read(tmp_path: Path) -> None:
    assert not is_network_filesystem(tmp_path)
