"""The pages of a site built with a text that is not Shakespeare's.

Catches: a phase named after Shakespeare for a model that never read him; a sentence that is true of one text, but is
shown for every text; a page that cannot be built with another text.
"""

from __future__ import annotations

import copy
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from markupsafe import Markup

from authoring import blocks, shapes
from authoring.presets import read as read_presets
from model.model_json import read_description
from prose import known_values, page_values
from recorded import headless, recorded_runs
from recorded.recorded_runs import Recording
from recorded.recorded_speed import read as read_speed
from texts import corpus as corpora
from texts.text_about import BUILT_IN

# What is true only of tiny Shakespeare, of plays, or of English.
OF_SHAKESPEARE = [
    "Shakespeare-flavoured",
    "*I*, *not*, *your*",
    "an understanding of Shakespeare",
    "That moves his range to",
    "Shannon's letters give",
]
OF_PLAYS = ["what a play looks like", "same for every speech", "speakers' names"]
OF_ENGLISH = [
    "the line break, *e*, *t*, *a*",
    "*th*, *he*, *an*",
    "writes *the* long before",
    "hundreds of times as long",
]
VERSE = [
    "Es war einmal ein Müller, der hatte nichts als eine Mühle und einen Esel.",
    "Der Wind ging über das Land, und die Flügel drehten sich Tag und Nacht.",
    "Da kam ein Fremder des Weges und fragte: Wem gehört das Korn auf dem Wagen?",
    "Niemandem, sagte der Müller, und wer es mahlt, dem gehört das Mehl!",
    "So blieben sie beisammen, bis der Schnee die Wege zudeckte.",
]
GERMAN = "\n".join(VERSE[(i * i + i // 7) % 5][: 40 + 11 * i % 37] for i in range(120)) + "\n"
# How far the recorded run came: its best val is below the last phase border, or above all borders but the first.
FAR, SHORT = -0.3, 1.9


def text(root: Path, name: str, own_phases: tuple[str, ...] | None = None) -> corpora.Corpus:
    return corpora.Corpus(name, name, GERMAN, "", root, own_phases)


def recordings(root: Path, main: corpora.Corpus, lift: float) -> list[Recording]:
    """The project's recordings; those of the play machine as if they had been made on `main`."""
    found = recorded_runs.read(root / "docs/recorded")
    for recording in copy.deepcopy([one for one in found if one.corpus == "play-machine"]):
        run = recording.run
        run["corpus"] |= {"name": main.name, "sha256": main.sha256}
        for part in (*run["samples"], *run["curve"]):
            part["val"] = None if part["val"] is None else part["val"] + lift
        for sample in run["samples"]:
            number = run["config"]["phases"].index(sample["phase"])
            sample["phase"] = main.phases[number if lift == FAR else min(number, 1)]
        run["config"]["phases"] = main.phases
        run["config"]["model"]["vocab_size"] = len(main.vocab)
        found.append(Recording(recorded_runs.file_name(main.name, recording.preset), run))
    return found


@pytest.fixture
def read(root: Path) -> Any:
    """read(corpus, lift): every page of docs/ with the values and blocks for that text; there must be no errors."""

    def read_all(main: corpora.Corpus, lift: float = FAR) -> dict[str, str]:
        def corpus_of(name: str) -> corpora.Corpus:
            if name == main.name:
                return main
            if name == corpora.SHAKESPEARE:  # it may need a network, which only pages built with it may use
                raise corpora.CorpusError("this page asks for Shakespeare")
            return corpora.load(name, root)

        described, found = read_description(root), recordings(root, main, lift)
        sources = known_values.Sources(
            description=described,
            main=main,
            corpus_names=[main.name, *corpora.available(root)],
            corpus=corpus_of,
            corpus_choice=main.name,
            recordings=found,
            presets=read_presets(root),
            speed=read_speed(root),
            quote=lambda _recording, sample: Markup("<q>{}</q>").format(sample["iteration"]),
            single_file_bytes=25_000_000,
            abouts=[corpora.About("Der Müller", "By nobody.")],
        )
        values = known_values.known_values(sources)
        values |= {"source": lambda *_: Markup(""), "fields_of": lambda _: Markup(""), "claim_checks": Markup("")}
        names = list(dict.fromkeys([main.name, *corpora.available(root)]))
        site = blocks.Site(described, main.name, names, corpus_of, shapes.read(root), read_presets(root), found)
        pages = {}
        for path in sorted((root / "docs").rglob("*.md")):
            where, said = path.relative_to(root).as_posix(), []

            def prose(words: str, line: int, where: str = where, said: list[str] = said) -> Any:
                filled = page_values.render(words, where, line, values)
                said.append(filled.markdown)
                return f"<p>{filled.markdown}</p>", filled.errors

            filled = page_values.render(path.read_text(encoding="utf-8"), where, 1, values)
            page = blocks.read_page(filled.markdown, where, filled.lines, site, prose)
            assert [*filled.errors, *page.errors] == []
            islands = json.dumps([block.island for block in page.blocks if block.kind == "runner"], ensure_ascii=False)
            pages[path.relative_to(root / "docs").as_posix()] = "\n".join([page.markdown, *said, islands])
        return pages

    return read_all


@pytest.mark.parametrize("lift", [FAR, SHORT], ids=["to the last phase", "short of it"])
def test_no_page_says_of_a_german_text_what_is_shakespeares(read, root: Path, lift: float) -> None:
    pages = read(text(root, "müller"), lift)
    for words in [*OF_SHAKESPEARE, *OF_PLAYS, *OF_ENGLISH]:
        assert [name for name, page in pages.items() if words in page and name != "authoring.md"] == [], words
    lesson = pages["lessons/watch-it-learn.md"]
    assert lesson.count("Shakespeare") == 1, "Karpathy's essay alone is about him"
    assert '"phases": ["random", "character frequencies", "short words", "in the style of its text"]' in lesson
    assert (
        "which characters are common: the space, *e*, *n*, *d*, *a*. Counting" in lesson
        and "are *er*, *de*, *in*." in lesson
    )
    assert ("### In the style of its text" in lesson) == (lift == FAR)
    assert ("has not reached its last phase" in lesson) == (lift == SHORT)
    assert (",\nbelow the *trigram* rung" in lesson) == (lift == FAR)
    assert "**Der Müller**: By nobody&#46;" in pages["credits.md"]


def test_a_run_that_overfits_is_not_called_clean(read, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run of the usual length on a short text: val loss begins to rise, and a longer run would only be worse."""

    def turned(root: Path, main: corpora.Corpus, lift: float, usual: Any = recordings) -> list[Recording]:
        found = usual(root, main, lift)
        for point in next(one for one in found if (one.corpus, one.preset) == (main.name, None)).run["curve"]:
            if point["iteration"] > 1000 and point["val"] is not None:
                point["val"] += 2.5 * (point["iteration"] - 1000) / 1000
        return found

    ends = [
        "It had been lower before",
        "climbed again after iteration 1,000. Now you have a name for that: the model overfits",
        "and then climbs again, because it has too little text",
    ]
    clean = ["Now you have a name for it: *clean*"]
    straight = read(text(root, "müller"))["lessons/watch-it-learn.md"]
    assert [words in straight for words in ends + clean] == [False, False, False, True]
    monkeypatch.setitem(globals(), "recordings", turned)
    lesson = read(text(root, "müller"))["lessons/watch-it-learn.md"]
    assert [words in lesson for words in ends + clean] == [True, True, True, False]


def test_an_own_name_of_a_phase_reaches_the_pages(read, root: Path) -> None:
    lesson = read(text(root, "müller", ("nichts", "Buchstaben", "Wörter", "märchenhaft")))["lessons/watch-it-learn.md"]
    assert '"phases": ["nichts", "Buchstaben", "Wörter", "märchenhaft"]' in lesson
    assert "which goes through all four\nphases" in lesson


def test_a_text_of_plays_keeps_what_is_true_of_plays(read, root: Path) -> None:
    lesson = read(corpora.load("play-machine", root))["lessons/watch-it-learn.md"]
    assert "what a play looks like" in lesson and "speakers' names" in lesson
    assert all(words not in lesson for words in OF_SHAKESPEARE)


def test_shakespeares_pages_keep_what_is_his(read, root: Path) -> None:
    lesson = read(text(root, "shakespeare", BUILT_IN["shakespeare"].phases))["lessons/watch-it-learn.md"]
    for words in (*OF_SHAKESPEARE, "what a play looks like"):
        assert words in lesson


def test_a_recording_has_the_phase_names_of_its_text(
    root: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    handed: list[dict] = []
    ended = subprocess.CompletedProcess([], returncode=1, stdout=b"")  # as if it failed before writing anything
    monkeypatch.setattr(headless, "_run", lambda _program, wanted, *_, **__: handed.append(wanted) or ended)
    monkeypatch.setattr(corpora, "text_file", lambda corpus: tmp_path / corpus.name)
    own = ("nichts", "Buchstaben", "Wörter", "märchenhaft")
    for name, phases in (("a", None), ("b", own), ("shakespeare", BUILT_IN["shakespeare"].phases)):
        headless.record(text(root, name, phases), tmp_path / "run.json", root=root)
    assert [wanted["phases"][-1] for wanted in handed] == [
        "in the style of its text",
        "märchenhaft",
        "Shakespeare-flavoured",
    ]
    # A recording is stale if its text's phases were renamed later.
    run = json.loads((root / "docs/recorded/run-play-machine.json").read_text(encoding="utf-8"))
    recording, described = Recording("docs/recorded/run-play-machine.json", run), read_description(root)
    assert recorded_runs.stale(recording, described, read_presets(root), None, "play-machine") is None
    stale = recorded_runs.stale(recording, described, read_presets(root), None, "play-machine", own)
    assert stale is not None and "other phase names" in stale.reason


def test_only_shakespeares_recordings_speak_of_him(root: Path) -> None:
    for recording in recorded_runs.read(root / "docs/recorded"):
        words = json.dumps([recording.run["config"]["phases"], [one["phase"] for one in recording.run["samples"]]])
        assert bool(re.search("Shakespeare", words)) == (recording.corpus == corpora.SHAKESPEARE), recording.file
