"""Catches: a text normalised or split differently from the engine, a script that the page cannot read, an author's
mistake that ends in a traceback or in a sentence that does not say what to do."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
from pathlib import Path

import pytest

from texts import corpus as corpora
from texts import corpus_script


@pytest.fixture
def project(tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project set to Shakespeare, with an author's own text `wind.txt`, and no corpus chosen on the command line."""
    (tmp_path / "engine").mkdir()
    (tmp_path / "engine" / "model.json").write_bytes((root / "engine" / "model.json").read_bytes())
    set_to(tmp_path, corpora.SHAKESPEARE)
    own = tmp_path / "docs" / "corpora"
    own.mkdir(parents=True)
    (own / "wind.txt").write_text("The wind rose, and the wind fell.\n" * 30, encoding="utf-8")
    monkeypatch.delenv(corpora.VARIABLE, raising=False)
    return tmp_path


def load(project: Path, data: bytes, name: str = "own.txt") -> corpora.Corpus:
    (project / name).write_bytes(data)
    return corpora.load(str(project / name), project)


def read_script(script: str) -> dict:
    found = re.fullmatch(r"\(globalThis\.pressStartCorpora \?\?= \{\}\)\[(\".*?\")\] = (\{.*\});\n", script)
    assert found is not None
    content = json.loads(found[2])
    assert content["name"] == json.loads(found[1])
    return content


def test_byte_order_mark_and_carriage_returns_go(project: Path) -> None:
    corpus = load(project, b"\xef\xbb\xbfone\r\ntwo\r\n \xf0\x9f\x8c\xac\xc3\xa9" * 1)
    assert corpus.text == "one\ntwo\n \U0001f32c\u00e9"
    assert corpus.bytes == 8 + 1 + 4 + 2
    assert corpus.sha256 == hashlib.sha256(corpus.text.encode()).hexdigest()
    # Characters are code points, in their order, from any plane.
    assert corpus.vocab == ["\n", " ", "e", "n", "o", "t", "w", "\u00e9", "\U0001f32c"]


@pytest.mark.parametrize(("characters", "split"), [(10, 9), (11, 9), (19, 17), (20, 18), (1_115_394, 1_003_854)])
def test_split_is_floor_of_nine_tenths(characters: int, split: int, root: Path) -> None:
    corpus = corpora.Corpus("x", "x", "ab" * (characters // 2) + "a" * (characters % 2), "", root)
    assert corpus.split == split
    assert corpus.train + corpus.validation == corpus.text
    assert len(corpus.train) == split


def test_page_script_carries_the_whole_text(corpus: corpora.Corpus) -> None:
    content = read_script(corpus_script.page_script(corpus))
    assert gzip.decompress(base64.b64decode(content.pop("gzip_base64"))).decode() == corpus.text
    assert content == {
        "name": corpus.name,
        "title": corpus.title,
        "sha256": corpus.sha256,
        "bytes": len(corpus.text.encode()),
        "vocab_size": len(set(corpus.text)),
        "characters": sorted(set(corpus.text)),
        "rungs": corpus.rungs(),
        "credits": corpus.credits,
        "floor": corpus.floor,
    }
    assert corpus_script.page_script(corpus).isascii()


def test_page_script_is_the_same_when_built_again(project: Path) -> None:
    first = corpus_script.page_script(corpora.load("wind", project))
    assert first == corpus_script.page_script(corpora.load("wind", project))


@pytest.mark.parametrize("name", ["play-machine", "echo"])
def test_a_generated_text_has_a_floor_below_every_rung(root: Path, name: str) -> None:
    corpus = corpora.load(name, root)
    assert corpus.floor is not None
    assert 0 < corpus.floor < min((corpus.rungs() or {}).values())
    assert set(corpus.vocab) <= set(corpus.train)


def test_a_choice_is_a_name_a_stem_or_a_path(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert corpora.available(project) == ["shakespeare", "play-machine", "echo", "wind"]
    assert corpora.load("wind", project).name == "wind"
    assert load(project, b"some words " * 20, "My own (2).txt").name == "My-own-2"
    monkeypatch.setenv(corpora.VARIABLE, "wind")
    assert corpora.load(None, project).name == "wind"


def test_own_texts_have_no_floor_and_short_ones_no_rungs(project: Path) -> None:
    wind = corpora.load("wind", project)
    assert wind.floor is None
    assert wind.rungs() is not None
    short = load(project, b"short, but not too short. " * 24)  # 624 characters, 63 of them for validation
    assert short.rungs() is None
    assert read_script(corpus_script.page_script(short))["rungs"] is None


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"caf\xe9", ["not UTF-8", "the byte E9 at line 1, column 4", "save it as UTF-8"]),
        (b"", ["0 different characters", "at least 2"]),
        (b"aaaa", ["1 different characters", "at least 2"]),
        (
            "".join(map(chr, range(0x4E00, 0x4E00 + 300))).encode(),
            ["300 different characters", "at most 256", "write it in an alphabet"],
        ),
    ],
)
def test_a_text_that_no_model_takes_is_refused_in_words(project: Path, data: bytes, words: list[str]) -> None:
    with pytest.raises(corpora.CorpusError) as problem:
        load(project, data)
    for word in [*words, "own.txt"]:
        assert word in str(problem.value)


