"""Catches: a request for anything but the site's own files, from a server or from file://; a policy that is missing or
refuses what pages need; a foreign address in anything that a browser loads by itself."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from gate import OWN_HOSTS, Gate
from walk import Walk, pages

# Attributes whose address a browser loads by itself; for <link> this depends on `rel`.
FOLLOWED = {"src", "srcset", "poster", "data", "background", "action", "formaction", "ping", "manifest", "xlink:href"}
NOT_FETCHED = {"canonical", "prev", "next", "alternate"}
ELSEWHERE = re.compile(r"(?:^|[\s,])(?:[a-z][a-z0-9+.-]*:)?//[^\s/]", re.IGNORECASE)
IN_STYLES = re.compile(r"""(?:url\(\s*["']?|@import\s+["'])((?!data:)[^"')\s]+)""", re.IGNORECASE)
# Addresses in Material's programs: of things that it would fetch if a page used them (the policy would refuse), and of
# papers named in comments. Our own script has none, except w3.org, the namespace of drawings, which is never fetched.
KNOWN = {"api.github.com", "unpkg.com", "${e}", "www.w3.org"}
KNOWN |= {"clipboardjs.com", "lunrjs.com", "tartarus.org", "bit.ly"}


@pytest.fixture(params=["http", "file"])
def base(request: pytest.FixtureRequest, lesson_site: Path, serve_folder) -> str:
    return lesson_site.as_uri() if request.param == "file" else serve_folder(lesson_site)


def test_the_gate_records_a_request_that_leaves(gated_chromium: Browser, gate: Gate) -> None:
    page = gated_chromium.new_page()
    for scheme in ("http", "https"):
        page.evaluate(f"fetch('{scheme}://elsewhere.example/', {{ mode: 'no-cors' }}).catch(() => null)")
    assert gate.left() == ["GET http://elsewhere.example/", "CONNECT elsewhere.example:443"]


@pytest.mark.full  # test_usb.py walks through the same pages on file:// in every test run
def test_a_walk_through_every_page_and_widget_stays_on_the_site(
    gated_chromium: Browser, gate: Gate, lesson_site: Path, serve_folder
) -> None:
    """From a server."""
    base = serve_folder(lesson_site)
    walk = Walk(gated_chromium)
    for page in pages(lesson_site):
        walk.through(f"{base}/{page}")
    assert walk.troubles == []
    assert walk.asked_elsewhere(base) == [] and gate.left() == []
    assert "runner: Start" in walk.pressed and len(walk.requests) > len(pages(lesson_site))


def test_the_browser_refuses_what_a_page_is_not_allowed(base: str, chromium: Browser) -> None:
    """The policy works: if it were missing or wide open, these requests would leave the browser."""
    walk = Walk(chromium)
    walk.page.goto(f"{base}/index.html")
    walk.page.evaluate("""async () => {
      const add = (tag, attributes) => document.body.append(Object.assign(document.createElement(tag), attributes));
      add("script", { src: "https://elsewhere.example/x.js" });
      add("script", { textContent: "globalThis.slipped_in = true" });
      add("img", { src: "https://elsewhere.example/x.png" });
      add("link", { rel: "stylesheet", href: "https://elsewhere.example/x.css" });
      add("iframe", { src: "https://elsewhere.example/" });
      await fetch("https://elsewhere.example/").catch(() => {});
      navigator.sendBeacon("https://elsewhere.example/", "x");
      try { new WebSocket("wss://elsewhere.example/"); } catch {}
    }""")
    walk.page.wait_for_timeout(300)
    refused = walk.page.evaluate("refused.map((words) => words.split(' ')[0])")
    for directive in ("script-src-elem", "img-src", "style-src-elem", "connect-src"):
        assert directive in refused
    assert walk.page.evaluate("typeof slipped_in") == "undefined"


class Addresses(HTMLParser):
    """Collects the addresses that a browser loads by itself when it opens the page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.policies = 0
        self._style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self._style = tag == "style"
        self.policies += given.get("http-equiv") == "Content-Security-Policy"
        self.found += [given[name] for name in FOLLOWED & set(given)]
        self.found += IN_STYLES.findall(given.get("style", ""))
        if tag == "link" and set(given.get("rel", "").split()) - NOT_FETCHED:
            self.found.append(given["href"])
        if tag in ("use", "image"):
            self.found.append(given.get("href", ""))
        if given.get("http-equiv", "").lower() == "refresh":
            self.found.append(given["content"])

    def handle_data(self, data: str) -> None:
        if self._style:
            self.found += IN_STYLES.findall(data)


def test_nothing_in_the_site_is_fetched_from_elsewhere(lesson_site: Path) -> None:
    followed = 0
    for page in lesson_site.rglob("*.html"):
        parser = Addresses()
        parser.feed(page.read_text(encoding="utf-8"))
        assert parser.policies == 1, page
        assert [address for address in parser.found if ELSEWHERE.search(address)] == [], page
        followed += len(parser.found)
    for sheet in [*lesson_site.rglob("*.css"), *lesson_site.rglob("*.svg")]:
        addresses = IN_STYLES.findall(sheet.read_text(encoding="utf-8"))
        assert [address for address in addresses if ELSEWHERE.search(address)] == [], sheet
    assert followed > 20


def test_scripts_name_no_unknown_places(lesson_site: Path) -> None:
    for script in lesson_site.rglob("*.js"):
        if script.name.startswith(("corpus-", "search_index")):
            continue  # texts, which are not run
        hosts = set(re.findall(r"(?:https?|wss?)://([^/\"'`\s?]+)", script.read_text(encoding="utf-8")))
        known = KNOWN if "javascripts" in script.parts else {"www.w3.org"}
        assert hosts <= known, script


def test_no_file_names_a_host_that_a_browser_asks_on_its_own_account(lesson_site: Path) -> None:
    """Otherwise a page's request could be mistaken for one of the browser's own."""
    kinds = {".html", ".js", ".css", ".json", ".svg", ".txt"}
    for file in lesson_site.rglob("*"):
        if file.suffix in kinds:
            text = file.read_text(encoding="utf-8")
            assert [host for host in OWN_HOSTS if host in text] == [], file


def test_unused_files_are_not_published(lesson_site: Path) -> None:
    never = (".map", ".yml", ".md", ".ts", ".wgsl", ".toml")
    assert [path.name for path in lesson_site.rglob("*") if path.suffix in never or path.name == "lunr"] == []
