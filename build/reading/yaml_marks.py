"""Places where YAML does not read what the author meant: it cuts text at a “#”, or reads text as YAML syntax.

Each is reported with the value in the right quotes. Lines are counted from 0.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from reading import invisible

# Fields whose value is a name: “#” after it was meant as a comment, and an invisible character in it is a mistake
# (except in a seed, from which seeds.py removes them).
NAMES = {"session", "seed", "corpus", "run", "only", "presets", "name", "shape", "hide", "template", "icon", "status"}
TEXT, NULL = "tag:yaml.org,2002:str", "tag:yaml.org,2002:null"
MARKS = "*&!%@`|>[]{},?-<"
LONGEST_EXAMPLE = 80
_LINE = re.compile(r"[ \t]*(?:-[ \t]+)*(?:(?P<key>[\w.-]+):(?:[ \t]+|$))?(?P<value>.*?)[ \t]*")
_COMMENT = re.compile(r"[ \t]+#")
# Escapes that no sentence needs, but that formulas and Markdown contain: \alpha, \beta, \frac, \theta, \_, \Lambda.
_ESCAPE = re.compile(r"\\\\|\\(?P<letter>[0abefrtvNLP_]|n(?=(?:abla|eq?|u|i|ot|mid|leq|geq|parallel|rightarrow)\b))")


@dataclass(frozen=True)
class Misread:
    line: int
    message: str


def quoted(value: str) -> str:
    """The value as YAML text in quotes: double ones, or single ones if it contains a backslash or a double quote."""
    if "\\" not in value and '"' not in value:
        return f'"{value}"'
    return "'" + value.replace("'", "''") + "'"


def _in_quotes(value: str) -> str:
    return f"put it in quotes: {quoted(value)}" if len(value) <= LONGEST_EXAMPLE else "put all of it in quotes"


def losses(text: str) -> list[Misread]:
    """What YAML dropped or misread in a text that it accepts; empty for a text that it does not."""
    try:
        root = YAML(typ="rt", pure=True).compose(text)
    except YAMLError:
        return []
    return sorted(_of_node(root, "", text.split("\n"), text), key=lambda one: one.line) if root else []


def _of_node(node: Node, key: str, lines: list[str], text: str) -> Iterator[Misread]:
    written = _written(node, lines)
    used = node.anchor and re.search(rf"\*{re.escape(node.anchor)}(?![\w-])", text)
    if (node.anchor and not used) or (written.startswith("!") and node.tag is not None):
        yield Misread(node.start_mark.line, _begins(written))
    elif isinstance(node, ScalarNode):
        yield from _of_scalar(node, key, lines, written)
    if isinstance(node, MappingNode):
        for name, value in node.value:
            if value.tag == NULL and not value.value:
                yield from _of_nothing(name, lines)
            yield from _of_node(value, str(name.value), lines, text)
    elif isinstance(node, SequenceNode):
        for value in node.value:
            yield from _of_node(value, key, lines, text)


def _written(node: Node, lines: list[str]) -> str:
    """The text from the start of the node to the end of that line."""
    return lines[node.start_mark.line][node.start_mark.column :].rstrip()


def _of_scalar(node: ScalarNode, key: str, lines: list[str], written: str) -> Iterator[Misread]:
    line, end = node.start_mark.line, node.end_mark
    if node.style is None:
        rest = lines[end.line][end.column :] if end.line < len(lines) else ""
        comment = rest.lstrip(" \t")
        cut = node.tag == TEXT and _COMMENT.match(rest) and not (key in NAMES and comment.startswith("# "))
        if cut:
            yield Misread(end.line, _cut(comment, written.strip() if line == end.line else ""))
        elif node.tag == NULL and node.value:
            yield Misread(
                line, f"“{node.value}” is YAML's word for nothing; if the word is meant, {_in_quotes(node.value)}"
            )
        elif written.startswith("<<"):
            yield Misread(line, _begins(written))
        elif key in NAMES and key != "seed" and invisible.SOME.search(node.value):
            yield Misread(line, f"{key} is “{node.value}”; {invisible.named(node.value)}")
    elif node.style == '"':
        source = _between(node, lines)
        escape = next((found for found in _ESCAPE.finditer(source) if found["letter"]), None)
        if escape:
            yield Misread(line, _backslash(escape[0], source))
    elif not node.value.strip() and re.match(r"[|>][+-]?\d", written):
        yield Misread(line, _begins(written))


def _of_nothing(name: Node, lines: list[str]) -> Iterator[Misread]:
    """A field without a value: perhaps the whole value comes after a “#”."""
    row = name.end_mark.line
    behind = re.match(r"\s*:[ \t]+(#.*)", lines[row][name.end_mark.column :])
    if behind:
        yield Misread(row, _cut(behind[1].rstrip(), behind[1].rstrip()))


