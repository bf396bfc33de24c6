"""Reads docs/shapes.yml, the textbook shapes of a loss curve, strictly. Authors edit it; no shape is named in code.

The Loss Curve Doctor describes the shapes, and the presets' curves are drawn over them.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Container, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from authoring.block_fields import SESSION_NAME
from authoring.shape_drawing import Points, drawing
from reading import plain_text, strict_yaml
from reading.error_messages import AuthorError
from reading.strict_yaml import Schema
from system.project import ROOT

FILE = "docs/shapes.yml"
# The parts of a description, in the order in which a doctor would go through them, and their names on the page.
PARTS = {"symptom": "Symptom", "cause": "Cause", "remedy": "Remedy", "certainty": "How sure?"}


# A link to another file: “[words](file#part)”, not “[words](#part)”, “[words](https://x)” or a picture.
_LINK = re.compile(
    r"(?<!!)\[(?P<words>[^\[\]]*)\]\((?![#/]|[a-zA-Z][\w+.-]*:)(?P<file>[^()\s#]+)(?P<part>#[^()\s]*)?\)"
)


class ShapesError(Exception):
    """docs/shapes.yml cannot be used; `errors` says why, each with its line."""

    def __init__(self, errors: list[AuthorError]) -> None:
        super().__init__("\n".join(str(error) for error in errors))
        self.errors = errors


@dataclass(frozen=True)
class Shape:
    """One shape. A point is (iteration / iterations of the run, loss / ln V)."""

    name: str
    title: str
    symptom: str
    cause: str
    remedy: str
    certainty: str
    train: Points
    val: Points | None


def read(root: Path = ROOT) -> dict[str, Shape]:
    """The shapes by name, in the file's order. Raises ShapesError."""
    return parse(_text(root))


def _text(root: Path) -> str:
    text, line, wrong = plain_text.read_file(root / FILE)
    if wrong:
        raise ShapesError([_error(line - 1, wrong)])
    return text


def parse(text: str) -> dict[str, Shape]:
    """Like `read`, from the file's text. Raises ShapesError."""
    try:
        values = strict_yaml.parse(text)
    except strict_yaml.StrictYamlError as error:
        raise ShapesError([_error(one.line, one.message) for one in error.problems]) from error
    if not isinstance(values, list) or not values:
        raise ShapesError([_error(0, "expected a list of shapes, each of which begins with “- name:”")])
    found = [_error(problem.line, problem.message) for problem in strict_yaml.problems(values, schema(), text)]
    if not found:
        found = list(_clashes(values))
    if found:
        raise ShapesError(sorted(found, key=lambda error: error.line))
    return {entry["name"]: _shape(entry) for entry in strict_yaml.plain(values)}


def schema() -> Schema:
    """The file's JSON Schema: a list of shapes."""
    words = {"type": "string", "pattern": r"\S", "x-form": "a sentence or two"}
    name = {
        "type": "string",
        "pattern": SESSION_NAME,
        "x-form": "a name of small letters, digits and hyphens that starts with a letter",
    }
    point = {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}
    curve = {"type": "array", "items": point, "minItems": 2}
    fields = {"name": name, "title": words} | dict.fromkeys(PARTS, words) | {"train": curve, "val": curve}
    shape = {
        "type": "object",
        "properties": fields,
        "required": [field for field in fields if field != "val"],
        "additionalProperties": False,
    }
    return {"type": "array", "items": shape}


def doctor_markdown(shapes: list[Shape], page: str, pages: Container[str]) -> str:
    """The shapes as Markdown: for each a heading (for the table of contents and links), the drawing and the text.

    `page` is the page that shows them and `pages` are all of the site, by their paths in docs/.
    """
    return "\n".join(_linked(line, page, pages) for shape in shapes for line in _described(shape))


def _linked(text: str, page: str, pages: Container[str]) -> str:
    """The text with its links as seen from the page. The words of a link to a page that the site lacks become text.

    An author may have removed the project's own pages, and the shapes are useful without them.
    """

    def link(found: re.Match[str]) -> str:
        target = posixpath.normpath(found["file"])
        if target not in pages:
            return found["words"]
        return f"[{found['words']}]({posixpath.relpath(target, posixpath.dirname(page))}{found['part'] or ''})"

    return _LINK.sub(link, text)


def _described(shape: Shape) -> Iterator[str]:
    yield from ("", f"## {shape.title} {{ #{shape.name} }}", "")
    svg = drawing(shape.title, shape.train, shape.val)
    yield f'<figure class="press-start ps-shape" data-search-exclude>{svg}</figure>'
    for field, name in PARTS.items():
        yield from ("", f"**{name}** {getattr(shape, field).strip()}")
    yield ""


def _error(line: int, message: str) -> AuthorError:
    return AuthorError(FILE, max(line, 0) + 1, message)


def _clashes(values: Any) -> Iterator[AuthorError]:
    """What the schema cannot check: duplicate names, curves that turn back, values where none are filled in."""
    first: dict[str, int] = {}
    for index, entry in enumerate(values):

        def line(*path: str | int, index: int = index) -> int:
            return strict_yaml.line_of(values, [index, *path])

        name = entry["name"]
        if name in first:
            yield _error(line("name"), f"there are two shapes “{name}”; give one of them another name")
        first.setdefault(name, index)
        for field in ("title", *PARTS):
            if "{{" in entry[field] or "{%" in entry[field]:
                yield _error(line(field), f"{field} contains a value in braces, which is not filled in here; use words")
            if "\n" in entry[field].strip():
                yield _error(
                    line(field), f"{field} must be one paragraph; begin it with “>-” to write it on many lines"
                )
        for curve in ("train", "val"):
            for at, message in _bad_points(entry.get(curve, [])):
                yield _error(line(curve, at), f"{curve}, {message}")


def _bad_points(points: Any) -> Iterator[tuple[int, str]]:
    before = None
    for index, (x, y) in enumerate(points):
        where = f"point {index + 1} is [{x}, {y}]"
        if not 0 <= x <= 1:
            yield index, f"{where}; x is the completed fraction of the run, from 0 to 1"
        elif before is not None and x <= before:
            yield index, f"{where}, but the point before it is at {before}; x must increase from point to point"
        if y < 0:
            yield index, f"{where}; y is a loss as a fraction of ln V, which is never below 0"
        before = x


def _shape(entry: dict[str, Any]) -> Shape:
    curves: dict[str, Points | None] = {"train": _points(entry["train"]), "val": None}
    if "val" in entry:
        curves["val"] = _points(entry["val"])
    return Shape(**(entry | curves))


def _points(pairs: list[list[float]]) -> Points:
    return [(float(x), float(y)) for x, y in pairs]
