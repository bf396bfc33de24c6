"""Blocks that show a run's state: every mistake in one has its line, and none shows the recording of another run.

Catches: a block of curves without a recording, or beside a runner with another run; a question without its parts; an
answer of another question that the browser would restore.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import small_site
from authoring import blocks
from recorded.recorded_states import States
from small_site import TEXTS, read

RUNNER = "```runner\n{}\n```\n"
QUESTION = "```resumes\nquestion: {}\nparts:\n- {{text: a, needed: true, why: b}}\n- {{text: c, why: d}}\n```"


@pytest.fixture(scope="module")
def site(root: Path) -> blocks.Site:
    """The site with recorded states on one text; of them, only the text's hash matters here."""
    states = States(
        "docs/recorded/checkpoint-shakespeare.json", {"corpus": {"sha256": TEXTS["shakespeare"].sha256}}, {}
    )
    return replace(small_site.site(root), states=[states])


def test_a_block_has_its_fields_and_their_defaults(site: blocks.Site) -> None:
    page = read(site, RUNNER.format("corpus: shakespeare") + QUESTION.format("Which?") + "\n\n```weights\n```")
    assert page.errors == []
    resumes, weights = page.blocks[1].island, page.blocks[2].island
    assert (weights["kind"], weights["session"], weights["corpus"]) == ("weights", "main", "shakespeare")
    assert [part["needed"] for part in resumes["parts"]] == [True, False]
    assert resumes["ways"][0] == "no-moments" and resumes["live"] is False


def test_another_question_has_another_identity(site: blocks.Site) -> None:
    one, other = (
        read(site, RUNNER.format("corpus: shakespeare") + QUESTION.format(words)).blocks[1].island["identity"]
        for words in ("Which?", "Which of these?")
    )
    assert one != other


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        (
            RUNNER.format("corpus: play-machine") + "```resumes\n```",
            4,
            "have not been recorded on the text of its runner",
        ),
        (RUNNER.format("seed: other") + "```resumes\n```", 4, "the runner at line 1 has another seed"),
        (RUNNER.format("batch_size: 4") + "```resumes\n```", 4, "the runner at line 1 has another training"),
        (RUNNER.format("") + "```resumes\nquestion: Which?\n```", 5, "question needs parts"),
        (RUNNER.format("") + "```resumes\nways: [no-x]\n```", 5, "no-x"),
        ("```weights\n```", 1, "no runner on this page"),
    ],
)
def test_a_mistake_has_its_line(site: blocks.Site, text: str, line: int, said: str) -> None:
    (error,) = read(site, text).errors
    assert said in error.message
    assert error.line == line
