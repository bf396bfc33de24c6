"""Every file that a guide or a comment names is there, under that name.

Catches a file that was moved or renamed while a README, a recipe or a comment goes on naming its old place.
"""

from __future__ import annotations

import ast
import io
import re
import subprocess
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

from system.project import ROOT

ENDINGS = "ts|py|c|h|wgsl|md|json|yml|toml|css|html|wasm|lock"
NAMED = re.compile(rf"(?<![\w./<>*{{}}@-])(?:\.\.?/)*(?P<path>(?:[\w.-]+/)*[\w.-]*\w\.(?:{ENDINGS}))(?![\w/*<>-]|\.\w)")
LINK = re.compile(r"\]\((?P<path>[^)\s#:]+)(?:#[^)]*)?\)")
# What C, WGSL, TypeScript, style sheets, templates and YAML call a comment.
COMMENTS = {
    ".ts": r"/\*.*?\*/|(?<![:\"'`\w])//[^\n]*",
    ".c": r"/\*.*?\*/|//[^\n]*",
    ".h": r"/\*.*?\*/|//[^\n]*",
    ".wgsl": r"//[^\n]*",
    ".css": r"/\*.*?\*/",
    ".html": r"\{#.*?#\}|<!--.*?-->",
    ".yml": r"(?m:(?:^|\s)#[^\n]*)",
    ".toml": r"(?m:(?:^|\s)#[^\n]*)",
}
MADE = ("site/", "dist/", ".cache/", "node_modules/", ".venv/")  # not in the repository
# Names that stand for an author's own.
EXAMPLES = ("first-words", "tally", "my-lesson", "my-text", "week1/intro", "week1-intro", "faust")


def tracked() -> list[str]:
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True)
    return [name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def prose(path: Path) -> Iterator[tuple[int, str]]:
    """What a file says to its readers, piece by piece, each with the line at which it begins."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".md":
        yield 1, text
    elif path.suffix == ".py":
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT:
                yield token.start[0], token.string
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and (
                words := ast.get_docstring(node, clean=False)
            ):
                yield node.body[0].lineno, words
    else:
        for found in re.finditer(COMMENTS[path.suffix], text, re.DOTALL):
            yield text.count("\n", 0, found.start()) + 1, found[0]


def known(files: list[str]) -> set[str]:
    """Every way in which a file may be named: from the top, from any folder above it, and a page as the site has it."""
    pages = [file.removesuffix(".md") + ".html" for file in files if file.startswith("docs/")]
    parts = [file.split("/") for file in files + pages]
    return {"/".join(path[index:]) for path in parts for index in range(len(path))}


def missing(words: str, names: set[str]) -> Iterator[tuple[str, int]]:
    """The paths in `words` that name nothing, and how many lines into it each stands."""
    for found in NAMED.finditer(words):
        path = found["path"]
        example = path.rpartition(".")[0].endswith(EXAMPLES)
        if path not in names and not example and not path.startswith(MADE):
            yield path, words.count("\n", 0, found.start())


FILES = [name for name in tracked() if Path(name).suffix in {".md", ".py", *COMMENTS}]


def test_every_path_named_is_there() -> None:
    names = known(tracked())
    wrong = [
        f"{name}:{line + further}: {path}"
        for name in FILES
        for line, words in prose(ROOT / name)
        for path, further in missing(words, names)
    ]
    assert wrong == []


def test_every_link_of_a_guide_leads_somewhere() -> None:
    """MkDocs follows those of docs/; these are read in the repository."""
    guides = [name for name in FILES if name.endswith(".md") and not name.startswith("docs/")]
    wrong = [
        f"{name}: {found['path']}"
        for name in guides
        for found in LINK.finditer((ROOT / name).read_text(encoding="utf-8"))
        if not (ROOT / name).parent.joinpath(found["path"]).exists()
    ]
    assert guides and wrong == []


@pytest.mark.parametrize("old", ["engine/snapshot.ts", "cpu/crew.ts", "turned.wgsl", "docs/stylesheets/gone.css"])
def test_a_path_that_was_renamed_is_noticed(old: str) -> None:
    assert list(missing(f"see\n{old}, and engine/page.ts", known(tracked()))) == [(old, 1)]
