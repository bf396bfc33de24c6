"""A reader answers a question, finishes the lesson, comes back, and prints it.

Catches: an answer that is visible too early, an explanation of another answer, a reload that forgets, a printed page
with buttons or in the dark scheme.
"""

from __future__ import annotations

import json

import pytest

PAGE = "trials/question.html"
STATUS = ".ps-quiz-verdict"
# Browsers allow least on a disk, so these tests run on a server only with --full.
FROM_DISK = pytest.mark.parametrize("base", ["file", pytest.param("http", marks=pytest.mark.full)], indirect=True)


def test_a_wrong_answer_is_explained_and_the_right_one_remembered(base: str, visit) -> None:
    page = visit.page
    visit.go(f"{base}/{PAGE}")
    question = page.get_by_role("group", name="Which of these is even?")
    shown = page.locator(".ps-quiz").inner_text()
    assert "three" in shown and "odd" not in shown and "Two and two" not in shown
    visit.press("Check my answer")
    assert page.locator(STATUS).inner_text() == "Choose an answer first."

    question.get_by_label("three").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert page.locator(STATUS).text_content() == "Not this one. Five is odd. Try again."
    shown = page.locator(".ps-quiz").inner_text()
    assert "Five is odd." in shown and "Three is odd." not in shown and "Two and two" not in shown
    assert page.locator("[data-answer=wrong]").count() == 1 and page.locator("[data-answer=right]").count() == 0

    page.reload()
    visit.wait_mounted()
    assert page.locator("[data-answer=wrong]").inner_text().startswith("five")
    question.get_by_label("four").check()
    page.keyboard.press("Enter")
    assert page.locator(STATUS).text_content() == "That is right. Two and two."
    assert visit.evaluate("document.activeElement.textContent") == "Answer again", "a disabled field lost the focus"
    assert page.get_by_text("Three is odd.").and_(page.locator(":visible")).count() == 0
    page.get_by_text("What speaks against the others").click()
    assert page.locator(".ps-quiz-form .ps-quiz-answers").inner_text().split("\n") == ["three", "Three is odd."]

    page.reload()
    visit.wait_mounted()
    assert page.locator("[data-answer=right]").inner_text().startswith("four")
    assert page.locator(STATUS).inner_text() == "You have answered this one."
    visit.press("Answer again")
    assert page.locator("[data-answer=open]").count() == 3
    assert visit.evaluate("document.activeElement.value") == "0"
    page.reload()
    visit.wait_mounted()
    assert page.locator("[data-answer=open]").count() == 3 and page.locator("input:checked").count() == 0
    assert visit.complaints == []


@FROM_DISK
def test_the_end_follows_the_run_and_a_complete_lesson_stays_complete(base: str, visit) -> None:
    page = visit.page
    visit.go(f"{base}/{PAGE}")
    story = page.locator(".ps-complete-story")
    assert "has not begun" in story.inner_text()
    visit.press("Start")
    visit.wait("session.status === 'done'")
    val_nll = visit.session("session.val_nll")
    page.wait_for_timeout(1200)
    assert f"is done, at iteration 120 of 120; val NLL {val_nll:.4f} nats" in story.inner_text()

    complete = page.get_by_role("button", name="Lesson complete")
    assert complete.get_attribute("aria-pressed") == "false"
    complete.click()
    assert "Remembered" in page.locator(".ps-complete-note").inner_text()
    page.reload()
    visit.wait_mounted()
    assert complete.get_attribute("aria-pressed") == "true"
    kept = json.loads(visit.evaluate("JSON.stringify(Object.keys(localStorage))"))
    ours = [key for key in kept if key.startswith("press-start:")]
    assert len(ours) == 1 and "trials/question.html" in ours[0]
    complete.click()
    page.reload()
    visit.wait_mounted()
    assert complete.get_attribute("aria-pressed") == "false"
    assert visit.complaints == []


@FROM_DISK
def test_print_is_light_without_buttons_and_has_the_whole_answer(base: str, visit) -> None:
    page = visit.page
    page.emulate_media(color_scheme="dark")
    visit.go(f"{base}/{PAGE}")
    scheme = "document.body.getAttribute('data-md-color-scheme')"
    assert visit.evaluate(scheme) == "slate"
    visit.evaluate("globalThis.addEventListener('beforeprint', () => globalThis.seen = " + scheme + ")")
    page.pdf()
    assert visit.evaluate("seen") == "default" and visit.evaluate(scheme) == "slate"
    page.emulate_media(media="print")
    assert page.locator(".press-start button:visible").count() == 0
    answers = page.locator(".ps-on-paper").inner_text()
    assert "Two and two." in answers and "Three is odd." in answers and "Five is odd." in answers
    assert visit.complaints == []


@FROM_DISK
def test_without_storage_the_page_says_so(base: str, visit) -> None:
    visit.page.add_init_script(
        "Object.defineProperty(globalThis, 'localStorage', { get() { throw new Error('storage is off'); } })"
    )
    visit.page.goto(f"{base}/{PAGE}")
    visit.wait_mounted()
    visit.press("Lesson complete")
    assert "keeps nothing" in visit.page.locator(".ps-complete-note").inner_text()
    visit.page.get_by_label("four").check()
    visit.press("Check my answer")
    assert visit.page.locator("[data-answer=right]").count() == 1
