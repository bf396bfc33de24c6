"""Catches: a USB stick or a single file that does not start by a double-click, lacks a file, its credits or its
checksums, contacts a server, trains other weights than the site, or differs in a byte when built again."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from by_module import by_module
from gate import Gate
from output import usb
from recorded import headless
from texts import corpus as corpora
from walk import Walk, pages

LESSON = "watch-it-learn.html"
AWKWARD = "of a tèacher, 100% #2"
MISSING = "This page arrived without its files"


@pytest.fixture(scope="module")
def made(lesson_site: Path, corpus, tmp_path_factory: pytest.TempPathFactory) -> usb.Made:
    """The output of `python3 build usb` for the site that the other tests use."""
    return usb.make(lesson_site, corpus, tmp_path_factory.mktemp("usb") / "dist")


@pytest.fixture(scope="module")
def dist(made: usb.Made) -> Path:
    """The folder with that output."""
    return made.files[0].parent


@pytest.fixture(scope="module")
def stick(dist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The zip, extracted as a teacher would, into a folder with an awkward name."""
    folder = tmp_path_factory.mktemp("stick") / AWKWARD
    with zipfile.ZipFile(dist / usb.ZIP) as archive:
        archive.extractall(folder)
    (only,) = folder.iterdir()
    assert only.name == "press-start"
    return only


@pytest.fixture
def single(dist: Path, tmp_path: Path) -> Path:
    """The lesson as one file, alone in a folder with an awkward name."""
    (tmp_path / AWKWARD).mkdir()
    return Path(shutil.copy(dist / LESSON, tmp_path / AWKWARD / LESSON))


def check_sums(folder: Path) -> set[str]:
    lines = (folder / usb.SUMS).read_text(encoding="utf-8").splitlines()
    named = {line[66:]: line[:64] for line in lines}
    for name, digest in named.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest, name
    return set(named)


def test_the_zip_holds_the_whole_site_and_its_sums(stick: Path, lesson_site: Path) -> None:
    site = {path.relative_to(lesson_site).as_posix() for path in lesson_site.rglob("*") if path.is_file()}
    wanted = {f"{usb.SITE}/{name}" for name in site - set(usb.OF_A_SERVER)} | {usb.READ_ME, usb.START}
    assert check_sums(stick) == wanted
    assert {path.relative_to(stick).as_posix() for path in stick.rglob("*") if path.is_file()} == wanted | {usb.SUMS}
    assert (stick / usb.SITE / "index.html").is_file() and not (stick / usb.SITE / "404.html").exists()
    assert [path.name for path in stick.iterdir() if path.suffix == ".html"] == [usb.START], "one page to open"


def test_what_lies_beside_the_zip_has_its_sums_too(made: usb.Made, dist: Path, lesson_site: Path) -> None:
    assert check_sums(dist) == {path.name for path in made.files} >= {usb.ZIP, usb.READ_ME, LESSON}
    singles = [path for path in made.files if path.suffix == ".html"]
    assert len(singles) + len(made.left_out) == len(usb.lessons(lesson_site))


def test_the_teacher_reads_what_to_do_and_what_is_on_it(dist: Path, stick: Path, corpus) -> None:
    for folder, words in ((dist, [usb.ZIP, LESSON, "Extract the zip first"]), (stick, [f'Double-click "{usb.START}"'])):
        written = (folder / usb.READ_ME).read_bytes()
        assert written.startswith(b"\xef\xbb\xbf") and written.count(b"\r\n") == written.count(b"\n"), "for Notepad"
        lines = written.decode("utf-8-sig").splitlines()
        assert max(map(len, lines)) <= usb.READ_ME_COLUMNS
        said = " ".join(" ".join(lines).split())
        for word in [*words, corpus.title, corpus.credits, usb.browsers(), "http.server", "file://"]:
            assert " ".join(word.split()) in said, word
    assert usb.browsers() == "Chrome and Edge 109, Firefox 115 or Safari 16.4"


