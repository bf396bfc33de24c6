"""Each check tells a run of which its sentence is true from one of which it is not.

Catches: a check that passes whatever it is given, a boundary taken the wrong way, a message without the value found,
a misspelt figure that counts as a run that does not exist, a traceback whatever an author writes under `with`.
"""

from __future__ import annotations

import math
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from claims.check import CHECKS, Found, parameters
from claims.claims_file import CHECK_FILES, Claim
from claims.examined import Page, examine
from claims.facts import Facts, NoRecordingError, NotHereError, Sources, WrongPathError
from model.preset import Presets
from reading import strict_yaml
from recorded.recorded_runs import Recording
from system.project import ROOT
from texts.corpus import Corpus

assert CHECK_FILES
TEXT = "the cat saw the hat and the cat sat. " * 40
TRAIN = [4.0, 3.0, 2.5, 2.0, 1.5, 1.2, 1.1, 1.0]
PROMPT = (TEXT[int(0.9 * len(TEXT)) :])[:6]
SAMPLES = {0: ("random", " xq zv!k "), 4: ("letters", " the ct sat. NED: o"), 8: ("words", " the cat sat. NED: the h")}
PHASES = ["random", "letters", "words"]
LEFT_OUT = object()
# The score makes 0.6 of its rise of 0.8 while the copies' loss goes from 2.8 to 0.5.
SEEN = {"copies": {0: 3.0, 4: 2.8, 8: 1.0, 12: 0.5, 16: 0.1}, "score": {0: 0.1, 4: 0.2, 8: 0.5, 12: 0.8, 16: 0.9}}
SEEN |= {"n_head": 2, "previous": {8: {0: 0.1, 1: 0.3, 2: 0.9, 3: 0.2}}}
# On each character of its line the run has 0.1 nats, where a model that only counts characters has more than 1.4.
SEEN |= {"corpus": "cats", "text": "the cat", "surprise": {4: dict.fromkeys(range(6), 0.1)}}


def recording(name: str, shift: float = 0.0, preset: str | None = None, verdict: Any = None) -> Recording:
    rows = [{"iteration": at, "train": loss + shift, "val": None} for at, loss in enumerate(TRAIN)]
    rows.append({"iteration": 8, "train": None, "val": 1.05 + shift})
    rows[0]["val"], rows[4]["val"] = 4.1 + shift, 1.6 + shift
    samples = [
        {"iteration": at, "phase": phase, "prompt": PROMPT, "text": text, "val": 1}
        for at, (phase, text) in SAMPLES.items()
    ]
    model = {"n_layer": 1, "n_head": 1, "n_embd": 8, "block_size": 8, "mlp_ratio": 4, "vocab_size": 20}
    config = {"model": model, "training": {"batch_size": 2}, "evaluation": {}, "sampling": {}, "phases": PHASES}
    run = {
        "config": config,
        "corpus": {"name": "cats"},
        "engine": "cpu",
        "seed": "a",
        "curve": rows,
        "samples": samples,
    }
    return Recording(f"docs/recorded/{name}.json", run | {"preset": preset, "verdict": verdict})


@pytest.fixture(scope="module")
def facts() -> Facts:
    runs = [
        recording("run-cats"),
        recording("preset-cats-warm-0.003-0", 0.1, "warm"),
        recording("preset-cats-high", 0.5, "high", {"name": "noisy", "iteration": 3}),
    ]
    sources = Sources(
        root=ROOT,
        description={"training": {"rate": 3}, "evaluation": {}, "sampling": {}, "limits": {}},
        recordings=runs,
        presets=Presets(),
        corpus=lambda name: Corpus(name, name, TEXT, ""),
        names=["cats", "far"],
        at_hand=["cats"],
        seen=[SimpleNamespace(file="docs/recorded/seen-cats.json", tree=lambda: SEEN)],
    )
    return Facts(sources)


