"""A reader, or a server, measures the speed of a tab in a real browser.

Catches: a button that measures nothing, inconsistent rows, a copy that differs from the measurement, a measurement that
cannot be stopped, an unattended page that posts nothing, or something that does not fit docs/recorded/speed.json.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from model.model_json import read_description

QUICK = "seconds=0.05&blocks=1&B=2"
LIMIT_MS = 60_000


@pytest.fixture
def page(chromium: Browser) -> Page:
    context = chromium.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.set_default_timeout(LIMIT_MS)
    return page


@pytest.mark.full
def test_several_workers_measure_one_batch_size_after_the_other(site: Path, serve_folder, page: Page) -> None:
    page.add_init_script("Object.defineProperty(Navigator.prototype, 'hardwareConcurrency', { get: () => 2 })")
    page.goto(f"{serve_folder(site)}/reference/speed.html?{QUICK},4")
    page.get_by_role("button", name="Measure").click()
    expect(page.locator(".ps-speed .ps-badge")).to_have_text("done", timeout=LIMIT_MS)
    assert page.locator(".ps-speed tbody tr").count() == 4


def test_the_cpu_is_measured_and_the_result_can_be_copied(site: Path, serve_folder, page: Page) -> None:
    page.goto(f"{serve_folder(site)}/reference/speed.html?{QUICK}")
    page.get_by_role("button", name="Measure").click()
    expect(page.locator(".ps-speed .ps-badge")).to_have_text("done", timeout=LIMIT_MS)
    rows = page.locator(".ps-speed tbody tr")
    assert rows.count() >= 1 and rows.first.inner_text().startswith("CPU engine, 1 Worker")
    assert "graphics" in page.locator(".ps-speed .ps-facts").inner_text(), "why there is no row of the GPU"

    page.get_by_role("button", name="Copy as JSON").click()
    page.get_by_role("button", name="Copied").wait_for()
    report = json.loads(page.evaluate("navigator.clipboard.readText()"))
    assert report["format"] == 1 and report["adapter"] is None and len(report["rows"]) == rows.count()
    for row in report["rows"]:
        assert row["B"] == 2 and row["dispatches"] is row["mb_per_iteration"] is None
        assert row["iterations_per_second"] * row["ms_per_iteration"] == pytest.approx(1000, rel=0.01)
        assert 0 < row["gflops"] < 1000

    page.get_by_role("button", name="Copy as text").click()
    page.get_by_role("button", name="Copied").last.wait_for()
    text = page.evaluate("navigator.clipboard.readText()")
    assert f"{report['rows'][0]['iterations_per_second']} iterations/s" in text


def test_a_measurement_can_be_stopped_and_begun_again(site: Path, page: Page) -> None:
    page.goto(f"{site.as_uri()}/reference/speed.html?seconds=30&B=2")
    page.get_by_role("button", name="Measure").click()
    expect(page.locator(".ps-speed .ps-badge")).to_have_text("measuring the CPU engine, 1 Worker")
    page.get_by_role("button", name="Stop").click()
    expect(page.locator(".ps-speed .ps-badge")).to_have_text("stopped")
    assert page.locator(".ps-speed .ps-failure").is_hidden()
    page.get_by_role("button", name="Measure again").click()
    expect(page.locator(".ps-speed .ps-badge")).to_have_text("measuring the CPU engine, 1 Worker")


def test_an_invalid_address_is_reported_on_the_page(site: Path, page: Page) -> None:
    page.goto(f"{site.as_uri()}/reference/speed.html?seconds=soon")
    expect(page.locator(".ps-speed .ps-failure")).to_have_text(
        "The address says seconds=soon; it must be a number from 0.01 to 60."
    )


def test_an_unattended_page_posts_rows_and_then_the_report(site: Path, serve_folder, page: Page) -> None:
    posted: list[tuple[str, dict]] = []

    def take(route: Route) -> None:
        posted.append((route.request.url.split("/")[-1], json.loads(route.request.post_data)))
        route.fulfill(body="ok")

    page.route("**/result*", take)
    with page.expect_request(lambda request: request.url.endswith("/result"), timeout=LIMIT_MS):
        page.goto(f"{serve_folder(site)}/reference/speed.html?bench&cpu&{QUICK}")
    page.wait_for_timeout(100)
    *progress, (address, report) = posted
    assert {one for one, _ in progress} == {"result?p=1"} and address == "result"
    assert [part["row"] for _, part in progress if part["kind"] == "row"] == report["rows"] != []
    assert "graphics adapter" in report["error"], "a GPU was asked for, and there is none"
    assert report["format"] == 1 and report["date"].count("-") == 2


def test_an_unattended_page_that_cannot_start_reports_to_the_server_too(site: Path, serve_folder, page: Page) -> None:
    page.route("**/result*", lambda route: route.fulfill(body="ok"))
    with page.expect_request("**/result") as asked:
        page.goto(f"{serve_folder(site)}/reference/speed.html?bench&B=999")
    most = read_description()["limits"]["batch_size"]["max"]
    assert f"B=999; it must be a number from 1 to {most}" in json.loads(asked.value.post_data)["error"]