@pytest.mark.full
@pytest.mark.parametrize("every", [False, True], ids=["lesson", "every page"])
def test_the_pages_of_the_stick_are_alive(stick: Path, gated_chromium: Browser, gate: Gate, every: bool) -> None:
    walk = Walk(gated_chromium)
    for page in pages(stick / usb.SITE) if every else [f"lessons/{LESSON}"]:
        walk.through((stick / usb.SITE / page).as_uri())
    assert walk.troubles == []
    assert walk.asked_elsewhere(stick.as_uri()) == [] and gate.left() == []
    assert "runner: Start" in walk.pressed


def test_the_single_file_is_alive_and_asks_for_nothing(single: Path, gated_chromium: Browser, gate: Gate) -> None:
    walk = Walk(gated_chromium)
    walk.through(single.as_uri())
    assert walk.troubles == []
    assert only_itself(walk.requests) == [single.as_uri()] and gate.left() == []
    assert "runner: Start" in walk.pressed


def test_the_single_file_works_on_any_host(single: Path, chromium: Browser, serve_folder) -> None:
    url = f"{serve_folder(single.parent)}/{LESSON}"
    walk = Walk(chromium)
    walk.page.goto(url)
    walk.page.wait_for_function("() => globalThis.pressStart?.sessions.main?.status === 'idle'")
    walk.page.evaluate("pressStart.sessions.main.start()")
    walk.page.wait_for_function("() => pressStart.sessions.main.iteration > 1")
    assert walk.troubles + walk.page.evaluate("refused") == []
    assert only_itself(walk.requests) == [url]


def only_itself(requests: list[str]) -> list[str]:
    """Requests to a server or a disk, without those for data inside the page."""
    return [address for address in requests if not address.startswith(("data:", "blob:", "about:"))]


def test_links_of_the_single_file_lead_into_it_or_out_of_the_site(single: Path, chromium: Browser) -> None:
    page = chromium.new_page()
    page.goto(single.as_uri())
    links = page.evaluate("[...document.links].map((link) => link.getAttribute('href'))")
    assert links
    for link in links:
        if link.startswith("#"):
            assert page.evaluate("(id) => !id || document.getElementById(id) !== null", link[1:]), link
        else:
            assert link.startswith("https://"), link


def test_the_single_file_carries_its_text_credits_and_licences(single: Path, chromium: Browser, corpus) -> None:
    page = chromium.new_context(java_script_enabled=False).new_page()
    page.goto(single.as_uri())
    page.locator(".ps-about-file > summary").click()
    for words in (corpus.title, corpus.sha256, corpus.credits, "Andrej Karpathy", "RxJS", "local storage"):
        assert page.locator(".ps-about-file").get_by_text(words).first.is_visible(), words
    licences = page.locator(".ps-about-file pre").all_inner_texts()
    for words in ("Copyright (c) 2022 Leon Sorokin", "SIL OPEN FONT LICENSE", "Apache License"):
        assert any(words in licence for licence in licences) or words in single.read_text(encoding="utf-8")
    assert single.stat().st_size <= 2_500_000


@pytest.mark.full
def test_the_single_file_trains_what_the_site_trains(single: Path, chromium: Browser, corpus, tmp_path: Path) -> None:
    headless.record(corpus, tmp_path / "run.json", until=25)
    recorded = json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))
    page = chromium.new_page()
    page.goto(single.as_uri())
    page.wait_for_function("() => globalThis.pressStart?.sessions.main?.status === 'idle'")
    page.evaluate("""() => {
      const session = pressStart.sessions.main;
      session.prefer("cpu");
      session.on("sample", (sample) => sample.iteration === 25 && session.pause());
      session.start();
    }""")
    page.wait_for_function("() => ['paused', 'failed'].includes(pressStart.sessions.main.status)", timeout=90_000)
    state = page.evaluate("[pressStart.sessions.main.status, pressStart.sessions.main.iteration]")
    assert state == ["paused", 25]
    module = page.evaluate("pressStart.sessions.main.engine.module")
    assert page.evaluate("pressStart.sessions.main.fingerprint()") == by_module(recorded, module)["fingerprint"]


