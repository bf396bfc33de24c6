"""What the pages say of runs is so: every claim of docs/claims.yml holds, and would fail if the run were another.

Catches: a sentence that a recorded run contradicts, a sentence that has changed while its claim has not, a claim whose
check holds whatever the run did, a sentence about a run that nobody has claimed.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import NoReturn

import jinja2
import pytest

from authoring.presets import read as read_presets
from claims import claims_file, examined, quotes
from claims.claims_file import Claim
from claims.facts import Facts, NotHereError, Sources
from output.site_parts import Build
from prose import page_values
from system.project import ROOT
from texts import corpus as corpora

FILE = claims_file.read()
LEAST = 60
# The pages on which every sentence about a run is claimed, or listed under `unclaimed` with the reason.
COVERED = (
    "index.md",
    "lessons/watch-it-learn.md",
    "lessons/your-checkpoint.md",
    "lessons/a-tiny-text.md",
    "lessons/echo.md",
    "reference/departures.md",
    "reference/loss-curve-doctor.md",
    "teachers/answers.md",
    "teachers/worksheet.md",
    "teachers/short-floor.md",
    "presets.yml",
)
PRESETS = "presets.yml"  # every sentence of it speaks of a run
OURS = ("clean", "diverge-fast", "diverge-slow", "dead", "overfit", "noisy")  # an author's own need no claims


@dataclass(frozen=True)
class Known:
    facts: Facts
    pages: dict[str, examined.Page]


@pytest.fixture(scope="module")
def known() -> Known:
    """What claims are checked against, and every page with its values filled in for the text of the tests."""
    build = Build()
    build.begin(ROOT / "docs", jinja2.Environment(loader=jinja2.FileSystemLoader(ROOT / "overrides")), ROOT)
    assert build.troubles == []
    site = build.site
    names = site.corpus_names
    recorded = (site.recordings, read_presets(ROOT), corpora.load, names, names, site.states, site.seen)
    sources = Sources(ROOT, site.description, *recorded)
    return Known(Facts(sources), {name: page(name, build) for name in {one.page for one in FILE.claims} | {*COVERED}})


def page(name: str, build: Build) -> examined.Page:
    path = ROOT / "docs" / name
    assert path.is_file(), f"docs/claims.yml names docs/{name}, which is not there"
    source = path.read_text(encoding="utf-8")
    if path.suffix != ".md":
        return examined.Page(source)
    filled = page_values.render(source, name, 1, build.values)
    return examined.Page(source, filled.markdown, filled.lines)


def not_run_here(reason: str) -> NoReturn:
    """A text that needs a network is missing. Continuous integration has one."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(f"not run here: {reason}")


def ids(claim: Claim) -> str:
    return f"{claim.line}-{claim.check}"


@pytest.mark.parametrize("claim", FILE.claims, ids=ids)
def test_it_is_so(claim: Claim, known: Known) -> None:
    result = examined.examine(claim, known.facts, known.pages[claim.page])
    if result.error is not None:
        pytest.fail(str(result.error))
    if result.not_here is not None:
        not_run_here(result.not_here)


@pytest.mark.parametrize("claim", FILE.claims, ids=ids)
def test_one_altered_figure_makes_it_false(claim: Claim, known: Known) -> None:
    """And the error names the sentence, its page and its line."""
    try:
        other, facts = examined.altered(claim, known.facts)
    except NotHereError as problem:
        not_run_here(str(problem))
    result = examined.examine(other, facts, known.pages[claim.page])
    if result.not_here is not None:
        not_run_here(result.not_here)
    path, value = claim.altered
    assert result.error is not None, f"{claim.place}: with {path} at {value} the check still holds"
    start = " ".join(claim.says.split())[:60]
    line = known.pages[claim.page].line_of(claim.says)
    assert str(result.error).startswith(f"docs/{claim.page}:{line}: “{start}"), result.error
    assert "is not so: " in str(result.error) and claim.place in str(result.error)


def test_there_are_claims_enough() -> None:
    assert len(FILE.claims) >= LEAST


def preset_at(line: int, source: str) -> str:
    """The name of the preset to which a line of docs/presets.yml belongs."""
    return re.findall(r"^  - name: (\S+)", "\n".join(source.split("\n")[:line]), re.MULTILINE)[-1]


@pytest.mark.parametrize("name", COVERED)
def test_every_sentence_about_a_run_is_claimed(name: str, known: Known) -> None:
    quoted = [one.says for one in [*FILE.claims, *FILE.unclaimed] if one.page == name]
    source = known.pages[name].source
    left = examined.uncovered(source, quoted, all_of_them=name == PRESETS)
    if name == PRESETS:
        left = [one for one in left if preset_at(one.line, source) in OURS]
    advice = "claim each in docs/claims.yml, or list it there under unclaimed, with the reason"
    assert [f"docs/{name}:{one.line}: {one.text}" for one in left] == [], advice


def test_what_is_left_unclaimed_is_still_there_and_is_about_runs(known: Known) -> None:
    for one in FILE.unclaimed:
        assert one.page in COVERED, f"{one.place}: docs/{one.page} needs no such list"
        source = known.pages[one.page].source
        assert quotes.find(one.says, source) is not None, f"{one.place}: “{one.says}” is no longer there; delete it"
        about = [found for found in quotes.sentences(source) if quotes.covers(one.says, found)]
        assert any(found.speaks_of_a_run for found in about), f"{one.place}: it needs no exception; delete it"
