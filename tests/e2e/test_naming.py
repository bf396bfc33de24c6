"""A reader names the curve of a preset, and of a mystery run, before the page does.

Catches: a word, a name or a line of the chart that gives the answer away; a wrong name without an explanation, or a
right one refused; an answer that a reload or a second block forgets; a form that the keyboard or axe does not accept.
"""

from __future__ import annotations

import json

import pytest

from authoring import presets, shapes
from axe_rules import assert_nothing_found, violations

PHONE = {"width": 360, "height": 740}
PAGE, TWICE = "trials/naming.html", "trials/naming-twice.html"
RUN = "pressStart.sessions.preset"
OFFERED = [presets.read().by_name[name] for name in ("clean", "dead", "diverge-fast")]
TITLES = [shape.title for shape in shapes.read().values()]
TEN, DEAD = "learning rate: 10", "learning rate: 1e-7"
ANSWER, VERDICT, TITLE = ".ps-naming-answer", ".ps-verdict", ".ps-preset-title"
# What none may read before the reader has named a curve: labels, explanations and outcomes.
SECRETS = [*(preset.label for preset in OFFERED if preset.change), *(preset.about for preset in OFFERED)]
SECRETS += [
    "at iteration 3:",
    "Exploded at",
    "Flat: ",
    "Clean: ",
    "exploded at",
    "flat,",
    "textbook",
    "/ dead",
    "/ diverge",
]
# Collects every text and every name that the widgets show from now on.
COLLECT = """(() => {
    globalThis.seen = new Set();
    const roots = [...document.querySelectorAll('[data-ps]')];
    const look = () => {
        for (const root of roots) {
            for (const part of root.querySelectorAll('*')) {
                if (part.closest('script, [hidden]')) continue;
                for (const name of ['aria-label', 'title', 'placeholder', 'aria-valuetext']) {
                    if (part.hasAttribute(name)) seen.add(part.getAttribute(name));
                }
                for (const node of part.childNodes) if (node.nodeType === 3) seen.add(node.data);
            }
        }
        seen.add(document.title);
        seen.add(location.href);
    };
    look();
    const options = { subtree: true, childList: true, characterData: true, attributes: true };
    for (const root of roots) new MutationObserver(look).observe(root, options);
})()"""


@pytest.fixture
def page(served: str, visit):
    visit.cores(4)
    visit.go(f"{served}/{PAGE}")
    return visit


def given_away(page) -> list[tuple[str, str]]:
    """Each secret that the page has shown since COLLECT, with the text that held it."""
    return [(secret, text) for text in page.evaluate("[...seen]") for secret in SECRETS if secret in text]


def train(page, button: str, until: str = "['done', 'diverged'].includes({RUN}.status)") -> None:
    page.press(button)
    page.wait_until(f"{RUN} && " + until.replace("{RUN}", RUN))
    page.page.wait_for_timeout(400)


def choose(page, title: str) -> None:
    page.page.get_by_role("radio", name=title, exact=True).first.check()
    page.press("Name it")


def record(page) -> list[dict]:
    key = f"press-start:{page.evaluate('location.pathname')}:reader"
    return json.loads(page.evaluate(f"localStorage.getItem({key!r})") or "[]")


