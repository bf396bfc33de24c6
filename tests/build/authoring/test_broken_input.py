"""Whatever an author mistypes, a block is shown, or its mistake is reported with file and line.

The project's own pages and YAML files are broken at random, by seed: lines deleted, doubled, moved, indented, backticks
cut, values of other types, blocks put into lists, boxes, quotes and examples. Catches: a traceback, a widget missing
without an error, a widget's source shown as text, an error without a line, or with a line that does not exist.
"""

from __future__ import annotations

import html
import os
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest
from mkdocs.config import load_config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

import hooks
from authoring import presets, shapes
from authoring.block_kinds import KINDS
from mistyped import ANYWHERE, AT_A_BLOCK, MARK, OPENING, RUNNER, Lines
from model.model_json import read_description
from output.site_parts import Build
from reading.error_messages import AuthorError
from system.project import ROOT
from texts import corpus as corpora

# An author may remove the second.
PAGES = ("lessons/watch-it-learn.md", "lessons/a-tiny-text.md", "reference/loss-curve-doctor.md", "reference/speed.md")


@dataclass
class Site:
    config: MkDocsConfig

    def read(self, markdown: str) -> tuple[str, list[AuthorError]]:
        """A page as built by MkDocs and the hooks: its HTML, and its errors."""
        page = Page(None, File.generated(self.config, "lessons/x.md", content=markdown), self.config)
        doctor = File.generated(self.config, "reference/loss-curve-doctor.md", content="# Loss Curve Doctor")
        files = Files([page.file, doctor])  # a presets block links to it
        hooks.build.pages.clear()
        page.read_source(self.config)
        page.markdown = hooks.on_page_markdown(page.markdown, page, self.config, files)
        page.render(self.config, files)
        content = hooks.on_page_content(page.content, page, self.config, files)
        return content, hooks.build.errors_of(page.file.src_uri)


@pytest.fixture(scope="module")
def site(root: Path) -> Iterator[Site]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(corpora.VARIABLE, os.environ.get(corpora.VARIABLE) or corpora.PLAY_MACHINE)
        patch.setattr(hooks, "build", Build())
        config = load_config(str(root / "mkdocs.yml"))
        config.plugins._current_plugin = "hooks"  # as MkDocs does during an event
        hooks.on_config(config)
        assert hooks.build.troubles == []
        yield Site(config)


def pieces(root: Path) -> list[Lines]:
    """The pages with a mark in each block; of long pages, only the surroundings of each block, after a runner."""
    found = []
    for page in [root / "docs" / name for name in PAGES if (root / "docs" / name).is_file()]:
        rows = page.read_text(encoding="utf-8").split("\n")
        # Conditions choose the prose for a text; here all prose is kept, and nothing is repeated.
        rows = [re.sub(r"\{%-? (if|elif|else|endif)\b.*?%\}", "", row).rstrip() for row in rows]
        rows = ["" if re.search(r"\{%-? (for|endfor)\b", row) else row for row in rows]
        # Only the play machine's floor is known, and a condition around it is gone now.
        rows = [row.replace("{{ corpus.floor }}", "{{ corpus.rungs.bigram }}") for row in rows]
        lines = [row for text in rows for row in ([text, MARK] if OPENING.match(text) else [text])]
        if len(lines) < 100:
            found.append(lines)
            continue
        fences = [index for index, text in enumerate(lines) if text.startswith("```")]
        for before, first, last, after in zip(
            [-1, *fences[1::2]], fences[::2], fences[1::2], [*fences[2::2], len(lines)], strict=False
        ):
            if any(row.startswith("again: ") for row in lines[first:last]):
                continue  # it needs another quiz above it
            around = lines[max(first - 6, before + 1) : min(last + 7, after)]
            own = [row for row in lines[first:last] if row.startswith("session: ") and row != "session: main"]
            runner = [RUNNER[0], *own, *RUNNER[1:]]  # of the block's session
            named = [row for row in lines[first:last] if lines[first] == "```quiz" and row.startswith("name: ")]
            again = [row for name in named for row in ("", "```quiz", name.replace("name", "again", 1), "```")]
            found.append(["# A page", "", *([] if lines[first] == RUNNER[0] else runner), *around, *again])
    return found


