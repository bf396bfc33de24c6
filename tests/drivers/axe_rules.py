"""What axe finds on a page, in both colour schemes. axe-core (MPL-2.0) comes with axe-playwright-python."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

OF_COLOUR = ["color-contrast", "link-in-text-block"]
PAPER = "getComputedStyle(document.body).backgroundColor"
# Waits until the transition from one colour scheme to the other has ended.
COLOURS_STAY = """(async () => {
    const moving = document.getAnimations().filter((one) => one instanceof CSSTransition);
    await Promise.allSettled(moving.map(({ finished }) => finished));
})()"""


def violations(page: Page, rules: list[str] | None = None) -> list[tuple]:
    """What axe finds with the given rules, or with all: each violated rule with its places."""
    found = Axe().run(page, options={"runOnly": rules} if rules else None).response["violations"]
    return [(rule["id"], rule["help"], [node["target"] for node in rule["nodes"]]) for rule in found]


def assert_nothing_found(visit, where: str) -> None:
    """Checks all rules in the light scheme, and the colour rules in the dark one, where only the colours differ."""
    assert violations(visit.page) == [], where
    paper = visit.evaluate(PAPER)
    visit.page.emulate_media(color_scheme="dark")
    visit.wait_until(f"{PAPER} !== '{paper}'", 5)
    visit.evaluate(COLOURS_STAY)
    assert violations(visit.page, OF_COLOUR) == [], f"{where}, dark"
    visit.page.emulate_media(color_scheme="light")
    visit.wait_until(f"{PAPER} === '{paper}'", 5)
    visit.evaluate(COLOURS_STAY)
