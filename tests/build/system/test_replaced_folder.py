"""Catches: a folder that is only partly replaced, an owner's file that is deleted with it, a link or a full disk that
fails without a reason, work that is lost because its target was checked too late."""

from __future__ import annotations

import errno
import json
from pathlib import Path

import pytest

from system import replaced_folder


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    """A folder with two entries from an earlier run, and one of its owner's."""
    folder = tmp_path / "project" / "dist"
    folder.mkdir(parents=True)
    for name, text in {"old.zip": "old", "both.html": "before", "notes.txt": "mine"}.items():
        (folder / name).write_text(text)
    return folder


OWN = {"old.zip", "both.html"}
BEFORE = {"old.zip": "old", "both.html": "before", "notes.txt": "mine"}
AFTER = {"new.zip": "new", "both.html": "after", "notes.txt": "mine"}


def texts(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir()}


def write(place: replaced_folder.Workplace) -> None:
    (place.new / "new.zip").write_text("new")
    (place.new / "both.html").write_text("after")


def make(dist: Path) -> dict[str, str]:
    with replaced_folder.workplace(dist) as place:
        write(place)
        return place.swap(OWN)


def leftovers(dist: Path) -> list[Path]:
    return [path for folder in (dist, dist.parent) for path in folder.glob(".*")]


def test_what_is_made_takes_the_place_of_what_was_made(dist: Path) -> None:
    assert make(dist) == {}
    assert texts(dist) == AFTER and leftovers(dist) == []


def test_it_is_made_where_nothing_was(tmp_path: Path) -> None:
    make(tmp_path / "dist")
    assert texts(tmp_path / "dist") == {"new.zip": "new", "both.html": "after"}


@pytest.mark.parametrize("kind", ["beside", "on another disk"])
def test_a_link_stays_a_link(dist: Path, tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    stick = tmp_path / "stick"
    dist.rename(stick)
    dist.symlink_to(stick, target_is_directory=True)
    if kind == "on another disk":  # a mount point: nothing can be moved into it from outside
        rename = Path.replace

        def within(source: Path, place: Path) -> Path:
            if (stick in source.parents) != (stick in place.parents):
                raise OSError(errno.EXDEV, "Invalid cross-device link")
            return rename(source, place)

        monkeypatch.setattr(Path, "replace", within)
    make(dist)
    assert dist.is_symlink() and texts(stick) == AFTER and leftovers(dist) == leftovers(stick) == []


@pytest.mark.parametrize("broken", range(5))
@pytest.mark.parametrize("problem", [OSError(errno.ENOSPC, "No space"), KeyboardInterrupt()], ids=["full", "Ctrl-C"])
def test_an_exchange_that_breaks_off_is_taken_back(
    dist: Path, broken: int, problem: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fails at each of four moves (two entries out, two in), and once not at all."""
    rename, made = Path.rename, []

    def breaks(source: Path, place: Path) -> Path:
        made.append(place)
        if len(made) == broken + 1:
            raise problem
        return rename(source, place)

    monkeypatch.setattr(Path, "rename", breaks)
    if broken == 4:
        make(dist)
    else:
        with pytest.raises(type(problem)):
            make(dist)
    assert texts(dist) == (AFTER if broken == 4 else BEFORE) and leftovers(dist) == []


@pytest.mark.parametrize("done", range(5))
def test_an_exchange_that_was_killed_is_ended_by_the_next_command(dist: Path, done: int) -> None:
    with replaced_folder.workplace(dist) as place:
        write(place)
        (place.new / "notes.txt").write_text("new notes")
        moves = [("folder", "both.html", "old", "both.html"), ("folder", "old.zip", "old", "old.zip")]
        moves += [("folder", "notes.txt", "folder", "notes (kept).txt")]
        moves += [("new", name, "folder", name) for name in ("both.html", "new.zip", "notes.txt")]
        (place.work / replaced_folder.PLAN).write_text(json.dumps(moves))
        place._carry_out(moves[:done])
    with replaced_folder.workplace(dist):
        assert texts(dist) == {**AFTER, "notes.txt": "new notes", "notes (kept).txt": "mine"}
    assert leftovers(dist) == []


def test_an_owners_file_of_the_same_name_is_kept_under_another(dist: Path) -> None:
    (dist / "new.zip").write_text("the owner's own")
    (dist / "new (kept).zip").write_text("and another")
    assert make(dist) == {"new.zip": "new (kept 2).zip"}
    assert texts(dist) == {**AFTER, "new (kept).zip": "and another", "new (kept 2).zip": "the owner's own"}


def refused(folder: Path) -> str:
    with pytest.raises(replaced_folder.FolderError) as problem, replaced_folder.workplace(folder):
        raise AssertionError("there was work before the place for it was looked at")
    return str(problem.value)


def test_an_unusable_place_is_reported_before_any_work(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "gone").symlink_to(tmp_path / "unmounted" / "dist")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    assert "is a file, but this command needs a folder of that name. Move the file" in refused(tmp_path / "file")
    assert "is a link to" in refused(tmp_path / "gone") and "Delete the link" in refused(tmp_path / "gone")
    assert "is a link to itself" in refused(tmp_path / "loop")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "gone", "loop"]


@pytest.mark.parametrize(
    ("number", "said"),
    [(errno.EACCES, "this user may not"), (errno.EROFS, "read-only"), (errno.ENOSPC, "the disk is full")],
)
def test_a_folder_that_cannot_be_written_is_reported_before_any_work(
    dist: Path, number: int, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root may write everywhere, so the error is simulated."""
    monkeypatch.setattr(Path, "mkdir", lambda path, **_options: (_ for _ in ()).throw(OSError(number, "no", str(path))))
    assert said in refused(dist)
    assert texts(dist) == BEFORE


def test_two_commands_do_not_make_the_same_folder(dist: Path) -> None:
    with replaced_folder.workplace(dist) as place:
        assert "Another command is making" in refused(dist)
        write(place)
        place.swap(OWN)
    assert texts(dist) == AFTER
    make(dist)


def test_what_a_killed_command_wrote_is_not_taken_for_new(dist: Path) -> None:
    work = dist.parent / ".dist.press-start"
    (work / "new").mkdir(parents=True)
    (work / "new" / "half.zip").write_text("half")
    make(dist)
    assert texts(dist) == AFTER and leftovers(dist) == []
    assert [path.name for path in dist.parent.iterdir()] == ["dist"]
