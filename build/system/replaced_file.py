"""Writes a file as a whole: a reader or an interruption never finds half of it."""

from __future__ import annotations

import errno
import os
import tempfile
import time
from contextlib import suppress
from pathlib import Path

TEMPORARY = ".press-start."  # short, because a name may be as long as the disk allows
LEFT_S = 600.0  # older temporary files are left over: their program has ended


def write_whole(path: Path, data: bytes) -> None:
    """Writes the file, in place of the one that is there. A link stays one."""
    temporary = _temporary(path)
    try:
        temporary.write_bytes(data)
        temporary.chmod(0o644)  # temporary files start private
        temporary.replace(path.resolve())
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def try_out(path: Path) -> None:
    """Raises OSError where `write_whole` would, before the work whose result it is to write."""
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    _temporary(path).unlink()


def _temporary(path: Path) -> Path:
    """A new file beside the one that `path` leads to. What a killed program left there goes first."""
    folder = path.resolve().parent
    folder.mkdir(parents=True, exist_ok=True)
    for left in folder.glob(f"{TEMPORARY}*"):
        with suppress(OSError):  # another program has just ended with it
            if time.time() - left.stat().st_mtime > LEFT_S:
                left.unlink()
    handle, name = tempfile.mkstemp(dir=folder, prefix=TEMPORARY)
    os.close(handle)
    return Path(name)
