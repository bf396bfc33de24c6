"""What is known about a text: title, author, source, licence, and the names of its phases.

For an author's text docs/corpora/faust.txt it is in docs/corpora/faust.yml.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from reading import strict_yaml
from texts import text_files
from texts.text_files import CorpusError
from texts.text_names import sidecars_of, title_of

SHAKESPEARE, PLAY_MACHINE, ECHO = "shakespeare", "play-machine", "echo"
FIELDS = {
    "title": "How readers see it called; left out, the file's name in words.",
    "author": "Who wrote it.",
    "source": "Where it comes from: an edition, an address.",
    "licence": "Under which licence you may pass it on, or “public domain”.",
    "phases": "The four names that the phase label takes for a model of this text, from the first to the last.",
}


@dataclass(frozen=True)
class About:
    title: str
    credits: str = ""
    phases: tuple[str, ...] | None = None  # None: those of engine/model.json
    # The run that suits this text where a block names it: settings in place of those of engine/model.json, by section.
    run: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


BUILT_IN = {
    SHAKESPEARE: About(
        "Tiny Shakespeare",
        "From the plays of William Shakespeare, as selected by Andrej Karpathy for char-rnn (2015).",
        ("random", "character frequencies", "short words", "Shakespeare-flavoured"),
    ),
    PLAY_MACHINE: About(
        "The play machine",
        "Written by a small machine of this project, build/texts/play_machine.py: a grammar that speaks in plays.",
    ),
    ECHO: About(
        "Echo",
        "Written by a small program of this project, build/texts/echo.py: random runs of letters, four times each.",
        ("random", "letters and gaps", "first copies", "echo"),
        {"training": {"iterations": 400, "batch_size": 64}, "sampling": {"every": 25, "early": [], "rest_ms": 300}},
    ),
}


def about_file(path: Path, shown: str, phase_count: int) -> About:
    """What the file beside the text in `path` says; without one, a title made from the text's file name.

    `shown` is the path for messages. Raises CorpusError with the file, the line and what is wrong there.
    """
    found = sidecars_of(path)
    if len(found) > 1:
        both = " and ".join(one.name for one in found)
        raise CorpusError(f"{shown}: {both} both describe it; keep only one.")
    fields = _read(found[0], f"{shown.removesuffix(path.name)}{found[0].name}", phase_count) if found else {}
    phases = fields.pop("phases", None)
    words = {name: " ".join(value.split()) for name, value in fields.items()}
    title = words.get("title") or title_of(path.stem)
    return About(title, _credits(words), tuple(phase.strip() for phase in phases) if phases else None)


def _read(path: Path, shown: str, phase_count: int) -> dict[str, Any]:
    try:
        text = text_files.read(path.read_bytes(), shown)
        values = strict_yaml.parse(text)
    except strict_yaml.StrictYamlError as problem:
        raise _errors(shown, problem.problems) from problem
    except OSError as problem:
        raise CorpusError(f"{shown} cannot be read ({problem.strerror}).") from problem
    if values is None:
        return {}
    if not isinstance(values, dict):
        raise CorpusError(f"{shown}:1: expected lines of the form “title: ...”; the fields are {', '.join(FIELDS)}")
    found = strict_yaml.problems(values, _schema(phase_count), text)
    if found:
        raise _errors(shown, found)
    return strict_yaml.plain(values)


def _errors(shown: str, found: list[strict_yaml.Problem]) -> CorpusError:
    ordered = sorted(found, key=lambda problem: problem.line)
    return CorpusError("\n".join(f"{shown}:{max(one.line, 0) + 1}: {one.message}" for one in ordered))


def _schema(phase_count: int) -> dict[str, Any]:
    words = {"type": "string", "pattern": r"\S", "x-form": "a few words"}
    phases = {"type": "array", "items": words, "minItems": phase_count, "maxItems": phase_count}
    properties = {name: phases if name == "phases" else words for name in FIELDS}
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _credits(words: dict[str, str]) -> str:
    """One line: author, licence, source. The source is last, because an address must have no full stop after it."""
    parts = {"author": "By {}", "licence": "Licence: {}", "source": "Source: {}"}
    said = [form.format(words[name]) for name, form in parts.items() if name in words]
    return " ".join(part if _ends(part) else f"{part}." for part in said)


def _ends(sentence: str) -> bool:
    return sentence.endswith((".", "!", "?")) or "://" in sentence.split()[-1]
