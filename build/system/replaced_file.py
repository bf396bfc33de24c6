"""Writes a file as a whole: readers never see half of it, and an interruption never leaves half of it."""

from __future__ import annotations

import errno
import os
import tempfile
import time
from contextlib import suppress
from pathlib import Path

TEMPORARY = ".press-start."  # short, because a name may be as long as the disk allows
LEFT_S = 600.0  # the program that made a temporary file older than this must have ended


def write_whole(path: Path, data: bytes) -> None:
    """Writes the file, replacing an existing one. A link stays a link: the file that it leads to is replaced."""
    temporary = _temporary(path)
    try:
        temporary.write_bytes(data)
        temporary.chmod(0o644)  # temporary files start private
        temporary.replace(path.resolve())
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def try_out(path: Path) -> None:
    """Raises OSError if `write_whole` would. Call it before long work whose result goes to `path`."""
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    _temporary(path).unlink()


def _temporary(path: Path) -> Path:
    """A new file beside the one that `path` leads to. First deletes files that a killed program left there."""
    folder = path.resolve().parent
    folder.mkdir(parents=True, exist_ok=True)
    for left in folder.glob(f"{TEMPORARY}*"):
        with suppress(OSError):  # its program has just renamed or deleted it
            if time.time() - left.stat().st_mtime > LEFT_S:
                left.unlink()
    handle, name = tempfile.mkstemp(dir=folder, prefix=TEMPORARY)
    os.close(handle)
    return Path(name)
