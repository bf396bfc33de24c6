"""docs/claims.yml is read strictly.

Catches: a misspelt check or parameter that is ignored, a claim that names no altered figure, an error without a line.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from claims import check_table, claims_file
from claims.check import CHECKS
from claims.claims_file import ClaimsError
from claims.examined import unknown_names

ONE = """\
claims:
  - page: index.md
    says: It falls.
    check: lies
    with: {figure: run-x.val_nll.0, below: 3}
    altered: {run-x.val_nll.0: 4}
unclaimed: []
"""


STAYS = "check: stays\n    with: {curve: run-x.val_nll, below: 3, between: [275]}"


def test_a_good_file_is_read() -> None:
    (claim,) = claims_file.parse(ONE).claims
    assert (claim.page, claim.says, claim.check, claim.place) == ("index.md", "It falls.", "lies", "docs/claims.yml:2")
    assert (claim.given, claim.altered) == ({"figure": "run-x.val_nll.0", "below": 3}, ("run-x.val_nll.0", 4))


def test_a_project_without_the_file_claims_nothing(tmp_path: Path) -> None:
    assert claims_file.read(tmp_path) == claims_file.Claims([], [])


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("check: lies", "check: lie", 4, "there is no check “lie”; did you mean “lies”?"),
        ("below: 3", "belwo: 3", 5, "unknown field “belwo” in with in entry 1 of claims"),
        ("{figure: run-x.val_nll.0, below: 3}", "{below: 3}", 5, "the field figure is missing"),
        ("    altered: {run-x.val_nll.0: 4}\n", "", 2, "the field altered is missing"),
        ("altered: {run-x.val_nll.0: 4}", "altered: {}", 6, "altered has 0 figures; it needs one"),
        ("altered: {run-x.val_nll.0: 4}", "altered: {a: 1, b: 2}", 6, "altered has 2 figures; it needs one"),
        ("check: lies", "check: stays", 5, "unknown field “figure”"),
        ("says: It falls.", "syas: It falls.", 3, "unknown field “syas”"),
        ("says: It falls.", "says: 3", 3, "it must be text, so put it in quotes"),
        ("unclaimed: []\n", "", 1, "the field unclaimed is missing"),
        ("unclaimed: []", "unclaimed:\n  - {page: a.md, says: b}", 8, "the field because is missing"),
        ("unclaimed: []\n", ONE.split("claims:\n", 1)[1], 7, "occurs twice, first in line 2"),
        (ONE, "- a\n", 1, "expected two fields, claims and unclaimed"),
        ("    with:", "\twith:", 5, "YAML allows only spaces"),
        ("below: 3", "below: ", 5, "below in with is empty; give it a value, or remove it"),
        (
            "check: lies\n    with: {figure: run-x.val_nll.0, below: 3}",
            STAYS,
            5,
            "with.between in entry 1 of claims is a list of 1",
        ),
    ],
)
def test_a_mistake_is_named_with_its_line(old: str, new: str, line: int, words: str) -> None:
    with pytest.raises(ClaimsError) as caught:
        claims_file.parse(ONE.replace(old, new))
    told = [str(error) for error in caught.value.errors]
    assert [one for one in told if one.startswith(f"docs/claims.yml:{line}: ") and words in one], told


def test_TEXT_stands_for_each_text() -> None:
    text = ONE.replace("with: {figure: run-x", "texts: [a, b]\n    with: {figure: run-TEXT")
    (claim,) = claims_file.parse(text).claims
    assert [given["figure"] for given in claim.variants()] == ["run-a.val_nll.0", "run-b.val_nll.0"]


def test_pages_and_texts_that_do_not_exist_are_named_once(tmp_path: Path) -> None:
    for name in ("index.md", "presets.yml"):
        (tmp_path / name).touch()
    two = ONE.split("claims:\n", 1)[1].split("unclaimed")[0].replace("It falls", "It rises")
    texts = "texts: [shakespere, cats]\n    with: {figure: run-TEXT"

    def told(text: str) -> list[str]:
        return [str(one) for one in unknown_names(claims_file.parse(text).claims, tmp_path, ["shakespeare"])]

    assert told(ONE) == told(ONE.replace("index.md", "presets.yml")) == []
    gone = "there is no page docs/lessons/x.md; delete the 2 claims that name it, or correct the name"
    assert told((ONE.replace("unclaimed", two + "unclaimed")).replace("index.md", "lessons/x.md")) == [
        f"docs/claims.yml:2: {gone}"
    ]
    assert told(ONE.replace("index.md", "indx.md")) == [
        "docs/claims.yml:2: there is no page docs/indx.md; did you mean “index.md”?"
    ]
    assert told(ONE.replace("with: {figure: run-x", texts)) == [
        "docs/claims.yml:2: there is no text “shakespere”; did you mean “shakespeare”?",
        "docs/claims.yml:2: there is no text “cats”; delete this claim, or correct the name",
    ]


def test_the_guides_table_has_every_check() -> None:
    rows = str(check_table.table()).split("\n")[2:]
    assert [row.split("`")[1] for row in rows] == [*CHECKS]
    assert "| `equals` | `fact`, `value` | A fact is exactly that value: a number, a word or a list. |" in rows


def test_every_check_says_what_it_checks() -> None:
    assert 10 < len(CHECKS) < 25, "a small set, which an author can know"
    assert [name for name, check in CHECKS.items() if not (check.__doc__ or "").strip()] == []