def complaint(lines: Lines, content: str, errors: list[AuthorError]) -> str | None:
    """What a reader or an author would miss, judged by the HTML and the reported errors alone; None if nothing."""
    for error in errors:
        if error.path != "docs/lessons/x.md" or not 1 <= error.line <= len(lines) or len(error.message) < 20:
            return f"reported as {error}"
    content = re.sub(r"<!--.*?-->", "", content, flags=re.DOTALL)
    seen = html.unescape(re.sub(r"<[^>]*>", "", content))
    told = {error.line for error in errors}
    # A mark that was moved out of its block, or under a fence without a block's name, no longer belongs to a block.
    fences = [before for before, text in pairwise(lines) if MARK in text]
    marks = [text for text in fences if re.search("[`~]", text) and re.search(r"\w", text)]
    shown = len(re.findall(rf'id="ps-(?:{"|".join(KINDS)}|fence)-\d+"', content))
    if seen.count(MARK) > len(fences) - len(marks) + len(errors):
        return "the source of a block is shown as text"
    if shown < len(marks):
        return f"{shown} blocks are shown where {len(marks)} were written"
    if re.search(r"```|~~~", re.sub(r"<(pre|code)\b.*?</\1>", "", content, flags=re.DOTALL)) and not told:
        return "backticks are shown as text"
    return None


def broken(chance: random.Random, lines: Lines) -> tuple[list[str], Lines]:
    """The page with one to three mutations, and their names."""
    every = ANYWHERE | AT_A_BLOCK
    names = [chance.choice([*AT_A_BLOCK]), *chance.sample([*every], chance.randrange(3))]
    for name in names:
        lines = every[name](chance, lines or [""])
    return names, lines or [""]


def check(site: Site, root: Path, seeds: range) -> None:
    """Breaks a page for each seed; collects failures, each with its page, so that they can be reproduced."""
    wrong = []
    known = pieces(root)
    for seed in seeds:
        chance = random.Random(seed)
        names, lines = broken(chance, chance.choice(known))
        markdown = "\n".join(lines)
        try:
            said = complaint(lines, *site.read(markdown))
        except Exception as problem:
            # An author would see any exception as a traceback, so it counts as a failure, with the page that caused it.
            said = f"{type(problem).__name__}: {problem}"
        if said:
            wrong.append(f"seed {seed}, {', '.join(names)}: {said}\n{markdown}")
    assert not wrong, f"{len(wrong)} of {len(seeds)}, the first of them:\n" + "\n\n".join(wrong[:3])


def test_the_pages_that_are_broken_here_are_whole_at_first(site: Site, root: Path) -> None:
    """Otherwise their own errors would hide a missing report."""
    for lines in pieces(root):
        content, errors = site.read("\n".join(lines))
        assert (errors, complaint(lines, content, errors)) == ([], None)


def test_a_broken_page_shows_its_blocks_or_reports_what_is_wrong(site: Site, root: Path) -> None:
    check(site, root, range(300))


@pytest.mark.full
def test_thousands_of_broken_pages_do(site: Site, root: Path) -> None:
    check(site, root, range(300, 4000))


def test_the_check_itself_sees_a_block_that_is_lost(site: Site) -> None:
    """Catches a fuzz test that cannot fail: it must object to these pages as built by MkDocs alone."""
    for frame in ("``runner\n{}\n``", "    ```runner\n    {}\n    ```", "<div>\n```runner\n{}\n```\n</div>"):
        lines = frame.format(MARK).split("\n")
        assert complaint(lines, f"<p>{html.escape(frame.format(MARK))}</p>", []) is not None
        content, errors = site.read("\n".join(lines))
        assert complaint(lines, content, errors) is None


NAMED = {
    "two backticks": ("``runner\n``", 1, "write “```runner” alone on it"),
    "one backtick": ("`runner\n```", 1, "write “```runner” alone on it"),
    "another character for a backtick": (
        "`<`runner\n```",
        1,
        "the line says “`<`runner”; write “```runner” alone on it",
    ),
    "other characters for two": ("`<>runner\n```", 1, "write “```runner” alone on it"),
    "a letter for a backtick": ("a``runner\n```", 1, "write “```runner” alone on it"),
    "a letter for one, another missing": ("`arunner\n```", 1, "write “```runner” alone on it"),
    "another character for a tilde": ("~-~runner\n~~~", 1, "write “```runner” alone on it"),
    "another character, in a list": ("- `<`runner\n```", 1, "write “```runner” alone on it"),
    "a backtick too many": ("```runner`\n```", 1, "write “```runner” alone on it"),
    "on a list's line": ("- ```runner\n  ```", 1, "the line says “- ```runner”; write “```runner” alone on it"),
    "in a table": ("| a |\n| - |\n| ```runner", 3, "write “```runner” alone on it"),
    "letters swapped": ("```qiuz\n```", 1, "did you mean “quiz”?"),
    "words on an example's fence": ("```python my code\nx = 1\n```", 1, "Markdown cannot read the fence line"),
    "other marks close it": ("~~~runner\n```\n\n```speed\n```", 1, "the ~~~ that opens it is never closed"),
    "a colon in a page's field": ("---\ndescription: A: b\n---\n# T", 2, "one colon too many"),
    "a tab in a page's fields": ("---\nhide:\n\t- toc\n---\n# T", 3, "indented with a tab"),
    "a page's field twice": ("---\nhide: [toc]\nhide: []\n---\n# T", 3, "the field hide is given twice"),
    "a page's fields as a list": ("---\n- hide\n---\n# T", 2, "expected lines of the form"),
    "accents for backticks": ("´´´runner\n´´´", 1, "write “```runner” alone on it"),
    "a fence on one line": (
        "```runner seed: x```",
        1,
        "write “```runner” alone on it, and “```” alone on a line below it",
    ),
    "a number sign": ("```runner\nseed: no #1\n```", 2, "“#1” would be lost"),
    "a no-break space": ("```runner\n\u00a0seed: x\n```", 2, "a no-break space (U+00A0)"),
    "a block in a numbered list": ("1. a\n\n```runner\n```\n\n2. b", 3, "so “2.” would be shown as 1"),
    "a number sign in a page's field": ("---\ndescription: Part #1\n---\n# T", 2, "“#1” would be lost"),
    "a page's fields below a blank line": (
        "\n---\ntitle: x\n---\n# T",
        2,
        "the first line of the file must be --- alone",
    ),
    "a page's fields behind dashes": ("———\ntitle: x\n———\n# T", 1, "the first line of the file must be --- alone"),
    "a fence in a comment that closes below it": ("<!--\n```\n-->\n\n```runner\n```", 2, "never closed"),
    "an indented fence in a comment": (
        "<!--\n   ```speed\n```\n-->\n\n```text\nx\n```",
        2,
        "the ``` that opens it is never closed",
    ),
    "a page's fields left open": ("---\ndescription: x\n\n# T", 1, "never closed"),
}


