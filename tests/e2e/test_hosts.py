"""Servers and browsers that block what the page needs: the page says what is blocked and what to allow.

Catches: "press reset" when the server must be changed, advice to use the browser already in use, a page that looks
usable without its script, a server policy that the teachers' page recommends but that is not enough.
"""

from __future__ import annotations

import functools
import http.server
import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from output import policy
from system.project import ROOT

LIST = "The page “For teachers” lists what a server must allow."
WORKERS = (
    "The server of this page forbids the Workers in which the engine runs. "
    f"Its Content-Security-Policy must allow blob: in worker-src. {LIST}"
)
WASM = (
    "The server of this page forbids WebAssembly, which the engine needs. "
    f"Its Content-Security-Policy must allow 'wasm-unsafe-eval' in script-src. {LIST}"
)
POLICIES = {
    "worker-src": ("worker-src 'self'", WORKERS),
    "no WebAssembly": ("script-src 'self' 'unsafe-inline'; worker-src blob:", WASM),
    "child-src": ("child-src 'self'", WORKERS),
    "default-src": ("default-src 'self' 'unsafe-inline' 'wasm-unsafe-eval' data:", WORKERS),
    "default-src without WebAssembly": ("default-src 'self' 'unsafe-inline' data: blob:", WASM),
}
SHORT = ["worker-src", "no WebAssembly"]
WASM_OFF = (
    "WebAssembly, which the engine needs, is switched off in this browser. "
    "Allow it for this page: Lockdown Mode and strict security settings switch it off."
)


def policy_of_the_teachers_page() -> str:
    page = (ROOT / "docs/teachers.md").read_text(encoding="utf-8")
    return " ".join(re.search(r"```text\n(script-src .*?)```", page, re.DOTALL)[1].split())


class Host:
    """A server that can add headers, change content types and truncate files."""

    def __init__(self, folder: Path) -> None:
        self.headers: dict[str, str] = {}
        self.types: dict[str, str] = {}  # by suffix of the path
        self.lengths: dict[str, int] = {}  # bytes to send of a file
        host = self

        class Handler(http.server.SimpleHTTPRequestHandler):
            def end_headers(self) -> None:
                for name, value in host.headers.items():
                    self.send_header(name, value)
                super().end_headers()

            def guess_type(self, path: str) -> str:
                own = next((kind for end, kind in host.types.items() if path.endswith(end)), None)
                return own or super().guess_type(path)

            def copyfile(self, source, target) -> None:
                cut = next((n for end, n in host.lengths.items() if re.search(end, self.path)), None)
                if cut is None:
                    super().copyfile(source, target)
                    return
                target.write(source.read(cut))
                self.close_connection = True

            def log_message(self, *_arguments: object) -> None:
                """Prints nothing."""

        handler = functools.partial(Handler, directory=str(folder))
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def host(site: Path) -> Iterator[Host]:
    one = Host(site)
    yield one
    one.server.shutdown()
    one.server.server_close()


def said_after_start(visit) -> str:
    visit.press("Start")
    visit.wait_until("['failed', 'running', 'done'].includes(pressStart.sessions.main.status)", 30)
    return visit.evaluate(
        "(({ failure: no, status }) => no ? `${no.message} ${no.way_out}` : status)(pressStart.sessions.main)"
    )


@pytest.mark.parametrize(
    "case", [pytest.param(case, marks=[] if case in SHORT else [pytest.mark.full]) for case in POLICIES]
)
def test_a_policy_of_the_server_is_named_with_what_it_must_allow(host: Host, visit, case: str) -> None:
    host.headers["Content-Security-Policy"], words = POLICIES[case]
    visit.go(f"{host.url}/trials/tiny-120.html")
    assert said_after_start(visit) == words


@pytest.mark.full
def test_the_policy_on_the_teachers_page_is_enough(host: Host, visit) -> None:
    host.headers |= {"Content-Security-Policy": policy_of_the_teachers_page(), "X-Content-Type-Options": "nosniff"}
    visit.go(f"{host.url}/trials/tiny-120.html")
    assert said_after_start(visit) in ("running", "done")
    assert visit.complaints == []


def test_the_teachers_page_lists_all_that_a_page_allows_itself() -> None:
    listed = {part.split()[0]: set(part.split()[1:]) for part in policy_of_the_teachers_page().split("; ")}
    by_name = {"style-src-elem": "style-src", "style-src-attr": "style-src"}
    for directive, sources in policy.SITE.items():
        needed = set(sources.split()) - {"'none'", "file:"}
        assert needed <= listed.get(by_name.get(directive, directive), set()), directive


@pytest.mark.full
@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("delete globalThis.WebAssembly;", WASM_OFF),
        (
            "globalThis.Worker = class { constructor() { throw new DOMException('The operation is insecure.') } };",
            "This browser does not let the page start a Worker, in which the engine runs (The operation is insecure). "
            "Open the page in a tab of its own, not in a frame and not in private mode.",
        ),
    ],
    ids=["no WebAssembly", "no Workers"],
)
def test_a_browser_that_lacks_something_is_named_without_advice_to_use_another(
    host: Host, visit, script: str, words: str
) -> None:
    if "WebAssembly" in script:
        visit.in_workers(script)
    else:
        visit.page.add_init_script(script)
    visit.go(f"{host.url}/trials/tiny-120.html")
    assert said_after_start(visit) == words


@pytest.mark.parametrize(
    "way",
    [
        "a wrong type",
        pytest.param("another wrong type", marks=pytest.mark.full),
        pytest.param("cut", marks=pytest.mark.full),
    ],
)
def test_a_page_whose_script_does_not_arrive_says_so(host: Host, visit, way: str) -> None:
    if way == "cut":
        host.lengths[r"press-start/press-start[\w.-]*\.js"] = 5000
    else:
        host.types[".js"] = "text/plain" if way == "a wrong type" else "application/octet-stream"
        host.headers["X-Content-Type-Options"] = "nosniff"
    visit.page.goto(f"{host.url}/trials/tiny-120.html")
    words = visit.page.locator(".ps-runner .ps-noscript")
    expect(words).to_be_visible()
    expect(words).to_contain_text("or the server did not send the page’s script as it should")


@pytest.mark.full
def test_in_a_sandboxed_frame_print_and_search_say_what_is_missing(host: Host, chromium: Browser) -> None:
    page = chromium.new_page()
    frame = f"<iframe sandbox='allow-scripts' width=1200 height=900 src='{host.url}/trials/question.html'></iframe>"
    page.route("**/outer.html", lambda route: route.fulfill(body=frame, content_type="text/html"))
    page.goto(f"{host.url}/outer.html")
    inside = page.frame_locator("iframe")
    inside.get_by_role("button", name="Print the whole page").click()
    words = "The frame around this page blocks printing: open the page in its own tab."
    expect(inside.locator(".ps-complete-note")).to_have_text(words)
    expect(inside.locator(".md-search-result__meta")).to_contain_text("The search cannot start here")
