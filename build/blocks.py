"""Widget blocks: fenced YAML in Markdown, checked against their schemas and resolved to what a widget needs.

`read_page` finds the blocks of one page and puts a short fence with a key in the place of each; whoever renders the
page shows the block of that key there. Everything wrong with a page is collected, never raised, so that an author
sees all of it at once, each with its line.
"""

from __future__ import annotations

import copy
import difflib
import math
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from block_errors import AuthorError, one_of, sentences
from block_fields import Schema, defaults, schemas
from block_fit import Text, misfits
from corpus import CorpusError
from fences import Fence, fences, opening
from jsonschema import Draft202012Validator
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

# The word on the fence line that stands in a page where a block stood; its content is the block's key.
PLACE = "press-start"


@dataclass(frozen=True)
class Site:
    """What the blocks of every page are checked against."""

    description: dict[str, Any]  # engine/model.json
    main_corpus: str
    corpus_names: Sequence[str]
    corpus: Callable[[str], Text]


@dataclass
class Block:
    kind: str
    key: str  # unique on its page; the id of its HTML element
    line: int
    island: dict[str, Any] | None = None  # None where the block has errors
    errors: list[AuthorError] = field(default_factory=list)


@dataclass
class Page:
    markdown: str  # with a short keyed fence in the place of each block
    blocks: list[Block]

    @property
    def errors(self) -> list[AuthorError]:
        return sorted((error for block in self.blocks for error in block.errors), key=lambda error: error.line)


def read_page(markdown: str, path: str, first_line: int, site: Site) -> Page:
    """Finds, checks and resolves the blocks of one page.

    `path` and `first_line` say where the Markdown stands in its file, for the errors.
    """
    return _PageReader(path, first_line, site).read(markdown)


