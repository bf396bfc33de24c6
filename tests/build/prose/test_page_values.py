"""Values in prose: each reaches the page as text, and each mistake is reported with its line.

Catches: a value filled in where an example was meant, an unknown name that becomes empty, an error that hides others, a
line number counted after Jinja has removed lines, text of the model that becomes markup.
"""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import pytest
from markdown import Markdown

from prose.named_values import Later, Names, UnavailableError, named
from prose.page_values import Rendered, render
from prose.value_formats import Nats, UnprintableError

NOT_RECORDED = "not recorded on this text; record it: python3 build record"


def not_recorded() -> None:
    raise UnavailableError(NOT_RECORDED)


def quote(name: str) -> str:
    if name != "known":
        raise UnprintableError(f"there is no quote “{name}”")
    return "quoted"


VALUES: dict[str, Any] = {
    "model": named("model", {"n_params": 206_016, "n_embd": 64, "rate": 1e-7, "rows": [{"B": 12}], "nothing": None}),
    "presets": named("presets", {"diverge-fast": {"rate": 10}}),
    "losses": Names("losses", {0: Nats(4.2041), 200: Nats(2.4)}, "of the iterations,"),
    "recorded": Names("recorded", {"run": Later(not_recorded)}),
    "sample": "*a*\n# <b> `x` [y](z) 'q' -- 1. _e_ &amp; | $x$ \\",
    "source": quote,
}


def filled(markdown: str, first_line: int = 1) -> Rendered:
    return render(markdown, "docs/x.md", first_line, VALUES)


def written(markdown: str) -> str:
    result = filled(markdown)
    assert result.errors == []
    return result.markdown


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("{{ model.n_params }} or {{ model.n_params | thousands }}", "206016 or 206,016"),
        ("{{ losses[0] }}, {{ losses[0] - losses[200] }}", "4.20, 1.8041"),
        ("{{ (losses[0] - losses[200]) | nats }} {{ -1.5 | decimals(1) }}", "1.80 −1.5"),
        ("{{ model.rate }} {{ 0.003 }} {{ 0.9 | percent }}", "1e-7 0.003 90"),
        ("{{ 1 | from_bits }} {{ losses[200] | choices | decimals(1) }}", "0.69 11.0"),
        ("{{ presets.diverge_fast.rate }} {{ presets['diverge-fast'].rate }}", "10 10"),
        ("{{ model.rows[0].B }} {{ (model.rows | selectattr('B', 'equalto', 12) | first).B }}", "12 12"),
        ("{{ 6 | in_words }} {{ 0 | in_words | capitalize }} {{ 1200 | in_words }}", "six No 1,200"),
        ("{{ (presets | length + 1) | in_words }}", "two"),
        ("{{ source('known') }}", "quoted"),
        ("{% if model.nothing %}no{% else %}yes{% endif %} {{ nope is defined }}", "yes false"),
        ("{% raw %}{{ x }}{% endraw %}", "{{ x }}"),
    ],
)
def test_a_value_is_written_as_prose_writes_it(markdown: str, text: str) -> None:
    assert written(markdown) == text


LITERAL = [
    "`{{ x }}`",
    "`` a ` {{ x }} ``",
    "```\n{{ x }}\n```",
    "~~~jinja\n{% if %}\n~~~",
    "- a\n\n    ```runner\n    seed: '{{ x }}'\n    ```",
    "<!-- {{ x }}\n{% y %} -->",
    "# A heading {#with-a-name}\n\na { brace } and a {: .class }",
]


@pytest.mark.parametrize("markdown", LITERAL)
def test_code_and_comments_are_left_alone(markdown: str) -> None:
    assert written(f"{markdown}\n\n{{{{ model.n_embd }}}}") == f"{markdown}\n\n64"


def test_a_backtick_in_a_fence_opens_no_code_behind_it() -> None:
    assert written("```\nit`s\n```\n\n{{ model.n_embd }} `{{ x }}`") == "```\nit`s\n```\n\n64 `{{ x }}`"


def test_text_stays_text_whatever_is_in_it() -> None:
    html = Markdown(extensions=["smarty", "tables", "attr_list"]).convert(written("> {{ sample }}"))
    expected = "*a*<br># &lt;b&gt; `x` [y](z) 'q' -- 1. _e_ &amp;amp; | $x$ \\"
    for mark in "*#`[]()'-._|$\\&<>":
        html = html.replace(f"&#{ord(mark)};", {"&": "&amp;", "<": "&lt;", ">": "&gt;"}.get(mark, mark))
    assert html == f"<blockquote>\n<p>{expected}</p>\n</blockquote>"