def _between(node: ScalarNode, lines: list[str]) -> str:
    """The text between the quotes of a value; the lines of a longer one are joined by spaces."""
    start, end = node.start_mark, node.end_mark
    rows = lines[start.line : end.line + 1]
    rows[-1] = rows[-1][: end.column]
    rows[0] = rows[0][start.column :]
    return " ".join(row.strip() for row in rows)[1:-1]


def _cut(comment: str, written: str) -> str:
    shown = comment if len(comment) <= 40 else f"{comment[:40]}…"
    way_out = _in_quotes(written) if written else "put all of the value in quotes"
    return f"“{shown}” would be lost, because # begins a comment; {way_out}, or give the comment a line of its own"


def _begins(written: str) -> str:
    mark = "<<" if written.startswith("<<") else written[:1]
    return f"a value that begins with “{mark}” has another meaning in YAML; {_in_quotes(written)}"


def _backslash(escape: str, source: str) -> str:
    single = source.replace('\\"', '"').replace("'", "''")
    example = f": '{single}'" if len(single) <= LONGEST_EXAMPLE else ""
    return f"in double quotes YAML reads “{escape}” as an escape; put the value in single quotes{example}"


def refusal(error: MarkedYAMLError, text: str) -> Misread | None:
    """Which value made YAML refuse the text, and how to quote it; None if the cause is something else."""
    lines = text.split("\n")
    marks = [mark.line for mark in (error.context_mark, error.problem_mark) if mark]
    rows = [*marks, *(row - 1 for row in marks[-1:])]
    for row in dict.fromkeys(row for row in rows if 0 <= row < len(lines)):
        message = _refused(lines, row, str(error.problem))
        if message:
            return Misread(row, message)
    return None


def _refused(lines: list[str], row: int, problem: str) -> str | None:
    found = _LINE.fullmatch(lines[row])
    value = found["value"] if found else ""
    if not value or _stands_alone(value):
        return None
    if value[0] == '"' and "escape" in problem:
        return _backslash(re.search(r"\\(?![\\\"/ nt]).?|$", value)[0] or "\\", value.strip('"'))
    if value[0] in "\"'":
        closing = re.match(r'"(?:[^"\\]|\\.)*"|\'(?:[^\']|\'\')*\'', value)
        if closing:
            return f"the text continues after the closing quote; {_in_quotes(value)}"
        if "end of stream" in problem:
            return f"the quote that opens the value is never closed; {_in_quotes(value)}"
        return None
    if value[0] in "[{" and "#" not in value and (value[-1] in "]}" or not re.search(r"[]}]", value)):
        return None  # meant as a list or a group of fields: the mistake is inside it
    if value[0] in "[{" and _COMMENT.search(value):
        return "the # begins a comment, which hides the rest of the line; put the text around it in quotes"
    if value[0] in MARKS:
        return _begins(value)
    if re.search(r":(?:\s|$)", value):
        goes_on = row + 1 < len(lines) and re.match(r"[ \t]+[^ \t-]", lines[row + 1]) and "key" in found.groupdict()
        example = "" if goes_on or not found["key"] else f": {found['key']}: {quoted(value)}"
        return f"there is one colon too many; put the value in quotes if the colon belongs to it{example}"
    return None


def _stands_alone(value: str) -> bool:
    try:
        YAML(typ="rt", pure=True).compose(f"key: {value}")
    except YAMLError:
        return False
    return True
