"""Names that prose may use, in groups: `corpus.rungs.bigram`. A group can say why it lacks a name, or suggest one."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from reading.error_messages import Follows, Shared, one_of

Key = str | int | float
# How many names an error message lists.
LISTED = 24


class UnavailableError(Exception):
    """A name has no value in this build; a sentence that says why, and what to do."""


class Later:
    """A value that is computed when a page first uses it. `make` may raise UnavailableError."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self.make = make


class Names(Mapping[Key, Any]):
    """A group of values. A hyphen in a name may be written as an underscore, as Jinja needs it after a dot."""

    def __init__(self, path: str, entries: Mapping[Key, Any], about: str = "", why_empty: str = "") -> None:
        """`path` is the group's full name in a page; `about` says what the numbers of a numbered group count.

        `why_empty` says why a group has no values in this build.
        """
        self.path = path
        self.about = about
        self.why_empty = why_empty
        self._entries = dict(entries)
        self._reasons: dict[Key, str] = {}

    def __getitem__(self, key: Key) -> Any:
        found = self._found(key)
        value = self._entries[found]
        if isinstance(value, Later):
            try:
                value = value.make()
            except UnavailableError as problem:
                self._reasons[key] = Shared(problem)
                raise KeyError(key) from problem
            self._entries[found] = value
        return value

    def __iter__(self) -> Iterator[Key]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def _found(self, key: Key) -> Key:
        if key in self._entries or not isinstance(key, str):
            return key
        wanted = unicodedata.normalize("NFC", key)  # some editors store accents apart from letters
        return next((name for name in self._entries if isinstance(name, str) and wanted in (name, _word(name))), key)

    def explain(self, key: Key) -> str:
        """Why `key` is not among these values. Call it after a lookup of `key` has failed."""
        if key in self._reasons:
            return self._reasons[key]
        if self._entries and all(isinstance(name, int | float) for name in self._entries):
            return f"{self.path} has no {key}; {self._numbers(key)}"
        names = [_written(name) for name in self._entries]
        what = f"{self.path} has no “{key}”" if self.path else f"there is no value called “{key}”"
        if not self._entries and self.why_empty:
            message = f"{what}, because {self.why_empty}"
            return Follows(message) if isinstance(self.why_empty, Follows) else message
        return f"{what}; {one_of('names', str(key), names)}"

    def _numbers(self, key: Key) -> str:
        numbers = sorted(self._entries)
        what = f"{self.about} " if self.about else ""
        if len(numbers) <= LISTED:
            return f"{what}there are {', '.join(map(str, numbers))}"
        return f"{what}there are {numbers[0]} to {numbers[-1]}"


def _word(name: str) -> str:
    return name.replace("-", "_")


def _written(name: Key) -> str:
    """How a page writes it after the group's name: after a dot, or in brackets if Jinja does not read it as a word."""
    word = _word(str(name))
    return word if word.isidentifier() else f'["{name}"]'


def named(path: str, value: Any) -> Any:
    """A value from a JSON or YAML file, converted so that prose can name each part of it."""
    if isinstance(value, Mapping):
        return Names(path, {key: named(f"{path}.{key}", part) for key, part in value.items()})
    if isinstance(value, list):
        return [named(f"{path}[{index}]", part) for index, part in enumerate(value)]
    return value
