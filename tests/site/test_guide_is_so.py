"""docs/authoring.md is true: its examples work, and its limits are those of the code.

Catches: an example that the build refuses, a name or a command that has changed, a limit changed in one place only, a
mistake that the build publishes although the guide says that it is refused.
"""

from __future__ import annotations

import importlib.util
import re
import shlex
from html import unescape
from pathlib import Path
from types import ModuleType

import pytest

from authoring import blocks, presets, shapes
from model.model_json import read_description
from output import single_file, usb
from reading.fences import fences
from texts import corpus as corpora
from texts import text_about

TEXT = "The wind rose, and the wind fell.\n" * 40
# What the guide says not to embed, the build's message about it, and words from the guide's advice.
EMBEDDED = {
    "![A cat](https://x.example/cat.png)": (
        "the image “https://x.example/cat.png” would be fetched from elsewhere",
        r"picture beside your lesson.*`!\[[^\]]+\]\([\w.]+\)`",
    ),
    '<iframe src="https://video.example/1"></iframe>': (
        "<iframe> shows another page, which the policy refuses; write a link instead",
        r"`<iframe>`.* link",
    ),
}


@pytest.fixture(scope="module")
def guide(root: Path) -> str:
    return (root / "docs/authoring.md").read_text(encoding="utf-8")


def example(guide: str, field: str) -> str:
    """The YAML example with this field at its left margin."""
    written = ["\n".join(one.content) for one in fences(guide.splitlines()) if one.opening.info == "yaml"]
    (found,) = [one for one in written if re.search(rf"^{field}: ", one, re.MULTILINE)]
    return found


def paragraph(guide: str, words: str) -> str:
    """The paragraph with these words, joined into one line."""
    (found,) = [one for one in (" ".join(one.split()) for one in guide.split("\n\n")) if words in one]
    return found


@pytest.fixture
def texts(tmp_path: Path, root: Path, guide: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with the texts that the guide names, and the guide's description file beside the first."""
    monkeypatch.delenv(corpora.VARIABLE, raising=False)
    (tmp_path / "engine").mkdir()
    (tmp_path / "engine/model.json").write_bytes((root / "engine/model.json").read_bytes())
    (tmp_path / "docs/corpora").mkdir(parents=True)
    for file in {*re.findall(r"`(docs/corpora/[^`]+\.txt)`", guide), "docs/corpora/1984.txt"}:
        (tmp_path / file).write_text(TEXT, encoding="utf-8")
    (beside,) = re.findall(r"`(docs/corpora/[^`]+\.yml)`", guide)
    (tmp_path / beside).write_text(example(guide, "licence"), encoding="utf-8")
    return tmp_path


def test_what_the_guide_writes_beside_a_text_is_read(texts: Path, guide: str) -> None:
    written = dict(line.split(": ", 1) for line in example(guide, "licence").splitlines())
    assert written.keys() == text_about.FIELDS.keys(), "the example shows every field"
    text = corpora.load("my-text", texts)
    assert text.title == written["title"]
    assert [written[name] for name in ("author", "licence", "source") if written[name] not in text.credits] == []
    assert text.phases == written["phases"].strip("[]").split(", ")


def test_texts_have_the_names_that_the_guide_gives_them(texts: Path, guide: str) -> None:
    named = re.findall(r"`docs/corpora/([^`]+)\.txt`\s+is\s+`corpus: ([^`]+)`", guide)
    assert named and {"my-text", *(name for _, name in named)} <= {*corpora.available(texts)}
    for file, name in named:
        assert corpora.load(name, texts).title == file
    values = re.findall(r'\{\{ corpora(?:\.|\[")(\w+)(?:"\])?\.title \}\}', guide)
    assert values and {value.replace("_", "-") for value in values} <= {*corpora.available(texts)}


def test_the_runner_of_the_guide_trains(texts: Path, guide: str) -> None:
    fields = example(guide, "iterations")
    site = blocks.Site(
        read_description(texts),
        "play-machine",
        corpora.available(texts),
        lambda name: corpora.load(name, texts),
        shapes.read(corpora.ROOT),
        presets.read(corpora.ROOT),
    )
    page = f"```runner\n{fields}\n```"
    read = blocks.read_page(page, "docs/x.md", range(1, page.count("\n") + 2), site)
    assert read.errors == []
    assert (read.blocks[0].island["corpus"], read.blocks[0].island["model"]["n_layer"]) == ("my-text", 2)


@pytest.fixture(scope="module")
def program(root: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("build_program", root / "build" / "__main__.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_command_of_the_guide_is_one(guide: str, program: ModuleType) -> None:
    rows = [row for one in fences(guide.splitlines()) if one.opening.info == "sh" for row in one.content]
    inside = re.findall(r"`(python3 build [^`]*)`", guide)
    commands = [shlex.split(row, comments=True) for row in [*rows, *inside]]
    assert {words[2] for words in commands} >= {"serve", "site", "usb", "record", "test"}
    for python, build, *words in commands:
        assert (python, build, program.parser().parse_args(words).command) == ("python3", "build", words[0])
        if words[0] == "serve":  # “then the same with site and usb”
            options = [
                program.parser().parse_args([command, *words[1:]]).corpus for command in ("serve", "site", "usb")
            ]
            assert len({*options}) == 1


def test_limits_and_the_folder_of_a_lesson_are_as_the_guide_says(guide: str, shared_project) -> None:
    """Builds a lesson in a folder, with the guide's passage on limits as its content."""
    single, vocabulary = paragraph(guide, " MB, "), paragraph(guide, " different characters. ")
    file, becomes = re.search(r"`docs/(lessons/\w+/\w+)\.md`, becomes `([^`]+)`", single).groups()
    shared_project.write(f"{file}.md", f"# A lesson in a folder\n\n{single}\n\n{vocabulary}\n")
    result = shared_project.build("--strict")
    assert result.returncode == 0, result.stderr
    site = shared_project.folder / "site"
    assert usb.file_names(usb.lessons(site)) == {f"{file}.html": becomes}
    said = " ".join(unescape(re.sub(r"<[^>]+>", "", shared_project.page(f"{file}.html"))).split())
    assert re.findall(r"([\d.]+) MB\b", said) == [str(single_file.LIMIT_BYTES / 1e6)]
    most = read_description(corpora.ROOT)["limits"]["vocab_size"]["max"]
    assert re.findall(r"(\d+) different characters", said) == [str(most)]


def test_what_the_guide_says_not_to_embed_is_named_with_its_line(guide: str, shared_project) -> None:
    advice = paragraph(guide, "`<iframe>`")
    shared_project.write("page.md", "# Page\n\n" + "\n\n".join(EMBEDDED) + "\n")
    result = shared_project.build("--strict")
    assert result.returncode != 0
    for row, (said, words) in enumerate(EMBEDDED.values()):
        assert f"docs/page.md:{3 + 2 * row}: in the text: {said}" in result.stderr
        assert re.search(words, advice)
    assert result.stderr.count("docs/page.md:") == len(EMBEDDED)
