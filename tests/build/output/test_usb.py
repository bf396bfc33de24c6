"""Catches: one lesson whose failure stops the whole stick, lessons of two folders that write the same file, a reason
that is missing or repeated for each lesson, markup in a title, an owner's file that is deleted."""

from __future__ import annotations

import base64
import gzip
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from output import usb
from output.policy import PLACE
from texts.corpus import Corpus

PAGE = f"""<!doctype html><html><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{PLACE}"></head>
<body><article class="md-content__inner md-typeset"><h1 id="x">TITLE<a class="headerlink" href="#x">¶</a></h1>
BODY</article></body></html>
"""
GOOD = ("lessons/good.html", "Good", "<p>Words.</p>")
DEMO = ("lessons/demo.html", "Demo", '<iframe src="frame.html"></iframe>')


@pytest.fixture
def text(root: Path) -> Corpus:
    return Corpus("small", "A small text", "To be, or not to be. " * 20, "By nobody.", root)


@pytest.fixture
def make(tmp_path: Path, text: Corpus) -> Callable[..., usb.Made]:
    """make((page, title, body), ...) makes the stick for a site with these pages."""

    def made(*pages: tuple[str, str, str]) -> usb.Made:
        site = tmp_path / "site"
        packed = base64.b64encode(gzip.compress(text.text.encode())).decode()
        about = {"name": text.name, "title": text.title, "credits": text.credits, "sha256": text.sha256}
        script = json.dumps(about | {"gzip_base64": packed})
        files = {
            "assets/press-start/corpus-small.js": f'(globalThis.pressStartCorpora ??= {{}})["small"] = {script};\n'
        }
        for page, title, body in [("credits.html", "Credits", "<p>Credits.</p>"), *pages]:
            files[page] = PAGE.replace("TITLE", title).replace("BODY", body)
        files["lessons/frame.html"] = "<p>no page of MkDocs</p>"
        for name, content in files.items():
            (site / name).parent.mkdir(parents=True, exist_ok=True)
            (site / name).write_text(content, encoding="utf-8")
        return usb.make(site, text, tmp_path / "dist")

    return made


def read_me(made: usb.Made) -> str:
    (file,) = [path for path in made.files if path.name == usb.READ_ME]
    return " ".join(file.read_text(encoding="utf-8-sig").split())


def singles(made: usb.Made) -> list[str]:
    return sorted(path.name for path in made.files if path.suffix == ".html")


def test_a_lesson_that_cannot_stand_alone_is_left_out_with_its_reason_and_the_zip_holds_it(
    make: Callable[..., usb.Made],
) -> None:
    film = ("lessons/film.html", "Film", '<video src="../clip.webm"></video>')
    made = make(GOOD, DEMO, film)
    assert singles(made) == ["good.html"]
    assert usb.report(made.left_out).splitlines() == [
        "In the zip, but not as one file:",
        "  docs/lessons/demo.md: it loads frame.html in <iframe>, which one file cannot hold; use a picture",
        "  docs/lessons/film.md: it loads ../clip.webm in <video>, which one file cannot hold; use a picture",
    ]
    with zipfile.ZipFile(made.files[0]) as archive:
        names = set(archive.namelist())
    assert {f"press-start/site/lessons/{name}.html" for name in ("good", "demo", "film", "frame")} <= names
    said = read_me(made)
    assert 'good.html the lesson "Good", all in one file' in said
    assert 'Only in the zip, because it does not fit into one file: the lesson "Demo" the lesson "Film"' in said


def test_a_stick_without_single_files_does_not_speak_of_them(make: Callable[..., usb.Made]) -> None:
    made = make(DEMO)
    assert singles(made) == [] and made.files[0].is_file()
    assert "A lesson in one file" not in read_me(made) and "(a lesson in one file" not in read_me(made)
    assert "(a lesson in one file is the easiest to upload)" in read_me(make(GOOD))


def test_what_keeps_all_lessons_out_is_reported_once(make: Callable[..., usb.Made]) -> None:
    """Each single file contains the credits, so an error in them affects all."""
    made = make(
        GOOD, ("lessons/b.html", "B", ""), ("credits.html", "Credits", '<img src="https://x.example/logo.png">')
    )
    assert usb.report(made.left_out).splitlines()[1:] == [
        "  docs/lessons/b.md, docs/lessons/good.md: it would include credits.html: it loads "
        "https://x.example/logo.png, which is not a file of the site"
    ]