TRAIN_CURVE, OTHER = "run-cats.train_nll", "preset-cats-high.train_nll"
LINE = {"seen": "seen-cats", "model": "unigram", "iteration": 4}
VERDICT = {"run": "preset-cats-high", "name": "noisy"}
FALLS = {"rising": "seen-cats.score", "falling": "seen-cats.copies", "high": 0.9, "low": 0.2, "least": 0.75}
ABOVE = {"run": "seen-cats", "score": "previous", "iteration": 8, "level": 0.2, "heads": ["1.2", "2.1"]}
HERE = "tests/build/claims/test_checks.py"
# A check, parameters of which it holds, and one change each that makes it false, with words of what it then says.
CASES: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
    ("lies", {"figure": "run-cats.val_nll.8", "above": 1.0, "below": 1.1}, {"below": 1.05}, "1.05, which is not below"),
    ("lies", {"figure": "run-cats.val_nll.8", "above": 1.0}, {"above": 1.05}, "which is not above 1.05"),
    ("lies", {"figure": {"mean": TRAIN_CURVE, "between": [6, 7]}, "near": 1, "within": 0.06}, {"near": 1.2}, "1.05"),
    ("lies", {"figure": {"where_lowest": TRAIN_CURVE}, "near": 7, "within": 0}, {"near": 6}, "is 7"),
    ("lies", {"figure": {"ratio": [3, {"difference": [5, 3]}]}, "near": 1.5, "within": 0}, {"near": 2}, "1.5"),
    ("lies", {"figure": {"jump": TRAIN_CURVE}, "below": 0.51}, {"below": 0.3}, "is 0.5"),
    ("better_at", LINE | {"characters": 3, "word": "cat"}, {"word": " "}, "at 1 characters of “ ”"),
    ("better_at", LINE | {"characters": 6}, {"characters": 5}, "better than the unigram at 6"),
    (
        "furthest_ahead",
        LINE | {"character": "c"},
        {"character": "t"},
        "furthest ahead at “c”, with 0.1 nats, the unigram",
    ),
    ("never_seen", {"corpus": "cats", "characters": "dog"}, {"characters": "hat"}, "has “hat” 36 times"),
    ("stays", {"curve": TRAIN_CURVE, "between": [5, 7], "below": 1.21}, {"between": [4, 7]}, "1.5 at iteration 4"),
    ("stays", {"curve": TRAIN_CURVE, "above": 0.9}, {"above": 1.0}, "1 at iteration 7, which is not above 1"),
    (
        "stays_near",
        {"curve": TRAIN_CURVE, "other": OTHER, "within": 0.6, "between": [0, 7]},
        {"within": 0.4},
        "0.5 away",
    ),
    (
        "passes",
        {"curve": TRAIN_CURVE, "level": 2.2, "way": "down", "between": [3, 3]},
        {"level": 1.8},
        "at iteration 4",
    ),
    ("passes", {"curve": TRAIN_CURVE, "level": 2.2, "way": "down", "between": [3, 3]}, {"way": "up"}, "at iteration 0"),
    (
        "passes",
        {"curve": TRAIN_CURVE, "level": 2.2, "way": "down", "between": [3, 3]},
        {"level": 0.1},
        "never goes below",
    ),
    ("goes", {"curve": TRAIN_CURVE, "way": "down"}, {"way": "up"}, "from 4 to 3 at iteration 1"),
    ("rises_as_it_falls", FALLS, {"least": 0.8}, "rises by 0.6 of 0.8 between iterations 4 and 12"),
    ("rises_as_it_falls", FALLS, {"low": 0.01}, "does not fall from above 2.7 to below 0.03"),
    ("rises_as_it_falls", FALLS, {"high": 1.0}, "does not fall"),
    ("rises_as_it_falls", FALLS, {"rising": "seen-cats.copies"}, "rises by -2.3 of 0"),
    ("heads_above", ABOVE, {"level": 0.5}, "above 0.5 there is 2.1 with 0.9"),
    ("heads_above", ABOVE, {"heads": ["2.1"]}, "above 0.2 there is 1.2 with 0.3, 2.1 with 0.9"),
    ("heads_above", ABOVE | {"level": 0.9, "heads": ["none"]}, {"level": 0.89}, "above 0.89 there is 2.1"),
    ("heads_above", ABOVE, {"level": 0.95}, "there is no head"),
    ("steps", {"curve": TRAIN_CURVE, "below": 1.1}, {"below": 1.0}, "changes by 1 at iteration 1, not by less than 1"),
    ("steps", {"curve": TRAIN_CURVE, "below": 0.6, "between": [1, 7]}, {"between": [0, 7]}, "by 1 at iteration 1"),
    ("finite", {"curve": TRAIN_CURVE, "points": 8}, {"points": 9}, "has 8 points, not 9"),
    ("ranked", {"figures": {"a": 2, "b": 1.5}, "lowest": "b", "highest": "a"}, {"lowest": "a"}, "b 1.5, a 2"),
    ("verdict", VERDICT | {"between": [2, 4]}, {"between": [4, 9]}, "is noisy at iteration 3"),
    ("verdict", VERDICT, {"name": "clean"}, "is noisy"),
    ("equals", {"fact": "run-cats.seed", "value": "a"}, {"value": "b"}, "run-cats.seed is a"),
    ("samples_have", {"run": "run-cats", "words": ["the", "NED"], "at": [4, 8]}, {"at": [0, 4]}, "at 4"),
    ("samples_have", {"run": "run-cats", "words": ["cat"], "where": "some"}, {"words": ["ca"]}, "at no iteration"),
    ("samples_have", {"run": "run-cats", "pattern": "[A-Z]+:", "where": "none", "at": [0]}, {"at": [4]}, "at 4"),
    ("words_known", {"run": "run-cats", "corpus": "cats", "at": [8], "all_but": ["NED"]}, {"at": [4]}, "not ct"),
    ("words_known", {"run": "run-cats", "corpus": "cats", "at": [8], "above": 0.7}, {"at": [0]}, "0 of 3"),
    ("words_known", {"run": "run-cats", "corpus": "cats", "at": [4], "only": ["the", "sat"]}, {"at": [0]}, "none"),
    ("text_has", {"corpus": "cats", "words": ["cat", "hat"]}, {"words": ["cat", "ha"]}, "cats has not ha"),
    ("text_has", {"corpus": "cats", "words": ["ned"], "present": False}, {"words": ["hat"]}, "cats has hat"),
    ("commonest", {"corpus": "cats", "characters": [" ", "t"]}, {"characters": ["t", " "]}, "[' ', 't']"),
    ("commonest", {"corpus": "cats", "pairs": ["at"]}, {"pairs": ["th"]}, "['at']"),
    (
        "prompted",
        {"run": "run-cats", "corpus": "cats", "characters": 6, "samples": 3},
        {"characters": 5},
        "a prompt of",
    ),
    ("prompted", {"run": "run-cats", "corpus": "cats", "characters": 6, "samples": 3}, {"samples": 2}, "has 3 samples"),
    ("phases_shown", {"run": "run-cats", "phases": 3, "first": [0, 4, 8]}, {"first": [0, 4, 7]}, "4 (letters), 8"),
    ("code_says", {"file": HERE, "code": 'PHASES = ["random",'}, {"code": "PHASES = [" + "1"}, "does not contain"),
    ("code_says", {"file": HERE, "code": "PHASES = [" + "2", "present": False}, {"code": "PHASES = ["}, "contains"),
    ("tested", {"file": HERE, "test": "test_every_check", "code": "CASES"}, {"code": "x = " + "7"}, "does not contain"),
    ("tested", {"file": HERE, "test": "test_every_check", "code": "CASES"}, {"test": "test_" + "none"}, "has no test"),
]


