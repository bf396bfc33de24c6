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
from reading.error_messages import told
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
    "wrong key": (QUESTION.replace("question", "qestion", 1), [(2, "did you mean “question”?")]),
    "wrong key in an option": (
        QUESTION.replace("    why: No.", "    wy: No."),
        [(10, "unknown field “wy” in entry 3 of options; did you mean “why”?")],
    ),
    "nothing": ("", [(1, "the fields question and options are missing")]),
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
    "a colon too many": (QUESTION.replace("It can.", "It can: so"), [(5, "one colon too many")]),
    "a value without quotes": (
        QUESTION.replace("Far", "{{ x }}"),
        [(9, "put quotes around one that begins with a value in braces")],
    ),
}


TWICE = """name: opinion
question: What do you think?
options:
  - text: Much
    fits: well
    for: This.
    against: That.
  - text: Little
    fits: poorly
    for: A bit.
    against: A lot.
"""
MISTAKES |= {
    "again with a question": (QUESTION + "again: opinion", [(2, "remove question and options, or remove")]),
    "fits without a name": (
        QUESTION + "    fits: well",
        [(11, "only the options of a question with a name take fits")],
    ),
    "fits, for and against without a name": (
        TWICE.split("\n", 1)[1],
        [(5, "belong to a question that is asked twice; add “name: ...” to this quiz")],
    ),
    "correct and why with a name": (
        f"name: a\n{QUESTION}",
        [(6, "not correct and why; replace them, or remove the name")],
    ),
    "why among fits": (TWICE.replace("    for: A bit.\n    against: A lot.", "    why: So."), [(11, "remove why")]),
    "again misspelt": ("agian: opinion", [(2, "unknown field “agian”; did you mean “again”?")]),
    "neither for nor against": (
        TWICE.replace("    for: This.\n    against: That.\n", ""),
        [(5, "the fields for and against are missing in entry 1 of options")],
    ),
    "fits as a truth value": (
        TWICE.replace("poorly", "true"),
        [(10, "fits in entry 2 of options is true; it must be")],
    ),
    "a right answer with a name": (TWICE + "    correct: true", [(13, "has no right answer")]),
    "no for": (TWICE.replace("    for: This.\n", ""), [(5, "the field for is missing in entry 1 of options")]),
    "fits somehow": (TWICE.replace("poorly", "badly"), [(10, "it must be “well”, “partly” or “poorly”")]),
    "the same twice with a name": (TWICE.replace("text: Little", "text: Much"), [(9, "options 1 and 2 say the same")]),
    "a name with capitals": (TWICE.replace("opinion", "Opinion"), [(2, "a name of small letters")]),
}


def twice(again: str = "again: opinion", first: str = TWICE, more: str = "") -> str:
    return f"{first}```\n\n```quiz\n{again}\n```\n{more}\n```quiz\n{QUESTION}"


def test_a_question_with_a_name_is_asked_again_below(site: blocks.Site) -> None:
    start, end, _ = read(site, twice()).blocks
    assert start.island == end.island | {"twice": "start"} and end.island["twice"] == "end"
    assert start.island["options"][0] == {"text": "Much", "fits": "well", "for": "This.", "against": "That."}


# A page with two quizzes that belong together, and the line and words of its error.
PAIRS = {
    "another name": (twice("again: opinon"), 15, "no quiz on this page has the name “opinon”; did you mean “opinion”?"),
    "quite another name": (twice("again: zeal"), 15, "has the name “zeal”; the only name here: opinion"),
    "another of two names": (
        twice("again: zeal", more=f"```quiz\n{TWICE.replace('opinion', 'view')}```\n"),
        15,
        "has the name “zeal”; the names here: opinion, view",
    ),
    "the wrong way round": (twice(TWICE.rstrip(), first="again: opinion\n"), 1, "is below it, at line 5; swap the two"),
    "never again": (twice(QUESTION.rstrip()), 1, "no quiz below asks “opinion” again; add one at the end with"),
    "no name at all": (twice(first=QUESTION), 13, "write “name: opinion” in the quiz that asks it first"),
    "asked a third time": (
        twice(more="```quiz\nagain: opinion\n```\n"),
        18,
        "the quiz at line 15 already asks “opinion” again",
    ),
    "a name twice": (twice(more=f"```quiz\n{TWICE}```\n"), 18, "the quiz at line 1 already has the name “opinion”"),
}


@pytest.mark.parametrize("pair", PAIRS)
def test_two_quizzes_that_do_not_fit_together_are_reported(site: blocks.Site, pair: str) -> None:
    fields, line, words = PAIRS[pair]
    errors = read(site, fields).errors
    assert [error.line for error in errors] == [line], [str(error) for error in errors]
    assert words in errors[0].message


def test_of_two_quizzes_the_second_says_so_if_the_first_has_errors(site: blocks.Site) -> None:
    start, end, _ = read(site, twice(first=TWICE.replace("fits: well", "fits: no"))).blocks
    assert len(start.errors) == 1 and "fix the errors" in end.errors[0].message
    assert told([*start.errors, *end.errors]) == [str(start.errors[0])], "the list of mistakes has the first alone"


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
