"""A mistake stops the server neither at its start nor while it runs; a saved fix shows without a restart.

Catches: a server that ends, hangs or sends nothing after a mistake outside blocks: in mkdocs.yml, in a template, in how
a file is saved; a page that does not report the mistake; a fix that needs a restart.
"""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import jinja2
import pytest
from mkdocs.exceptions import Abort

from authoring import presets, shapes
from model import model_json
from output.last_good_site import LastGoodSite
from output.site_parts import Build, SiteError
from reading import plain_text
from system.project import ROOT

WAIT_S = 60


@dataclass
class Server:
    folder: Path
    url: str
    process: subprocess.Popen
    output: Path

    def page_with(self, words: str, without: str | None = None) -> str:
        """Waits until the page has these words, and not the others, and returns it."""
        end, found = time.monotonic() + WAIT_S, ""
        while time.monotonic() < end:
            assert self.process.poll() is None, f"the server has ended:\n{self.output.read_text(encoding='utf-8')}"
            try:
                with urllib.request.urlopen(f"{self.url}/index.html", timeout=10) as answer:
                    found = answer.read().decode()
            except OSError:
                found = ""
            if words in found and (without is None or without not in found):
                return found
            time.sleep(0.05)
        said = self.output.read_text(encoding="utf-8")
        raise AssertionError(f"{words!r} did not come; served is:\n{found[-1500:]}\nand said was:\n{said[-1500:]}")


def spoilt(text: str, old: str, new: str) -> bytes:
    assert old in text
    return text.replace(old, new, 1).encode()


# The file, its new content, and what every page then reports.
MISTAKES: dict[str, tuple[str, Callable[[str], bytes], str]] = {
    "a tab in mkdocs.yml": (
        "mkdocs.yml",
        lambda text: spoilt(text, "  - offline", "\t- offline"),
        r"mkdocs\.yml:\d+: the line contains a tab",
    ),
    "no search": ("mkdocs.yml", lambda text: spoilt(text, "  - search:\n      lang: en\n", ""), ""),
    "a page in Latin-1": (
        "docs/index.md",
        lambda _: "# Caf\xe9\n".encode("latin-1"),
        r"docs/index\.md:1</code> the file is not UTF-8 .*“é”",
    ),
    "a broken template": (
        "overrides/main.html",
        lambda text: spoilt(text, "{% block libs %}", "{% block libs"),
        r"overrides/main\.html:\d+: in a template",
    ),
}
MORE: dict[str, tuple[str, Callable[[str], bytes], str]] = {
    "a page in UTF-16": (
        "docs/index.md",
        lambda text: text.encode("utf-16"),
        r"docs/index\.md:1</code> the file is UTF-16",
    ),
    "a page in UTF-16 without its mark": ("docs/index.md", lambda text: text.encode("utf-16-le"), "the file is UTF-16"),
    "a script in an attribute": (
        "docs/index.md",
        lambda text: f'{text}\n<b onclick="x()">x</b>\n'.encode(),
        r"docs/index\.md:3</code> in the text: onclick on &lt;b&gt;",
    ),
    "mkdocs.yml in Latin-1": (
        "mkdocs.yml",
        lambda text: spoilt(text, "Press Start", "Caf\xe9").decode().encode("latin-1"),
        r"mkdocs\.yml:\d+: the file is not UTF-8",
    ),
    "a page that nav has lost": (
        "mkdocs.yml",
        lambda text: text.encode() + b"nav:\n  - Home: indx.md\n",
        r"mkdocs\.yml:\d+: nav names indx\.md, which is not in docs/; did you mean index\.md",
    ),
    "an unknown plugin": (
        "mkdocs.yml",
        lambda text: spoilt(text, "  - offline", "  - ofline"),
        r"mkdocs\.yml: .*ofline",
    ),
    "half of mkdocs.yml": (
        "mkdocs.yml",
        lambda text: text[: text.index("palette") + 60].encode() + b'"',
        r"mkdocs\.yml",
    ),
    "nothing left of mkdocs.yml": ("mkdocs.yml", lambda _: b"", r"mkdocs\.yml"),
    "a template's unknown name": (
        "overrides/main.html",
        lambda text: spoilt(text, "{{ super() }}", "{{ nope.more }}"),
        r"overrides/main\.html:\d+: in a template",
    ),
}


