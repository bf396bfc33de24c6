"""`mkdocs serve` lives on through an author's mistakes: it shows each in the page, and recovers when it is mended."""

from __future__ import annotations

import re
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

WAIT_S = 60
GOOD = "# Page\n\n```runner\nmodel: {block_size: 32}\n```\n"
BROKEN = "# Page\n\n```runner\nmodel: {block_size: 32}\nsed: x\n```\n\n```runer\n```\n\nThe rest of the page.\n"
BROKEN += "Trains {{ model.n_parms }} parameters.\n"


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def server(project, port: int, tmp_path: Path) -> Iterator[subprocess.Popen]:
    project.write("page.md", BROKEN)
    with (tmp_path / "output.txt").open("w") as output:
        command = project.command("serve", "--livereload", "--dev-addr", f"127.0.0.1:{port}")
        process = subprocess.Popen(
            command, cwd=project.folder, env=project.environment, stdout=output, stderr=subprocess.STDOUT
        )
        yield process
        process.terminate()
        process.wait(timeout=WAIT_S)


def page_with(port: int, words: str, process: subprocess.Popen) -> str:
    """The page once it has those words."""
    html = ""
    for _ in range(WAIT_S * 4):
        assert process.poll() is None, "the server has ended"
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/page.html", timeout=5) as answer:
                html = answer.read().decode()
        except (urllib.error.URLError, TimeoutError):
            html = ""
        if words in html:
            return html
        time.sleep(0.25)
    raise AssertionError(f"{words!r} did not come; the page is:\n{html[-2000:]}")


def test_mistakes_are_shown_and_mended_while_the_server_runs(project, server, port: int, tmp_path: Path) -> None:
    html = page_with(port, "The rest of the page.", server)
    assert html.count('class="ps-author-errors"') == 3
    assert "model has no “n_parms”; did you mean “n_params”?" in html
    assert re.search(r"Trains <mark[^>]*>docs/page.md:12</mark> parameters", html)
    assert "docs/page.md:5" in html and "unknown field “sed”; did you mean “seed”?" in html
    assert "docs/page.md:8" in html and "did you mean “runner”?" in html
    assert html.index("docs/page.md:5") < html.index("docs/page.md:8") < html.index("The rest of the page.")
    output = (tmp_path / "output.txt").read_text(encoding="utf-8")
    assert "docs/page.md:5: in a runner block: unknown field “sed”" in output
    assert "docs/page.md:8: in a runner block" in output and "Traceback" not in output
    project.write("page.md", GOOD)
    assert 'class="ps-author-errors"' not in page_with(port, '"block_size": 32', server)
    project.write("page.md", BROKEN)
    page_with(port, 'class="ps-author-errors"', server)
