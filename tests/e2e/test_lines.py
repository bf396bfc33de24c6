"""What each line of a chart looks like, on every kind of chart: live, replayed, recorded, drawn by hand, and in print.

Catches: train and val that change places, or differ in colour, width, dashes or dots from one chart to another; a
legend that shows another line than its chart; a textbook's shape, a rung or a floor that differs by its colour alone.
Which line is train is read from the geometry, never from a class or the order in which lines are drawn.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import Page

PAGE, LESSON, DOCTOR = "trials/everything.html", "lessons/watch-it-learn.html", "reference/loss-curve-doctor.html"
# Notes on each canvas what has been drawn there since it was last cleared.
NOTE = """{
  const { lineTo, moveTo, arc } = Path2D.prototype;
  const note = (path, x, y) => (path.points ??= []).push([x, y]);
  Path2D.prototype.moveTo = function (x, y) { note(this, x, y); return moveTo.call(this, x, y); };
  Path2D.prototype.lineTo = function (x, y) { note(this, x, y); return lineTo.call(this, x, y); };
  Path2D.prototype.arc = function (x, y, radius, ...more) {
    this.radius = radius;
    return arc.call(this, x, y, radius, ...more);
  };
  const own = CanvasRenderingContext2D.prototype, { clearRect, stroke, fill } = own;
  const marks = (context) => context.canvas.marks ??= [];
  own.clearRect = function (...area) { this.canvas.marks = []; return clearRect.apply(this, area); };
  own.stroke = function (...path) {
    const dashes = this.getLineDash().map((length) => length / devicePixelRatio);
    const points = path[0]?.points ?? null;
    marks(this).push({ colour: this.strokeStyle, width: this.lineWidth / devicePixelRatio, dashes, points });
    return stroke.apply(this, path);
  };
  own.fill = function (...path) {
    if (path[0]?.radius) marks(this).push({ dot: this.fillStyle, size: 2 * path[0].radius / devicePixelRatio });
    return fill.apply(this, path);
  };
}"""
SCRUBBER = "document.querySelector('.ps-replay .ps-scrubber')"
# What a variable of the style sheet is now, and a colour as a canvas writes it.
TOOLS = """
  const probe = document.querySelector(".press-start").appendChild(document.createElement("span"));
  const ink = document.createElement("canvas").getContext("2d");
  const plain = (colour) => { ink.fillStyle = colour; return ink.fillStyle; };
  const colour = (name) => { probe.style.color = `var(${name})`; return plain(getComputedStyle(probe).color); };
  const size = (name) => parseFloat(getComputedStyle(probe).getPropertyValue(name));
