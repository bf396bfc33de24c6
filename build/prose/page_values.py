"""Fills in the values in a page's prose, `{{ model.n_params | thousands }}`, with Jinja, and then the formulas.

Errors are not raised but collected, each with its line; `serve` shows them in place. Rendering may leave out lines
({% if %}) or repeat them ({% for %}), so `Rendered.lines` gives the source line of each line.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from types import CodeType
from typing import Any

import jinja2
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup, escape

from prose import formulas
from prose.named_values import Names
from prose.value_formats import FILTERS, UnprintableError, printed
from reading import literal_text
from reading.error_messages import AuthorError, Follows, Shared, one_of
from reading.literal_text import END, LINE_NUMBER, NUMBER

# The file name of a page's template in tracebacks.
PAGE = "<a page's prose>"
# With Jinja's own {#, a heading's {#name} would begin a comment.
REMARK = "{##", "##}"
WAY_OUT = "to show braces as they are, put them between backticks, or between {% raw %} and {% endraw %}"


# A tenth of the time in which `serve` builds a site after an edit would go on compiling what has not changed.
compiled: dict[str, CodeType] = {}
MOST_COMPILED = 1000


@dataclass(frozen=True)
class Rendered:
    markdown: str
    lines: list[int]  # for each line of `markdown`, the line of the file that it comes from
    errors: list[AuthorError]


def render(markdown: str, path: str, first_line: int, values: Mapping[str, Any]) -> Rendered:
    """The Markdown with values and formulas filled in. For errors, `path` and `first_line` say where it is in its file.

    A value may be a function that prose calls; it raises UnprintableError if it cannot answer.
    """
    return _Page(path, first_line, values).render(markdown)


class _Page:
    def __init__(self, path: str, first_line: int, values: Mapping[str, Any]) -> None:
        self.path = path
        self.first_line = first_line
        functions = {name: _telling(self, value) for name, value in values.items() if callable(value)}
        self.values = Names("", {**values, **functions})
        self.errors: list[AuthorError] = []
        self.last = first_line  # the line of the file where the Markdown ends
        self.template: jinja2.Template | None = None
        self.environment = _environment(self)

    def render(self, markdown: str) -> Rendered:
        self.last = self.first_line + markdown.count("\n")
        source = literal_text.hidden(markdown)
        text = None
        if any(mark in source for mark in ("{{", "{%", REMARK[0])):
            self.template = self._compiled(source)
            text = self._filled() if self.template else None
        if text is None:
            text = self._numbered([("data", source)], source)
        text = formulas.with_formulas(text, lambda place, problem: self.note(self._row(text, place), problem))
        text = literal_text.shown(text)
        lines = self._lines_of(text)
        return Rendered(LINE_NUMBER.sub("", text), lines, self.errors)

    def _compiled(self, source: str) -> jinja2.Template | None:
        """The page as a template. A value that cannot be parsed is reported and skipped, so that the others are read.

        None if the line of an error has a {% tag %}, which cannot be skipped, or no value to skip.
        """
        rows = source.split("\n")
        while True:
            try:
                source = "\n".join(rows)
                parts = [(kind, value) for _, kind, value in self.environment.lex(source)]
                code = self._code(self._numbered(parts, source))
                return jinja2.Template.from_code(self.environment, code, dict(self.values.items()))
            except jinja2.TemplateSyntaxError as problem:
                row = min(problem.lineno, len(rows)) - 1
                self.note(row + 1, _syntax(problem, self.environment))
                without = re.sub(r"\{\{.*?(\}\}|$)", "", rows[row])
                if "{%" in rows[row] or without == rows[row]:
                    return None
                rows[row] = without

    def _code(self, source: str) -> CodeType:
        """The source as Python code, kept unless compiling reported an error: it also fills in constants."""
        if source in compiled:
            return compiled[source]
        before = len(self.errors)
        code = self.environment.compile(source, filename=PAGE)
        if len(self.errors) == before:
            if len(compiled) >= MOST_COMPILED:
                compiled.clear()
            compiled[source] = code
        return code

    def _numbered(self, parts: list[tuple[str, str]], source: str) -> str:
        """Adds its number to the end of each line, if the line ends in text and not inside a tag."""
        numbered: list[str] = []
        place = 0
        for kind, value in parts:
            start = source.index(value, place)
            numbered.append(source[place:start])
            place = start + len(value)
            if kind != "data":
                numbered.append(value)
                continue
            line = self.first_line + source.count("\n", 0, start)
            for index, part in enumerate(value.split("\n")):
                numbered.append(part if index == 0 else f"{NUMBER}{line + index - 1}{END}\n{part}")
        return "".join(numbered) + source[place:]

    def _filled(self) -> str | None:
        try:
            return self.template.render()
        except Exception as problem:
            # An expression may raise anything. It is the author's mistake, so it is reported with its line.
            line = 1
            trace = problem.__traceback__
            while trace:
                if trace.tb_frame.f_code.co_filename == PAGE:
                    line = trace.tb_lineno  # Jinja has already converted it to the page's line
                trace = trace.tb_next
            said = str(problem).rstrip(".") or type(problem).__name__
            self.note(line, f"a value cannot be worked out: {said}")
            return None

    def note(self, row: int, message: str) -> str:
        """Collects an error in the Markdown's line `row`, counted from 1, and returns what to write in its place."""
        shared, follows = isinstance(message, Shared), isinstance(message, Follows)
        error = AuthorError(self.path, self.first_line + row - 1, f"in the text: {message}", shared, follows)
        if error not in self.errors:
            self.errors.append(error)
        return f'<mark class="ps-author-error">{escape(error.path)}:{error.line}</mark>'

    def _row(self, text: str, place: int) -> int:
        """The Markdown's line, counted from 1, at a position of the numbered text: the next number after it."""
        number = LINE_NUMBER.search(text, place)
        return int(number[1]) - self.first_line + 1 if number else self.last - self.first_line + 1

    def _lines_of(self, text: str) -> list[int]:
        """The file's line for each line of the text: its number, or the next number below if it has none."""
        found: list[int] = []
        known = self.last
        for row in reversed(text.split("\n")):
            numbers = LINE_NUMBER.findall(row)
            known = int(numbers[-1]) if numbers else known
            found.append(known)
        return found[::-1]

    def note_here(self, message: str) -> str:
        """`note` for an error inside the running template: finds the line on the stack."""
        frame = sys._getframe()
        while frame.f_code.co_filename != PAGE:
            frame = frame.f_back
        return self.note(self.template.get_corresponding_lineno(frame.f_lineno), message)

    def written(self, value: Any) -> str:
        if isinstance(value, jinja2.Undefined):
            return str(value)
        try:
            return printed(value)
        except UnprintableError as problem:
            more = f": {', '.join(map(str, value))}" if isinstance(value, Names) and len(value) < 20 else ""
            return self.note_here(f"{problem}{more}")


