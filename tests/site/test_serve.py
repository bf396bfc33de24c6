"""`mkdocs serve` shows an edit of any file within two seconds, and survives an author's mistakes.

Catches: a folder that is not watched, a cache that shows an old template, text or program, a rebuild that has become
slow, an error that `serve` and a build report differently, a mistake after which the server no longer responds.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from system import deno_program
from texts import corpus as corpora

WAIT_S = 60
# The guide promises 2 s from a save to the new page, on two idle cores. Measured: 0.5 to 1.0 s, because MkDocs looks
# for changed files every 0.5 s and waits for 0.1 s of quiet, a rebuild takes 0.4 s, and esbuild 0.2 s. Run alone, the
# test allows one second more. In a whole run other tests take the same cores, and 4.2 s have been seen, or 6.4 s beside
# other programs, so it allows 10 s: less than a rebuild that reads every page twice or bundles everything anew takes
# there. A late edit is repeated: a server that is slow by itself is slow every time.
PROMISED_S = 2
LIMIT_S = 10 if "PYTEST_XDIST_WORKER" in os.environ else PROMISED_S + 1
TRIES = 4

LESSON = "lessons/watch-it-learn.html"
SCRIPT, WORKER = "assets/press-start/press-start.js", "assets/press-start/worker.js"
# A file, how a mark is written into it (a pattern and its replacement), and where the mark is then served.
EDITS = {
    "Markdown": ("docs/lessons/watch-it-learn.md", r"\Z", r"\n\nEdited: MARK.\n", LESSON),
    "presets": ("docs/presets.yml", r"about: (?!MARK)", r"about: MARK ", LESSON),
    "shapes": ("docs/shapes.yml", r"symptom: ", r"symptom: MARK ", "reference/loss-curve-doctor.html"),
    "mkdocs.yml": ("mkdocs.yml", r"site_name: .*", r"site_name: MARK", "index.html"),
    "template": ("overrides/widgets/runner.html", r"\Z", r"\n<p>MARK</p>\n", LESSON),
    "TypeScript": ("engine/page.ts", r"\Z", r'\n(globalThis as { mark?: string }).mark = "MARK";\n', SCRIPT),
    "WGSL": ("engine/wgsl/gelu_forward.wgsl", r"\Z", r"\nconst MARK = 3.0;\n", WORKER),
}

GOOD = "# Page\n\n```runner\nmodel: {block_size: 32}\n```\n"
BROKEN = "# Page\n\n```runner\nmodel: {block_size: 32}\nsed: x\n```\n\n```runer\n```\n\nThe rest of the page.\n"
BROKEN += "Trains {{ model.n_parms }} parameters.\n"
TOLD = re.compile(r"^docs/\S+:\d+: .*", re.MULTILINE)


@dataclass
class Server:
    """A copy of the real project that tests may edit, served by MkDocs."""

    folder: Path
    environment: dict[str, str]
    port: int
    process: subprocess.Popen
    output: Path

    def fetch(self, path: str) -> str:
        assert self.process.poll() is None, f"the server has ended:\n{self.said()}"
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/{path}", timeout=WAIT_S) as answer:
            return answer.read().decode()

    def fetch_with(self, path: str, words: str) -> str:
        """Waits until the page has those words, and returns it."""
        end = time.monotonic() + WAIT_S
        found = ""
        while time.monotonic() < end:
            try:
                found = self.fetch(path)
            except (urllib.error.URLError, ConnectionError):
                found = ""
            if words in found:
                return found
            time.sleep(0.02)
        raise AssertionError(
            f"{words!r} did not come; served is:\n{found[-2000:]}\nand said was:\n{self.said()[-2000:]}"
        )

    def edit(self, path: str, text: str) -> None:
        (self.folder / path).write_text(text, encoding="utf-8")

    def said(self) -> str:
        return self.output.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def server(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("served") / "project"
    deno_program.fetch_packages(root)
    for name in ("docs", "overrides", "engine", "build", "node_modules"):
        shutil.copytree(root / name, folder / name, symlinks=True)
    for name in ("mkdocs.yml", "deno.json", "deno.lock"):
        shutil.copy(root / name, folder)
    # Results computed once per text; deno's own cache is used in place. The script is bundled at the start,
    # because deno is slower the first time in a folder.
    shutil.copytree(root / ".cache", folder / ".cache", ignore=shutil.ignore_patterns("deno", "bundle"))
    (folder / "docs/page.md").write_text(BROKEN, encoding="utf-8")
    choice = os.environ.get(corpora.VARIABLE) or corpora.PLAY_MACHINE
    environment = {**deno_program.variables(root), "PYTHONUTF8": "1", corpora.VARIABLE: choice}
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    output = folder.parent / "output.txt"
    command = [sys.executable, "-m", "mkdocs", "serve", "--livereload", "--dev-addr", f"127.0.0.1:{port}"]
    with output.open("w", encoding="utf-8") as file:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=file, stderr=subprocess.STDOUT)
        yield Server(folder, environment, port, process, output)
        process.terminate()
        process.wait(timeout=WAIT_S)


def test_mistakes_are_shown_and_fixed_while_the_server_runs(server: Server) -> None:
    html = server.fetch_with("page.html", "The rest of the page.")
    assert html.count('class="ps-author-errors"') == 3
    assert "model has no “n_parms”; did you mean “n_params”?" in html
    assert re.search(r"Trains <mark[^>]*>docs/page.md:12</mark> parameters", html)
    assert "docs/page.md:5" in html and "unknown field “sed”; did you mean “seed”?" in html
    assert "docs/page.md:8" in html and "did you mean “runner”?" in html
    assert html.index("docs/page.md:5") < html.index("docs/page.md:8") < html.index("The rest of the page.")
    output = server.said()
    assert "docs/page.md:5: in a runner block: unknown field “sed”" in output
    assert "docs/page.md:8: in a runner block" in output and "Traceback" not in output
    server.edit("docs/page.md", GOOD)
    assert 'class="ps-author-errors"' not in server.fetch_with("page.html", '"block_size": 32')


@pytest.mark.parametrize(
    "kind",
    [kind if kind in ("Markdown", "TypeScript") else pytest.param(kind, marks=pytest.mark.full) for kind in EDITS],
)
def test_an_edit_is_served_in_time_and_the_browser_reloads(server: Server, kind: str) -> None:
    path, place, text, served = EDITS[kind]
    took: list[tuple[float, float]] = []
    while not took or (max(took[-1]) > LIMIT_S and len(took) < TRIES):
        mark = f"edit{len(took)}of{kind.replace('.', '').lower()}"
        before = (server.folder / path).read_text(encoding="utf-8")
        after = re.sub(place, text.replace("MARK", mark), before, count=1)
        assert after != before
        took.append(seconds_until_shown(server, path, after, served, mark))
    assert min(max(pair) for pair in took) <= LIMIT_S, f"content served, and browser notified, after (s): {took}"


def seconds_until_shown(server: Server, path: str, text: str, served: str, mark: str) -> tuple[float, float]:
    """Seconds from saving the file to the new content, and to the response that the page's MkDocs script awaits."""
    epoch = int(re.search(r"livereload\((\d+)", server.fetch_with("index.html", "livereload("))[1])
    told: list[float] = []

    def wait_as_the_page_does() -> None:
        if int(server.fetch(f"livereload/{epoch}/1")) > epoch:
            told.append(time.monotonic())

    waiting = threading.Thread(target=wait_as_the_page_does, daemon=True)
    waiting.start()
    saved = time.monotonic()
    server.edit(path, text)
    server.fetch_with(served, mark)
    shown = time.monotonic()
    waiting.join(WAIT_S)
    assert told, "the browser got no request to reload"
    return shown - saved, told[0] - saved


