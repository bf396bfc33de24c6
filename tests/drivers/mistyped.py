"""Mistakes that authors make, as mutations of a page or of a YAML file, each drawn from a seeded generator."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

from authoring.block_kinds import KINDS

# A YAML comment that is written into each block. If it shows in a page, the page shows a block's source.
MARK = "# the source of a block"
OPENING = re.compile(rf"```(?:{'|'.join(KINDS)})$")
RUNNER = ["```runner", MARK, "```", ""]
VALUES = [
    "1",
    "-1",
    "1e99",
    ".nan",
    "yes",
    "true",
    "null",
    "",
    "~",
    "x",
    '"',
    "'",
    "[",
    "{",
    "[a, {b: c}]",
    "{a: 1}",
    "- x",
]
VALUES += [
    "!!python/object:os.system x",
    "*a",
    "&a b",
    "2020-01-01",
    "{{ modle }}",
    "{{ model.n_params }}",
    "0x1F",
    "a: b",
    "|",
]
VALUES += [
    ">-",
    "“x”",
    "\u00a0x",
    "%",
    "@x",
    "`x`",
    "#",
    "<b>",
    "$x",
    "shakespear",
    "12:30:45",
    "0",
    "99999999999999999999",
]

Lines = list[str]
Mutation = Callable[[random.Random, Lines], Lines]


def at(line: Callable[[random.Random, str], Lines]) -> Mutation:
    """Turns a mutation of a single line into one of a whole text."""

    def mutation(chance: random.Random, lines: Lines) -> Lines:
        index = chance.randrange(len(lines))
        return [*lines[:index], *line(chance, lines[index]), *lines[index + 1 :]]

    return mutation


def swapped(chance: random.Random, lines: Lines) -> Lines:
    index = chance.randrange(max(len(lines) - 1, 1))
    return lines[:index] + lines[index : index + 2][::-1] + lines[index + 2 :]


def with_a_letter_wrong(chance: random.Random, line: str) -> Lines:
    if not line:
        return [chance.choice("`-:#>|\t")]
    index = chance.randrange(len(line))
    instead = ["", line[index] * 2, chance.choice("abc `:{}[]\"'#-|>$%\t\u00a0<&*!")]
    moved = line[:index] + line[index : index + 2][::-1] + line[index + 2 :]
    return [chance.choice([moved, line[:index] + chance.choice(instead) + line[index + 1 :]])]


def with_another_value(chance: random.Random, line: str) -> Lines:
    key, colon, _ = line.partition(":")
    return [f"{key}{colon} {chance.choice(VALUES)}"]


ANYWHERE: dict[str, Mutation] = {
    "a line deleted": at(lambda chance, line: []),
    "a line doubled": at(lambda chance, line: [line, line]),
    "two lines swapped": swapped,
    "indented": at(lambda chance, line: [" " * chance.randrange(1, 6) + line]),
    "indented with a tab": at(lambda chance, line: ["\t" + line.lstrip(" ")]),
    "not indented": at(lambda chance, line: [line.lstrip()]),
    "a letter wrong": at(with_a_letter_wrong),
    "another value": at(with_another_value),
    "a line of its own": at(lambda chance, line: [line, chance.choice(VALUES)]),
    "a line broken in two": at(lambda chance, line: [line[: len(line) // 2], line[len(line) // 2 :]]),
}


def at_a_fence(line: Callable[[random.Random, str], str]) -> Mutation:
    def mutation(chance: random.Random, lines: Lines) -> Lines:
        fences = [index for index, text in enumerate(lines) if text.lstrip().startswith("```")] or [0]
        index = chance.choice(fences)
        return [*lines[:index], line(chance, lines[index]), *lines[index + 1 :]]

    return mutation


def around_a_block(before: Lines, indent: str, after: Lines, meant: bool = True) -> Mutation:
    """Puts one block of the page into something else; removes its mark if the block should not show there."""

    def mutation(chance: random.Random, lines: Lines) -> Lines:
        firsts = [index for index, text in enumerate(lines) if OPENING.match(text)]
        if not firsts:
            return lines
        first = chance.choice(firsts)
        last = next((index for index in range(first + 1, len(lines)) if lines[index] == "```"), len(lines) - 1)
        block = [indent + (text if meant else text.replace(MARK, "# not meant")) for text in lines[first : last + 1]]
        return [*lines[:first], *before, *block, *after, *lines[last + 1 :]]

    return mutation


AT_A_BLOCK: dict[str, Mutation] = {
    "a backtick less": at_a_fence(lambda chance, line: line.replace("`", "", 1)),
    "two backticks less": at_a_fence(lambda chance, line: line.replace("``", "", 1)),
    "backticks doubled": at_a_fence(lambda chance, line: line.replace("```", "``````")),
    "other marks": at_a_fence(lambda chance, line: line.replace("```", "~~~")),
    "a misspelt word": at_a_fence(lambda chance, line: with_a_letter_wrong(chance, line)[0]),
    "more on the fence line": at_a_fence(
        lambda chance, line: line + chance.choice([" seed=x", " {#a}", " x", ":", "`"])
    ),
    "an indented fence": at_a_fence(lambda chance, line: " " * chance.randrange(1, 6) + line),
    **{f"in a list, {width} deep": around_a_block(["- a", ""], " " * width, [""]) for width in (0, 2, 3, 4, 5, 8)},
    "in a list without a blank line": around_a_block(["- a"], "    ", []),
    "in an admonition": around_a_block(["!!! note", ""], "    ", [""]),
    "in an admonition by a tab": around_a_block(["!!! note", ""], "\t", [""]),
    "in a box, too little": around_a_block(["??? note", ""], "  ", [""]),
    "in a quote": around_a_block([""], "> ", [""]),
    "in a footnote": around_a_block(["a[^1]", "", "[^1]: b", ""], "    ", [""]),
    "in HTML": around_a_block(["<div>"], "", ["</div>"]),
    "in HTML with Markdown": around_a_block(["<div markdown>", ""], "", ["", "</div>"]),
    "behind a paragraph": around_a_block(["A paragraph"], "", ["and more"]),
    "in a table": around_a_block(["| a |", "| - |"], "| ", []),
    "in an example": around_a_block(["", "````markdown"], "", ["````", ""], meant=False),
    "in an example in a box": around_a_block(
        ["", "!!! note", "", "    ~~~markdown"], "    ", ["    ~~~", ""], meant=False
    ),
    "in a remark": around_a_block(["", "<!--"], "", ["-->", ""], meant=False),
    "between braces": around_a_block(["{% if false %}"], "", ["{% endif %}"], meant=False),
}
