"""Text that readers would not see: cut off by a “#”, read as YAML syntax, or hidden by an invisible character.

Catches: a question that ends in the middle, a block that shows as text, a list that restarts at 1, an error that looks
like what it asks for; and an ordinary page that is refused.
"""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from authoring import blocks, front_matter, presets, shapes
from model.model_json import read_description

QUIZ = "```quiz\nquestion: {}\noptions:\n- {{text: a, why: b, correct: true}}\n- {{text: c, why: d}}\n```"


@pytest.fixture(scope="module")
def site(root: Path) -> blocks.Site:
    one = {"text": "x" * 10_000, "vocab": "x" * 65, "phases": ("a", "b", "c", "d"), "own_run": {}}
    texts = {name: SimpleNamespace(name=name, **one) for name in ("shakespeare", "harbour")}
    given = {"shapes": shapes.read(root), "presets": presets.read(root)}
    return blocks.Site(read_description(root), "shakespeare", list(texts), texts.__getitem__, **given)


def read(site: blocks.Site, markdown: str) -> blocks.Page:
    return blocks.read_page(markdown, "docs/x.md", range(1, markdown.count("\n") + 2), site)


def told(site: blocks.Site, markdown: str) -> list[tuple[int, str]]:
    return [(error.line, error.message) for error in read(site, markdown).errors]


# A value, and how it must be quoted.
UNQUOTED = {
    "What is C # and why?": '"What is C # and why?"',
    "See issue #12": '"See issue #12"',
    "#42": '"#42"',
    "*Which* is it": '"*Which* is it"',
    "`x` is what?": '"`x` is what?"',
    "[a link](../index.md) says": '"[a link](../index.md) says"',
    "[link](u)": '"[link](u)"',
    "{{ 1 }} or 2": '"{{ 1 }} or 2"',
    "&amp; or and": '"&amp; or and"',
    "!important": '"!important"',
    "% of all": '"% of all"',
    "@you": '"@you"',
    "|x| < 1": '"|x| < 1"',
    "> 5 is large": '"> 5 is large"',
    ">5": '">5"',
    "- or minus": '"- or minus"',
    "? or not": '"? or not"',
    '"A" or "B"': """'"A" or "B"'""",
    "'tis so": '"\'tis so"',
    "What: a or b?": '"What: a or b?"',
    'Say: "a" or it\'s b': """'Say: "a" or it\'\'s b'""",
    '"$\\alpha$"': "'$\\alpha$'",
    '"$\\ln x$"': "'$\\ln x$'",
    '"a\\_b"': "'a\\_b'",
    '"it\'s \\theta"': "'it''s \\theta'",
    '"\\nabla f"': "'\\nabla f'",
    "null": '"null"',
}


@pytest.mark.parametrize("value", UNQUOTED)
def test_a_value_that_yaml_reads_differently_is_reported_with_its_quotes(site: blocks.Site, value: str) -> None:
    ((line, message),) = told(site, QUIZ.format(value))
    assert line == 2 and message.endswith(
        (UNQUOTED[value], f"{UNQUOTED[value]}, or give the comment a line of its own")
    )
    # With the quotes from the message, YAML reads what the author meant.
    (block,) = read(site, QUIZ.format(UNQUOTED[value])).blocks
    assert block.errors == [] and block.island["question"]


@pytest.mark.parametrize(
    "value",
    [
        "C# and a#b",
        '"ok" # remark',
        ">-\n  folded # not lost",
        '"$\\\\alpha$"',
        '"two\\nlines"',
        '"\\u00e4"',
        "a\\b",
        "x\u00a0y",
        "“a” b",
        "no",
    ],
)
def test_what_yaml_reads_as_it_is_written_is_left_alone(site: blocks.Site, value: str) -> None:
    assert told(site, QUIZ.format(value)) == []


