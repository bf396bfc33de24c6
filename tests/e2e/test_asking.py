"""Asking the model about a character of a sample: by pointer, keyboard and touch, in a run and in its recording.

Catches: an answer about another character than the one that was pressed, or with other numbers than the engine
computes; a sample that cannot be reached by keyboard, or takes more than one stop of the Tab key; a screen reader that
hears nothing, or all at once; a panel that moves what the reader has pressed; a panel that stays when its run has gone;
shades that are another character's; a sample without probabilities that does not say why.
"""

from __future__ import annotations

import re

import pytest

from axe_rules import assert_nothing_found

SHORT, LESSON = "trials/tiny-120.html", "lessons/watch-it-learn.html"
PHONE = {"width": 360, "height": 740}
SAID = ".ps-samples .ps-stage .ps-said"
RANGE = ".ps-samples .ps-stage .ps-ask-range"
PANEL = ".ps-samples .ps-ask-panel"
# -ln p of the character at `at` of the last sample, from a forward pass over what the model has read before it.
SURPRISE = """async (at) => {
  const { main } = pressStart.sessions, { prompt, text } = main.samples.at(-1);
  const { characters } = main.options.corpus, { block_size } = main.options.model;
  const before = Array.from(prompt + Array.from(text).slice(0, at + 1).join("")).slice(-block_size - 1);
  return (await main.observe(Uint8Array.from(before, (one) => characters.indexOf(one)))).surprise.at(-1);
}"""


def trained(visit, served: str, path: str = SHORT):
    """A page whose run has ended, and written all of its last sample."""
    visit.go(f"{served}/{path}")
    visit.session("session.start()")
    visit.wait("session.status === 'done' && !session.speaking")
    visit.wait_until(f"!document.querySelector('{RANGE}').disabled")
    return visit.page


def press(page, at: int, said: str = SAID) -> None:
    """Presses a character of a sample; a text consists of one part until a reader points at it."""
    page.locator(said).first.hover()
    page.locator(f"{said} >> nth=0 >> span").nth(at).click()


def plain(text: str) -> str:
    return text.replace("−", "-").removeprefix("< ")


def rows(page, panel: str = PANEL) -> list[dict]:
    """The table of the panel."""
    found = []
    for row in page.locator(f"{panel} .ps-ask-table tbody tr:not([aria-hidden])").all():
        name, *numbers = [plain(cell) for cell in row.locator("th, td").all_text_contents()]
        found.append({"name": name[0], "drawn": "drawn" in name, "numbers": numbers})
    return found


def nats(page) -> float:
    return float(re.search(r"= ([\d.]+) nats", page.locator(f"{PANEL} .ps-ask-surprise").inner_text())[1])


def held(page) -> bool:
    return page.locator(PANEL).get_by_role("button", name="hold").get_attribute("aria-pressed") == "true"


def seen_places(text: str) -> list[int]:
    """Where its characters have a width."""
    return [at for at, character in enumerate(text) if not character.isspace()]


def sign(character: str) -> str:
    return {" ": "␣", "\n": "↵"}.get(character, character)


def test_the_panel_answers_about_the_pressed_character_as_the_engine_computes(served: str, visit) -> None:
    page = trained(visit, served)
    text = visit.session("session.samples.at(-1).text")
    for at in seen_places(text)[::15]:
        press(page, at)
        place = f"Iteration 120, character {at + 1} of {len(text)}"
        assert page.locator(f"{PANEL} .ps-ask-place").inner_text() == place
        assert abs(nats(page) - page.evaluate(SURPRISE, at)) < 0.0051
        table = rows(page)
        (drawn,) = [row for row in table if row["drawn"]]
        assert drawn["name"] == sign(text[at]) and len(table) in (5, 6)
        sums = [float(row["numbers"][4]) for row in table]
        assert float(drawn["numbers"][4]) == max(sums), "the largest sum is drawn"
        for _, _, log, dice, total in (row["numbers"] for row in table):
            assert abs(float(log) + float(dice) - float(total)) < 0.0151
        probabilities = [float(row["numbers"][0]) for row in table[:5]]
        assert probabilities == sorted(probabilities, reverse=True)
        assert page.locator(f"{SAID} > .ps-asked").text_content() == text[at]
    assert page.locator(f"{SAID} > .ps-reached").count() == 0, "that mark is for the keyboard"
    assert page.locator(SAID).first.text_content() == text, "the text stays as it is"
    page.locator(f"{PANEL} summary").get_by_text("The same question after each layer").click()
    early = page.locator(f"{PANEL} .ps-ask-early tr")
    assert early.locator("th").all_inner_texts() == ["embedding", "block 1: the answer"]
    likeliest = [row["name"] for row in rows(page)[:5]]
    assert [cell[0] for cell in early.nth(1).locator("td").all_inner_texts()] == likeliest