def test_nothing_gives_a_run_away_before_it_is_named_and_then_everything_is_shown(page) -> None:
    page.evaluate(COLLECT)
    assert page.text(".ps-preset-list li:nth-child(3) button") == TEN
    train(page, TEN)
    assert given_away(page) == []
    assert page.text(TITLE) == TEN
    assert page.text(VERDICT) == "The page says what it sees once you have named this curve."
    assert page.text(".ps-preset-list li:nth-child(3) .ps-preset-result").startswith("not named yet, ")
    assert (
        page.page.locator(".ps-key-textbook").is_hidden() and page.page.locator(".ps-presets .ps-key-val").is_visible()
    )
    summary = page.page.locator(".ps-presets .ps-chart-frame").get_attribute("aria-label")
    assert "train " in summary and " at 99" in summary and "jumps by about" in summary, "its curve in words"
    choose(page, "Exploded")
    assert page.text(TITLE) == "diverge (lr = 10)"
    assert page.text(".ps-preset-about") == OFFERED[2].about
    assert page.text(VERDICT).startswith("Exploded at iteration ")
    assert page.text(ANSWER).startswith("You called it “Exploded”. The page agrees.")
    assert page.page.locator(".ps-key-textbook").is_visible()
    assert page.page.get_by_role("button", name="diverge (lr = 10)").is_visible()
    assert page.page.get_by_role("button", name=DEAD).is_visible(), "only what was named is uncovered"
    (kept,) = record(page)
    assert (kept["key"], kept["kind"], kept["said"], kept["right"]) == (
        "name:diverge-fast",
        "diagnosis",
        "Exploded",
        True,
    )
    assert kept["outcome"] == f"{page.text(VERDICT)} The run had the seed “{page.evaluate(RUN + '.seed')}”."
    assert page.complaints == []


def test_by_keyboard_a_wrong_name_is_explained_from_the_curve_and_linked(page) -> None:
    keyboard = page.page.keyboard
    page.page.get_by_role("button", name=DEAD).focus()
    keyboard.press("Enter")
    page.wait_until(f"{RUN} && {RUN}.iteration > 5")
    form = page.page.locator(".ps-names-form")
    assert form.get_by_role("button", name="Name it").is_disabled(), "too early"
    assert "once it shows enough" in form.inner_text()
    page.wait_until(f"{RUN}.status === 'done'")
    page.page.wait_for_timeout(400)
    while page.evaluate("document.activeElement.type !== 'radio'"):
        keyboard.press("Tab")
    for _ in range(TITLES.index("Exploded")):
        keyboard.press("ArrowDown")
    keyboard.press("Space")
    keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Name it", "one stop for all names"
    keyboard.press("Enter")
    assert page.evaluate("document.activeElement.matches('.ps-naming-answer')")
    said = page.text(ANSWER)
    assert said.startswith(
        "You called it “Exploded”. The page calls it “Flat”. Not exploded: an explosion goes above "
    ), said
    links = page.page.locator(f"{ANSWER} a")
    assert [link.get_attribute("href").split("/")[-1] for link in links.all()] == [
        "loss-curve-doctor.html#flat",
        "loss-curve-doctor.html#exploded",
    ]
    with page.page.context.expect_page() as opened:
        links.first.click()
    opened.value.wait_for_load_state()
    assert opened.value.locator(":target").inner_text().startswith("Flat")
    assert record(page)[0]["right"] is False
    assert page.complaints == []


@pytest.mark.full
def test_a_name_given_during_a_run_is_judged_again_at_its_end(page) -> None:
    page.press(TEN)
    page.wait_until("!document.querySelector('.ps-names-form button').disabled")
    if page.evaluate(f"{RUN}.status === 'running'"):
        choose(page, "Flat")
        assert "So far, the page calls it “Exploded”." in page.text(ANSWER)
        assert record(page)[0]["outcome"] is None
    else:
        choose(page, "Flat")
    page.wait_until(f"{RUN}.status === 'done'")
    page.page.wait_for_timeout(400)
    assert "The page calls it “Exploded”. Not flat: the loss has gone from 4." in page.text(ANSWER)
    assert record(page)[0]["outcome"].startswith("Exploded at iteration ") and record(page)[0]["right"] is False
    page.page.reload()
    page.wait_mounted()
    assert page.page.get_by_role("button", name="diverge (lr = 10)").is_visible(), "a reload covers nothing again"
    train(page, "diverge (lr = 10)")
    assert page.text(ANSWER).startswith("You called it “Flat”. The page calls it “Exploded”.")
    page.press("Name it again")
    assert page.text(TITLE) == TEN
    assert page.evaluate("document.activeElement.type") == "radio"
    choose(page, "Exploded")
    (kept,) = record(page)
    assert (kept["said"], kept["right"]) == ("Flat, then Exploded", False), "the first name counts"


