"""The names of texts, made from their file names, in any script. One name means one text, on every file system.

Blocks, `--corpus` and `corpora.NAME` use these names, and so do the names of generated files. Two names are twins if
they differ only in capitals, in composed letters, or in `-`, `_` and spaces: on some machines they would be one file,
and Jinja reads both as one word. Twins are refused.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

FOLDER = "docs/corpora"
SUFFIX = ".txt"
SIDECAR_SUFFIXES = (".yml", ".yaml")
# Generated files have the name between words of our own, and file systems allow 255 bytes.
MOST_BYTES = 120


def name_of(stem: str) -> str:
    """The name that a file's stem gives: each run of characters that no name may have becomes a hyphen.

    Letters, marks and digits of all scripts stay, and so do `_`, `.` and `-` (the last two not at the ends). Empty if
    nothing is left.
    """
    parts = groupby(unicodedata.normalize("NFC", stem), key=_stays)
    return "".join("".join(run) if stays else "-" for stays, run in parts).strip("-.")


def title_of(stem: str) -> str:
    """The default title of a text: its file's stem, with spaces between words."""
    stem = unicodedata.normalize("NFC", stem).replace("_", " ").strip()
    return re.sub(r"\s+", " ", stem if " " in stem else stem.replace("-", " "))


def fold(name: str) -> str:
    """A key for a name: twins have the same key, and other names have different keys."""
    composed = unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
    return re.sub(r"[-_\s]+", "-", composed)


def _stays(character: str) -> bool:
    return character in "_.-" or unicodedata.category(character)[0] in "LMN"


@dataclass(frozen=True)
class OwnTexts:
    """The author's texts in docs/corpora/."""

    files: Mapping[str, Path] = field(default_factory=dict)  # by name, in order
    # Why some files there cannot be used: sentences, by the folded name.
    problems: Mapping[str, list[str]] = field(default_factory=dict)
    lonely: list[str] = field(default_factory=list)  # sentences about descriptions without a text

    def named(self, choice: str) -> Path | None:
        """The file that a name, a file's stem, or a twin of one, means."""
        wanted = fold(name_of(choice))
        return next((path for name, path in self.files.items() if fold(name) == wanted), None)

    def problem(self, choice: str) -> str | None:
        """Why that name cannot be used although files have it; None if nothing is wrong."""
        return next(iter(self.problems.get(fold(name_of(choice)), [])), None)

    @property
    def all_problems(self) -> list[str]:
        return [problem for problems in self.problems.values() for problem in problems] + self.lonely


def own_texts(root: Path, taken: Mapping[str, str]) -> OwnTexts:
    """The texts in docs/corpora/. Looks only at file names, not into files; `taken` as in `sort_out`."""
    folder = root / FOLDER
    return sort_out(sorted(path for path in folder.iterdir() if path.is_file()) if folder.is_dir() else [], taken)


def sort_out(files: Iterable[Path], taken: Mapping[str, str]) -> OwnTexts:
    """Which of the files in docs/corpora/ are texts. Twins of each other, or of a reserved name, are problems.

    `taken` says what each reserved name means. No file is opened.
    """
    # On USB sticks macOS adds files whose names begin with a dot.
    files = [path for path in files if path.name[0] != "."]
    texts = [path for path in files if path.suffix.lower() == SUFFIX]
    found: dict[str, list[Path]] = {}
    problems: dict[str, list[str]] = {}
    for path in texts:
        name, where = name_of(path.stem), f"{FOLDER}/{path.name}"
        problem = unusable(name, where)
        if problem:
            problems.setdefault(fold(name), []).append(problem)
            continue
        found.setdefault(fold(name), []).append(path)
    others = {fold(name): f"“{name}” stands for {what}" for name, what in taken.items()}
    for key, paths in found.items():
        listed = _listed([f"{FOLDER}/{path.name}" for path in paths])
        if key in others:
            problems.setdefault(key, []).append(f"{listed}: {others[key]}; give the file another name.")
        elif len(paths) > 1:
            called = f"would {'both' if len(paths) == 2 else 'all'} be called “{name_of(paths[0].stem)}”"
            problems.setdefault(key, []).append(
                f"{listed} {called} (capitals, accents composed or not, spaces, hyphens and underscores do not tell "
                "two names apart); give one of them another name."
            )
    lonely = [
        f"{FOLDER}/{path.name} describes a text, and no {path.stem}{SUFFIX} is beside it; give both the same name."
        for path in files
        if path.suffix.lower() in SIDECAR_SUFFIXES and not any(_same_stem(path, text) for text in texts)
    ]
    alone = {name_of(paths[0].stem): paths[0] for key, paths in found.items() if key not in problems}
    return OwnTexts(dict(sorted(alone.items())), problems, lonely)


def overlooked(choice: str, root: Path) -> str | None:
    """For a choice that is no text: a file in docs/corpora/ that may have been meant, and what to do; else None."""
    wanted, folder = fold(name_of(Path(choice).stem)), root / FOLDER
    for path in sorted(folder.rglob("*")) if wanted else []:
        if path.is_dir() or fold(name_of(path.stem)) != wanted:
            continue
        where = path.relative_to(root).as_posix()
        if path.parent != folder:
            return f"There is {where}: move it to {FOLDER}/ itself, or give its path."
        if path.suffix.lower() not in (SUFFIX, *SIDECAR_SUFFIXES):
            return f"There is {where}: a text there ends in {SUFFIX}."
    return None


def unusable(name: str, where: str) -> str | None:
    """Why no text can have this name, in a sentence; None if one can."""
    if not name:
        return f"{where}: its name has no letter or digit, so it cannot be referred to; give the file another name."
    size = len(name.encode(errors="replace"))
    if size > MOST_BYTES:
        return f"{where}: its name is {size} bytes long; at most {MOST_BYTES} fit. Give the file a shorter one."
    return None


def sidecars_of(path: Path) -> list[Path]:
    """The files beside a text that describe it: the same name, ending in .yml or .yaml."""
    try:
        beside = sorted(path.parent.iterdir())
    except OSError:  # this user may enter the folder but not list it
        beside = [path.with_suffix(suffix) for suffix in SIDECAR_SUFFIXES]
    return [one for one in beside if one.suffix.lower() in SIDECAR_SUFFIXES and _same_stem(one, path) and one.is_file()]


def _same_stem(one: Path, other: Path) -> bool:
    return fold(one.stem) == fold(other.stem)


def _listed(words: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))
