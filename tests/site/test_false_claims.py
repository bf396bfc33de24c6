"""A page that says of a recorded run what is not so is not built, and the message leads to the sentence.

Catches: a false sentence that is published, an error without page and line, a build that fails because of a recording
which only the project itself has, a list of claims that is published with the site.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

PAGE = "# A page\n\nAt iteration 800 the recorded\nloss is below 1.\n"
CLAIM = """\
claims:
  - page: page.md
    says: "{says}"
    check: lies
    with: {{figure: {run}.val_nll.800, below: {below}}}
    altered: {{{run}.val_nll.800: 2}}
unclaimed: []
"""


def project_with(
    project: Any, root: Path, says: str = "the recorded loss is below 1.", below: float = 1, **other: str
) -> Any:
    run = other.get("run", "run-play-machine")
    project.write("page.md", PAGE)
    project.write("claims.yml", CLAIM.format(says=says, run=run, below=below))
    (project.folder / "docs/recorded").mkdir(exist_ok=True)
    shutil.copy(root / "docs/recorded/run-play-machine.json", project.folder / "docs/recorded")
    return project


def test_a_true_sentence_is_built_and_the_list_of_claims_stays_at_home(project: Any, root: Path) -> None:
    made = project_with(project, root)
    result = made.build("--strict")
    assert result.returncode == 0, result.stderr
    assert not [*(made.folder / "site").rglob("claims*")]


def test_a_false_sentence_is_named_with_page_and_line(project: Any, root: Path) -> None:
    result = project_with(project, root, below=0.5).build("--strict")
    assert result.returncode != 0
    told = (
        "docs/page.md:3: “the recorded loss is below 1.” is not so: run-play-machine.val_nll.800 is 0.8142, which is "
        "not below 0.5; correct the sentence, or its claim at docs/claims.yml:2"
    )
    assert told in result.stderr


def test_a_misspelt_figure_and_a_misspelt_page_are_named(project: Any, root: Path) -> None:
    made = project_with(project, root)
    file = made.folder / "docs/claims.yml"
    file.write_text(
        file.read_text(encoding="utf-8").replace("figure: run-play-machine.val_", "figure: run-play-machine.vl_")
    )
    other = (
        "  - page: pages.md\n    says: So.\n    check: equals\n    with: {fact: a.b, value: 1}\n    altered: {a.b: 2}\n"
    )
    made.write("claims.yml", file.read_text(encoding="utf-8").replace("unclaimed", f"{other}unclaimed"))
    result = made.build("--strict")
    assert "docs/claims.yml:7: there is no page docs/pages.md; did you mean “page.md”?" in result.stderr
    assert "docs/claims.yml:2: in lies: run-play-machine has no “vl_nll”; did you mean “val_nll”?" in result.stderr


def test_what_is_gone_says_nothing_false(project: Any, root: Path) -> None:
    """A deleted sentence, and a recording that only the project has: both are left to the project's tests."""
    for made in (
        project_with(project, root, says="no longer there", below=0.5),
        project_with(project, root, run="run-elsewhere", below=0.5),
    ):
        result = made.build("--strict")
        assert result.returncode == 0, result.stderr


def test_a_sentence_may_be_quoted_as_readers_see_it(project: Any, root: Path) -> None:
    """With its values filled in; the line is still that of the source."""
    made = project_with(project, root, says="the recorded loss is 0.81 there.", below=0.5)
    value = "{{ recorded.runs.play_machine.val_nll[800] }}"
    made.write(
        "page.md", f"---\ntitle: A page\n---\n\n# A page\n\nAt iteration 800 the recorded loss\nis {value} there.\n"
    )
    result = made.build("--strict")
    assert "docs/page.md:7: “the recorded loss is 0.81 there.” is not so: run-play-machine.val_nll.800" in result.stderr
