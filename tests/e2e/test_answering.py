"""A reader answers a question, finishes the lesson, comes back, and prints it.

Catches: an answer that is visible too early, an explanation of another answer, a reload that forgets, a printed page
with buttons or in the dark scheme.
"""

from __future__ import annotations

import json
import re

import pytest

PAGE, GATHERS = "trials/question.html", "trials/gathers.html"
STATUS = ".ps-quiz-verdict"
KEPT = "Object.entries(localStorage).find(([key]) => key.endsWith(':reader'))[1]"
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
    assert page.locator(STATUS).text_content() == "Not this one. Try again."
    shown = page.locator(".ps-quiz").inner_text()
    assert "Five is odd." in shown and "Three is odd." not in shown and "Two and two" not in shown
    assert page.locator("[data-answer=wrong]").count() == 1 and page.locator("[data-answer=right]").count() == 0

    page.reload()
    visit.wait_mounted()
    assert page.locator("[data-answer=wrong]").inner_text().startswith("five")
    question.get_by_label("four").check()
    page.keyboard.press("Enter")
    assert page.locator(STATUS).text_content() == "That is right."
    heard = page.locator(".ps-quiz [aria-live], .ps-quiz [role=status]").all_inner_texts()
    assert sum("Two and two." in text for text in heard) == 1, "a screen reader hears the explanation once"
    assert visit.evaluate("document.activeElement.textContent") == "Answer again", "a disabled field lost the focus"
    assert page.get_by_text("Three is odd.").and_(page.locator(":visible")).count() == 0
    page.get_by_text("Why the others are wrong").click()
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


def test_a_question_is_asked_again_and_both_answers_are_compared(base: str, visit) -> None:
    page = visit.page
    visit.go(f"{base}/trials/twice.html")
    start, end = page.locator(".ps-quiz").nth(0), page.locator(".ps-quiz").nth(1)
    page.get_by_role("button", name="Keep my answer").click()
    assert start.locator(STATUS).inner_text() == "Choose an answer first."
    start.get_by_label("All of it").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    assert start.locator(STATUS).inner_text().startswith("Your answer is kept.")
    assert "Looks deceive" not in page.locator("article").inner_text(), "nothing is judged yet"
    page.reload()
    visit.wait_mounted()
    assert start.get_by_label("All of it").is_checked() and not end.get_by_label("All of it").is_checked()

    end.get_by_label("Some of it").check()
    page.keyboard.press("Enter")
    assert end.locator(STATUS).inner_text().startswith("Both of your answers are below")
    sides = end.locator(".ps-quiz-sides > .ps-quiz-side").all_inner_texts()
    assert [side.split("\n")[0] for side in sides] == ["At the start you said", "At the end you said"]
    assert "Looks deceive." in sides[0] and "hardly supports" in sides[0]
    assert "Few of them." in sides[1] and "supports it well" in sides[1]
    assert "It counts well." not in end.inner_text(), "the other answer is folded away"
    assert start.get_by_label("Nothing at all").is_disabled(), "what was said at the start stays"
    (record,) = json.loads(visit.evaluate(KEPT))
    assert record["kind"] == "answer" and record["said"] == "“All of it” at the start, “Some of it” at the end"

    page.reload()
    visit.wait_mounted()
    assert end.locator(".ps-quiz-sides").is_visible()
    end.get_by_role("button", name="Answer again").click()
    assert not end.locator(".ps-quiz-sides").is_visible() and start.get_by_label("Nothing at all").is_enabled()
    end.get_by_label("All of it").check()
    page.wait_for_timeout(600)  # presses right after a label has changed do not count
    end.get_by_role("button", name="Compare my answers").click()
    assert "the same answer" in end.locator(".ps-quiz-sides").inner_text()
    assert visit.complaints == []