@pytest.mark.full
def test_a_held_answer_stays_and_another_follows_the_pointer(served: str, visit) -> None:
    page = trained(visit, served)
    assert page.locator(PANEL).count() == 0
    page.locator(SAID).first.hover()
    assert page.locator(PANEL).count() == 0, "pointing opens nothing"
    first, second = seen_places(visit.session("session.samples.at(-1).text"))[3:5]
    press(page, first)
    place = page.locator(f"{PANEL} .ps-ask-place")
    page.locator(f"{SAID} > span").nth(second).hover()
    assert held(page) and f"character {first + 1} of" in place.inner_text()
    page.locator(PANEL).get_by_role("button", name="hold").click()
    page.locator(f"{SAID} > span").nth(second).hover()
    assert not held(page) and f"character {second + 1} of" in place.inner_text()
    page.locator(PANEL).get_by_role("button", name="close").click()
    assert page.locator(PANEL).is_hidden() and page.locator(f"{SAID} > .ps-asked").count() == 0
    assert page.evaluate(f"document.activeElement === document.querySelector('{RANGE}')")


def test_the_keyboard_reaches_every_character_from_one_stop(served: str, visit) -> None:
    page = trained(visit, served)
    text = visit.session("session.samples.at(-1).text")
    slider, spoken = page.locator(RANGE), "aria-valuetext"
    page.locator(".ps-samples .ps-stage .ps-copy").focus()
    page.keyboard.press("Tab")
    assert page.evaluate(f"document.activeElement === document.querySelector('{RANGE}')")
    assert page.locator(PANEL).count() == 0, "passing by opens nothing"
    assert slider.get_attribute("aria-label") == "Ask about a character of the sample of iteration 120"
    first = slider.get_attribute(spoken)
    assert re.fullmatch(r".+, p (0|1)\.\d\d, \d+\.\d\d nats; likeliest: (.+ (below )?(0|1)\.\d\d(, )?){5}", first), (
        first
    )
    page.keyboard.press("ArrowRight")
    assert slider.input_value() == "2" and "character 2 of" in page.locator(f"{PANEL} .ps-ask-place").inner_text()
    assert page.locator(f"{SAID} > :nth-child(2)").get_attribute("class").split() == ["ps-asked", "ps-reached"]
    assert slider.get_attribute(spoken) != first
    page.keyboard.press("End")
    assert slider.input_value() == str(len(text))
    page.keyboard.press("Home")
    line = "[...document.querySelectorAll('%s > span')].map((one) => Math.round(one.getBoundingClientRect().bottom))"
    bottoms = page.evaluate(line % SAID)
    page.keyboard.press("ArrowDown")
    assert bottoms[int(slider.input_value()) - 1] > bottoms[0] or max(bottoms) == bottoms[0]
    page.keyboard.press("ArrowUp")
    assert bottoms[int(slider.input_value()) - 1] == bottoms[0]
    for pressed in (True, False):
        page.keyboard.press("Enter")
        assert held(page) is pressed
    page.keyboard.press("Escape")
    assert page.locator(PANEL).is_hidden()
    page.keyboard.press("Tab")
    assert not page.evaluate("document.activeElement.matches('.ps-ask-range')"), "one stop, and on"


