"""Rebuilds a folder: the new contents are written beside it, and replace the old only when complete.

A command that fails, or is interrupted, leaves the folder as it was. The folder itself stays, and so do its other
files: site/ or dist/ may be a link, a separate disk, or hold files that belong to its owner. The exchange takes some
milliseconds; if it is cut off, the next command finishes it.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from system import disk

OURS = "press-start"
PLAN, LOCK = "plan.json", "lock"


class FolderError(Exception):
    """The folder cannot be made here; says why and what to do. Raised before any work is done."""


class Workplace:
    """Where the new content of `folder` is written: `new` for the result, `scrap` for intermediate files."""

    def __init__(self, folder: Path, work: Path, lock: IO | None) -> None:
        self.folder, self.work = folder, work
        self.new, self.old, self.scrap = work / "new", work / "old", work / "scrap"
        self._lock = lock

    def prepare(self) -> None:
        """Finishes an exchange that a killed command began, and deletes what that command left."""
        with suppress(FileNotFoundError, json.JSONDecodeError):
            self._carry_out(json.loads((self.work / PLAN).read_text(encoding="utf-8")))
        for path in self.work.iterdir():
            if path.is_dir():
                shutil.rmtree(path)
            elif path.name != LOCK:
                path.unlink()
        for place in (self.new, self.old, self.scrap):
            place.mkdir()

    def swap(self, leaving: Iterable[str]) -> dict[str, str]:
        """Replaces the entries `leaving` of the folder by the content of `new`: all of it, or nothing.

        An entry that is not in `leaving`, but has the name of a new one, is kept under another name. Returns those
        entries' new names by their old ones.
        """
        self.folder.mkdir(exist_ok=True)
        there = [name for name in sorted(leaving) if os.path.lexists(self.folder / name)]
        coming = sorted(path.name for path in self.new.iterdir())
        kept = {name: self._free(name) for name in coming if name not in there and os.path.lexists(self.folder / name)}
        moves = [("folder", name, "old", name) for name in there]
        moves += [("folder", name, "folder", other) for name, other in kept.items()]
        moves += [("new", name, "folder", name) for name in coming]
        plan = self.work / f".{PLAN}"
        plan.write_text(json.dumps(moves), encoding="utf-8")
        plan.replace(self.work / PLAN)
        try:
            self._carry_out(moves)
        except BaseException:
            self._carry_out([(*move[2:], *move[:2]) for move in reversed(moves)])
            (self.work / PLAN).unlink()
            raise
        (self.work / PLAN).unlink()
        return kept

    def close(self) -> None:
        """Deletes the workplace, unless an exchange was cut off, which the next command finishes.

        That also deletes what could not be deleted now: on Windows, files that a program holds open.
        """
        if self._lock:
            self._lock.close()
        if not (self.work / PLAN).exists():
            shutil.rmtree(self.work, ignore_errors=True)

    def _carry_out(self, moves: list[list[str]] | list[tuple[str, ...]]) -> None:
        """Makes each move that has not been made yet."""
        places = {"folder": self.folder, "old": self.old, "new": self.new}
        for outset, name, goal, other in moves:
            source, place = places[outset] / name, places[goal] / other
            if os.path.lexists(source) and not os.path.lexists(place):
                source.rename(place)

    def _free(self, name: str) -> str:
        """An unused name for an owner's file that has to make room for a new one called `name`."""
        stem, suffix = Path(name).stem, Path(name).suffix
        names = [f"{stem} (kept){suffix}", *(f"{stem} (kept {number}){suffix}" for number in range(2, 1000))]
        return next(one for one in names if not os.path.lexists(self.folder / one))


@contextmanager
def workplace(folder: Path) -> Iterator[Workplace]:
    """A place to rebuild `folder` in. Raises FolderError, at once, if the folder cannot be written."""
    place = _workplace(folder)
    try:
        place.prepare()
        yield place
    finally:
        place.close()


def _workplace(folder: Path) -> Workplace:
    """Beside the folder; or hidden inside it, if it is on another disk or this user may not write beside it."""
    real = _real(folder)
    inside = [real / f".{OURS}"] if real.is_dir() else []
    for work in [real.parent / f".{real.name}.{OURS}", *inside]:
        try:
            work.mkdir(exist_ok=True)
            place = Workplace(real, work, _locked(work / LOCK))
        except BlockingIOError:
            raise FolderError(f"Another command is making {folder}. Wait until it ends, {disk.AGAIN}") from None
        except OSError as problem:
            refusal = problem
            continue
        try:
            _try_out(work, real)
        except OSError as problem:
            refusal = problem
            place.close()
            continue
        return place
    raise FolderError(disk.sentence(refusal, folder) or f"{folder} cannot be made: {refusal}")


def _real(folder: Path) -> Path:
    """The folder, or the one that it leads to as a link. It may not exist yet. Raises FolderError."""
    try:
        real = folder.resolve()
    except (OSError, RuntimeError):  # which one depends on the version of Python
        raise FolderError(f"{folder} is a link to itself. Delete it, {disk.AGAIN}") from None
    if os.path.lexists(real) and not real.is_dir():
        raise FolderError(
            f"{folder} is a file, but this command needs a folder of that name. Move the file, {disk.AGAIN}"
        )
    if not real.parent.is_dir():
        raise FolderError(f"{folder} is a link to {real}, which does not exist. Delete the link, {disk.AGAIN}")
    return real


def _try_out(work: Path, folder: Path) -> None:
    """Moves a file into the folder and out again. Raises OSError."""
    if not folder.is_dir():
        return
    probe, place = work / f".{OURS}.probe", folder / f".{OURS}.probe"
    probe.touch()
    try:
        probe.replace(place)
    finally:
        for path in (probe, place):
            path.unlink(missing_ok=True)


def _locked(path: Path) -> IO | None:
    """The open file, locked until it is closed or this program ends, however it ends; None on a disk without locks.

    Raises BlockingIOError if another program holds the lock.
    """
    file = path.open("a")
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if not os.path.samestat(os.fstat(file.fileno()), path.stat()):  # the lock's owner has just deleted the file
            raise BlockingIOError
    except (BlockingIOError, PermissionError, FileNotFoundError):
        file.close()
        raise BlockingIOError from None
    except OSError:
        file.close()
        return None
    return file