class _PageReader:
    def __init__(self, path: str, first_line: int, site: Site) -> None:
        self.path = path
        self.first_line = first_line
        self.site = site
        self.schemas = schemas(site.description)
        self.blocks: list[Block] = []

    def read(self, markdown: str) -> Page:
        lines = markdown.split("\n")
        replaced: list[str] = []
        done = 0
        for fence in self._fences_in(lines):
            block = self._block_of(fence)
            if block is None:
                continue
            replaced += lines[done : fence.first]
            replaced += [fence.opening.prefix + text for text in (f"```{PLACE}", block.key, "```")]
            done = fence.last + 1
        replaced += lines[done:]
        self._relate()
        return Page("\n".join(replaced), self.blocks)

    def _fences_in(self, lines: list[str]) -> list[Fence]:
        """The page's fences; one that runs into the next block is cut off there, so that that block is read too."""
        found: list[Fence] = []
        lines = list(lines)
        for fence in fences(lines):
            intruder = self._swallowed(fence)
            if intruder is None:
                found.append(fence)
                continue
            cut = fence.first + 1 + intruder
            found.append(Fence(fence.opening, fence.first, cut - 1, fence.content[:intruder], closed=False))
            blank = [""] * cut
            rest = blank + lines[cut:]
            return found + self._fences_in(rest)
        return found

    def _swallowed(self, fence: Fence) -> int | None:
        """Which line of the content opens a widget block with the same marks, as it does when a fence is left open."""
        for index, line in enumerate(fence.content):
            inner = opening(line)
            if inner is not None and inner.marks == fence.opening.marks and self._kind_meant(inner.info):
                return index
        return None

    def _block_of(self, fence: Fence) -> Block | None:
        """The fence as a widget block, or None where it is an ordinary one in order."""
        kind = self._kind_meant(fence.opening.info)
        line = self.first_line + fence.first
        if kind is None and fence.closed:
            return None
        block = self._new_block(kind or "fence", line)
        if kind is None or not fence.closed:
            self._say_unclosed(block, fence)
        elif fence.opening.info != kind:
            self._say_misspelt(block, fence.opening.info)
        else:
            self._fill(block, fence.content)
        return block

    def _new_block(self, kind: str, line: int) -> Block:
        block = Block(kind, f"ps-{kind}-{len(self.blocks) + 1}", line)
        self.blocks.append(block)
        return block

    def _kind_meant(self, info: str) -> str | None:
        """The kind of widget that a fence line names, perhaps misspelt, or None where it names something else."""
        words = info.strip("{} \t").lstrip(".").split()
        if not words:
            return None
        word = words[0].rstrip(":,;")
        if word in self.schemas:
            return word
        close = difflib.get_close_matches(word.lower(), self.schemas, 1, cutoff=0.8)
        return close[0] if close and not _is_language(word) else None

    def _error(self, block: Block, line: int, message: str) -> None:
        where = "a code fence" if block.kind == "fence" else f"a {block.kind} block"
        block.errors.append(AuthorError(self.path, line, f"in {where}: {message}"))

    def _say_unclosed(self, block: Block, fence: Fence) -> None:
        marks = fence.opening.marks
        message = f"the {marks} that opens it is never closed; add a line with {marks} alone"
        if fence.opening.prefix:
            message += ", and indent every line between as far as the first"
        if block.kind == "fence":
            message += "; to show Markdown that holds fences, open and close it with one mark more"
        self._error(block, block.line, message)

    def _say_misspelt(self, block: Block, info: str) -> None:
        word = info.split()[0]
        if info == word and word.strip("{.}:").lower() != block.kind:
            self._error(block, block.line, f"there is no “{word}” block; did you mean “{block.kind}”?")
        else:
            self._error(
                block, block.line, f"the fence line says “{info}”; write “{block.kind}” alone, and its fields below"
            )

    def _fill(self, block: Block, content: list[str]) -> None:
        values = self._parse(block, content)
        if values is None:
            return
        schema = self.schemas[block.kind]
        for problem in Draft202012Validator(schema).iter_errors(values):
            for path, sentence in sentences(problem):
                self._error(block, _line_of(values, path, block.line), sentence)
        _refuse_unbounded(values, lambda path, text: self._error(block, _line_of(values, path, block.line), text))
        if block.errors:
            return
        fields = _filled(schema, _plain(values))
        resolvers = {
            "runner": self._resolve_runner,
            "samples": self._resolve_samples,
            "speed": self._resolve_speed,
        }
        resolve = resolvers[block.kind]
        resolve(block, fields, lambda *path: _line_of(values, path, block.line))

    def _parse(self, block: Block, content: list[str]) -> dict | None:
        yaml = YAML(typ="rt", pure=True)
        try:
            values = yaml.load("\n".join(content))
        except MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line = block.line + 1 + (min(mark.line, max(len(content) - 1, 0)) if mark else 0)
            self._error(block, line, _yaml_problem(error))
            return None
        except YAMLError as error:
            self._error(block, block.line, f"this is not YAML: {str(error).splitlines()[0]}")
            return None
        if values is None:
            return {}
        if not isinstance(values, dict):
            self._error(block, block.line + 1, "expected lines of the form “field: value”, such as “session: main”")
            return None
        return values

    def _resolve_runner(self, block: Block, fields: dict[str, Any], line: Callable[..., int]) -> None:
        description = self.site.description
        name = fields.get("corpus", self.site.main_corpus)
        if name not in self.site.corpus_names:
            self._error(
                block, line("corpus"), f"there is no corpus “{name}”; {one_of('corpus', name, self.site.corpus_names)}"
            )
            return
        try:
            corpus = self.site.corpus(name)
        except CorpusError as problem:
            self._error(block, line("corpus"), str(problem))
            return
        for key, message in misfits(fields, corpus, description):
            self._error(block, line(*key), message)
        if block.errors:
            return
        training = {key: fields.get(key, value) for key, value in description["training"].items()}
        block.island = {
            "kind": "runner",
            "session": fields["session"],
            "seed": unicodedata.normalize("NFC", fields["seed"]).strip(),
            "corpus": name,
            "model": description["model"] | fields["model"],
            "training": training,
            "sampling": copy.deepcopy(description["sampling"]),
            "evaluation": dict(description["evaluation"]),
            "phases": [phase.strip() for phase in fields["phases"]],
        }

    def _resolve_samples(self, block: Block, fields: dict[str, Any], line: Callable[..., int]) -> None:
        early = self.site.description["sampling"]["early"] if fields["early"] else []
        island = {"kind": "samples", "session": fields["session"], "early": list(early)}
        block.island = island | {"corpus": self.site.main_corpus}

    def _resolve_speed(self, block: Block, fields: dict[str, Any], line: Callable[..., int]) -> None:
        description, corpus = self.site.description, self.site.main_corpus
        model, training = description["model"], description["training"] | fields
        for key, message in misfits(training | {"model": model}, self.site.corpus(corpus), description):
            self._error(block, line(*key), message)
        if block.errors:
            return
        rest = {name: copy.deepcopy(description[name]) for name in ("seed", "sampling", "evaluation", "phases")}
        block.island = {"kind": "speed", "corpus": corpus, "model": dict(model), "training": training, **rest}

    def _relate(self) -> None:
        """Checks what no block can know alone, and tells each runner which early samples its panel wants."""
        runners: dict[str, Block] = {}
        broken = any(block.kind == "runner" and block.errors for block in self.blocks)
        for block in self.blocks:
            if block.kind != "runner" or block.island is None:
                continue
            session = block.island["session"]
            if session in runners:
                message = (
                    f"the runner at line {runners[session].line} already has the session “{session}”; "
                    "give this one another name, such as “session: second”"
                )
                self._error(block, block.line, message)
            else:
                runners[session] = block
        for block in self.blocks:
            if block.kind != "samples" or block.island is None:
                continue
            runner = runners.get(block.island["session"])
            if runner is not None:
                runner.island["sampling"]["early"] = block.island["early"]
                block.island["corpus"] = runner.island["corpus"]
            elif not broken:
                self._error(block, block.line, _no_runner(block.island["session"], list(runners)))