"""
# The looks that the style sheet defines: {name: {colour, width, dashes}}, and the dots on val.
DEFINED = (
    "() => {"
    + TOOLS
    + """
  const line = (name, width, ...dashes) => ({ colour: colour(name), width: size(width), dashes: dashes.map(size) });
  const textbook = (width) => line("--ps-textbook", width, "--ps-textbook-dash", "--ps-textbook-gap");
  const gap = "--ps-floor-gap";
  const found = {
    train: line("--ps-train", "--ps-train-width"),
    val: line("--ps-val", "--ps-val-width"),
    rung: line("--ps-rung", "--ps-rung-width", "--ps-rung-dash", "--ps-rung-gap"),
    floor: line("--ps-floor", "--ps-floor-width", "--ps-floor-dash", gap, "--ps-floor-dot", gap),
    textbook: textbook("--ps-train-width"),
    textbook_val: textbook("--ps-val-width"),
    dots: { dot: colour("--ps-val"), size: size("--ps-val-point") },
  };
  probe.remove();
  return found;
}"""
)
# The lines and dots of an SVG, with the points of each line as they are written, scaled or not.
IN_SVG = (
    "(svg) => {"
    + TOOLS
    + r"""
  const found = [...svg.querySelectorAll("line, polyline, path")].map((one) => {
    const style = getComputedStyle(one), numbers = one.getAttribute("points") ?? one.getAttribute("d") ?? "";
    const points = [...numbers.matchAll(/(-?[\d.]+)[ ,](-?[\d.]+)/g)].map((pair) => pair.slice(1).map(Number));
    const { stroke, strokeWidth, strokeDasharray, strokeLinecap, vectorEffect } = style;
    const dashes = strokeDasharray === "none" ? [] : strokeDasharray.split(",").map(parseFloat);
    if (/h0/.test(numbers)) return { dot: plain(stroke), size: parseFloat(strokeWidth), cap: strokeLinecap };
    return { colour: plain(stroke), width: parseFloat(strokeWidth), dashes, vectorEffect,
      points: one.localName === "line" || /H/.test(numbers) ? null : points };
  });
  probe.remove();
  return found;
}"""
)
# The colours and sizes in the swatches of a legend, as far as CSS says them.
KEYS = r"""(legend) => Object.fromEntries([...legend.querySelectorAll(".ps-key:not([hidden])")].map((key) => {
  const { backgroundColor, backgroundImage, height } = getComputedStyle(key, "::before");
  const name = [...key.classList].at(-1).replace("ps-key-", "");
  return [name, { height: parseFloat(height), ink: `${backgroundColor} ${backgroundImage}` }];
}))"""


def bare(line: dict[str, Any]) -> dict[str, Any]:
    return {name: line[name] for name in ("colour", "width", "dashes")}


def curves(marks: list[dict]) -> list[dict]:
    return [mark for mark in marks if mark.get("points")]


def levels(marks: list[dict]) -> list[dict]:
    """Dashed lines straight across, which are no curve."""
    found = [bare(mark) for mark in marks if mark.get("dashes") and not mark.get("points")]
    return [line for at, line in enumerate(found) if line not in found[:at]]


def check_measured(marks: list[dict], defined: dict, levels_there: set[str], where: str) -> None:
    """A chart of a run: train is the curve with the more points, because val is measured only now and then."""
    solid = [mark for mark in curves(marks) if not mark["dashes"]]
    assert len(solid) == 2, (where, [len(mark["points"]) for mark in solid])
    val, train = sorted(solid, key=lambda mark: len(mark["points"]))
    assert len(val["points"]) < len(train["points"]), where
    assert bare(train) == defined["train"], where
    assert bare(val) == defined["val"], where
    check_dots(marks, defined, where)
    assert all(line in levels(marks) for line in (defined[name] for name in levels_there)), (where, levels(marks))
    assert len(levels(marks)) == len(levels_there), (where, levels(marks))


def check_dots(marks: list[dict], defined: dict, where: str) -> None:
    dots = [{"dot": mark["dot"], "size": round(mark["size"], 2)} for mark in marks if "dot" in mark]
    assert dots and all(dot == defined["dots"] for dot in dots), (where, dots)


def canvas_marks(page: Page, block: str) -> list[dict]:
    page.wait_for_function("(block) => document.querySelector(`${block} canvas`)?.marks?.length > 0", arg=block)
    return json.loads(
        page.evaluate("(block) => JSON.stringify(document.querySelector(`${block} canvas`).marks)", block)
    )


def check_legends(page: Page, defined: dict, where: str) -> None:
    legends = [legend.evaluate(KEYS) for legend in page.locator(".ps-legend").all()]
    assert len(legends) >= 3 and all({"train", "val"} <= {*legend} or {"train"} <= {*legend} for legend in legends)
    for name in {name for legend in legends for name in legend}:
        assert len({legend[name]["ink"] for legend in legends if name in legend}) == 1, (where, name)
    keys = {name: key for legend in legends for name, key in legend.items()}
    inks = {
        name: [int(defined[name]["colour"][at : at + 2], 16) for at in (1, 3, 5)] for name in ("train", "val", "rung")
    }
    for name, ink in inks.items():
        assert f"rgb({ink[0]}, {ink[1]}, {ink[2]})" in keys[name]["ink"], (where, name)
    assert keys["val"]["height"] == defined["dots"]["size"] and keys["train"]["height"] == defined["train"]["width"]


def check_everything(page: Page, where: str) -> dict:
    defined = page.evaluate(DEFINED)
    floor = {"floor"} if page.locator(".ps-runner .ps-key-floor").count() else set()
    for block in (".ps-runner", ".ps-replay"):
        check_measured(canvas_marks(page, block), defined, {"rung"} | floor, f"{block} {where}")
    marks = canvas_marks(page, ".ps-preset-stage")
    check_measured(marks, defined, {"rung"}, f"presets {where}")
    # The textbook's train falls towards nothing, its val climbs.
    textbook = sorted((mark for mark in curves(marks) if mark["dashes"]), key=lambda mark: mark["points"][-1][1])
    assert [bare(mark) for mark in textbook] == [defined["textbook_val"], defined["textbook"]], where
    check_legends(page, defined, where)
    return defined


def in_scheme(page: Page, scheme: str, media: str = "screen") -> None:
    page.emulate_media(color_scheme=scheme, media=media)
    page.wait_for_timeout(200)  # Material chooses the scheme
    event = "beforeprint" if media == "print" else "afterprint"
    page.evaluate(f"dispatchEvent(new Event('{event}'))")
    page.wait_for_timeout(300)


@pytest.fixture
def trained(served: str, visit):
    """A run, and a preset that memorises a tiny text: its train and val part at once."""
    visit.page.add_init_script(NOTE)
    visit.page.emulate_media(color_scheme="light")
    visit.go(f"{served}/{PAGE}")
    visit.press("Start")
    visit.wait("session.iteration > 600")
    visit.press("Pause")
    visit.evaluate("(one => { one.value = one.max; one.dispatchEvent(new Event('input')) })(" + SCRUBBER + ")")
    visit.page.locator("[data-preset=overfit] button").click()
    visit.wait_until("pressStart.sessions.preset?.iteration > 60")
    visit.evaluate("document.querySelector('.ps-preset-head button').click()")  # does nothing if the run has ended
    return visit


def test_live_charts_agree_with_the_style_sheet_in_every_scheme_and_in_print(trained) -> None:
    page = trained.page
    looks = {}
    for scheme in ("light", "dark"):
        in_scheme(page, scheme)
        looks[scheme] = check_everything(page, scheme)
    in_scheme(page, "dark", "print")
    looks["paper"] = check_everything(page, "paper")
    in_scheme(page, "dark")
    assert looks["paper"] == looks["light"] != looks["dark"]
    told_apart = ("rung", "floor", "textbook", "train", "val")
    for look in looks.values():
        assert len({(look[name]["width"], *look[name]["dashes"]) for name in told_apart}) == len(told_apart)
        assert look["train"]["colour"] != look["val"]["colour"]


@pytest.mark.parametrize(
    ("scheme", "media"),
    [
        pytest.param("light", "screen", marks=pytest.mark.full),
        pytest.param("dark", "screen", marks=pytest.mark.full),
        ("dark", "print"),
    ],
)
def test_recorded_and_drawn_curves_look_like_live_ones(served: str, visit, scheme: str, media: str) -> None:
    page = visit.page
    visit.go(f"{served}/{LESSON}")
    for covered in page.locator("[data-ps=experiment]").all():
        covered.get_by_role("button", name="This one").first.click()
    in_scheme(page, scheme, media)
    defined = page.evaluate(DEFINED)
    recorded = page.locator(".ps-curve").all()
    assert len(recorded) >= 8, "the first run, the presets, the replay and the floor"
    for at, svg in enumerate(recorded):
        marks = svg.evaluate(IN_SVG)
        floor = {"floor"} if "floor" in svg.locator("text").all_text_contents() else set()
        check_measured(marks, defined, {"rung"} | floor, f"recorded curve {at}, {scheme}, {media}")
        assert {mark["vectorEffect"] for mark in curves(marks)} == {"non-scaling-stroke"}
    visit.page.goto(f"{served}/{DOCTOR}")
    in_scheme(page, scheme, media)
    for place in ("#memorising ~ .ps-shape svg", ".ps-shape-index a[href='#memorising'] svg"):
        marks = page.locator(place).first.evaluate(IN_SVG)
        val, train = sorted(curves(marks), key=lambda mark: mark["points"][-1][1])
        assert (bare(train), bare(val)) == (defined["train"], defined["val"]), (place, scheme, media)
        assert {mark["cap"] for mark in marks if "dot" in mark} == {"round"}
        check_dots(marks, defined, place)
        assert levels(marks) in ([], [defined["rung"]]), place