def test_without_a_script_a_question_asked_twice_says_so(site, chromium) -> None:
    page = chromium.new_context(java_script_enabled=False).new_page()
    page.goto(f"{site.as_uri()}/trials/twice.html")
    start, end = page.locator(".ps-quiz").nth(0), page.locator(".ps-quiz").nth(1)
    assert "asks the same question again" in start.inner_text() and "deceive" not in start.inner_text()
    end.get_by_text("The case for and against each answer").click()
    assert "Looks deceive." in end.inner_text()


@FROM_DISK
@pytest.mark.full
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


def entry(number: int, kind: str, right: bool | None, outcome: str | None) -> dict:
    words = {"asked": f"Question {number}: what does this curve of yours show, and why so?", "said": f"Said {number}."}
    # The page with mystery runs stands behind each key of theirs.
    return {"key": f"mystery:{number}", "kind": kind, "outcome": outcome, "right": right, **words}


# As much as a reader can leave behind on the main lesson.
RECORD = [
    *[entry(number, "curve", None, f"It ended at {number}.15, 0.21 lower than you said.") for number in range(2)],
    *[
        entry(number, "diagnosis", number > 3, "Healthy: it fell quickly, then ever more slowly.")
        for number in range(6)
    ],
    *[entry(number, "mystery", True, "It was the run “diverge (slow)”, which unwound.") for number in range(6, 9)],
    entry(9, "answer", False, "Another answer, which turned out to be the right one."),
    entry(10, "answer", False, None),
    *[entry(number, "answer", True, f"Said {number}.") for number in range(11, 18)],
]


def test_the_end_gathers_what_the_reader_said(base: str, visit) -> None:
    page = visit.page
    visit.go(f"{base}/{PAGE}")
    summary = page.locator(".ps-complete-summary")
    assert summary.inner_text().startswith("You have not predicted, diagnosed or answered anything")
    page.get_by_label("five").check()
    visit.press("Check my answer")
    assert summary.inner_text().split("\n")[0] == "What you answered"
    assert "Which of these is even?" in summary.inner_text()
    assert "You said: five" in summary.inner_text() and "not found the right answer yet" in summary.inner_text()
    page.get_by_label("four").check()
    visit.press("Check my answer")
    assert "The right answer: four" in summary.inner_text()
    page.wait_for_timeout(600)  # presses right after a label has changed do not count
    visit.press("Answer again")
    assert summary.inner_text().startswith("You have not")


def test_all_that_a_reader_said_prints_on_one_page(base: str, visit) -> None:
    page, summary = visit.page, visit.page.locator(".ps-complete-summary")
    visit.go(f"{base}/{GATHERS}")
    kept = [*RECORD, {**RECORD[0], "key": "answer:of-an-earlier-page"}]
    store = f"localStorage.setItem(`press-start:${{location.pathname}}:reader`, {json.dumps(json.dumps(kept))})"
    visit.evaluate(store)
    page.reload()
    visit.wait_mounted()
    titles = [title.strip() for title in summary.locator(".ps-complete-kind").all_inner_texts()]
    assert titles == ["What you predicted", "What you diagnosed", "What you answered"]
    assert summary.locator(".ps-complete-entry").count() == len(RECORD)
    visit.evaluate("globalThis.print = () => {}")
    visit.press("Print this summary")
    page.emulate_media(media="print")
    assert page.locator(".ps-complete-story").is_visible() and not page.locator("[data-ps=runner]").is_visible()
    assert page.get_by_text("Name:").is_visible() and page.locator(".press-start button:visible").count() == 0
    pages = re.findall(rb"/Type\s*/Page\b(?!s)", page.pdf(format="A4"))
    assert len(pages) == 1
    page.wait_for_timeout(100)
    assert page.locator("[data-ps=runner]").is_visible() and not page.get_by_text("Name:").is_visible()
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
    assert "stores nothing" in visit.page.locator(".ps-complete-note").inner_text()
    visit.page.get_by_label("four").check()
    visit.press("Check my answer")
    assert visit.page.locator("[data-answer=right]").count() == 1
