"""A question's fields, its Markdown, and its form for readers without JavaScript.

Catches: a question with two right answers or none, a mistake reported at the wrong line, prose rendered differently
from the page's own, an answer that shows before the reader has answered.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from authoring import blocks
from model.model_json import read_description
from system.project import ROOT

QUESTION = """question: How low can it go?
options:
  - text: Not at all
    why: It can.
  - text: A little
    correct: true
    why: Just so.
  - text: Far
    why: No.
"""


@pytest.fixture(scope="module")
def site(root: Path) -> blocks.Site:
    def no_text(name: str) -> blocks.Site:
        raise AssertionError(f"a question has no text to train on, and {name} was asked for")

    return blocks.Site(read_description(root), "shakespeare", ["shakespeare"], no_text)


def read(site: blocks.Site, fields: str, before: str = "") -> blocks.Page:
    markdown = f"{before}```quiz\n{fields}\n```"
    return blocks.read_page(markdown, "docs/x.md", range(1, markdown.count("\n") + 2), site)


def test_a_question_becomes_an_island_with_its_one_right_answer(site: blocks.Site) -> None:
    (block,) = read(site, QUESTION).blocks
    assert block.island["question"] == "How low can it go?"
    assert [option["correct"] for option in block.island["options"]] == [False, True, False]
    assert block.island["options"][1] == {"text": "A little", "why": "Just so.", "correct": True}


def test_what_is_remembered_belongs_to_the_question_as_it_is_asked(site: blocks.Site) -> None:
    def identity(fields: str, before: str = "") -> str:
        return read(site, fields, before).blocks[-1].island["identity"]

    assert identity(QUESTION) == identity(QUESTION, before="another paragraph\n\n")
    changed = [QUESTION.replace("How low", "How deep"), QUESTION.replace("Far", "Very far")]
    assert len({identity(fields) for fields in [QUESTION, *changed]}) == 3


# What an author writes, the error's line, and words that the error must contain.
MISTAKES = {
    "wrong key": (QUESTION.replace("question", "qestion", 1), [(2, "did you mean “question”?"), (1, "is missing")]),
    "wrong key in an option": (
        QUESTION.replace("    why: No.", "    wy: No."),
        [(10, "unknown field “wy” in entry 3 of options; did you mean “why”?"), (9, "the field why is missing")],
    ),
    "no question": (QUESTION.split("\n", 1)[1], [(1, "the field question is missing")]),
    "no why": (QUESTION.replace("\n    why: Just so.", ""), [(6, "the field why is missing in entry 2 of options")]),
    "none correct": (QUESTION.replace("\n    correct: true", ""), [(3, "add “correct: true” to the right one")]),
    "two correct": (QUESTION.rstrip() + "\n    correct: true", [(11, "options 2 and 3 are both correct")]),
    "one option": (QUESTION.split("  - text: A little")[0], [(3, "a list of 1; it must have at least 2 entries")]),
    "seven options": (
        QUESTION + "".join(f"  - {{text: more {i}, why: no}}\n" for i in range(4)),
        [(3, "a list of 7; it must have at most 6 entries")],
    ),
    "the same twice": (QUESTION.replace("text: Far", 'text: " Not  at all"'), [(9, "options 1 and 3 say the same")]),
    "a number": (QUESTION.replace("Far", "1.7"), [(9, 'put it in quotes: "1.7"')]),
    "empty": (QUESTION.replace("why: No.", "why:"), [(10, "is empty")]),
    "a field twice": (QUESTION + "question: b", [(11, "the field question is given twice")]),
    "yes for true": (QUESTION.replace("correct: true", "correct: yes"), [(7, "it must be true or false")]),
    "a colon too many": (QUESTION.replace("It can.", "It can: so"), [(5, "a colon too many")]),
    "a value without quotes": (
        QUESTION.replace("Far", "{{ x }}"),
        [(9, "begins with a value in braces is put in quotes")],
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_reported_with_its_line(site: blocks.Site, mistake: str) -> None:
    fields, wanted = MISTAKES[mistake]
    errors = read(site, fields).errors
    assert len(errors) == len(wanted), [str(error) for error in errors]
    for line, words in wanted:
        assert any(error.line == line and words in error.message for error in errors), [str(error) for error in errors]


def test_an_unclosed_question_is_reported(site: blocks.Site) -> None:
    markdown = f"```quiz\n{QUESTION}"
    errors = blocks.read_page(markdown, "docs/x.md", range(1, 20), site).errors
    assert [(error.line, "is never closed" in error.message) for error in errors] == [(1, True)]


PAGE = """# Page

```quiz
question: Is *this* [linked](index.md) for {{ model.n_layer }} layers?
options:
  - {text: "`no` < never", why: "Look at {{ model.n_head }} & <b>see</b>."}
  - {text: "yes -- surely", why: "So it is.", correct: true}
```
"""


def test_prose_is_the_page_s_own_markdown_and_the_answer_is_folded_away(project) -> None:
    description = read_description(ROOT)
    project.write("deep/page.md", PAGE.replace("index.md", "../index.md"))
    result = project.build("--strict")
    assert result.returncode == 0, result.stderr
    html = project.page("deep/page.html")
    island = json.loads(re.search(r'<script type="application/json">(.*?)</script>', html, re.DOTALL)[1])
    assert 'Is <em>this</em> <a href="../index.html">linked</a>' in island["question"]
    assert f"for {description['model']['n_layer']} layers?" in island["question"]
    assert island["options"][0]["text"] == "<code>no</code> &lt; never"
    assert island["options"][0]["why"] == f"Look at {description['model']['n_head']} &amp; <b>see</b>."
    shown = html[html.index('class="ps-quiz-static"') : html.index('<script type="application/json">')]
    before_folding = shown[: shown.index("<details")]
    assert '<code translate="no">no</code> &lt; never' in before_folding and "So it is." not in before_folding
    assert shown.count("So it is.") == 2, "once folded, once for paper"
    assert "press-start.js" in html and "corpus-" not in html, "a question alone needs no text to train on"


def test_mistakes_in_the_prose_of_a_question_stop_the_build_with_their_lines(project) -> None:
    project.write(
        "page.md",
        PAGE.replace("n_layer", "n_layers").replace("So it is.", "One.\\n\\nTwo.").replace("index.md", "indx.md"),
    )
    result = project.build("--strict")
    assert result.returncode != 0
    assert re.search(r"docs/page\.md:4: .*n_layers.*did you mean “n_layer”", result.stderr), result.stderr
    assert "docs/page.md:7: in a quiz block: this must be one paragraph" in result.stderr
    assert "indx.md" in result.stderr