@pytest.mark.full
def test_beside_the_end_of_a_line_is_its_line_break(served: str, visit) -> None:
    """It has no width of its own."""
    page = trained(visit, served)
    iteration, at = visit.session("""session.samples.map(({ iteration, text }) =>
        [iteration, Array.from(text).findIndex((one, i, all) => one === "\\n" && i > 0 && all[i - 1] !== "\\n")])
        .findLast(([, at]) => at > 0)""")
    page.get_by_role("button", name="two side by side").click()
    page.get_by_label("Sample on the left").select_option(str(iteration))
    left = ".ps-samples .ps-side .ps-said"
    page.locator(left).first.hover()
    last = page.locator(f"{left} >> nth=0 >> span").nth(at - 1).bounding_box()
    page.mouse.click(last["x"] + last["width"] + 12, last["y"] + last["height"] / 2)
    assert f"character {at + 1} of" in page.locator(f"{PANEL} .ps-ask-place").inner_text()
    assert "a line break p =" in page.locator(f"{PANEL} .ps-ask-surprise").inner_text()


def test_a_tap_asks_and_the_panel_fits_a_phone(served: str, visit_as) -> None:
    visit = visit_as(viewport=PHONE, has_touch=True, is_mobile=True)
    page = trained(visit, served, "trials/asking.html")
    at = seen_places(visit.session("session.samples.at(-1).text"))[4]
    page.locator(SAID).first.tap()
    page.locator(f"{SAID} > span").nth(at).tap()
    assert f"character {at + 1} of" in page.locator(f"{PANEL} .ps-ask-place").inner_text()
    for fold in page.locator(f"{PANEL} summary").all():
        fold.tap()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert_nothing_found(visit, "asked, on a phone")


@pytest.mark.full
def test_asking_about_an_earlier_sample_moves_it_nowhere(served: str, visit) -> None:
    page = trained(visit, served)
    entry = ".ps-samples .ps-log .ps-said"
    page.locator(entry).nth(1).scroll_into_view_if_needed()
    page.locator(entry).nth(1).hover()
    text = page.locator(entry).nth(1).text_content()
    at = seen_places(text)[6]
    character = page.locator(f"{entry} >> nth=1 >> span").nth(at)
    before = character.bounding_box()["y"]
    character.click()
    page.wait_for_timeout(500)
    assert page.locator(f"{PANEL} .ps-ask-place").inner_text().endswith(f"character {at + 1} of {len(text)}")
    shown = page.locator(PANEL).bounding_box()
    assert abs(character.bounding_box()["y"] - before) < 2 and shown["height"] > 100


@pytest.mark.full
def test_shades_follow_the_surprise_and_are_left_out_in_print(served: str, visit) -> None:
    page = trained(visit, served)
    switch = page.locator(".ps-samples .ps-shade")
    switch.click()
    step = "(one) => Number(one.className.match(/ps-shade-(\\d)/)?.[1] ?? 0)"
    seen = page.evaluate(
        f"[...document.querySelectorAll('{SAID} > span')].map({step})",
    )
    surprise = visit.session("[...session.reading(session.samples.at(-1)).surprise]")
    assert seen == [min(5, int(nats)) for nats in surprise] and max(seen) > 0
    others = page.locator(".ps-samples .ps-log .ps-said").all()
    assert others and all(one.locator("[class*=ps-shade]").count() for one in others)
    assert page.locator(".ps-shade-missing").is_hidden()
    assert_nothing_found(visit, "shaded")
    shaded = f"getComputedStyle(document.querySelector('{SAID} > [class*=ps-shade]')).backgroundColor"
    assert page.evaluate(shaded) != "rgba(0, 0, 0, 0)"
    page.emulate_media(media="print")
    assert page.evaluate(shaded) == "rgba(0, 0, 0, 0)" and page.locator(".ps-ask").first.is_hidden()
    page.emulate_media(media="screen")
    switch.click()
    assert page.locator(f"{SAID} > [class*=ps-shade]").count() == 0