def test_an_unknown_name_gets_a_suggestion(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(corpora.CorpusError, match="Did you mean shakespeare"):
        corpora.load("shakespear", project)
    monkeypatch.setenv(corpora.VARIABLE, "/no/such/text")
    with pytest.raises(corpora.CorpusError, match=r"PRESS_START_CORPUS: .*/no/such/text.*Known names: shakespeare"):
        corpora.load(root=project)


def test_a_name_means_one_text(project: Path) -> None:
    with pytest.raises(corpora.CorpusError, match="belongs to another text"):
        load(project, b"not by him", "shakespeare.txt")
    with pytest.raises(corpora.CorpusError, match="belongs to another text"):
        load(project, b"another wind", "wind.txt")


def test_tiny_shakespeare_is_known_by_its_bytes(project: Path, corpus_file: Path, corpus: corpora.Corpus) -> None:
    copy = load(project, corpus_file.read_bytes(), "copy.txt")
    assert copy.name == ("shakespeare" if corpus.name == "shakespeare" else "copy")


@pytest.mark.parametrize(
    ("characters", "way_out"), [(129, "largest block_size that fits it is 63"), (12, "at least 18")]
)
def test_a_text_too_short_for_a_window_names_the_largest_that_fits(
    project: Path, characters: int, way_out: str
) -> None:
    corpus = load(project, (b"ab" * 100)[:characters])
    with pytest.raises(corpora.CorpusError, match=way_out):
        corpora.check_length(corpus, 64)
    if characters > 18:
        corpora.check_length(corpus, 63)


def test_text_file_holds_the_normalised_text(project: Path) -> None:
    corpus = load(project, b"one\r\ntwo\r\n")
    assert corpora.text_file(corpus).read_bytes() == b"one\ntwo\n"


def set_to(project: Path, name: str) -> None:
    """Sets another text as the project's own in engine/model.json."""
    file = project / "engine" / "model.json"
    file.write_text(json.dumps(json.loads(file.read_text(encoding="utf-8")) | {"corpus": name}), encoding="utf-8")


def test_the_project_is_set_to_one_text_and_every_command_takes_it(project: Path) -> None:
    assert corpora.project_choice(project) == corpora.SHAKESPEARE
    set_to(project, "wind")
    assert corpora.project_choice(project) == "wind"
    assert corpora.load(root=project).name == "wind"
    set_to(project, corpora.PLAY_MACHINE)
    assert corpora.load(root=project).name == corpora.PLAY_MACHINE


def test_a_text_that_the_project_does_not_have_is_reported_with_its_place(project: Path) -> None:
    set_to(project, "wnd")
    with pytest.raises(corpora.CorpusError, match=r"engine/model\.json, corpus: .*Did you mean wind\?"):
        corpora.load(root=project)


def test_a_text_that_is_called_project_is_refused(project: Path) -> None:
    """For every command, that word means the project's text, whichever it is."""
    (project / "docs/corpora/project.txt").write_text("a text of its own\n" * 20, encoding="utf-8")
    with pytest.raises(corpora.CorpusError, match=r"docs/corpora/project\.txt: .* give the file another name"):
        corpora.load(root=project)