REMARKS = [
    "# alone\niterations: 300",
    "iterations: 300 # few",
    "session: main # the first",
    "phases: [a, b, c, d] # four",
    "model: # small\n  n_layer: 1",
]


@pytest.mark.parametrize("fields", REMARKS)
def test_a_remark_is_a_remark(site: blocks.Site, fields: str) -> None:
    assert told(site, f"```runner\n{fields}\n```\n") == [], fields


# The page's content, the line, and words of the message.
HIDDEN = {
    "in a key": ("```runner\nite\u200brations: 3\n```", 2, "a zero-width space (U+200B)"),
    "before a key": ("```runner\n\u00a0seed: x\n```", 2, "a no-break space (U+00A0)"),
    "behind a colon": ("```runner\nseed:\u202fx\n```", 2, "a narrow no-break space (U+202F)"),
    "in a name": ("```runner\ncorpus: har\u00adbour\n```", 2, "a soft hyphen (U+00AD)"),
    "in a session": ("```runner\nsession: ma\u2060in\n```", 2, "a word joiner (U+2060)"),
    "behind a number": ("```runner\niterations: 3\u00a0\n```", 2, "a no-break space (U+00A0)"),
    "in a fence's word": ("```run\u200bner\n```", 1, "a zero-width space (U+200B)"),
    "before a fence's word": ("```\u00a0runner\n```", 1, "a no-break space (U+00A0)"),
    "before a fence": ("text\n\n\ufeff```runner\n```", 3, "a byte order mark (U+FEFF)"),
    "between backticks": ("`\u200b``runner\n```", 1, "a zero-width space (U+200B)"),
    "at the closing": ("```runner\n```\u200b\n\ntext", 2, "a zero-width space (U+200B)"),
}


@pytest.mark.parametrize("place", HIDDEN)
def test_an_invisible_character_is_named(site: blocks.Site, place: str) -> None:
    markdown, line, name = HIDDEN[place]
    assert [(at, name in message) for at, message in told(site, markdown)] == [(line, True)], told(site, markdown)


ALIKE_IN_YAML = {
    "```quiz\nquestion: a\noptions:\n  – text: a\n    why: b\n```": (4, "“–” (U+2013) does not begin a list item"),
    "```quiz\nquestion: a\noptions:\n  • text: a\n```": (3, "“•” (U+2022) does not begin a list item"),
    "```presets\npresets:\n  — clean\n  — dead\n```": (2, "“—” (U+2014) does not begin a list item"),
    "```runner\niterations： 300\n```": (2, "“：” (U+FF1A) is not YAML's colon"),
    "```runner\nseed: a\niterations： 300\n```": (3, "“：” (U+FF1A) is not YAML's colon"),
}


@pytest.mark.parametrize("markdown", ALIKE_IN_YAML)
def test_a_mark_that_only_looks_like_yamls_is_named(site: blocks.Site, markdown: str) -> None:
    line, name = ALIKE_IN_YAML[markdown]
    assert [at for at, message in told(site, markdown) if name in message] == [line], told(site, markdown)


def test_a_dash_in_words_is_left_alone(site: blocks.Site) -> None:
    assert told(site, QUIZ.format(">-\n  – said he –\n  – and she")) == []


@pytest.mark.parametrize("mark", ["---", "..."])
def test_a_mark_between_documents_is_reported_in_words(site: blocks.Site, mark: str) -> None:
    ((_, message),) = told(site, f"```runner\niterations: 500\n{mark}\nseed: a\n```")
    assert message.endswith("the line “---” or “...” ends the fields, but more follow; remove it")


def test_a_hidden_indent_is_reported_at_its_place(site: blocks.Site) -> None:
    """YAML itself reports another line."""
    found = told(site, "```runner\nmodel:\n\u00a0\u00a0n_layer: 2\n```")
    assert [line for line, message in found if "U+00A0" in message] == [3]


