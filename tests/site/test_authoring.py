"""The guide for authors, and the lesson written with it.

Catches: a guide whose first example does not build, a field or a block that the guide does not list, a quoted message
that the build no longer writes.
"""

from __future__ import annotations

import html
import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from authoring import blocks, field_tables, presets, shapes
from authoring.block_fields import schemas
from authoring.block_kinds import KINDS
from model.model_json import read_description
from prose.value_formats import UnprintableError
from reading.fences import fences
from texts import corpus as corpora

GUIDE = "docs/authoring.md"
TINY = corpora.ROOT / "docs/lessons/a-tiny-text.md"
WEIGHED = (
    "question: What?\noptions:\n- {text: a, fits: well, for: b, against: c}\n"
    "- {text: d, fits: poorly, for: e, against: f}\n"
)
# Authors' mistakes, each with the message that the guide explains.
MISTAKES = [
    "```runer\n```",
    "``` runner iterations=5\n```",
    "- ```runner\n",
    "```python my code\n```",
    "```runner\niterations: 5\n",
    "```runner\nitterations: 500\n```",
    "```runner\niterations: many\n```",
    "```runner\nseed: 42\n```",
    "```runner\nmodel: {n_embd: 50}\n```",
    "```runner\nmodel:\n\tn_embd: 64\n```",
    "```runner\nseed: a\nseed: b\n```",
    "```quiz\nquestion: Which: a or b?\n```",
    "```quiz\nquestion: *Which* of these?\n```",
    "```quiz\nquestion: Is it #1?\noptions: [{text: a, why: b, correct: true}, {text: c, why: d}]\n```",
    '```quiz\nquestion: "$\\alpha$"\noptions: [{text: a, why: b, correct: true}, {text: c, why: d}]\n```',
    "1. a\n\n```runner\n```\n\n2. b",
    "´´´runner\n´´´",
    "```runner\ncorpus: shakespear\n```",
    "```runner\nwarmup_iterations: 5000\n```",
    "```runner\ncorpus: tiny\n```",
    "```runner\n```\n```runner\n```",
    "```runner\n```\n```samples\nsession: mian\n```",
    "```quiz\nquestion: What?\n```",
    "```quiz\nquestion: What?\noptions:\n- {text: a, why: b}\n- {text: c, why: d}\n```",
    "```quiz\nquestion: W\noptions:\n- {text: a, why: b, correct: true}\n- {text: c, why: d, correct: true}\n```",
    f"```quiz\n{WEIGHED}```",
    f"```quiz\nname: view\n{WEIGHED}```",
    f"```quiz\nname: view\n{WEIGHED}```\n\n```quiz\nagain: veiw\n```",
    "```runner\npredict: true\n```",
    "```runner\n```\n```presets\nmystery: true\npresets: [clean]\n```",
    "```runner\n```\n```presets\ndoctor: x.md\n```",
    "```runner\ncorpus: my-text\n```\n```experiment\nname: warm-up\n```",
    "```runner\nmodel: {n_layer: 2}\n```\n```experiment\nname: warm-up\n```",
]


@pytest.fixture(scope="module")
def guide(root: Path) -> str:
    return (root / GUIDE).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def site(root: Path) -> blocks.Site:
    usual = {"phases": ["a"] * 4, "own_run": {}}
    texts = {
        "shakespeare": SimpleNamespace(name="shakespeare", text="x" * 10_000, vocab="x" * 65, **usual),
        "my-text": SimpleNamespace(name="my-text", text="x" * 10_000, vocab="x" * 65, sha256="", **usual),
        "tiny": SimpleNamespace(name="tiny", text="x" * 60, vocab="x" * 12, **usual),
    }
    given = {"shapes": shapes.read(root), "presets": presets.read(root)}
    return blocks.Site(read_description(root), "shakespeare", list(texts), texts.__getitem__, **given)


