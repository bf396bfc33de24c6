"""docs/shapes.yml, its drawings and the page of the Loss Curve Doctor.

Catches: a mistake reported at the wrong line, a shape that is missing on the page or has no link target, a curve drawn
outside its frame or upside down, a link that leads nowhere.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from authoring import blocks, shapes
from authoring.shape_drawing import BOTTOM, LEFT, RIGHT, TOP, drawing, thumbnail
from model.model_json import read_description

ONE = """- name: clean
  title: Clean
  symptom: It falls.
  cause: All is well.
  remedy: None.
  certainty: Fair.
  train: [[0, 1], [0.5, 0.5], [1, 0.4]]
"""
TWO = ONE + ONE.replace("clean", "flat").replace("Clean", "Flat")
# What an author writes, the error's line, and words that the error must contain.
MISTAKES = {
    "wrong key": (ONE + "  vall: [[0, 1], [1, 1]]", 8, "unknown field “vall”"),
    "missing": (ONE.replace("  remedy: None.\n", ""), 1, "the field remedy is missing in entry 1"),
    "twice": (ONE + ONE, 8, "there are two shapes “clean”"),
    "a key twice": (ONE + "  title: b", 8, "the field title is given twice"),
    "not a name": (ONE.replace("clean", "Clean Run"), 1, "a name of small letters, digits and hyphens"),
    "turns back": (ONE.replace("[1, 0.4]", "[0.4, 0.4]"), 7, "train, point 3 is [0.4, 0.4], but the point before it"),
    "beyond the run": (ONE.replace("[1, 0.4]", "[200, 0.4]"), 7, "x is the completed fraction of the run"),
    "below nothing": (ONE.replace("[1, 0.4]", "[1, -0.4]"), 7, "is never below 0"),
    "a point of three": (ONE.replace("[1, 0.4]", "[1, 0.4, 2]"), 7, "it must have 2 entries"),
    "one point": (ONE + "  val: [[0, 1]]", 8, "it must have at least 2 entries"),
    "words in a curve": (ONE.replace("0.4]", "low]"), 7, "it must be a number"),
    "not a number": (ONE.replace("0.4]", ".nan]"), 7, "it must be an ordinary number"),
    "a value": (ONE.replace("It falls", "From {{ corpus.rungs.uniform }}"), 3, "which is not filled in here"),
    "two paragraphs": (ONE.replace("It falls.", "|\n   It falls.\n\n   And on."), 3, "must be one paragraph"),
    "empty": ("", 1, "expected a list of shapes"),
    "fields alone": ("name: clean", 1, "expected a list of shapes"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_reported_with_its_line(mistake: str) -> None:
    text, line, words = MISTAKES[mistake]
    with pytest.raises(shapes.ShapesError) as caught:
        shapes.parse(text)
    assert [(error.line, words in error.message) for error in caught.value.errors] == [(line, True)], str(caught.value)
    assert str(caught.value).startswith(f"docs/shapes.yml:{line}: ")


def test_all_mistakes_are_reported_at_once() -> None:
    with pytest.raises(shapes.ShapesError) as caught:
        shapes.parse(TWO.replace("  cause", "  case").replace("[0, 1]", "[0, one]"))
    assert [error.line for error in caught.value.errors] == [4, 7, 11, 14]


def test_the_shapes_that_presets_and_verdicts_name_are_there(root: Path) -> None:
    ours = shapes.read(root)
    assert {"clean", "exploded", "unwound", "flat", "memorising", "noisy"} <= {*ours}
    for shape in ours.values():
        for curve in filter(None, [shape.train, shape.val]):
            assert curve[0][0] == 0 and curve[-1][0] == 1, f"{shape.name} does not span the run"


def test_each_shape_shows_what_it_is_called(root: Path) -> None:
    ours = shapes.read(root)

    def ends(name: str) -> tuple[float, float]:
        return ours[name].train[0][1], ours[name].train[-1][1]

    assert all(ends(name)[0] == 1 for name in ours if name != "high-start"), "an untrained model is at ln V"
    assert ends("exploded")[1] > 5 and ends("high-start")[0] > 2
    assert min(y for _, y in ours["unwound"].train) < 0.8 < 5 < ends("unwound")[1]
    assert all(abs(y - 1) < 0.01 for _, y in ours["flat"].train)
    lowest = min(ours["memorising"].val, key=lambda point: point[1])
    assert ends("memorising")[1] < 0.1 and lowest[0] < 0.5 and ours["memorising"].val[-1][1] > 1
    turns = sum(1 for (_, a), (_, b) in zip(ours["noisy"].train, ours["noisy"].train[1:], strict=False) if b > a)
    assert turns >= 10


def test_a_drawing_stays_in_its_frame_and_is_the_right_way_up(root: Path) -> None:
    for shape in shapes.read(root).values():
        svg = drawing(shape.title, shape.train, shape.val)
        assert f'aria-label="{shape.title}: ' in svg and ">ln V</text>" in svg and "\n" not in svg
        for points, kind in ((shape.train, "train"), (shape.val, "val")):
            found = re.findall(rf'class="ps-line-{kind}" d="M([^"]*)"', svg)
            assert len(found) == (1 if points else 0)
            if not points:
                continue
            places = [tuple(map(float, pair.split())) for pair in found[0].split("L")]
            assert len(places) == len(points)
            assert all(LEFT <= x <= RIGHT and TOP <= y <= BOTTOM for x, y in places), shape.name
            highest = max(range(len(points)), key=lambda index: points[index][1])
            assert places[highest][1] == min(y for _, y in places), "a higher loss stands higher"
        assert thumbnail(shape.train, shape.val).count("<path") == (4 if shape.val else 2)


@pytest.fixture(scope="module")
def site(root: Path) -> blocks.Site:
    return blocks.Site(read_description(root), "x", ["x"], lambda name: None, shapes.parse(TWO))


@pytest.mark.parametrize(
    ("only", "line", "words"),
    [
        ("[clean, falt]", 2, "there is no shape “falt” in docs/shapes.yml; did you mean “flat”?"),
        ("[clean, clean]", 2, "is named twice"),
        ("[]", 2, "at least 1"),
        ("clean", 2, "it must be a list"),
    ],
)
def test_a_block_can_only_name_shapes_that_there_are(site: blocks.Site, only: str, line: int, words: str) -> None:
    errors = blocks.read_page(f"```shapes\nonly: {only}\n```", "docs/x.md", [1, 2, 3], site).errors
    assert [(error.line, words in error.message) for error in errors] == [(line, True)], [str(e) for e in errors]


def test_a_block_shows_the_shapes_that_it_names_in_their_order(site: blocks.Site) -> None:
    page = blocks.read_page("a\n```shapes\nonly: [flat, clean]\n```\nb", "docs/x.md", range(1, 6), site)
    assert re.findall(r"## (\w+)", page.markdown) == ["Flat", "Clean"]
    assert page.markdown.endswith("\nb")


@pytest.mark.parametrize(
    ("page", "seen"),
    [
        ("reference/doctor.md", "see [a *b*](../lessons/x.md#part), [c](../y.md) and"),
        ("lessons/deep/own.md", "see [a *b*](../x.md#part), [c](../../y.md) and"),
        ("own.md", "see [a *b*](lessons/x.md#part), [c](y.md) and"),
    ],
)
def test_a_link_leads_from_each_page_to_a_page_of_the_site_or_is_text(site: blocks.Site, page: str, seen: str) -> None:
    links = "see [a *b*](lessons/x.md#part), [c](y.md) and [gone](lessons/gone.md#part)"
    kept = " [here](#flat) [there](https://example.org/x.md) ![picture](z.png)"
    described = shapes.parse(TWO.replace("remedy: None.", f"remedy: >-\n    {links}{kept}", 1))
    known = replace(site, shapes=described, pages={page, "y.md", "lessons/x.md"})
    shown = blocks.read_page("```shapes\n```", f"docs/{page}", range(1, 3), known).markdown
    assert f"**Remedy** {seen} gone{kept}\n" in shown


def test_each_link_of_the_shapes_names_a_page(root: Path) -> None:
    """A misspelt one would be shown as text."""
    found = re.findall(r"\]\(([^)#]+\.md)", (root / shapes.FILE).read_text(encoding="utf-8"))
    assert found
    assert [file for file in found if not (root / "docs" / file).is_file()] == []


def test_the_doctor_describes_every_shape_under_a_heading_that_can_be_linked_to(lesson_site: Path, root: Path) -> None:
    html = (lesson_site / "reference/loss-curve-doctor.html").read_text(encoding="utf-8")
    for shape in shapes.read(root).values():
        assert html.count(f'id="{shape.name}"') == 1
        assert html.count(f'href="#{shape.name}"') >= 2, "from the index and from the heading itself"
        assert f'aria-label="{shape.title}: ' in html
    assert "press-start.js" not in html, "drawings need no program"


def test_a_broken_file_stops_the_build(project, root: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/shapes.yml").write_text(ONE.replace("title", "tilte"), encoding="utf-8")
    with pytest.raises(shapes.ShapesError, match=r"docs/shapes\.yml:2: unknown field “tilte”.*did you mean “title”"):
        shapes.read(tmp_path)