ALIKE = [
    "´´´{}\n´´´",
    "'''{}\n'''",
    "‘‘‘{}\n’’’",
    "“““{}\n”””",
    "ˋˋˋ{}\nˋˋˋ",
    "～～～{}\n～～～",
    ":::{}\n:::",
    "~~{}\n~~",
    "´{}\n´",
]
ALIKE += [r"\`\`\`{}" + "\n" + r"\`\`\`", "&#96;&#96;&#96;{}\n&#96;&#96;&#96;", "```{} ```"]
ALIKE += ["```{}```", "~~~~{}: x~~~~", "- ```{}```", "* ´´´{}\n´´´", "´´´{} seed: x´´´"]


@pytest.mark.parametrize("fence", ALIKE)
def test_a_fence_of_other_marks_is_reported_and_the_rest_of_the_page_is_read(site: blocks.Site, fence: str) -> None:
    page = read(site, fence.format("runner") + "\n\nThe rest.\n\n```quiz\n```\n")
    first = page.errors[0]
    assert (first.line, first.message.split(": ")[0]) == (1, "in a runner block")
    assert [block.kind for block in page.blocks] == ["runner", "quiz"]
    assert "write “```runner” alone on it" in page.errors[0].message or "is never closed" in page.errors[0].message
    assert "The rest." in page.markdown


@pytest.mark.parametrize(
    "markdown",
    [
        "'quiz'",
        "“samples”",
        "`runner`",
        "```runner``` is the word",
        "''quiz''",
        "````markdown\n```runner\n```\n\n´´´runner\n´´´\n````",
    ],
)
def test_words_in_quotes_and_examples_are_not_fences(site: blocks.Site, markdown: str) -> None:
    assert (told(site, markdown), read(site, markdown).blocks) == ([], [])


BETWEEN = {
    "1. a\n\n{}\n\n2. b": 4,
    "1. a\n\n   {}\n\n2. b": 4,
    "9. a\n\n   more\n\n{}\n\n10. b": 4,
    "> 1. a\n>\n> {}\n>\n> 2. b": 4,
    "1. a\n    1. b\n\n    {}\n\n    2. c": 8,
    "1. a\n\n    {}\n\n2. b": None,
    "1. a\n{}\n2. b": None,
    "1. a\n\n{}\n\n1. b": None,
    "1. a\n\n# Next\n\n{}\n\n2. b": None,
}


@pytest.mark.parametrize("kind", ["runner", "python"])
@pytest.mark.parametrize("frame", BETWEEN)
def test_a_block_that_would_restart_a_numbered_list_is_reported(site: blocks.Site, frame: str, kind: str) -> None:
    before = frame.split("{}")[0].split("\n")[-1]
    markdown = frame.format(f"```{kind}\n{before}```")
    messages = [message for _, message in told(site, markdown)]
    if BETWEEN[frame] is None:
        assert messages == []
    else:
        assert [
            message.endswith(f"would be shown as 1; indent it by {BETWEEN[frame]} spaces") for message in messages
        ] == [True]


def test_other_yaml_files_and_pages_fields_are_read_as_carefully(root: Path) -> None:
    text = (root / "docs/presets.yml").read_text(encoding="utf-8").replace("about: Down", "about: #1 is down")
    with pytest.raises(presets.PresetsError, match="would be lost, because # begins a comment"):
        presets.parse(text, read_description(root))
    text = (root / "docs/shapes.yml").read_text(encoding="utf-8").replace("title: ", "title: *", 1)
    with pytest.raises(shapes.ShapesError, match=r"begins with “[*]” has another meaning in YAML; put it in quotes"):
        shapes.parse(text)
    (error,) = front_matter.errors("---\n\u00a0title: x\n---\n", "docs/x.md")
    assert error.line == 2 and "U+00A0" in error.message
    assert front_matter.errors("Text\n\n---\ntitle: x\n---\n", "docs/x.md") == []
    assert front_matter.errors("---\n\nNote: a rule above\n", "docs/x.md") == []
