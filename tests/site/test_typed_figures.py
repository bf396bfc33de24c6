"""Figures about the model, the run or the text are not typed by hand: prose takes them from their source.

Catches: a decimal, or a number of three or more digits, in a page's prose or in a quiz, that would stay the same when
the engine, the text or the recording changes. Figures from elsewhere are listed here, each with its source.
On a page that an author adds, the author is responsible for such figures: the final summary names them, but no test
fails.
"""

from __future__ import annotations

import json
import re
import warnings
from pathlib import Path

import pytest

from reading.fences import comments, fences

FROM_ELSEWHERE = {
    "0.6": "Shannon, Prediction and Entropy of Printed English (1951): his lower bound, bits per letter",
    "1.3": "the same paper: his upper bound",
    "1951": "the year of that paper",
    "2015": "the year of Karpathy's The Unreasonable Effectiveness of Recurrent Neural Networks",
    "1e-3": "a rule of thumb for updates; the block instruments names its source",
    "1e-2": "a rate for the reader to type; tests/site/test_what_is_often_said.py tries it",
    **dict.fromkeys(
        ("100", "1000", "1e10"), "rates for the reader to type; tests/engine/session/divergence_test.ts tries them"
    ),
    "500": "an iteration made up for a question of the lesson",
    "1.0": "the lower end of “1.0 to 1.3 nats”, which the lesson quotes as an error",
    "2022": "the year of Olsson et al., In-context Learning and Induction Heads",
    "2023": "the year of Karpathy's lecture Let's build GPT",
    "209,000": "what is often said of a model of these widths; tests/site/test_departures.py counts it",
    "0.0000": "what the lesson's first sketch showed before a run",
    "2.3": "what that sketch said of iteration 800; the page compares it with the recording",
    "825": "kilobytes of weights in that sketch",
    "206,000": "825 KB, at four bytes a parameter",
    "209,729": "what Karpathy's notebook to that lecture prints: 0.209729 M parameters",
    "4.76": "Shannon (1951): bits per letter of 27 symbols that are equally likely, log2 27",
    "0.1.6": "the version of esbuild-py on PyPI that was tried",
    "9,600": "0x2580, a length made up for a question of the lesson on checkpoints",
    "32,805": "0x8025, the same bytes in the wrong order",
    "128": "0x80, the first of them alone",
    "0.7": "seconds that a block of a measurement takes: engine/widgets/speed_query.ts",
}
# This project's own pages; an author may remove the tiny lesson.
TINY = "lessons/a-tiny-text.md"
PAGES = ("index.md", "lessons/watch-it-learn.md", "lessons/your-checkpoint.md", "lessons/echo.md", TINY)
PAGES += ("reference/stored-runs.md", "reference/departures.md", "reference/loss-curve-doctor.md", "reference/speed.md")
# Decimals (also 2,000 and 3e-3), and whole numbers of three or more digits.
FIGURE = re.compile(r"(?<![\w.,])\d+(?:(?:[.,]\d+)+(?:e[+-]?\d+)?|e[+-]?\d+|\d{2,})(?!\w)")
VALUE = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{##.*?##\}", re.DOTALL)
ADDRESS = re.compile(r"\]\([^)]*\)|<https?:[^>]*>|https?://\S+")
# Blocks whose fields are prose.
WRITTEN = ("quiz",)


def typed_figures(markdown: str) -> list[str]:
    """Every figure that was typed into a page's prose."""
    rows = re.sub(r"\A---\n.*?\n---\n", "", markdown, flags=re.DOTALL).split("\n")
    literal = [(fence.first, fence.last) for fence in fences(rows) if fence.opening.info not in WRITTEN]
    for first, last in [*literal, *comments(rows)]:
        rows[first : last + 1] = [""] * (last + 1 - first)
    return FIGURE.findall(ADDRESS.sub("", VALUE.sub(" ", "\n".join(rows))))


ADVICE = "write {{ ... }} where the number is known to the build; list it above, with its source, where it is not"


def unsourced(docs: Path) -> dict[str, list[str]]:
    """Typed figures that are not listed above, by the page's path in `docs`."""
    found = [docs / "index.md", *docs.glob("reference/**/*.md"), *docs.glob("lessons/**/*.md")]
    pages = {page.relative_to(docs).as_posix(): page.read_text(encoding="utf-8") for page in found}
    typed = {name: sorted({*typed_figures(text)} - {*FROM_ELSEWHERE}) for name, text in sorted(pages.items())}
    return {name: figures for name, figures in typed.items() if figures}


def test_figures_come_from_values_or_have_a_source(root: Path) -> None:
    assert all((root / "docs" / page).is_file() for page in PAGES if page != TINY)
    found = unsourced(root / "docs")
    for page in found.keys() - {*PAGES}:
        warnings.warn(f"docs/{page} types {', '.join(found[page])}: {ADVICE}", stacklevel=1)
    assert {page: figures for page, figures in found.items() if page in PAGES} == {}, ADVICE


@pytest.mark.parametrize(
    ("markdown", "figures"),
    [
        ("ends at 1.74.", ["1.74"]),
        ("206,016 parameters, 2000 iterations, iteration 800", ["206,016", "2000", "800"]),
        ("a rate of 3e-3 or 10 or `1e-7`", ["3e-3", "1e-7"]),
        ("$\\ln 65 = 4.17$, 65 characters, GPT2, T64, h2o", ["4.17"]),
        ("{{ x | decimals(100) }}{% if a == 100 %}{## 100 ##}", []),
        ("[a](https://x.org/1951/1.2) <https://x.org/123> 18.2", ["18.2"]),
        ("---\nyear: 2020\n---\n\n```text\n1.74\n```\n<!-- 1.74 -->\n", []),
        ("```quiz\nquestion: 1.74 or {{ x[200] }}?\n```", ["1.74"]),
    ],
)
def test_a_typed_figure_is_found(markdown: str, figures: list[str]) -> None:
    assert typed_figures(markdown) == figures


def test_the_guide_to_the_kernels_quotes_what_was_recorded(root: Path) -> None:
    """It is not a page of the site, so its figures are not filled in."""
    recorded = root / "docs" / "recorded"
    rows = json.loads((recorded / "speed.json").read_text(encoding="utf-8"))["rows"]
    peers = (recorded / "peers.json").read_text(encoding="utf-8")
    guide = " ".join((root / "engine/wgsl/README.md").read_text(encoding="utf-8").split())
    ours, theirs = re.search(r"makes ([\d,]+) iterations a second; PyTorch.*? made ([\d,]+) in", guide).groups()
    rates = [row["iterations_per_second"] for row in rows if row["B"] == 32]
    assert int(ours.replace(",", "")) in rates, rates
    assert f'"iterations_per_second": {theirs.replace(",", "")},' in peers
