"""Commands for messages, quoted so that they can be pasted into a terminal, whatever a file's name contains."""

from __future__ import annotations

import os
import re
import shlex

SAFE_ON_WINDOWS = re.compile(r"[\w./:\\@+=-]+", re.ASCII)


def command_line(*words: str) -> str:
    """`python3 build` and these words, each quoted if a shell would otherwise misread it."""
    return " ".join(["python3 build", *map(quoted, words)])


def option(name: str, value: str) -> list[str]:
    """The words of an option with a value, which may begin with a hyphen."""
    return [f"{name}={value}"] if value.startswith("-") else [name, value]


def quoted(word: str) -> str:
    """The word quoted for a shell of this system. On Windows no file name can contain a double quote."""
    if os.name != "nt":
        return shlex.quote(word)
    return word if SAFE_ON_WINDOWS.fullmatch(word) else f'"{word}"'