@pytest.mark.full
def test_new_samples_are_shaded_too_and_a_reset_closes_the_panel(served: str, visit) -> None:
    visit.go(f"{served}/{SHORT}")
    page = visit.page
    page.locator(".ps-samples .ps-shade").click()
    visit.session("session.start()")
    visit.wait("session.status === 'done' && !session.speaking")
    page.locator(f"{SAID} > [class*=ps-shade]").first.wait_for()
    press(page, seen_places(visit.session("session.samples.at(-1).text"))[2])
    visit.session("session.reset()")
    page.locator(PANEL).wait_for(state="hidden")


@pytest.mark.full
def test_a_sample_of_a_loaded_run_says_why_it_cannot_be_asked(served: str, visit) -> None:
    page = trained(visit, served)
    page.evaluate("(async () => { const { main } = pressStart.sessions; await main.load(await main.save()); })()")
    visit.wait("session.status === 'done' && session.samples.length > 0")
    press(page, seen_places(visit.session("session.samples.at(-1).text"))[2])
    assert "while the page is open" in page.locator(f"{PANEL} .ps-ask-missing").inner_text()
    assert page.locator(f"{PANEL} .ps-ask-table").is_hidden()
    page.locator(".ps-samples .ps-shade").click()
    assert page.locator(".ps-samples .ps-shade-missing").is_visible()
    page.locator(RANGE).focus()
    assert "while the page is open" in page.locator(RANGE).get_attribute("aria-valuetext")
    assert_nothing_found(visit, "without probabilities")


@pytest.mark.full
def test_two_samples_side_by_side_can_be_asked(served: str, visit) -> None:
    page = trained(visit, served)
    page.get_by_role("button", name="two side by side").click()
    left = ".ps-samples .ps-side .ps-said"
    at = seen_places(visit.session("session.samples[0].text"))[1]
    press(page, at, left)
    place = page.locator(f"{PANEL} .ps-ask-place")
    assert place.inner_text().startswith(f"Iteration 0, character {at + 1} of")
    page.get_by_label("Sample on the left").select_option("50")
    expected = f"Iteration 50, character {at + 1} of"
    assert place.inner_text().startswith(expected), "the same place, another age of the model"


def test_a_recorded_run_answers_as_the_same_run_on_this_page(served: str, visit) -> None:
    """It was trained without a browser. Its numbers have three digits."""
    visit.go(f"{served}/{LESSON}")
    page, panel = visit.page, ".ps-replay .ps-ask-panel"
    visit.session("session.start()")
    visit.wait("session.samples.length > 0")
    visit.session("session.pause()")
    visit.wait_until(f"!document.querySelector('{RANGE}').disabled")
    replayed = "[data-ps=replay] .ps-said"
    for at in seen_places(visit.session("session.samples[0].text"))[::20]:
        press(page, at)
        press(page, at, replayed)
        assert page.locator(f"{panel} .ps-ask-place").inner_text() == f"Iteration 0, character {at + 1} of 80"
        live, recorded = rows(page), rows(page, panel)
        assert [row["name"] for row in live] == [row["name"] for row in recorded]
        assert [row["drawn"] for row in live] == [row["drawn"] for row in recorded]
        for one, other in zip(live, recorded, strict=True):
            for number, same in zip(one["numbers"], other["numbers"], strict=True):
                assert abs(float(number) - float(same)) <= 0.0101, (one, other)
    page.locator("[data-ps=replay]").get_by_role("button", name="next sample").click()
    place = page.locator(f"{panel} .ps-ask-place")
    assert place.inner_text() == "Iteration 25, character 40 of 40", "the nearest place of a shorter sample"
    page.locator("[data-ps=replay] .ps-shade").click()
    assert page.locator(f"{replayed} > [class*=ps-shade]").count() > 0
    assert page.locator("[data-ps=replay] .ps-shade-missing").is_hidden()
