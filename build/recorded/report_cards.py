"""Report cards that readers sent: docs/recorded/reports/*.json, as the speed page makes them.

engine/session/report_card.ts describes a card. A maintainer may add a field `machine`, which says what kind it is. Any
other field is refused, so that nothing personal gets in by mistake.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from reading import plain_text
from reading.error_messages import sentences
from recorded.recorded_runs import MODULES, Recording

FORMAT = 1
FOLDER = "docs/recorded/reports"
Card = dict[str, Any]

# Control characters, line ends, marks that change the direction of writing, and halves of characters, which cannot be
# encoded.
_UNFIT = r"\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff"
# The library searches for a pattern, and $ would also match before a last line end.
_SHORT = {
    "type": "string",
    "pattern": rf"\A(?=\S)[^{_UNFIT}]{{1,80}}(?<=\S)\Z",
    "x-form": "text of 1 to 80 printable characters on one line",
}
_WHOLE = {"type": "integer", "minimum": 1, "maximum": 10_000}
_RATE = {"type": "number", "exclusiveMinimum": 0, "maximum": 1_000_000}
_FINGERPRINT = {
    "type": "string",
    "pattern": r"\A[0-9a-f]{64}\Z",
    "x-form": "64 hexadecimal digits",
}
_WORKERS = ("1", "2", "4", "8")


def _group(**fields: Any) -> dict[str, Any]:
    """A schema for an object with exactly these fields."""
    return {"type": "object", "properties": fields, "required": [*fields], "additionalProperties": False}


_MISSING = {"type": "string", "pattern": r"\A[a-z]+(-[a-z]+)*\Z", "x-form": "a word such as no-adapter"}
_MODULE = {"type": "string", "pattern": rf"\A({'|'.join(MODULES)})\Z", "x-form": " or ".join(MODULES)}
_PLAN = {"type": "string", "pattern": r"\A(fused|plain)\Z", "x-form": "fused or plain"}
_WITHOUT_CARD = _group(missing=_MISSING)
_WITH_CARD = _group(adapter=_SHORT, plan=_PLAN, iterations_per_second=_RATE, fingerprint=_FINGERPRINT)
_RATES = _group(**dict.fromkeys(_WORKERS, _RATE)) | {"required": []}
_CPU = _group(module=_MODULE, iterations_per_second=_RATES, fingerprint=_FINGERPRINT)
_CPU["properties"] |= {"recorded": _FINGERPRINT}  # absent if the page had no recording
SCHEMA = _group(
    format={"type": "integer"},
    date={"type": "string"},
    browser=_SHORT,
    cores=_WHOLE,
    batch_size=_WHOLE,
    run=_group(text=_SHORT, seed=_SHORT, iterations=_WHOLE),
    webgpu={"type": "object"},
    cpu=_CPU,
)
SCHEMA["properties"] |= {"machine": _SHORT}


@dataclass(frozen=True)
class ReportCard:
    file: str  # its path in the project
    card: Card

    def verdict(self, recordings: Iterable[Recording]) -> str | None:
        """Whether the CPU engine came to the recorded weights, in words; None if there is nothing to compare with.

        A card is compared with what its page had on record, so it stays true when the recordings are renewed.
        (A graphics card may differ in the last digits.)
        """
        run, cpu = self.card["run"], self.card["cpu"]
        of_text = [one for one in recordings if one.preset is None and one.corpus == run["text"]]
        same_run = [one for one in of_text if one.run["seed"] == run["seed"]]
        present = [one.fingerprints(cpu["module"]).get(str(run["iterations"])) for one in same_run]
        known = cpu.get("recorded")
        if cpu["fingerprint"] in present:
            return "as recorded"
        if known is None or not of_text:
            return None
        verdict = "as recorded" if cpu["fingerprint"] == known else "not as recorded"
        return verdict if known in present else f"{verdict} in an earlier version"


def read(root: Path, description: Mapping[str, Any]) -> tuple[list[ReportCard], list[str]]:
    """(the cards without a mistake, by file name; a sentence for each mistake in the others)."""
    cards, mistakes = [], []
    files = [path for path in sorted((root / FOLDER).glob("*")) if not path.name.startswith(".")]
    for path in files:
        where = f"{FOLDER}/{path.name}"
        try:
            card, found = _read(path, description)
        except RecursionError:
            card, found = None, ["it has too many brackets inside one another; save the page's card again"]
        found += [
            f"it holds the same card as {other.file}; delete one of them" for other in cards if other.card == card
        ]
        mistakes += [f"{where}: {_printable(mistake)}" for mistake in found]
        if card is not None and not found:
            cards.append(ReportCard(where, card))
    return cards, mistakes


def _printable(sentence: str) -> str:
    """It may quote the card, and the page that shows it must be encoded."""
    return re.sub(f"[{_UNFIT}]", lambda found: f"\\u{ord(found[0]):04x}", sentence)


def _read(path: Path, description: Mapping[str, Any]) -> tuple[Card | None, list[str]]:
    if path.suffix != ".json" or not path.is_file():
        return None, ["this folder holds only report cards, and their names end in .json"]
    text, line, wrong = plain_text.read_file(path)
    if wrong:
        return None, [f"line {line}: {wrong}"]
    twice: list[str] = []
    try:
        card = json.loads(text, object_pairs_hook=lambda pairs: _object(pairs, twice), parse_constant=_refused)
    except ValueError as problem:
        return None, [f"it is not JSON: {problem}; save the page's card again"]
    found = [f"the field {name} is given twice; keep one of the two" for name in twice]
    return card, [*found, *_mistakes(card, description)]


def _object(pairs: Sequence[tuple[str, Any]], twice: list[str]) -> Card:
    names = [name for name, _ in pairs]
    twice += dict.fromkeys(name for name in names if names.count(name) > 1)
    return dict(pairs)


def _refused(constant: str) -> None:
    raise ValueError(f"{constant} is not a number")


def _mistakes(card: Any, description: Mapping[str, Any]) -> Iterator[str]:
    if isinstance(card, dict) and "rows" in card:
        yield "it is the whole measurement (“Copy as JSON”), not its report card; send the card below the table"
    elif not isinstance(card, dict) or card.get("format") != FORMAT:
        yield f"it lacks “format”: {FORMAT}; make the card again with this version of the page"
    else:
        yield from _of_schema(card, SCHEMA)
        webgpu = card.get("webgpu")
        if isinstance(webgpu, dict):
            for mistake in _of_schema(webgpu, _WITHOUT_CARD if "missing" in webgpu else _WITH_CARD):
                yield f"in webgpu, {mistake}"
        yield from _of_values(card, description)


def _of_schema(value: Any, schema: Mapping[str, Any]) -> Iterator[str]:
    for problem in Draft202012Validator(schema).iter_errors(value):
        if problem.validator == "type" and problem.validator_value == "object":
            yield f"{'.'.join(map(str, problem.absolute_path))} must be fields in braces, as the page wrote it"
        else:
            yield from (sentence for _, sentence in sentences(problem))


def _of_values(card: Card, description: Mapping[str, Any]) -> Iterator[str]:
    """What a schema cannot say."""
    day, size, lesson_size = card.get("date"), card.get("batch_size"), description["training"]["batch_size"]
    if isinstance(day, str) and not _is_day(day):
        yield f"date is the text “{day}”; it must be a day, such as 2026-01-31"
    if isinstance(size, int) and size != lesson_size:
        yield f"batch_size is {size}, and the lesson's is {lesson_size}; measure again without B in the page's address"
    cpu = card.get("cpu")
    if isinstance(cpu, dict) and cpu.get("iterations_per_second") == {}:
        yield "cpu.iterations_per_second is empty; it must have a rate for at least one number of Workers"


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