class _Environment(SandboxedEnvironment):
    """Looks up names among a group's values first, so that no method of Names can hide a value."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        if isinstance(obj, Names) and (attribute != "items" or "items" in obj):
            return self.getitem(obj, attribute)
        return super().getattr(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        if not isinstance(obj, Names):
            return super().getitem(obj, argument)
        try:
            return obj[argument]
        except KeyError:
            return self.undefined(obj=obj, name=argument)


def _environment(page: _Page) -> _Environment:
    environment = _Environment(
        undefined=_unknown(page),
        finalize=page.written,
        comment_start_string=REMARK[0],
        comment_end_string=REMARK[1],
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals.clear()
    environment.globals["range"] = range
    environment.filters |= {name: _telling(page, format_one) for name, format_one in FILTERS.items()}
    return environment


def _telling(page: _Page, format_one: Any) -> Any:
    """The filter or function, which reports an error instead of stopping the page."""

    def told(value: Any, *arguments: Any, **named: Any) -> Any:
        if isinstance(value, jinja2.Undefined):
            return Markup(str(value))
        try:
            return format_one(value, *arguments, **named)
        except (UnprintableError, OverflowError) as problem:
            return Markup(page.note_here(str(problem)))

    return told


def _unknown(page: _Page) -> type[jinja2.Undefined]:
    """The class for an unknown name. Each use is reported, once per line, and the rest of the page is still read."""

    class Unknown(jinja2.Undefined):
        def _tell(self) -> str:
            name, obj = self._undefined_name, self._undefined_obj
            if isinstance(obj, Names):
                return page.note_here(obj.explain(name))
            if obj is jinja2.utils.missing:
                page.values.get(name)
                return page.note_here(page.values.explain(name))
            count = f"; it has {len(obj)} entries, counted from 0" if isinstance(obj, list) else ""
            return page.note_here(f"there is no “{name}” here{count}")

        def __str__(self) -> str:
            return self._tell()

        def __bool__(self) -> bool:
            self._tell()
            return False

        def __iter__(self) -> Any:
            self._tell()
            return iter(())

        def __len__(self) -> int:
            self._tell()
            return 0

        def __float__(self) -> float:
            return float(len(self))

        def __int__(self) -> int:
            return len(self)

        def __getattr__(self, name: str) -> Any:
            if name.startswith("__"):
                raise AttributeError(name)
            return self._same()

        def _same(self, *_arguments: Any) -> Any:
            self._tell()
            return self

        def __eq__(self, other: object) -> bool:
            return bool(self)

        def __hash__(self) -> int:
            return id(type(self))

    for operation in (
        *("add", "radd", "sub", "rsub", "mul", "rmul", "truediv", "rtruediv", "floordiv", "rfloordiv", "mod", "rmod"),
        *("pow", "rpow", "neg", "pos", "abs", "round", "getitem", "call", "lt", "le", "gt", "ge"),
    ):
        setattr(Unknown, f"__{operation}__", Unknown._same)
    return Unknown


def _syntax(problem: jinja2.TemplateSyntaxError, environment: jinja2.Environment) -> str:
    said = (problem.message or "").rstrip(".")
    unknown = re.fullmatch(r"No (filter|test) named '(.+)'", said)
    if unknown:
        kind, name = unknown.groups()
        known = environment.filters if kind == "filter" else environment.tests
        own = list(FILTERS) if kind == "filter" else list(known)
        close = one_of(f"{kind}s", name, own)
        return f"there is no {kind} “{name}”; {close}"
    return f"the braces cannot be read: {said};  {WAY_OUT}"
