"""Messages for errors of the disk: full, read-only, not this user's. Imports only the standard library."""

from __future__ import annotations

import errno

AGAIN = "then run the same command again."
REASONS = {
    "ENOSPC": f"the disk is full. Free some space, {AGAIN}",
    "EDQUOT": f"your share of the disk is used up. Free some space, {AGAIN}",
    "EFBIG": f"the disk takes no file that large. Use another disk, {AGAIN}",
    "EROFS": f"the disk is read-only. Make it writable, or copy the project to another one, {AGAIN}",
    "EACCES": f"this user may not read or write there. Change the rights of that folder, {AGAIN}",
    "EPERM": f"this user may not change that. Change the rights of that folder, {AGAIN}",
    "EBUSY": f"another program is using it. Close that program, {AGAIN}",
    "ETXTBSY": f"another program is running it. Close that program, {AGAIN}",
    "ENAMETOOLONG": f"the name is too long for the disk. Use shorter names of files or folders, {AGAIN}",
    "EIO": f"the disk gives errors. Use another disk, {AGAIN}",
    "ENOTDIR": f"part of that path is a file and not a folder. Move that file away, {AGAIN}",
    "EISDIR": f"that is a folder and not a file. Choose another name, {AGAIN}",
    "EMFILE": f"too many files are open. Close other programs, {AGAIN}",
    "ELOOP": f"the link leads to itself. Delete it, {AGAIN}",
}
BY_NUMBER = {getattr(errno, name): words for name, words in REASONS.items() if hasattr(errno, name)}
OPEN_ELSEWHERE = 32  # Windows' error number for a file that another program has open


def sentence(problem: OSError, where: object = None) -> str | None:
    """What happened and what to do; None for an error that no disk causes: a bug in this program.

    `where` names the place if the error does not.
    """
    words = BY_NUMBER.get(problem.errno)
    if getattr(problem, "winerror", None) == OPEN_ELSEWHERE:
        words = REASONS["EBUSY"]
    place = problem.filename2 or problem.filename or where
    return words and f"{place or 'What this command makes'} could not be written or read: {words}"
