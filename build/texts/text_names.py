"""How texts are called: by their files' names, in any script. One name means one text, on every file system.

A name is what blocks and `--corpus` give, what `corpora.NAME` reads and what made files carry. Two names that differ in
capitals, in composed letters, or in `-`, `_` and spaces alone are twins: on some machine they would be one file, and
Jinja reads both as one word. Twins are refused.
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
# Made files carry the name between words of our own, and file systems take 255 bytes.
MOST_BYTES = 120


def name_of(stem: str) -> str:
    """A file's stem: letters, marks and digits of all scripts stay, and each run of other characters is a hyphen.

    Empty where nothing is left.
    """
    parts = groupby(unicodedata.normalize("NFC", stem), key=_stays)
    return "".join("".join(run) if stays else "-" for stays, run in parts).strip("-.")


def title_of(stem: str) -> str:
    """How readers see a text called whose file says nothing else: the stem, in words."""
    stem = unicodedata.normalize("NFC", stem).replace("_", " ").strip()
    return re.sub(r"\s+", " ", stem if " " in stem else stem.replace("-", " "))


def fold(name: str) -> str:
    """The same for twins, for two different texts never."""
    composed = unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
    return re.sub(r"[-_\s]+", "-", composed)


def _stays(character: str) -> bool:
    return character in "_.-" or unicodedata.category(character)[0] in "LMN"


@dataclass(frozen=True)
class OwnTexts:
    """The author's texts in docs/corpora/."""

    files: Mapping[str, Path] = field(default_factory=dict)  # by name, in order
    # Why some files there cannot be used, in sentences, by the folded name.
    problems: Mapping[str, list[str]] = field(default_factory=dict)
    lonely: list[str] = field(default_factory=list)  # the same of descriptions without a text

    def named(self, choice: str) -> Path | None:
        """The file that a name, a stem or one of its twins stands for."""
        wanted = fold(name_of(choice))
        return next((path for name, path in self.files.items() if fold(name) == wanted), None)

    def problem(self, choice: str) -> str | None:
        """Why that name cannot be used, though there are files that have it."""
        return next(iter(self.problems.get(fold(name_of(choice)), [])), None)

    @property
    def all_problems(self) -> list[str]:
        return [problem for problems in self.problems.values() for problem in problems] + self.lonely


def own_texts(root: Path, taken: Mapping[str, str]) -> OwnTexts:
    """The texts in docs/corpora/, by the names of the files alone; `taken` as in `sort_out`."""
    folder = root / FOLDER
    return sort_out(sorted(path for path in folder.iterdir() if path.is_file()) if folder.is_dir() else [], taken)


def sort_out(files: Iterable[Path], taken: Mapping[str, str]) -> OwnTexts:
    """Which of the files in docs/corpora/ are texts. Twins of each other, and of a name that is taken, are problems.

    `taken` says what each such name stands for. No file is touched.
    """
    # On a stick macOS adds files whose names begin with a dot beside the author's.
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
        f"{FOLDER}/{path.name} describes a text, and no {path.stem}{SUFFIX} stands beside it; give both the same name."
        for path in files
        if path.suffix.lower() in SIDECAR_SUFFIXES and not any(_same_stem(path, text) for text in texts)
    ]
    alone = {name_of(paths[0].stem): paths[0] for key, paths in found.items() if key not in problems}
    return OwnTexts(dict(sorted(alone.items())), problems, lonely)


def overlooked(choice: str, root: Path) -> str | None:
    """The file in docs/corpora/ that a choice may mean although no text is found there, and what to do."""
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
    """Why no text can have this name, in a sentence."""
    if not name:
        return f"{where}: its name holds no letter and no digit, so nothing could call it; give the file another name."
    size = len(name.encode(errors="replace"))
    if size > MOST_BYTES:
        return f"{where}: its name is {size} bytes long, and {MOST_BYTES} fit; give the file a shorter one."
    return None


def sidecars_of(path: Path) -> list[Path]:
    """The files beside a text that describe it: the same name, with .yml or .yaml at its end."""
    try:
        beside = sorted(path.parent.iterdir())
    except OSError:  # a folder that may be entered and not listed
        beside = [path.with_suffix(suffix) for suffix in SIDECAR_SUFFIXES]
    return [one for one in beside if one.suffix.lower() in SIDECAR_SUFFIXES and _same_stem(one, path) and one.is_file()]


def _same_stem(one: Path, other: Path) -> bool:
    return fold(one.stem) == fold(other.stem)


def _listed(words: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))