@pytest.mark.full
def test_a_server_a_build_and_github_report_the_same_errors(server: Server) -> None:
    """Errors of a page and of both files that pages use, each with its line."""
    good = {
        path: (server.folder / path).read_text(encoding="utf-8") for path in ("docs/presets.yml", "docs/shapes.yml")
    }
    server.edit("docs/shapes.yml", good["docs/shapes.yml"].replace("  symptom:", "\tsymptom:", 1))
    server.edit("docs/presets.yml", good["docs/presets.yml"].replace("  shape:", "  shpe:", 1))
    before = len(server.said())
    server.edit("docs/page.md", BROKEN)
    server.fetch_with("page.html", "ps-author-errors")
    served = set(TOLD.findall(server.said()[before:]))
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "-d", str(server.folder.parent / "built")],
        cwd=server.folder,
        env=server.environment | {"GITHUB_ACTIONS": "true"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=WAIT_S,
    )
    assert built.returncode == 1 and "Traceback" not in built.stderr
    assert set(TOLD.findall(built.stderr)) == served
    annotated = re.findall(r"^::error file=(.*),line=(\d+)::(.*)", built.stdout, re.MULTILINE)
    assert {f"{path}:{line}: {message.replace('%25', '%')}" for path, line, message in annotated} == served
    files = {row.split(":")[0] for row in served}
    assert {"docs/page.md", "docs/presets.yml", "docs/shapes.yml"} <= files
    for path, text in good.items():
        server.edit(path, text)
    server.edit("docs/page.md", GOOD)
    assert 'class="ps-author-errors"' not in server.fetch_with("page.html", '"block_size": 32')
