"""A block of a page, what surrounds it, and what it is checked against."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from authoring.block_fit import Text
from authoring.shapes import Shape
from model.preset import Presets
from reading.error_messages import AuthorError
from recorded.recorded_runs import Recording
from recorded.recorded_seen import Seen
from recorded.recorded_states import States


@dataclass(frozen=True)
class Site:
    """What the blocks of every page are checked against."""

    description: dict[str, Any]  # engine/model.json
    main_corpus: str
    corpus_names: Sequence[str]
    corpus: Callable[[str], Text]
    shapes: Mapping[str, Shape] = field(default_factory=dict)  # docs/shapes.yml
    presets: Presets = field(default_factory=Presets)  # docs/presets.yml
    recordings: Sequence[Recording] = ()  # docs/recorded
    states: Sequence[States] = ()  # likewise, of the lesson on checkpoints
    seen: Sequence[Seen] = ()  # likewise, the inside of runs
    pages: Container[str] = ()  # by their paths in docs/


@dataclass
class Block:
    kind: str
    key: str  # unique on its page; the id of its HTML element
    line: int
    island: dict[str, Any] | None = None  # None if the block has errors
    given: frozenset[str] = frozenset()  # the fields that its author wrote
    markdown: str = ""  # added after it on the page, such as headings, so that the table of contents lists them
    partner: Block | None = None  # the block right below it, with which it is shown as one
    errors: list[AuthorError] = field(default_factory=list)
    # Completes the island, or reports why it cannot, once the block's runner is known: called with that block.
    finish: Callable[[Block], None] | None = None

    @property
    def called(self) -> str:
        """What messages call it."""
        article = "an" if self.kind[0] in "aeiou" else "a"
        return "a code fence" if self.kind == "fence" else f"{article} {self.kind} block"


# A function from the Markdown of a block's field, and its line, to HTML and the errors found.
Prose = Callable[[str, int], tuple[str, list[AuthorError]]]


def no_markdown(text: str, line: int) -> tuple[str, list[AuthorError]]:
    """A `Prose` that knows no Markdown: the text as it is, escaped."""
    return f"<p>{html.escape(text, quote=False)}</p>", []


@dataclass(frozen=True)
class Context:
    """What surrounds a block: its site, its file (for errors), and how its page renders Markdown."""

    site: Site
    path: str
    prose: Prose = no_markdown

    @property
    def page(self) -> str:
        """The page's path in docs/."""
        return self.path.partition("/")[2]

    def error(self, block: Block, line: int, message: str, follows: bool = False) -> None:
        block.errors.append(AuthorError(self.path, line, f"in {block.called}: {message}", follows=follows))

    def inline(self, block: Block, line: int, text: str) -> str:
        """A field's Markdown as inline HTML, with the page's values filled in; errors are added to the block."""
        written, errors = self.prose(text, line)
        block.errors += errors
        paragraph = re.fullmatch(r"<p>((?:(?!<p>).)*)</p>", written.strip(), re.DOTALL)
        if paragraph is None:
            self.error(block, line, "this must be one paragraph: no blank lines, headings, lists or code blocks")
            return ""
        return paragraph[1]


Fields = dict[str, Any]  # as checked by the schema, with defaults filled in
LineOf = Callable[..., int]  # the line of a field, by its path: line_of("model", "n_head")