def test_lessons_in_folders_get_files_of_their_own(make: Callable[..., usb.Made]) -> None:
    weeks = [(f"lessons/week{number}/intro.html", f"Week {number}", f"<p>Week {number}.</p>") for number in (1, 2)]
    made = make(GOOD, *weeks)
    assert singles(made) == ["good.html", "week1-intro.html", "week2-intro.html"]
    for number in (1, 2):
        (file,) = [path for path in made.files if path.name == f"week{number}-intro.html"]
        assert f"<p>Week {number}.</p>" in file.read_text(encoding="utf-8")
    assert usb.own(made.files[0].parent) == {path.name for path in made.files} | {usb.SUMS}


@pytest.mark.parametrize(
    ("pages", "names"),
    [
        (["lessons/a/b.html", "lessons/a-b.html"], ["a-b.html", "a-b-2.html"]),
        (["lessons/Intro.html", "lessons/intro.html"], ["Intro.html", "intro-2.html"]),
        (["lessons/e\u0301.html", "lessons/\u00e9.html"], ["e\u0301.html", "\u00e9-2.html"]),
        (["lessons/index.html", "lessons/a/index.html"], ["index.html", "a-index.html"]),
        ([f"lessons/{'long' * 40}/x.html", f"lessons/{'word' * 40}/x.html"], ["x.html", "x-2.html"]),
    ],
)
def test_no_two_lessons_have_the_same_file(pages: list[str], names: list[str]) -> None:
    assert list(usb.file_names(pages).values()) == names


@pytest.mark.parametrize(
    ("heading", "title"),
    [
        ("Q&amp;A: what <em>is</em> a &lt;loss&gt;?", "Q&A: what is a <loss>?"),
        ('Read <a href="../x.html">this <code>first</code></a>', "Read this first"),
        (
            '<span class="ps-formula"><math><mi>ln</mi><mspace width="0.17em" /><mi>V</mi></math></span> nats',
            "ln V nats",
        ),
        ("Two<br>lines, &ldquo;quoted&rdquo;<!-- not this -->", "Two lines, “quoted”"),
        ('<img alt="" src="data:,">', "good.html"),
    ],
)
def test_a_title_is_words(make: Callable[..., usb.Made], heading: str, title: str) -> None:
    assert f'good.html the lesson "{title}", all in one file' in read_me(make(("lessons/good.html", heading, "")))


def test_the_command_makes_the_stick_and_says_what_is_left_out(
    copy_tracked: Callable[[Path], None], root: Path, tmp_path: Path
) -> None:
    """In a realistically named folder, with a lesson in a folder, a small photo and one too large for an e-mail."""
    folder = tmp_path / "Week 1, 100% #2 [new]"
    copy_tracked(folder)
    for made in (".venv", ".cache", "node_modules"):
        (folder / made).symlink_to(root / made, target_is_directory=True)
    lessons = folder / "docs" / "lessons" / "week1"
    lessons.mkdir()
    for name, size in (("Small.JPG", 1000), ("Large.JPG", 4_000_000)):
        (lessons / name).write_bytes(bytes(size))
        (lessons / f"{name[:5].lower()}.md").write_text(f"# *{name[:5]}* & more\n\n![]({name})\n", encoding="utf-8")
    menu = (folder / "mkdocs.yml").read_text(encoding="utf-8")
    entries = "".join(f"  - {name}: lessons/week1/{name}.md\n" for name in ("small", "large"))
    (folder / "mkdocs.yml").write_text(menu.replace("nav:\n", f"nav:\n{entries}"), encoding="utf-8")
    (folder / "dist").mkdir()
    (folder / "dist" / "notes.txt").write_text("mine")
    command = [sys.executable, "build", "usb", "--corpus", "play-machine"]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, encoding="utf-8", timeout=300)
    assert result.returncode == 0, result.stdout + result.stderr
    (said,) = [line for line in result.stdout.split("\n") if line.startswith("  docs/lessons/week1/")]
    assert said.startswith("  docs/lessons/week1/large.md: as one file it has ") and "Large.JPG (5,333,336)" in said
    there = {path.name for path in (folder / "dist").iterdir()}
    assert there >= {usb.ZIP, usb.READ_ME, usb.SUMS, "notes.txt", "week1-small.html", "watch-it-learn.html"}
    assert not any("large" in name for name in there)
    assert 'the lesson "Small & more"' in (folder / "dist" / usb.READ_ME).read_text(encoding="utf-8-sig")


def test_what_the_owner_put_there_or_changed_is_not_ours(make: Callable[..., usb.Made]) -> None:
    made = make(GOOD)
    dist = made.files[0].parent
    (dist / "notes.txt").write_text("mine")
    (dist / usb.READ_ME).write_text("changed")
    assert usb.own(dist) == {usb.SUMS, usb.ZIP, "good.html"}
    (dist / usb.SUMS).write_text("my own sums")
    assert usb.own(dist) == set()