@pytest.mark.parametrize(("name", "given", "change", "words"), CASES)
def test_it_holds_until_one_thing_changes(name: str, given: dict, change: dict, words: str, facts: Facts) -> None:
    held = CHECKS[name](facts, **given)
    assert held.holds, held.said
    found = CHECKS[name](facts, **{**given, **change})
    assert not found.holds and words in found.said, found.said


def test_every_check_has_a_case() -> None:
    assert {case[0] for case in CASES} == {*CHECKS}


@pytest.mark.parametrize("loss", [math.nan, math.inf])
def test_a_loss_that_is_no_number_is_neither_above_nor_below(loss: float, facts: Facts) -> None:
    other = facts.changed("run-cats.train_nll.3", loss)
    found = [
        CHECKS["finite"](other, curve=TRAIN_CURVE),
        CHECKS["stays"](other, curve=TRAIN_CURVE, below=10),
        CHECKS["stays_near"](other, curve=TRAIN_CURVE, other=OTHER, within=1, between=[0, 7]),
    ]
    assert [one for one in found if one.holds] == []


def test_smoothing_reaches_back_before_the_stretch(facts: Facts) -> None:
    held = {"curve": TRAIN_CURVE, "between": [7, 7], "smoothed": 2, "above": 1.04, "below": 1.06}
    assert CHECKS["stays"](facts, **held) == Found(True, "run-cats.train_nll is 1.05 at iteration 7")