@pytest.mark.full
def test_a_run_begun_again_clears_the_choice_and_one_stopped_at_once_cannot_be_judged(page) -> None:
    page.press(DEAD)
    page.wait_until(f"{RUN} && {RUN}.iteration > 2")
    page.page.get_by_role("radio", name="Flat").check()
    page.press("Stop")
    page.page.wait_for_timeout(600)
    choose(page, "Flat")
    assert "The page cannot tell yet: " in page.text(ANSWER)
    assert page.text(VERDICT).startswith("Too short to tell")
    assert [(kept["outcome"], kept["right"]) for kept in record(page)] == [(None, None)]
    page.press(TEN)
    page.wait_until(f"{RUN}.options.training.learning_rate === 10 && {RUN}.iteration > 2")
    page.page.wait_for_timeout(300)
    assert page.page.locator("input[type=radio]:checked").count() == 0
    page.press("Stop")


@pytest.mark.full
def test_careless_arithmetic_and_a_rate_of_the_readers_own_are_not_asked_about(page) -> None:
    page.page.get_by_label("with careless arithmetic").click()
    train(page, TEN)
    assert page.text(VERDICT).startswith("NaN at iteration ")
    assert page.text(TITLE) == TEN, "its label stays covered"
    assert page.page.locator(".ps-naming").is_hidden() and record(page) == []
    page.page.get_by_label("with careless arithmetic").click()
    train(page, TEN)
    assert page.page.locator(".ps-names-form").is_visible()
    page.page.locator(".ps-rate").fill("10")
    train(page, "Try it")
    assert page.text(VERDICT).startswith("Exploded at iteration ")
    assert page.page.locator(".ps-naming").is_hidden()


def right_name(page) -> str:
    """The name of the mystery run's curve, from its settings, which the page does not show."""
    rate = page.evaluate(f"{RUN}.options.training.learning_rate")
    return {10: "Exploded", 1e-7: "Flat"}.get(rate, "Clean")


@pytest.mark.full
def test_a_mystery_run_by_keyboard_until_it_is_found(page) -> None:
    page.evaluate(COLLECT)
    page.press("Start")
    page.wait("session.iteration > 2")
    keyboard = page.page.keyboard
    page.page.get_by_role("button", name="Train a mystery run").press("Enter")
    page.wait_until(f"{RUN} && {RUN}.iteration > 2")
    assert "waiting for " in page.text(".ps-runner .ps-badge")
    assert "for the run “mystery 1” below" in page.text(".ps-runner .ps-badge")
    page.session("session.pause()")
    page.wait_until(f"{RUN}.status === 'done'")
    page.page.wait_for_timeout(400)
    assert given_away(page) == []
    assert "of" not in page.text(".ps-preset-stage .ps-badge").split(), "its length would give it away"
    right = right_name(page)
    wrong = next(title for title in ("Flat", "Exploded") if title != right)
    while page.evaluate("document.activeElement.type !== 'radio'"):
        keyboard.press("Tab")
    for _ in range(TITLES.index(wrong)):
        keyboard.press("ArrowDown")
    keyboard.press("Space")
    keyboard.press("Enter")
    assert page.text(ANSWER).startswith(f"Not {wrong.lower()}: ") and page.text(ANSWER).endswith("Try another name.")
    assert page.page.get_by_role("radio", name=wrong).is_disabled()
    assert page.evaluate("document.activeElement.type") == "radio", "the focus is not lost"
    assert given_away(page) == [], "nor does a wrong name"
    page.page.get_by_role("radio", name=right, exact=True).check()
    keyboard.press("Enter")
    assert page.text(ANSWER).startswith(f"“{right}” is right, after 2 tries. This was the run “")
    assert page.evaluate("document.activeElement.matches('.ps-naming-answer')")
    assert page.text(VERDICT).startswith(right)
    assert page.text(TITLE).startswith("mystery 1: ")
    (kept,) = record(page)
    assert (kept["key"], kept["kind"], kept["right"]) == ("mystery:1", "mystery", False)
    assert kept["said"] == f"{wrong}, then {right}" and kept["outcome"].startswith("This was the run “")
    assert page.complaints == []