@pytest.mark.parametrize("mistake", MISTAKES)
def test_the_guide_explains_what_the_build_says(mistake: str, guide: str, site: blocks.Site) -> None:
    limits = site.description["limits"]
    guide = re.sub(r"\{\{ limits\.(\w+)\.(\w+) \}\}", lambda value: str(limits[value[1]][value[2]]), guide)
    guide = guide.replace("{{ model.n_layer }}", str(site.description["model"]["n_layer"]))
    (error,) = blocks.read_page(mistake, "docs/x.md", range(1, mistake.count("\n") + 2), site).errors
    said = error.message.split(": ", 1)[1]
    explained = [re.sub(r"\\([`*\\])", r"\1", row.split(" | ")[0].removeprefix("| ")) for row in guide.splitlines()]
    assert said in explained


def test_every_block_has_its_table(guide: str, root: Path) -> None:
    for kind in schemas(read_description(root)):
        assert f"### {kind}\n" in guide and f'{{{{ fields_of("{kind}") }}}}' in guide


def test_a_table_has_every_field_with_its_limits_and_default(root: Path) -> None:
    known = schemas(read_description(root))
    rows = html.unescape(field_tables.fields_of("runner", known)).splitlines()[2:]
    cells = {row.split(" | ")[0].strip("| `"): row.split(" | ")[1:3] for row in rows}
    assert cells["iterations"] == ["a whole number of 1 or more", "`2000`"]
    assert cells["model.n_embd"] == ["a whole number from 16 to 256, in steps of 16", "`64`"]
    assert cells["learning_rate"] == ["a number above 0", "`0.003`"]
    assert set(cells) >= set(known["runner"]["properties"])
    quiz = html.unescape(field_tables.fields_of("quiz", known))
    assert "| `options.text` | a sentence or two | not possible |" in quiz
    with pytest.raises(UnprintableError, match="did you mean “runner”"):
        field_tables.fields_of("runer", known)


def test_the_first_example_builds(guide: str, project) -> None:
    rows = guide.splitlines()
    example = next(fence for fence in fences(rows) if fence.opening.info == "markdown")
    project.write("lessons/my-lesson.md", "\n".join(example.content) + "\n")
    result = project.build("--strict")
    assert result.returncode == 0, result.stderr
    built = project.page("lessons/my-lesson.html")
    kinds = re.findall(r'data-ps="(\w+)"', built)
    assert kinds == ["runner", "samples", "quiz", "complete"]
    assert "206,016 parameters" not in built, "the small text has another alphabet, and so another model"
    assert re.search(r"The model has 2\d\d,\d\d\d parameters", built)


def test_the_page_shows_the_tables(lesson_site: Path, root: Path) -> None:
    page = (lesson_site / "authoring.html").read_text(encoding="utf-8")
    assert page.count("<th>left out</th>") == len(schemas(read_description(root)))
    assert '<code translate="no">options.why</code>' in page
    assert '<code translate="no">`{{ like this }}`</code>' in page and "{% raw %}" in page


@pytest.mark.skipif(not TINY.is_file(), reason="this project has taken the tiny lesson away")
def test_the_tiny_lesson_is_made_of_markdown_and_a_text(lesson_site: Path) -> None:
    page = (lesson_site / "lessons/a-tiny-text.html").read_text(encoding="utf-8")
    written = [fence for fence in fences(TINY.read_text(encoding="utf-8").splitlines()) if fence.opening.info in KINDS]
    assert re.findall(r'data-ps="(\w+)"', page) == [fence.opening.info for fence in written]
    for name in re.findall(
        r"^corpus: (\S+)$", "\n".join(row for fence in written for row in fence.content), re.MULTILINE
    ):
        assert f"{len(corpora.load(name).text):,}" in page
        assert (lesson_site / f"assets/press-start/corpus-{name}.js").is_file()


def test_on_github_an_error_shows_at_its_line(project) -> None:
    project.write("page.md", "# Page\n\n```runner\niterations: 50 %\n```\n\n{{ modle }}\n")
    project.environment["GITHUB_ACTIONS"] = "true"
    result = project.build()
    assert result.returncode != 0
    told = [line for line in result.stdout.splitlines() if line.startswith("::error")]
    assert told[0].startswith("::error file=docs/page.md,line=4::in a runner block: iterations is the text “50 %25”")
    assert told[1].startswith("::error file=docs/page.md,line=7::in the text: there is no value called “modle”")
    del project.environment["GITHUB_ACTIONS"]
    assert "::error" not in project.build().stdout