@pytest.mark.parametrize("mistake", NAMED)
def test_what_used_to_be_lost_silently_is_reported(site: Site, mistake: str) -> None:
    markdown, line, words = NAMED[mistake]
    _, errors = site.read(markdown)
    assert [(error.line, words in error.message) for error in errors] == [(line, True)], [
        str(error) for error in errors
    ]


def test_a_block_of_other_marks_inside_an_unnamed_fence_is_reported(site: Site) -> None:
    _, errors = site.read("```\n\n~~~speed\n```")
    assert [(error.line, error.message.split(";")[0]) for error in errors] == [
        (1, "in a code fence: the ``` that opens it is never closed"),
        (3, "in a speed block: the ~~~ that opens it is never closed"),
    ]
    assert site.read("```\n\n~~~speed\n~~~\n```")[1] == []


def test_a_whole_build_reports_all_of_them_at_once(project) -> None:
    for number, (markdown, _, _) in enumerate(NAMED.values()):
        project.write(f"p{number}.md", markdown + "\n")
    result = project.build()
    assert result.returncode == 1 and "Traceback" not in result.stderr
    said = re.findall(r"^docs/p(\d+)\.md:(\d+): (.*)", result.stderr, re.MULTILINE)
    told = {(int(number), int(line)): message for number, line, message in said}
    assert len(said) == len(told) == len(NAMED)
    for number, (_, line, words) in enumerate(NAMED.values()):
        assert words in told[number, line]


def test_inline_code_that_names_a_block_stays_what_it_is(site: Site) -> None:
    content, errors = site.read(
        "# T\n\n`runner`\n\n```runner``` is the word\n\nSee the block called `quiz`\n\nand ``runner\nx``\n"
    )
    assert errors == [] and content.count("<code>") == 4
    content, errors = site.read(
        "# T\n\n`n` samples\n\n- `3` samples\n- `a` quiz, and\n- `quiz`\n\n`a`quizzes\n\nsee\n`runner`\n\nx ``a\nquiz``"
    )
    assert errors == [] and content.count("<code>") == 7


YAML_FILES = {
    "docs/presets.yml": lambda text: presets.parse(text, read_description(ROOT), ["clean"]),
    "docs/shapes.yml": shapes.parse,
}


def check_yaml(root: Path, seeds: range) -> None:
    for file, parse in YAML_FILES.items():
        whole = (root / file).read_text(encoding="utf-8").split("\n")
        for seed in seeds:
            chance = random.Random(seed)
            lines = whole
            for name in chance.choices([*ANYWHERE], k=chance.randrange(1, 4)):
                lines = ANYWHERE[name](chance, lines)
            try:
                assert parse("\n".join(lines))
            except (presets.PresetsError, shapes.ShapesError) as problem:
                assert problem.errors
                for error in problem.errors:
                    assert error.path == file and 1 <= error.line <= len(lines) and len(error.message) > 20, str(error)
            except Exception as problem:
                raise AssertionError(f"{file}, seed {seed}: {problem!r}") from problem


def test_a_broken_yaml_file_is_read_or_reported_line_by_line(root: Path) -> None:
    check_yaml(root, range(20))


@pytest.mark.full
def test_hundreds_of_broken_yaml_files_are(root: Path) -> None:
    check_yaml(root, range(20, 400))
