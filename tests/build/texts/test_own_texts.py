"""An author's own texts, from anywhere in the world.

Catches: two files that silently become one text, a name that loses letters, a text that is overlooked, a file in
another encoding that is refused without a line number, a text whose unusual end silently spoils its validation.
"""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import pytest

from output import usb
from prose import page_values
from prose.named_values import Names
from recorded import recorded_runs
from texts import corpus as corpora
from texts import corpus_script, one_text, text_names

TEXT = "The wind rose, and the wind fell.\n" * 40


@pytest.fixture
def project(tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project without any text of its own."""
    (tmp_path / "engine").mkdir()
    (tmp_path / "engine/model.json").write_bytes((root / "engine/model.json").read_bytes())
    (tmp_path / "docs/corpora").mkdir(parents=True)
    monkeypatch.delenv(corpora.VARIABLE, raising=False)
    monkeypatch.setattr(one_text, "_said", set())
    return tmp_path


def add(project: Path, file: str, content: str | bytes = TEXT) -> Path:
    path = project / "docs/corpora" / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def refusal(project: Path, choice: str | Path) -> str:
    with pytest.raises(corpora.CorpusError) as problem:
        corpora.load(str(choice), project)
    return str(problem.value)


# ---- names ----


@pytest.mark.parametrize(
    ("file", "name", "title"),
    [
        ("Война и мир.txt", "Война-и-мир", "Война и мир"),
        ("中文.txt", "中文", "中文"),
        ("Größe aus Köln.txt", "Größe-aus-Köln", "Größe aus Köln"),
        ("हिन्दी_कविता.txt", "हिन्दी_कविता", "हिन्दी कविता"),
        ("ألف ليلة.TXT", "ألف-ليلة", "ألف ليلة"),
        ("Jean-Paul (1804).Txt", "Jean-Paul-1804", "Jean-Paul (1804)"),
        (unicodedata.normalize("NFD", "Café Größe.txt"), "Café-Größe", "Café Größe"),
    ],
)
def test_letters_of_all_scripts_stay(project: Path, file: str, name: str, title: str) -> None:
    path = add(project, file)
    assert corpora.available(project) == ["shakespeare", "play-machine", "echo", name]
    for choice in (name, path.stem, path.stem.lower(), unicodedata.normalize("NFD", name), str(path)):
        found = corpora.load(choice, project)
        assert (found.name, found.title) == (name, title)
    # Generated files carry it too: recordings, the cached copy, the page's script, and what the stick reads of that.
    file_name = unicodedata.normalize("NFD", recorded_runs.file_name(name))
    config = {"seed": "x", "model": {}, "training": {}, "evaluation": {}, "sampling": {}, "phases": []}
    run = {key: [] for key in recorded_runs.WANTED} | {"format": 1, "config": config, "corpus": {"name": name}}
    (project / file_name).write_text(json.dumps(run), encoding="utf-8")
    assert [one.corpus for one in recorded_runs.read(project)] == [name]
    assert name in corpora.text_file(found).name
    script = project / "script.js"
    script.write_text(corpus_script.page_script(found), encoding="utf-8")
    assert usb._text(script).name == name


@pytest.mark.parametrize(
    "files",
    [
        ("Wind.txt", "wind.txt"),
        ("wind.txt", "wind.TXT"),
        ("my text.txt", "my-text.txt"),
        ("my_text.txt", "my-text.txt"),
        (unicodedata.normalize("NFC", "é.txt"), unicodedata.normalize("NFD", "é.txt")),
        ("война.txt", "ВОЙНА.txt"),
        ("STRASSE.txt", "straße.txt"),
        ("a?b.txt", "a b.txt", "a:b.txt"),
    ],
)
def test_twins_are_refused_by_all_their_names(files: tuple[str, ...]) -> None:
    # No single file system allows all of these names.
    found = text_names.sort_out([Path(file) for file in (*files, "other.txt")], corpora.TAKEN)
    assert list(found.files) == ["other"]
    (problem,) = found.all_problems
    for file in files:
        assert f"docs/corpora/{file}" in problem and found.problem(Path(file).stem) == problem
    assert "give one of them another name" in problem


def test_twins_stop_their_own_loading_alone(project: Path) -> None:
    for file in ("my text.txt", "my_text.TXT", "other.txt"):
        add(project, file)
    assert corpora.available(project) == ["shakespeare", "play-machine", "echo", "other"]
    for choice in ("my text", "my_text", "my-text"):
        assert "docs/corpora/my text.txt and docs/corpora/my_text.TXT would both be called" in refusal(project, choice)
    assert corpora.load("other", project).name == "other"


@pytest.mark.parametrize(
    "file", ["shakespeare.txt", "Shakespeare.TXT", "play-machine.txt", "Play Machine.txt", "Project.txt"]
)
def test_a_built_in_text_keeps_its_name(project: Path, file: str) -> None:
    path = add(project, file)
    (problem,) = corpora.own_texts(project).all_problems
    built_in = text_names.name_of(path.stem).lower()
    assert f"docs/corpora/{file}: “{built_in}” stands for" in problem and "give the file another name" in problem
    assert problem in refusal(project, built_in)
    assert "belongs to another text" in refusal(project, path)


@pytest.mark.parametrize(
    ("file", "said"), [("🌬.txt", "no letter or digit"), (f"{'ы' * 70}.txt", "140 bytes long; at most 120 fit")]
)
def test_a_name_that_no_file_could_carry_is_refused(project: Path, file: str, said: str) -> None:
    path = add(project, file)
    assert said in corpora.own_texts(project).all_problems[0]
    assert said in refusal(project, path)


def test_what_is_overlooked_is_named(project: Path) -> None:
    add(project, "._wind.txt")  # macOS creates such files on a stick
    add(project, "wind.md")
    add(project, "week1/sea.txt")
    assert corpora.available(project) == ["shakespeare", "play-machine", "echo"]
    assert "docs/corpora/wind.md: a text there ends in .txt" in refusal(project, "wind")
    assert "docs/corpora/week1/sea.txt: move it to docs/corpora/ itself" in refusal(project, "sea")


def test_a_page_names_a_text_as_it_is_called() -> None:
    values = {"corpora": Names("corpora", {"Größe-aus-Köln": "one", "1984": "two", "мир": "three"})}

    def render(markdown: str) -> page_values.Rendered:
        return page_values.render(markdown, "docs/x.md", 1, values)

    decomposed = unicodedata.normalize("NFD", "Größe_aus_Köln")
    page = render(f'{{{{ corpora.Größe_aus_Köln }}}} {{{{ corpora.{decomposed} }}}} {{{{ corpora["1984"] }}}}')
    assert (page.markdown, page.errors) == ("one one two", [])
    (error,) = render("{{ corpora.Война }}").errors
    assert '"Größe_aus_Köln' not in error.message and 'Größe_aus_Köln, ["1984"], мир' in error.message


# ---- the description file beside a text ----

FAUST = """\
title: Faust
author: Johann Wolfgang von Goethe
licence: public domain
source: https://www.gutenberg.org/ebooks/2229
phases: [nothing, letters, words, Faust-like]
"""


@pytest.mark.parametrize("sidecar", ["faust_1.yml", "Faust_1.yaml", "FAUST_1.YML"])
def test_a_file_beside_it_says_what_it_is(project: Path, sidecar: str) -> None:
    add(project, "faust_1.txt")
    assert corpora.load("faust-1", project).credits == ""
    add(project, sidecar, FAUST)
    faust = corpora.load("faust-1", project)
    assert (faust.title, faust.phases) == ("Faust", ["nothing", "letters", "words", "Faust-like"])
    said = "By Johann Wolfgang von Goethe. Licence: public domain. Source: https://www.gutenberg.org/ebooks/2229"
    assert faust.credits == said
    assert f'"credits": "{said}"' in corpus_script.page_script(faust)
    assert corpora.phases("faust_1", project) == faust.phases


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"title: Faust\nlicense: MIT\n", "docs/corpora/faust.yml:2: unknown field “license”; did you mean “licence”?"),
        (b"title: 1984\n", 'docs/corpora/faust.yml:1: title is 1984; it must be text, so put it in quotes: "1984"'),
        (b"\nphases: [a, b]\n", "docs/corpora/faust.yml:2: phases is a list of 2; it must have 4 entries"),
        (b"title: Faust: der Trag\xc3\xb6die\n", "docs/corpora/faust.yml:1: there is one colon too many"),
        (b"- Faust\n", "docs/corpora/faust.yml:1: expected lines of the form"),
        (b"author: M\xf6rike\n", "docs/corpora/faust.yml is not UTF-8: the byte F6 at line 1, column 10"),
    ],
)
def test_a_mistake_there_has_its_line(project: Path, content: bytes, said: str) -> None:
    add(project, "faust.txt")
    add(project, "faust.yml", content)
    assert said in refusal(project, "faust")


def test_a_description_needs_its_text(project: Path) -> None:
    add(project, "faust.txt")
    add(project, "fuast.yml", FAUST)
    (problem,) = corpora.own_texts(project).all_problems
    assert "docs/corpora/fuast.yml" in problem and "no fuast.txt" in problem
    add(project, "faust.yml", FAUST)
    add(project, "faust.yaml", FAUST)
    assert "faust.yaml and faust.yml both describe it" in refusal(project, "faust")


# ---- bytes ----


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("one\ntwo Größe\n".encode("latin-1"), "the byte F6 at line 2, column 7 does not belong there"),
        ("“x”".encode("cp1252"), "the byte 93 at line 1, column 1 does not belong there (Windows-1252 write"),
        (b"a\rb\r\n\xc3\xa9\xff", "the byte FF at line 3, column 2"),
        ("Größe".encode("utf-16"), "is UTF-16, not UTF-8 (line 1, column 1: the bytes FF FE)"),
        ("Größe".encode("utf-16-be"), "a NUL, a byte of zeros, at line 1, column 1"),
        ("мир\nмир".encode("utf-16-le"), "a NUL, a byte of zeros, at line 2, column 1"),
        (b"one\ntwo\0", "a NUL, a byte of zeros, at line 2, column 4"),
        ("x".encode("utf-32"), "is UTF-32, not UTF-8"),
    ],
)
def test_another_encoding_is_refused_with_line_and_column(project: Path, data: bytes, said: str) -> None:
    message = refusal(project, add(project, "x.txt", data))
    assert said in message and "save it as UTF-8" in message


def test_a_word_processor_document_is_refused(project: Path) -> None:
    assert "is an RTF document, not plain text" in refusal(project, add(project, "x.txt", b"{\\rtf1\\ansi hello}"))


def test_every_line_end_becomes_the_same(project: Path) -> None:
    text = corpora.load(str(add(project, "x.txt", b"\xef\xbb\xbfone\rtwo\r\rthree\r\nfour\r\r\nfive\n")), project).text
    assert text == "one\ntwo\n\nthree\nfour\nfive\n"
    assert corpora.load(str(add(project, "y.txt", "\ufeff\ufeffab\ufeff" + TEXT)), project).text == f"ab\ufeff{TEXT}"


def test_a_mark_inside_is_named_with_its_place(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    corpora.load(str(add(project, "x.txt", f"\ufeff{TEXT}ab\ufeff{TEXT}\ufeff{TEXT}")), project)
    assert "a byte order mark at line 41, column 3 and 1 more" in capsys.readouterr().err


def test_too_many_characters_are_named_with_their_places(project: Path) -> None:
    many = "".join(map(chr, range(0x100, 0x100 + 255)))
    message = refusal(project, add(project, "x.txt", f"{many * 3}\nab\nab\nc\n→→"))
    assert "has 260 different characters, and the model takes at most 256: 4 too many" in message
    assert "The 4 rarest occur 7 times in all: replace or delete them" in message
    assert "“c” U+0063, once at line 4, column 1" in message and "“→” U+2192, 2 times, first at line 5" in message


@pytest.mark.parametrize("start", [0x4E00, 0xAC00])
def test_a_script_of_syllables_gets_its_own_advice(project: Path, start: int) -> None:
    message = refusal(project, add(project, "x.txt", "".join(map(chr, range(start, start + 300)))))
    assert "300 different characters" in message and "write it in an alphabet" in message


# ---- length and end ----


def told(project: Path, capsys: pytest.CaptureFixture[str], content: str) -> str:
    corpora.load(str(add(project, "x.txt", content)), project)
    return capsys.readouterr().err


GERMAN = "Es war einmal ein alter Mann am Fluss, der hatte zwei Boote und eine graue Katze.\n"
ENGLISH = "What the law wants of you: copy this work, by all means, without paying royalties!\n"


def test_a_text_in_order_is_not_warned_of(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert told(project, capsys, GERMAN * 60).splitlines() == ["Corpus: x (x), 4,920 characters, 25 different ones."]


@pytest.mark.parametrize(
    ("end", "said"),
    [
        (f"{ENGLISH * 8}", "its last tenth, from line 62, column"),
        ("Mir gehört 1 Boot.\n" * 25, "2 of its characters occur only in the last tenth"),
        ("1234567890 \n" * 40, "val loss"),
        (
            f"\n*** END OF THE PROJECT GUTENBERG EBOOK ***\n{ENGLISH}",
            "Gutenberg's notes and licence around it, marked at",
        ),
    ],
)
def test_an_end_unlike_the_rest_is_warned_of(
    project: Path, capsys: pytest.CaptureFixture[str], end: str, said: str
) -> None:
    assert said in told(project, capsys, GERMAN * 60 + end)


def test_a_long_text_is_advised_on_and_shows_progress(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    described = json.loads((project / "engine/model.json").read_text(encoding="utf-8"))
    described["training"]["iterations"] = 2
    (project / "engine/model.json").write_text(json.dumps(described), encoding="utf-8")
    corpus = corpora.load(str(add(project, "x.txt", GERMAN * 60)), project)
    advice = capsys.readouterr().err
    assert "is long: 4,920 characters; a whole run of the lesson reads only 4,096" in advice and "MB to load" in advice
    corpus_script.page_script(corpus)
    assert [line.split(" ")[0] for line in capsys.readouterr().err.splitlines()] == [*["Counting"] * 5, "Packing"]