@pytest.fixture(scope="module")
def server(shared_project, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server started, like `python3 build serve`, on a project with an unreadable mkdocs.yml."""
    folder = shared_project.folder
    config = folder / "mkdocs.yml"
    good = config.read_text(encoding="utf-8")
    config.write_bytes(MISTAKES["a tab in mkdocs.yml"][1](good))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    output = tmp_path_factory.mktemp("said") / "output.txt"
    command = [sys.executable, str(ROOT / "build/hooks.py"), "serve", "--livereload", "--dev-addr", f"127.0.0.1:{port}"]
    with output.open("w", encoding="utf-8") as file:
        process = subprocess.Popen(
            command, cwd=folder, env=shared_project.environment, stdout=file, stderr=subprocess.STDOUT
        )
        one = Server(folder, f"http://127.0.0.1:{port}", process, output)
        html = one.page_with("the line contains a tab")
        assert 'http-equiv="refresh"' in html, "a page that asks again by itself"
        config.write_text(good, encoding="utf-8")
        one.page_with('<h1 id="home">', without="ps-trouble")
        yield one
        process.terminate()
        process.wait(timeout=WAIT_S)


@pytest.mark.parametrize("mistake", [*MISTAKES, *(pytest.param(name, marks=pytest.mark.full) for name in MORE)])
def test_a_mistake_is_shown_and_its_fix_too(server: Server, mistake: str) -> None:
    file, spoil, said = (MISTAKES | MORE)[mistake]
    path, before = server.folder / file, len(server.output.read_text(encoding="utf-8"))
    good = path.read_text(encoding="utf-8")
    mark = f"good again, for the {[*MISTAKES, *MORE].index(mistake)}. time"
    path.write_bytes(spoil(good))
    if said:
        end = time.monotonic() + WAIT_S
        while not re.search(said, html := server.page_with("<body")) and time.monotonic() < end:
            time.sleep(0.1)
        assert re.search(said, html), html[-2000:]
        assert "livereload(" in html, "the page shows the fix by itself"
        terminal = server.output.read_text(encoding="utf-8")[before:]
        assert re.search(said.replace("</code>", ":").replace("&lt;", "<").replace("&gt;", ">"), terminal), terminal
        assert "Traceback" not in terminal
    path.write_text(good, encoding="utf-8")
    (server.folder / "docs/index.md").write_text(f"# Home\n\n{mark}\n", encoding="utf-8")
    server.page_with(mark, without="ps-trouble")
    (server.folder / "docs/index.md").write_text("# Home\n", encoding="utf-8")


def test_without_search_the_site_is_built(project) -> None:
    config = project.folder / "mkdocs.yml"
    config.write_bytes(spoilt(config.read_text(encoding="utf-8"), "  - search:\n      lang: en\n", ""))
    result = project.build("--strict")
    assert result.returncode == 0, result.stderr
    assert "md-search__input" not in project.page("index.html")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"{", "engine/model.json:1: this is not JSON"),
        (b'{\n  "model": {},\n', "engine/model.json:3: this is not JSON"),
        (b"", "engine/model.json:1: this is not JSON"),
        (b"[]", "engine/model.json:1: it has no “model”"),
        (b'{"seed": "caf\xe9"}', "engine/model.json:1: the file is not UTF-8"),
    ],
)
def test_half_a_description_is_reported_in_a_sentence(tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "engine").mkdir()
    (tmp_path / "engine/model.json").write_bytes(content)
    with pytest.raises(model_json.DescriptionError, match=re.escape(words)):
        model_json.read_description(tmp_path)
    with pytest.raises(SiteError, match=re.escape(words)):
        Build().begin(tmp_path / "docs", jinja2.Environment(), tmp_path)


@pytest.mark.parametrize("module", [presets, shapes])
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, ":1: the file cannot be read"),
        ("# é\n".encode("latin-1"), ":1: the file is not UTF-8"),
        (b"a: [", ":1: "),
    ],
)
def test_a_yaml_file_that_is_missing_or_half_saved_is_reported(
    root: Path, tmp_path: Path, module: object, content: bytes | None, words: str
) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "engine").mkdir()
    (tmp_path / "engine/model.json").write_bytes((root / "engine/model.json").read_bytes())
    if content is not None:
        (tmp_path / module.FILE).write_bytes(content)
    with pytest.raises((presets.PresetsError, shapes.ShapesError), match=re.escape(module.FILE + words)):
        module.read(tmp_path)


@pytest.mark.parametrize(
    ("data", "text", "line"),
    [
        ("é\r\nb".encode("utf-8-sig"), "é\nb", 0),
        (b"a\nb\xe9", "a\nbé", 2),
        ("a\nä".encode("utf-16"), "a\nä", 1),
        ("ab\ncd".encode("utf-16-be"), "ab\ncd", 1),
        (b"a\nb\0c", "a\nbc", 2),
        (b"", "", 0),
    ],
)
def test_a_file_is_read_however_it_was_saved(data: bytes, text: str, line: int) -> None:
    read, at, wrong = plain_text.read(data)
    assert (read, at, bool(wrong)) == (text, line, line > 0)


def test_a_build_that_fails_leaves_the_last_good_pages(tmp_path: Path) -> None:
    """Whatever a build raises, even a bug of its own, and however often."""
    site = tmp_path / "site"
    site.mkdir()
    kept = LastGoodSite()

    def build(outcome: object) -> None:
        def make() -> None:
            (site / "index.html").write_text(f"<body class=a>{outcome}", encoding="utf-8")
            if isinstance(outcome, BaseException):
                raise outcome

        kept.build(site, make)

    page = site / "index.html"
    build(ValueError("not <yet>"))
    assert "ValueError: not &lt;yet&gt;" in page.read_text(encoding="utf-8") and (site / "404.html").exists()
    build("one")
    assert page.read_text(encoding="utf-8") == "<body class=a>one" and not (site / "404.html").exists()
    for problem in (KeyError("sampling"), Abort("no more"), SystemExit("gone")):
        build(problem)
        html = page.read_text(encoding="utf-8")
        assert html.endswith("one") and html.count("ps-trouble") == 1 and str(problem).strip("'") in html
    build("two")
    assert page.read_text(encoding="utf-8") == "<body class=a>two" and [*tmp_path.iterdir()] == [site]