@pytest.mark.parametrize(
    ("name", "given", "words"),
    [
        ("lies", {"figure": "run-cat.val_nll.8", "above": 1}, None),
        ("lies", {"figure": "corpora.far.vocab_size", "above": 1}, None),
        ("lies", {"figure": "corpora.near.vocab_size", "above": 1}, "there is no text “near”"),
        ("lies", {"figure": "trainign.rate", "above": 1}, "did you mean “training”?"),
        ("lies", {"figure": "run-cats.val_nl.8", "above": 1}, "did you mean “val_nll”?"),
        ("lies", {"figure": "run-cats.val_nll.7", "above": 1}, "run-cats.val_nll has no “7”"),
        ("lies", {"figure": "run-cats.seed", "above": 1}, "run-cats.seed is not a number"),
        ("lies", {"figure": "run-cats.val_nll.8"}, "it needs above, below, or near together with within"),
        ("lies", {"figure": "run-cats.val_nll.8", "near": 1}, "near together with within"),
        ("lies", {"figure": {"maen": TRAIN_CURVE}, "above": 1}, "did you mean “mean”?"),
        ("lies", {"figure": {"ratio": [1]}, "above": 1}, "too many or too few"),
        ("lies", {"figure": {"ln": [2, 2]}, "above": 1}, "too many or too few"),
        ("lies", {"figure": {"ratio": [1, 0]}, "above": 1}, "there is no ratio of 1, 0"),
        ("lies", {"figure": [1, 2], "above": 1}, "a figure is a number, the path of a fact, or a group"),
        ("lies", {"figure": {"mean": TRAIN_CURVE, "between": [275]}, "above": 1}, "between is a list of 1; it must be"),
        ("lies", {"figure": {"mean": TRAIN_CURVE, "between": [7, 6]}, "above": 1}, "it must be two iterations"),
        ("lies", {"figure": {"mean": 3}, "above": 1}, "a curve is a path, such as run-shakespeare.train_nll, not 3"),
        ("lies", {"figure": {"between": [1, 2]}, "above": 1}, "a figure has no way to make it; give it one of mean,"),
        ("lies", {"figure": {"sum": [1], "between": [1, 2]}, "above": 1}, "between belongs to a curve"),
        ("equals", {"fact": "run-cats.model", "value": 1}, "names a group of facts"),
        ("samples_have", {"run": "run-cats", "pattern": "("}, "the pattern “(” is not a regular expression"),
        ("commonest", {"corpus": "cats"}, "it needs characters or pairs"),
        ("code_says", {"file": "engine/cpu/gpt.wasm", "code": "x"}, "the file engine/cpu/gpt.wasm is not text"),
        ("code_says", {"file": "/etc/hosts", "code": "x"}, "there is no file /etc/hosts in this project"),
        ("stays", {"curve": "run-cats.seed", "above": 1}, "is not a curve"),
        ("stays", {"curve": TRAIN_CURVE, "between": [20, 30], "above": 1}, "has no point between"),
        ("goes", {"curve": TRAIN_CURVE, "way": "round"}, "it is up or down"),
        ("ranked", {"figures": {"a": 1, "c": 2}, "lowest": "b"}, "the name of one of a, c"),
        ("samples_have", {"run": "run-cats", "words": ["a"], "at": [3]}, "has no sample at iteration 3"),
        ("samples_have", {"run": "run-cats"}, "it needs words or a pattern"),
        ("code_says", {"file": "engine/none.ts", "code": "x"}, "there is no file engine/none.ts"),
    ],
)
def test_an_authors_mistake_is_not_taken_for_a_finding(name: str, given: dict, words: str | None, facts: Facts) -> None:
    """What is only missing here, a recording or a text, is another kind of error."""
    with pytest.raises(WrongPathError if words else NotHereError) as caught:
        CHECKS[name](facts, **given)
    assert (words or "") in str(caught.value)