MISTAKES = {
    "unknown name": ("{{ modle.n_params }}", "there is no value called “modle”; did you mean “model”?"),
    "unknown part": ("{{ model.n_parms | thousands }}", "model has no “n_parms”; did you mean “n_params”?"),
    "unknown part, used further": ("{{ model.nope.a + 1 }}", "model has no “nope”; the names here: n_params"),
    "unknown, asked": ("{% if model.n_parm %}x{% endif %}", "did you mean “n_params”?"),
    "unknown, compared": ("{% if model.n_parm > 3 %}x{% endif %}", "did you mean “n_params”?"),
    "unknown, looped over": ("{% for x in model.n_parm %}{{ x }}{% endfor %}", "did you mean “n_params”?"),
    "no such iteration": ("{{ losses[100] }}", "losses has no 100; of the iterations, there are 0, 200"),
    "no such row": ("{{ model.rows[3] }}", "it has 1 entries, counted from 0"),
    "a reason": ("{{ recorded.run.val_nll[0] }}", NOT_RECORDED),
    "unknown filter": ("{{ model.n_params | thousand }}", "there is no filter “thousand”; did you mean “thousands”?"),
    "filter of text": ("{{ 'a' | nats }}", "this needs a number; 'a' is not one"),
    "syntax": ("{{ model.n_params n }}", "cannot be read: expected token 'end of print statement', got 'n'"),
    "never closed": ("{{ model.n_params", "cannot be read"),
    "block never closed": ("{% if model %}", "cannot be read: Unexpected end of template"),
    "a group": ("{{ model.rows[0] }}", "a group of values; name one of them: B"),
    "empty": ("{{ model.nothing }}", "this value is empty here"),
    "division": ("{{ 1 / 0 }}", "division by zero"),
    "function": ("{{ source('nope') }}", "there is no quote “nope”"),
    "no python": ("{{ ''.__class__ }}", "__class__"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_reported_with_its_line(mistake: str) -> None:
    markdown, words = MISTAKES[mistake]
    errors = filled(f"{{{{ model.n_embd }}}}\n\ntext {markdown} text", first_line=4).errors
    assert [(error.line, words in error.message) for error in errors] == [(6, True)], list(map(str, errors))
    assert str(errors[0]).startswith("docs/x.md:6: in the text: ")


def test_all_mistakes_of_a_page_are_reported_at_once() -> None:
    page = "{{ a }}\n{{ 3 4 }}\n{{ model.b }} {{ model.c }}\n`{{ d }}`\n{{ losses[7] }}\n"
    assert sorted(error.line for error in filled(page).errors) == [1, 2, 3, 3, 5]


def test_lines_are_those_of_the_file_however_many_are_left() -> None:
    page = "a\n{% if model.n_embd == 1 %}\nb\nc\n{% endif %}\n"
    page += "{% for i in losses %}\nd {{ i }}\n{% endfor %}\ne\n{## f\n##}g"
    result = filled(page, first_line=11)
    assert list(zip(result.lines, result.markdown.split("\n"), strict=True)) == [
        (11, "a"),
        (17, "d 0"),
        (17, "d 200"),
        (19, "e"),
        (21, "g"),
    ]


def test_a_page_without_values_is_not_touched() -> None:
    page = "# A page\n\n{ .lead }\n\n```\nx\n```\n"
    result = filled(page, first_line=3)
    assert (result.markdown, result.errors) == (page, []) and result.lines == [*range(3, 11)]


def test_errors_of_values_and_of_blocks_come_together_each_with_its_line(project) -> None:
    project.write(
        "page.md",
        "---\ndescription: x\n---\n\n# {{ nope }}\n\n{% if corpus.floor %}\n\nno\n\n{% endif %}\n\n"
        "```runner\nsed: x\n```\n\n{{ recorded.run.val_nll[800] }}\n",
    )
    result = project.build()
    assert result.returncode != 0 and "Traceback" not in result.stderr
    said = [line for line in result.stderr.splitlines() if line.startswith("docs/")]
    assert [line.split(" ")[0] for line in said] == ["docs/page.md:5:", "docs/page.md:14:", "docs/page.md:17:"]
    assert "there is no value called “nope”" in said[0] and "did you mean “seed”" in said[1]
    assert "has not been recorded on this text, small-текст" in said[2]
    assert f"python3 build record --corpus {shlex.quote(project.environment['PRESS_START_CORPUS'])}" in said[2]


def test_values_of_the_project_reach_a_page(project) -> None:
    project.write(
        "page.md",
        "# {{ model.n_params | thousands }}\n\n{{ corpus.title }}, {{ corpus.characters }}, {{ training.iterations }}, "
        "{{ model.bytes }}, {{ presets.dead.change.value }} and {{ presets.dead.change.healthy }}\n\n"
        "{{ source('engine/page.ts', 'leaving-the-tab') }}\n",
    )
    result = project.build("--strict")
    assert result.returncode == 0, result.stderr
    html = project.page("page.html")
    characters = len(Path(project.environment["PRESS_START_CORPUS"]).read_text(encoding="utf-8"))
    assert f"small текст, {characters}, 2000, " in html and "1e-7 and 0.003" in html
    assert "visibilitychange" in html and "session" in html and "quote begins" not in html