def _no_runner(session: str, runners: list[str]) -> str:
    if not runners:
        return f"no runner on this page has the session “{session}”; add a runner block to the page"
    return f"no runner on this page has the session “{session}”; {one_of('session', session, runners)}"


def _is_language(word: str) -> bool:
    try:
        get_lexer_by_name(word)
    except ClassNotFound:
        return False
    return True


def _line_of(values: Any, path: Sequence[str | int], fence_line: int) -> int:
    """The line of the deepest part of `path` that the YAML has, else the fence's own."""
    line = fence_line
    for step in path:
        places = getattr(getattr(values, "lc", None), "data", None) or {}
        if step not in places:
            break
        line = fence_line + 1 + places[step][0]
        values = values[step]
    return line


def _plain(values: Any) -> Any:
    """The parsed YAML as ordinary dicts, lists, numbers and strings, fit for JSON."""
    if isinstance(values, dict):
        return {str(key): _plain(value) for key, value in values.items()}
    if isinstance(values, list):
        return [_plain(value) for value in values]
    for kind in (bool, int, float, str):
        if isinstance(values, kind):
            return kind(values)
    return values


def _filled(schema: Schema, values: dict[str, Any]) -> dict[str, Any]:
    filled = defaults(schema) | values
    for name, field_schema in schema["properties"].items():
        if "properties" in field_schema:
            filled[name] = _filled(field_schema, values.get(name, {}))
    return filled


def _refuse_unbounded(values: dict, error: Callable[[Sequence[str], str], None]) -> None:
    """JSON knows neither NaN nor infinity, and a schema's limits let NaN pass."""
    for name, value in values.items():
        if isinstance(value, float) and not math.isfinite(value):
            error([name], f"{name} is {value}; it must be an ordinary number")


def _yaml_problem(error: MarkedYAMLError) -> str:
    problem = str(error.problem)
    if "\\t" in problem:
        return "the line is indented with a tab; YAML takes spaces alone"
    if "duplicate key" in problem:
        name = problem.split('"')[1] if '"' in problem else ""
        return f"the field {name} is given twice; keep one of the two lines"
    if "mapping values are not allowed" in problem:
        return "a colon too many; put the value in quotes if the colon belongs to it"
    return f"this is not YAML: {problem}"