WRONG: list[Any] = [None, True, -1, 10**400, "", "x", "(", "..", "run-cats", "run-cats.phases.x", "run-cats.phase"]
WRONG += ["corpora", "corpora.x.y", "speed", [], [275], [7, 1], [1, 2, 3], ["a"], {}, {1: 2}, {"mean": 3}, {"ln": 0}]
WRONG += [
    {"mean": TRAIN_CURVE, "between": [275]},
    {"mean": "run-cats.sample"},
    {"jump": TRAIN_CURVE, "between": [1, 1]},
]
WRONG += [{"exp": 10000}, {"power": [-1, 0.5]}, {"power": [10, 10000]}, {"sum": [None]}, {"sum": "run-cats.seed"}]


@pytest.mark.parametrize("name", CHECKS)
def test_whatever_stands_under_with_an_author_reads_a_sentence(name: str, facts: Facts) -> None:
    """Each parameter takes each of these values in turn, or is left out, as docs/claims.yml would have it."""
    good = next(given for check, given, *_ in CASES if check == name)
    told = 0
    for parameter in parameters(name)["properties"]:
        for wrong in [*WRONG, {"a": 1, "b": WRONG}, LEFT_OUT]:
            given = {**good, parameter: wrong} if wrong is not LEFT_OUT else {**good}
            if wrong is LEFT_OUT:
                given.pop(parameter, None)
            problems = strict_yaml.problems(given, parameters(name), "")
            if problems:
                assert all(len(problem.message) > 20 for problem in problems)
                told += 1
                continue
            claim = Claim("x.md", "So.", name, given, ("a", 1), (), 1)
            result = examine(claim, facts, Page("So."))
            assert result.error is None or len(result.error.message) > 20
            told += bool(result.error)
    assert told > 10


def test_a_missing_recording_is_for_its_author_to_put_right(facts: Facts) -> None:
    with pytest.raises(NoRecordingError, match=r"no recording docs/recorded/run-dogs\.json"):
        facts.at("run-dogs.seed")


def test_altering_one_figure_leaves_the_others(facts: Facts) -> None:
    other = facts.changed("corpora.cats.rungs.bigram", 9.0)
    assert other.at("corpora.cats.rungs.bigram") == 9.0 != facts.at("corpora.cats.rungs.bigram")
    assert other.at("corpora.cats.rungs.unigram") == facts.at("corpora.cats.rungs.unigram")
    for path in ("run-cats.val_nll.3", "run-cats", "limits.x"):
        with pytest.raises(WrongPathError):
            facts.changed(path, 1)


def test_a_recordings_name_may_have_dots(facts: Facts) -> None:
    assert facts.at("preset-cats-warm-0.003-0.train_nll.7") == 1.1
    with pytest.raises(NoRecordingError, match=r"no recording docs/recorded/preset-cats-cold-0\.01-5\.json"):
        facts.at("preset-cats-cold-0.01-5.train_nll.7")


def test_paths_into_lists(facts: Facts) -> None:
    assert facts.at("run-cats.phases.1") == "letters"
    assert facts.changed("run-cats.phases.1", "z").at("run-cats.phases") == ["random", "z", "words"]


def test_its_paths_are_made_of_steps(tmp_path: Path, facts: Facts) -> None:
    """Also a whole project's: model facts follow from the recording's own shape."""
    assert facts.at("run-cats.model.n_params") == (20 + 8) * 8 + 4 * 64 + 8 * 64 + 4 * 8 + 2 * 8
    assert facts.at("run-cats.model.bytes") == 4 * facts.at("run-cats.model.n_params")
