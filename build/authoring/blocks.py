"""Widget blocks: fenced YAML in Markdown, checked against a schema and resolved to what the widget needs.

`read_page` finds the blocks of a page and replaces each with a short fence that contains a key; when the page is
rendered, the block with that key is put there. Errors are collected, never raised, so that an author sees all of them
at once, each with its line.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

from authoring import asked_twice, fence_mistakes
from authoring.block import Block, Context, Prose, Site, no_markdown
from authoring.block_fields import schemas
from authoring.block_kinds import KINDS, prompt_of
from authoring.watching import observe_options
from reading import invisible, strict_yaml
from reading.error_messages import AuthorError, closest, one_of
from reading.fences import Fence, comments, fences, opening

# The word on the line of the fence that replaces a block; the content of that fence is the block's key.
PLACE = "press-start"
# What superfences accepts after the marks of an ordinary fence; with anything else the page shows the fence as text.
_HEADER = re.compile(r"""\.?[\w#.+-]*[ \t]*(\{.*\}|([ \t]*(title|hl_lines|linenums)=("[^"]*"|'[^']*'))*)""")


@dataclass
class Page:
    markdown: str  # with a short keyed fence in the place of each block
    blocks: list[Block]

    @property
    def errors(self) -> list[AuthorError]:
        return sorted((error for block in self.blocks for error in block.errors), key=lambda error: error.line)


def read_page(markdown: str, path: str, lines: Sequence[int], site: Site, prose: Prose = no_markdown) -> Page:
    """Finds, checks and resolves the blocks of one page.

    For errors, `path` is the page's file and `lines` gives, for each line of the Markdown, its line there. `prose`
    renders the Markdown in a block's fields.
    """
    return _PageReader(lines, Context(site, path, prose)).read(markdown)


class _PageReader:
    def __init__(self, lines: Sequence[int], context: Context) -> None:
        self.context = context
        self.lines = lines
        self.schemas = schemas(context.site.description)
        self.blocks: list[Block] = []
        self.meant: dict[int, str] = {}  # lines meant to open a block that do not, as the author wrote them
        self.alone: set[int] = set()  # those of them that were meant to close it, too

    def read(self, markdown: str) -> Page:
        lines = self._with_fences_that_were_meant(markdown.split("\n"))
        replaced: list[str] = []
        done = 0
        found = self._fences_in(lines)
        above: tuple[Block, Fence] | None = None
        for number, fence in enumerate(found):
            block = self._block_of(fence, fence_mistakes.renumbered(lines, fence, found[number + 1 :]))
            if block is None:
                above = None
                continue
            if above and _belong_together(above[0], block) and _next_to(above[1], fence, lines):
                above[0].partner, above, done = block, None, fence.last + 1
                continue
            above = (block, fence)
            replaced += lines[done : fence.first]
            shown = [f"```{PLACE}", block.key, "```", *block.markdown.splitlines()]
            replaced += [fence.opening.prefix + text for text in shown]
            done = fence.last + 1
        replaced += lines[done:]
        self._relate()
        if invisible.SOME.search(markdown):
            self._name_what_is_hidden(markdown.split("\n"))
        return Page("\n".join(replaced), self.blocks)

    def _with_fences_that_were_meant(self, lines: list[str]) -> list[str]:
        """The lines; one that was meant to open a block but does not, “``runner” or “- ```runner”, is corrected."""
        lines = list(lines)
        while True:
            parts = [(fence.first, fence.last) for fence in self._fences_in(lines)] + list(comments(lines))
            inside = {index for first, last in parts for index in range(first, last + 1)}
            meant = ((index, self._opening_meant(line)) for index, line in enumerate(lines) if index not in inside)
            found = next(((index, kind) for index, kind in meant if kind), None)
            if found is None:
                return lines
            index, kind = found
            self.meant[index] = lines[index].strip()
            if fence_mistakes.on_one_line(lines[index], self.schemas):
                self.alone.add(index)
            else:
                self._fix_the_closing(lines, index + 1)
            lines[index] = f"```{kind}"

    def _fix_the_closing(self, lines: list[str], start: int) -> None:
        """Corrects the closing line of a block whose opening line was wrong: it often has the same wrong marks."""
        for index in range(start, len(lines)):
            if opening(lines[index]) is not None or self._opening_meant(lines[index]):
                return
            if fence_mistakes.closes(lines[index]):
                lines[index] = "```"
                return

    def _opening_meant(self, line: str) -> str | None:
        """The kind of block that a line names after marks that do not open a fence."""
        word = fence_mistakes.on_one_line(line, self.schemas) or fence_mistakes.word(line)
        meant = self._kind_meant(word) if word else None
        return meant or fence_mistakes.almost(line, self.schemas)

    def _fences_in(self, lines: list[str]) -> list[Fence]:
        """The page's fences. A fence that runs into the next block is cut off there, so that the block is read too."""
        found: list[Fence] = []
        lines = list(lines)
        for fence in fences(lines):
            written = lines[fence.first]
            if fence_mistakes.on_one_line(written, self.schemas):
                self.alone.add(fence.first)
                self.meant.setdefault(fence.first, written.strip())
            intruder = 0 if fence.first in self.alone else self._swallowed(fence)
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
        """Which line of the content opens a widget block, as happens if the fence was left open; else None.

        Blocks inside an example do not count. But a fence without a word is not always an example: its first line may
        be the end of a block whose own opening line is wrong, and a line of its content may open the next block.
        """
        example = fence.closed and not self._kind_meant(fence.opening.info)
        for index, line in enumerate(fence.content):
            inner = opening(line)
            if inner is None:
                kind = None if example and fence.opening.info else self._opening_meant(line)
            else:
                shown = inner.marks != fence.opening.marks and (fence.opening.info or _closed(fence.content[index:]))
                kind = None if example and shown else self._kind_meant(inner.info)
            if kind is not None:
                return index
        return None

    def _block_of(self, fence: Fence, renumbered: tuple[str, int] | None) -> Block | None:
        """The fence as a widget block; None for an ordinary fence without errors.

        If the fence ends a numbered list, `renumbered` is the next item, which would be shown as 1, and the indent that
        prevents that.
        """
        kind = self._kind_meant(fence.opening.info)
        line = self.lines[fence.first]
        readable = _HEADER.fullmatch(fence.opening.info) is not None
        if kind is None and fence.closed and readable and not renumbered:
            return None
        block = self._new_block(kind or "fence", line)
        if fence.first in self.meant:
            written = self.meant[fence.first]
            below = ", and “```” alone on a line below it" if fence.first in self.alone else ""
            self.context.error(block, line, f"the line says “{written}”; write “```{kind}” alone on it{below}")
        elif not fence.closed:
            self._say_unclosed(block, fence)
        elif kind is None and not readable:
            message = f"Markdown cannot read the fence line “{fence.opening.info}”; one word, such as “text”, is enough"
            self.context.error(block, line, message)
        elif kind is not None and fence.opening.info != kind:
            self._say_misspelt(block, fence.opening.info)
        elif kind is not None:
            self._fill(block, fence.content)
        if renumbered and not block.errors:
            number, indent = renumbered
            message = f"it ends the numbered list around it, so “{number}.” would be shown as 1"
            self.context.error(block, line, f"{message}; indent it by {indent} spaces")
        return block

    def _name_what_is_hidden(self, lines: list[str]) -> None:
        """Adds, to each error whose line has an invisible character, its name: it may be the only mistake."""
        by_number = dict(zip(self.lines, lines, strict=False))
        for block in self.blocks:
            for index, error in enumerate(block.errors):
                name = invisible.named(by_number.get(error.line, ""))
                if name and name not in error.message:
                    block.errors[index] = replace(error, message=f"{error.message}; {name}")

    def _new_block(self, kind: str, line: int) -> Block:
        block = Block(kind, f"ps-{kind}-{len(self.blocks) + 1}", line)
        self.blocks.append(block)
        return block

    def _kind_meant(self, info: str) -> str | None:
        """The kind of widget that a fence line names, perhaps misspelt; None if it names something else."""
        words = invisible.seen(info).strip("{} \t").lstrip(".").split()
        if not words:
            return None
        word = words[0].rstrip(":,;")
        if word in self.schemas:
            return word
        close = closest(word, self.schemas, cutoff=0.7)
        return close if close and not _is_language(word) else None

    def _say_unclosed(self, block: Block, fence: Fence) -> None:
        marks = fence.opening.marks
        for row, text in enumerate(fence.content, start=block.line + 1):
            glued = block.kind != "fence" and text.rstrip().endswith(marks)
            if glued or (fence_mistakes.closes(text) and (opening(text) is None or invisible.SOME.search(text))):
                message = f"the line that should close it says “{text.strip()}”; write “{marks}” on a line of its own"
                self.context.error(block, row, message)
                return
        message = f"the {marks} that opens it is never closed; add a line with {marks} alone"
        if fence.opening.prefix:
            message += ", and indent every line between as far as the first"
        if block.kind == "fence":
            message += "; to show Markdown that contains fences, open and close it with one more mark"
        self.context.error(block, block.line, message)

    def _say_misspelt(self, block: Block, info: str) -> None:
        word = info.split()[0]
        if info == word and word.strip("{.}:").lower() != block.kind:
            self.context.error(block, block.line, f"there is no “{word}” block; did you mean “{block.kind}”?")
        else:
            self.context.error(
                block, block.line, f"the fence line says “{info}”; write “{block.kind}” alone, and its fields below"
            )

    def _fill(self, block: Block, content: list[str]) -> None:
        text = "\n".join(content)
        values = self._parse(block, text)
        if values is None:
            return
        first = block.line + 1
        schema = self.schemas[block.kind]
        for problem in strict_yaml.problems(values, schema, text):
            self.context.error(block, first + problem.line, problem.message)
        if block.errors:
            return
        block.given = frozenset(map(str, values))
        fields = strict_yaml.filled(schema, strict_yaml.plain(values))
        KINDS[block.kind].resolve(self.context, block, fields, lambda *path: first + strict_yaml.line_of(values, path))

    def _parse(self, block: Block, text: str) -> dict | None:
        try:
            values = strict_yaml.parse(text)
        except strict_yaml.StrictYamlError as error:
            for problem in error.problems:
                self.context.error(block, block.line + 1 + problem.line, problem.message)
            return None
        if values is None:
            return {}
        if not isinstance(values, dict):
            message = "expected lines of the form “field: value”, such as “session: main”"
            for problem in strict_yaml.with_hidden([strict_yaml.Problem(0, message)], text):
                self.context.error(block, block.line + 1 + problem.line, problem.message)
            return None
        return values

    def _relate(self) -> None:
        """Checks how the page's blocks fit together, and gives each runner the early samples that its panel shows."""
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
                self.context.error(block, block.line, message)
                broken = True
            else:
                runners[session] = block
        for block in self.blocks:
            if block.island is None or not KINDS[block.kind].needs_runner:
                continue
            runner = runners.get(block.island["session"])
            if runner is None:
                if not broken:
                    self.context.error(block, block.line, _no_runner(block.island["session"], list(runners)))
                elif block.finish:
                    message = "it needs its runner; fix the errors in that block first"
                    self.context.error(block, block.line, message, follows=True)
                continue
            if block.kind == "samples":
                runner.island["sampling"]["early"] = block.island["early"]
            if "corpus" in block.island:
                block.island["corpus"] = runner.island["corpus"]
            if block.finish:
                block.finish(runner)
            if block.kind == "samples":
                block.island["prompt"] = prompt_of(runner.island, self.context.site.corpus(runner.island["corpus"]))
        for runner in runners.values():
            self._observe(runner)
        asked_twice.relate(self.context, self.blocks)

    def _observe(self, runner: Block) -> None:
        """Has the runner's run observed, as the blocks of its session want."""
        session = runner.island["session"]
        of_session = [one for one in self.blocks if one.island and one.island.get("session") == session]
        wanted = {what for one in of_session for what in KINDS[one.kind].watches}
        options = observe_options(wanted, runner.island, self.context.site.corpus(runner.island["corpus"]))
        if options:
            runner.island["observe"] = options


def _belong_together(above: Block, below: Block) -> bool:
    """Whether two neighbours, a runner and the samples of its session, are shown as one."""
    if above.island is None or below.island is None or {above.kind, below.kind} != {"runner", "samples"}:
        return False
    return above.island["session"] == below.island["session"]


def _next_to(above: Fence, below: Fence, lines: list[str]) -> bool:
    """Whether nothing but blank lines is between two fences of the same list item, quotation or page."""
    between = lines[above.last + 1 : below.first]
    return above.opening.prefix == below.opening.prefix and not any(line.strip(" \t>") for line in between)


def _closed(lines: list[str]) -> bool:
    """Whether the fence that the first of these lines opens is closed in them."""
    return next(fences(lines)).closed


def _no_runner(session: str, runners: list[str]) -> str:
    if not runners:
        return f"no runner on this page has the session “{session}”; add a runner block to the page"
    return f"no runner on this page has the session “{session}”; {one_of('sessions', session, runners)}"


def _is_language(word: str) -> bool:
    try:
        get_lexer_by_name(word)
    except ClassNotFound:
        return False
    return True