def test_a_page_that_came_alone_says_so(stick: Path, tmp_path: Path, chromium: Browser) -> None:
    page = chromium.new_page()
    page.goto((stick / usb.SITE / "index.html").as_uri())
    assert not page.get_by_text(MISSING).is_visible()
    alone = tmp_path / "Temp1_press-start.zip" / "index.html"  # what Windows makes of a double-click inside a zip
    alone.parent.mkdir()
    shutil.copy(stick / usb.SITE / "index.html", alone)
    page.goto(alone.as_uri())
    assert page.get_by_text(MISSING).is_visible()


def test_the_page_to_start_with_leads_to_the_first_one(stick: Path, chromium: Browser) -> None:
    page = chromium.new_page()
    page.goto((stick / usb.START).as_uri())
    page.get_by_role("link", name="Start the lesson").wait_for()
    assert page.url == (stick / usb.SITE / "index.html").as_uri()
    page = chromium.new_context(java_script_enabled=False).new_page()
    page.goto((stick / usb.START).as_uri())
    page.get_by_role("link", name="Go to the first page").click()
    page.get_by_role("link", name="Start the lesson").wait_for()


def test_the_page_to_start_with_stays_where_nothing_lies_beside_it(
    stick: Path, tmp_path: Path, chromium: Browser
) -> None:
    alone = tmp_path / "Temp1_press-start.zip" / usb.START  # what Windows makes of a double-click inside a zip
    alone.parent.mkdir()
    shutil.copy(stick / usb.START, alone)
    page = chromium.new_page()
    page.goto(alone.as_uri())
    page.wait_for_timeout(300)
    assert page.url == alone.as_uri()
    assert page.get_by_text("extract the whole zip").is_visible()


def test_a_folder_without_its_scripts_says_so(stick: Path, tmp_path: Path, chromium: Browser) -> None:
    shutil.copytree(stick / usb.SITE, tmp_path / "part", ignore=shutil.ignore_patterns("press-start.js"))
    page = chromium.new_page()
    page.goto((tmp_path / "part" / "lessons" / LESSON).as_uri())
    page.get_by_text(MISSING).wait_for()


def test_made_again_it_is_the_same_to_the_byte(dist: Path, lesson_site: Path, corpus, tmp_path: Path) -> None:
    copied = tmp_path / "site"
    shutil.copytree(lesson_site, copied, copy_function=shutil.copyfile)  # new file times, perhaps another order on disk
    for path in copied.rglob("*.html"):
        os.utime(path, (1e9, 1e9))
    usb.make(copied, corpus, tmp_path / "dist")
    for path in dist.iterdir():
        assert (tmp_path / "dist" / path.name).read_bytes() == path.read_bytes(), path.name
    with zipfile.ZipFile(io.BytesIO((dist / usb.ZIP).read_bytes())) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {usb.OLDEST_DAY}


def in_no_network(command: list[str]) -> list[str]:
    """Runs the command in a separate network namespace, with only the loopback device."""
    return ["unshare", "--map-root-user", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh", *command]


# Checks that the lesson trains in a browser without network too.
TRAINING = ["tests/e2e/test_run.py", "--", "-k", "three_samples"]


@pytest.mark.parametrize(
    "command",
    [["site"], *(pytest.param(words, marks=pytest.mark.full) for words in (["usb"], ["test", *TRAINING]))],
    ids=lambda words: words[0],
)
def test_without_a_network_the_commands_still_work(root: Path, corpus, command: list[str], made: usb.Made) -> None:
    try:
        probe = subprocess.run(in_no_network(["true"]), capture_output=True, text=True)
        reason = probe.stderr.strip() if probe.returncode else None
    except OSError as problem:
        reason = str(problem)
    if reason is not None:
        pytest.skip(f"not run here: this machine gives no network namespace ({reason})")
    build = in_no_network([sys.executable, "build", *command])
    given = os.environ | {corpora.VARIABLE: os.environ.get(corpora.VARIABLE) or corpora.PLAY_MACHINE}
    result = subprocess.run(build, cwd=root, env=given, capture_output=True, text=True, encoding="utf-8", timeout=300)
    assert result.returncode == 0, result.stdout + result.stderr
    if command == ["test", *TRAINING]:
        assert "1 passed" in result.stdout, result.stdout
    if command == ["usb"]:
        assert f"ON THIS STICK: {corpus.title} ({corpus.name})" in result.stdout
        assert check_sums(root / "dist") == {path.name for path in made.files}
