"""Report cards that readers sent, and the speed page that lists them.

Catches: a card with a mistake that is shown all the same, or that breaks `serve`; a mistake that no sentence names; a
field outside the form, such as a name; text that a page cannot show; a card whose weights are called the recorded
ones and are not, or the other way round once the recordings are renewed.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import jinja2
import pytest

from model.model_json import read_description
from recorded import recorded_file, recorded_runs, report_cards
from recorded.recorded_speed import Recorded

PRINT = "0123456789abcdef" * 4
CARD = {
    "format": 1,
    "date": "2026-01-02",
    "browser": "Chrome 150, CrOS",
    "cores": 4,
    "batch_size": 32,
    "run": {"text": "shakespeare", "seed": "hamlet", "iterations": 50},
    "webgpu": {"adapter": "A <card>", "plan": "fused", "iterations_per_second": 234.5, "fingerprint": PRINT},
    "cpu": {
        "module": "fma",
        "iterations_per_second": {"1": 5.432, "4": 15.98},
        "fingerprint": PRINT,
        "recorded": PRINT,
    },
}
WITHOUT_GPU = CARD | {"webgpu": {"missing": "no-webgpu"}}


def save(root: Path, name: str, content: object) -> None:
    folder = root / report_cards.FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    (folder / name).write_bytes(data)


def read(root: Path) -> tuple[list[report_cards.ReportCard], list[str]]:
    return report_cards.read(root, read_description())


def changed(*path: str, **fields: Any) -> dict[str, Any]:
    """The card with some fields, in the group at `path`, set anew; None deletes one."""
    card = copy.deepcopy(CARD)
    group = card
    for name in path:
        group = group[name]
    for name, value in fields.items():
        if value is None:
            del group[name]
        else:
            group[name] = value
    return card


def recording(fingerprint: str, **others: Any) -> recorded_runs.Recording:
    run = {
        "corpus": {"name": "shakespeare"},
        "module": "fma",
        "seed": "hamlet",
        "fingerprints": {"50": fingerprint},
        **others,
    }
    return recorded_runs.Recording("docs/recorded/run-shakespeare.json", run)


def test_the_projects_own_cards_have_no_mistake(root: Path) -> None:
    assert read(root)[1] == []


def test_a_folder_that_does_not_exist_holds_no_cards(tmp_path: Path) -> None:
    assert read(tmp_path) == ([], [])


def test_cards_are_read_with_and_without_a_graphics_card_or_a_name_of_the_machine(tmp_path: Path) -> None:
    save(tmp_path, "a.json", CARD)
    save(tmp_path, "b.json", WITHOUT_GPU)
    save(tmp_path, "c.json", CARD | {"machine": "a Chromebook of 2021"})
    save(tmp_path, ".DS_Store", b"what a file manager leaves")
    cards, mistakes = read(tmp_path)
    assert mistakes == []
    assert [card.card.get("machine") for card in cards] == [None, None, "a Chromebook of 2021"]
    assert [card.file for card in cards] == [f"docs/recorded/reports/{name}.json" for name in "abc"]


SHORT = "it must be text of 1 to 80 printable characters on one line"
MISTAKES = {
    "nothing": (b"", "it is not JSON: Expecting value"),
    "half a card": (json.dumps(CARD).encode()[:200], "it is not JSON: "),
    "not a number": (json.dumps(CARD).replace("234.5", "NaN").encode(), "it is not JSON: NaN is not a number"),
    "another encoding": (json.dumps(CARD).encode("utf-16"), "line 1: the file is UTF-16; save it as UTF-8"),
    "Latin-1": (json.dumps(CARD).replace("CrOS", "Bücher").encode("latin-1"), "with “ü” on this line"),
    "a list": ([CARD], "it lacks “format”: 1; make the card again"),
    "a later format": (CARD | {"format": 2}, "it lacks “format”: 1"),
    "the whole measurement": ({"format": 1, "rows": []}, "it is the whole measurement (“Copy as JSON”), not"),
    "a missing field": (changed(cores=None), "the field cores is missing"),
    "a missing field of the run": (changed("run", seed=None), "the field seed is missing in run"),
    "a missing fingerprint": (changed("webgpu", fingerprint=None), "in webgpu, the field fingerprint is missing"),
    "a mistyped field": (changed(browser=None, brwoser="x"), "unknown field “brwoser”; did you mean “browser”?"),
    "a name": (CARD | {"teacher": "Anna"}, "unknown field “teacher”; the fields here: "),
    "a name inside": (changed("run", teacher="Anna"), "unknown field “teacher” in run; the fields here: text, seed, "),
    "more than why": (changed(webgpu={"missing": "lost", "adapter": "x"}), "in webgpu, unknown field “adapter”"),
    "a reason in words": (changed(webgpu={"missing": "It broke."}), "it must be a word such as no-adapter"),
    "a plan": (changed("webgpu", plan="fast"), "in webgpu, plan is the text “fast”; it must be fused or plain"),
    "a module": (changed("cpu", module="simd"), "cpu.module is the text “simd”; it must be fma or base"),
    "no module": (changed("cpu", module=None), "the field module is missing in cpu"),
    "no group": (changed(cpu=7), "cpu must be fields in braces, as the page wrote it"),
    "no group either": (changed(webgpu="none"), "webgpu must be fields in braces"),
    "text for a number": (changed(cores="4"), "cores is the text “4”; it must be a whole number"),
    "half a core": (changed(cores=1.5), "cores is 1.5; it must be a whole number"),
    "no core": (changed(cores=0), "cores is 0; it must be at least 1"),
    "a number for text": (changed(browser=150), "browser is 150; it must be text"),
    "empty text": (changed(browser=" "), f"browser is empty; {SHORT}"),
    "long text": (CARD | {"machine": "x" * 81}, SHORT),
    "two lines": (CARD | {"machine": "a\nb"}, f"machine is the text “a\\u000ab”; {SHORT}"),
    "a line end": (CARD | {"browser": "Chrome\n"}, f"browser is the text “Chrome\\u000a”; {SHORT}"),
    "a space at the end": (CARD | {"browser": "Chrome "}, SHORT),
    "half a character": (CARD | {"browser": "\ud800x"}, f"browser is the text “\\ud800x”; {SHORT}"),
    "half a character in a name": (CARD | {"\ud800": 1}, "unknown field “\\ud800”; the fields here: "),
    "a control character": (changed("webgpu", adapter="a\x1b[2Jb"), f"adapter is the text “a\\u001b[2Jb”; {SHORT}"),
    "writing turned round": (CARD | {"machine": "\u202eenod"}, f"machine is the text “\\u202eenod”; {SHORT}"),
    "a Unicode line end": (CARD | {"machine": "a\u2028b"}, f"machine is the text “a\\u2028b”; {SHORT}"),
    "lines after a module": (changed("cpu", module="fma\n"), "it must be fma or base"),
    "lines after a plan": (changed("webgpu", plan="fused\n"), "it must be fused or plain"),
    "lines after a reason": (changed(webgpu={"missing": "lost\n"}), "it must be a word such as no-adapter"),
    "lines after a fingerprint": (changed("cpu", fingerprint=PRINT + "\n"), "it must be 64 hexadecimal digits"),
    "lines after a day": (CARD | {"date": "2026-01-02\n"}, "it must be a day, such as"),
    "a recorded word": (changed("cpu", recorded="yes"), "cpu.recorded is the text “yes”; it must be 64 hexadecimal"),
    "brackets without end": (b"[" * 200_000, "it has too many brackets inside one another; save the page's card again"),
    "brackets in a field": (
        json.dumps(CARD).replace("234.5", "[" * 100_000 + "]" * 100_000).encode(),
        "it has too many brackets inside one another; save the page's card again",
    ),
    "no rate": (changed("cpu", iterations_per_second={}), "cpu.iterations_per_second is empty; it must have a rate"),
    "a rate of 0": (changed("webgpu", iterations_per_second=0), "iterations_per_second is 0; it must be above 0"),
    "a rate of infinity": (json.dumps(CARD).replace("234.5", "1e999").encode(), "it can be at most 1000000"),
    "three Workers": (changed("cpu", "iterations_per_second", **{"3": 9}), "unknown field “3” in cpu.iter"),
    "a cut fingerprint": (changed("cpu", fingerprint=PRINT[:-1]), "it must be 64 hexadecimal digits"),
    "a day that is none": (changed(date="2026-02-30"), "date is the text “2026-02-30”; it must be a day, such as"),
    "an hour": (changed(date="2026-02-03T10:00"), "it must be a day, such as 2026-01-31"),
    "another batch": (changed(batch_size=2), "batch_size is 2, and the lesson's is 32; measure again without B"),
    "a field twice": (json.dumps(CARD).replace('{"format"', '{"cores": 2, "format"').encode(), "cores is given twice"),
}  # fmt: skip


@pytest.mark.parametrize(("content", "said"), MISTAKES.values(), ids=MISTAKES)
def test_a_card_with_a_mistake_is_named_and_not_shown(tmp_path: Path, content: object, said: str) -> None:
    save(tmp_path, "sent.json", content)
    cards, mistakes = read(tmp_path)
    assert cards == []
    assert len(mistakes) == (2 if said.endswith("“browser”?") else 1), mistakes
    assert any(said in mistake for mistake in mistakes), mistakes
    assert all(mistake.startswith("docs/recorded/reports/sent.json: ") for mistake in mistakes)


@pytest.mark.parametrize("depth", range(50, 1000, 50))
def test_brackets_that_only_just_can_be_read_break_nothing(tmp_path: Path, depth: int) -> None:
    save(tmp_path, "sent.json", json.dumps(CARD).replace("234.5", "[" * depth + "]" * depth).encode())
    cards, mistakes = read(tmp_path)
    assert cards == [] and len(mistakes) == 1, mistakes


def test_every_sentence_can_be_encoded_and_stays_on_its_line(tmp_path: Path) -> None:
    for name, (content, _) in enumerate(MISTAKES.values()):
        save(tmp_path, f"{name}.json", content)
    _, mistakes = read(tmp_path)
    assert len(mistakes) > len(MISTAKES)
    assert all(mistake.encode().splitlines() == [mistake.encode()] for mistake in mistakes)


def test_text_of_every_script_is_read(tmp_path: Path) -> None:
    for name, machine in enumerate(
        ("学校のパソコン", "کامپیوتر مدرسه", "“É” \U0001f680", "x" * 80, "\U0001f680" * 80, "x")
    ):
        save(tmp_path, f"{name}.json", CARD | {"machine": machine})
    cards, mistakes = read(tmp_path)
    assert mistakes == [] and len(cards) == 6


def test_all_mistakes_of_all_cards_are_reported_at_once(tmp_path: Path) -> None:
    save(tmp_path, "a.json", changed(cores=0, date="today", run={}))
    save(tmp_path, "b.json", CARD)
    save(tmp_path, "c.json", b"{")
    cards, mistakes = read(tmp_path)
    assert [card.file for card in cards] == ["docs/recorded/reports/b.json"]
    assert len(mistakes) == 6, mistakes
    assert [mistake.split(":")[0][-6:] for mistake in mistakes] == ["a.json"] * 5 + ["c.json"]


def test_a_card_sent_twice_and_a_file_that_is_no_card_are_reported(tmp_path: Path) -> None:
    save(tmp_path, "a.json", CARD)
    save(tmp_path, "b.json", CARD)
    save(tmp_path, "sent.json.txt", CARD)
    (tmp_path / report_cards.FOLDER / "more").mkdir()
    cards, mistakes = read(tmp_path)
    assert len(cards) == 1
    folder = report_cards.FOLDER
    assert mistakes == [
        f"{folder}/b.json: it holds the same card as {folder}/a.json; delete one of them",
        f"{folder}/more: this folder holds only report cards, and their names end in .json",
        f"{folder}/sent.json.txt: this folder holds only report cards, and their names end in .json",
    ]


def test_weights_are_the_recorded_ones_only_for_the_same_run(tmp_path: Path) -> None:
    card, other = (report_cards.ReportCard("a.json", changed("cpu", fingerprint=one)) for one in (PRINT, "e" * 64))
    assert card.verdict([recording(PRINT)]) == "as recorded"
    assert other.verdict([recording(PRINT)]) == "not as recorded"
    elsewhere = [recording(PRINT, preset="dead"), recording(PRINT, corpus={"name": "x"})]
    assert card.verdict(elsewhere) is None and other.verdict(elsewhere) is None


@pytest.mark.parametrize(
    "renewed",
    [
        recording("f" * 64),
        recording("f" * 64, seed="ophelia"),
        recording(PRINT, seed="ophelia"),
        recording(PRINT, fingerprints={"25": PRINT}),
    ],
    ids=["weights", "weights and seed", "seed", "milestones"],
)
def test_a_card_outlives_the_recording_that_it_was_compared_with(renewed: recorded_runs.Recording) -> None:
    card, other = (report_cards.ReportCard("a.json", changed("cpu", fingerprint=one)) for one in (PRINT, "e" * 64))
    assert card.verdict([renewed]) == "as recorded in an earlier version"
    assert other.verdict([renewed]) == "not as recorded in an earlier version"


def test_a_card_that_was_compared_with_nothing_is_only_ever_as_recorded(tmp_path: Path) -> None:
    card = report_cards.ReportCard("a.json", changed("cpu", recorded=None))
    save(tmp_path, "a.json", card.card)
    assert read(tmp_path)[1] == []
    assert card.verdict([recording(PRINT)]) == "as recorded"
    assert card.verdict([recording("f" * 64)]) is None


def test_the_projects_own_cards_outlive_its_recordings(root: Path) -> None:
    recordings = recorded_runs.read(root / recorded_file.FOLDER)
    renewed = copy.deepcopy(recordings)
    for one in renewed:
        for module in recorded_runs.MODULES:
            one.fingerprints(module).update({"50": "f" * 64})
    for card in read(root)[0]:
        verdict = card.verdict(recordings)
        assert verdict is not None, card.file
        before = verdict.removesuffix(" in an earlier version")
        assert card.verdict(renewed) == f"{before} in an earlier version", card.file


def test_weights_are_compared_with_those_of_the_same_module() -> None:
    known = {"fma": "f" * 64, "base": PRINT}
    cards = {
        name: report_cards.ReportCard("a.json", changed("cpu", module=name, recorded=known[name])) for name in known
    }
    both = recording("f" * 64, base={"fingerprints": {"50": PRINT}})
    assert [card.verdict([both]) for card in cards.values()] == ["not as recorded", "as recorded"]
    earlier = "as recorded in an earlier version"
    assert [card.verdict([recording(PRINT)]) for card in cards.values()] == ["as recorded", earlier]
    only_base = recording(PRINT, module="base")
    assert [card.verdict([only_base]) for card in cards.values()] == [f"not {earlier}", "as recorded"]


def test_the_page_lists_every_card(root: Path) -> None:
    templates = jinja2.Environment(loader=jinja2.FileSystemLoader(root / "overrides"), undefined=jinja2.StrictUndefined)
    cards = [CARD | {"weights": "as recorded"}, WITHOUT_GPU | {"weights": None, "machine": "A <phone>"}]
    html = templates.get_template("widgets/speed.html").render(
        key="ps-speed-1", island={}, recorded=Recorded(None, None), cards=cards
    )
    text = re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", html)))
    cpu = "5.43 with 1 Worker, 16 with 4; rounds once"
    assert f"– 4 Chrome 150, CrOS 234 (A <card>) {cpu} as recorded (iteration 50) 2026-01-02" in text
    assert f"A <phone> 4 Chrome 150, CrOS – (no-webgpu) {cpu} no recording (iteration 50) 2026-01-02" in text


def test_a_broken_card_fails_a_build_with_its_sentence(whole_project: Any) -> None:
    save(whole_project.folder, "sent.json", changed(cores=0))
    result = whole_project.build("--strict")
    assert result.returncode != 0
    assert "docs/recorded/reports/sent.json: cores is 0; it must be at least 1" in result.stderr


@pytest.fixture
def served_build(monkeypatch: pytest.MonkeyPatch, corpus_file: Path) -> Callable[[Path], Any]:
    """A build as `serve` begins it."""
    from output.site_parts import Build

    def begin(root: Path) -> Build:
        monkeypatch.setenv("PRESS_START_CORPUS", str(corpus_file))
        build = Build(serving=True)
        build.begin(root / "docs", jinja2.Environment(), root)
        return build

    return begin


def test_serve_goes_on_with_the_other_cards(whole_project: Any, served_build: Callable[[Path], Any]) -> None:
    save(whole_project.folder, "sent.json", changed(cores=0))
    save(whole_project.folder, "well.json", CARD)
    build = served_build(whole_project.folder)
    assert [one for one in build.troubles if "report" in one] == [
        "docs/recorded/reports/sent.json: cores is 0; it must be at least 1"
    ]
    assert "docs/recorded/reports/well.json" in [card.file for card in build.cards]