@pytest.mark.full
def test_the_seed_decides_the_mysteries_and_giving_up_reveals(page) -> None:
    button = "Train a mystery run"
    rates = []
    for number in (1, 2, 3):
        page.press(button)
        page.wait_until(f"{RUN}?.seed.endsWith('/ mystery {number}') && {RUN}.iteration > 2")
        rates.append(page.evaluate(f"{RUN}.options.training.learning_rate"))
        page.page.wait_for_timeout(600)
        page.press("Show the answer")
        assert page.text(ANSWER).startswith("This was the run “")
        page.press("Stop")
    assert len(set(rates)) == 3, "each preset once"
    assert [kept["said"] for kept in record(page)] == ["gave up"] * 3
    page.evaluate("localStorage.clear()")
    page.page.reload()
    page.wait_mounted()
    page.press(button)
    page.wait_until(f"{RUN}?.iteration > 2")
    assert page.evaluate(f"{RUN}.options.training.learning_rate") == rates[0]
    page.press("Stop")
    page.page.wait_for_timeout(600)
    assert "too short to name" in page.text(".ps-names-form")
    assert page.page.get_by_role("button", name="Name it").is_disabled()
    page.press(button)
    page.wait_until(f"{RUN}.iteration > 2")
    assert page.evaluate(f"{RUN}.seed").endswith("/ mystery 1"), "the same again until it is solved"


@pytest.mark.full
def test_two_blocks_share_what_was_named_and_never_a_mystery(served: str, visit) -> None:
    visit.go(f"{served}/{TWICE}")
    train(visit, DEAD)
    choose(visit, "Flat")
    assert visit.page.get_by_role("button", name="dead", exact=True).count() == 2
    assert visit.page.get_by_role("button", name=TEN).count() == 2
    first, second = visit.page.get_by_role("button", name="Train a mystery run").all()
    for number, button in enumerate((first, second), start=1):
        button.click()
        visit.wait_until(f"{RUN}.seed.endsWith('/ mystery {number}')")
    assert visit.complaints == []


@pytest.mark.full
def test_unmounted_and_mounted_again_it_asks_the_same(page) -> None:
    train(page, DEAD)
    parts = "'.ps-presets :is(p:not(.ps-unseen), li, button)'"
    seen = f"[...document.querySelectorAll({parts})].filter((one) => one.offsetParent)"
    look = f"{seen}.map((one) => one.innerText)"
    again = "pressStart.mount(document.querySelector('[data-ps=presets]'))"
    for title in (None, "Noisy"):
        if title:
            choose(page, title)
        before = page.evaluate(look)
        page.evaluate(again)
        assert page.evaluate(look) == before


@pytest.mark.full
def test_axe_finds_nothing_while_a_curve_is_named(served: str, page) -> None:
    train(page, DEAD)
    assert_nothing_found(page, "asked")
    choose(page, "Exploded")
    assert_nothing_found(page, "answered")
    page.page.set_viewport_size(PHONE)
    page.press("Train a mystery run")
    page.wait_until(f"{RUN}.seed.endsWith('/ mystery 1') && {RUN}.status === 'done'")
    page.page.wait_for_timeout(400)
    choose(page, "Sawtooth")
    assert violations(page.page) == [], "a mystery"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing wider than a phone"
    page.press("Show the answer")
    assert violations(page.page) == [], "revealed"


def test_on_paper_and_without_a_script_recorded_results_stay(served: str, page, launch) -> None:
    page.page.emulate_media(media="print")
    assert page.page.locator(".ps-mystery").is_hidden()
    page.page.emulate_media(media="screen")
    train(page, DEAD)
    page.page.emulate_media(media="print")
    assert page.page.locator(".ps-names-form").is_hidden()
    plain = launch().new_context(java_script_enabled=False).new_page()
    plain.goto(f"{served}/{PAGE}")
    words = plain.locator("main").inner_text()
    assert all(preset.label in words for preset in OFFERED)
