"""The speed page without its script, and the recorded files that it shows.

Catches: a page that is empty without JavaScript, a recorded number that does not reach the page, a recorded file that
breaks the build without naming the file and the reason.
"""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path

import jinja2
import pytest
from playwright.sync_api import Browser

from recorded import recorded_file, recorded_speed

OURS = {
    "format": 1,
    "adapter": "A Card <1>",
    "browser": "Chrome 140",
    "date": "2026-01-02",
    "rows": [
        {"B": 32, "plan": "fused", "iterations_per_second": 2345.6, "ms_per_iteration": 0.4263, "gflops": 6266,
         "mb_per_iteration": 395.3, "dispatches": 22}
    ],
    "kernels": [{"label": "h.* forward", "kernel": "fused/block_forward", "microseconds": 12.34, "per_iteration": 4}],
    "kernels_by": "timestamp-query",
    "growth": [{"n_embd": 256, "block_size": 64, "plan": "plain", "B": 32, "iterations_per_second": 98.7}],
    "losses": {"0": 4.18768, "60": 2.51234},
}  # fmt: skip


def words(html: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", html)))


def save(root: Path, name: str, content: object) -> None:
    folder = root / "docs" / "recorded"
    folder.mkdir(parents=True, exist_ok=True)
    text = content if isinstance(content, str) else json.dumps(content)
    (folder / name).write_text(text, encoding="utf-8")


@pytest.mark.full
def test_without_javascript_every_recorded_peer_is_there(lesson_site: Path, chromium: Browser, root: Path) -> None:
    page = chromium.new_context(java_script_enabled=False).new_page()
    page.goto((lesson_site / "reference/speed.html").as_uri())
    text = re.sub(r"\s+", " ", page.locator("article").inner_text())
    peers = json.loads((root / "docs/recorded/peers.json").read_text(encoding="utf-8"))
    assert len(peers["rows"]) >= 10
    for row in peers["rows"]:
        assert f"{row['name']} {row['machine']} " in text
    assert "1,525" in text and "29–30" in text
    assert "Measured once" in text and "not run again here" in text
    assert "JavaScript is off" in text
    assert page.locator(".ps-speed button:enabled").count() == 0


def test_our_own_recorded_numbers_reach_the_page(root: Path, tmp_path: Path) -> None:
    save(tmp_path, "speed.json", OURS)
    recorded = recorded_speed.read(tmp_path)
    assert recorded.peers is None
    templates = jinja2.Environment(loader=jinja2.FileSystemLoader(root / "overrides"))
    html = templates.get_template("widgets/speed.html").render(key="ps-speed-1", island={}, recorded=recorded)
    text = words(html)
    assert "measured once on 2026-01-02: A Card <1>, Chrome 140" in text
    assert "fused 32 2,346 0.426 6,266 395 22" in text
    assert "h.* forward fused/block_forward.wgsl 12.3 4" in text
    assert "256 64 plain 32 98.7" in text
    assert "4.1877 at iteration 0, 2.5123 at iteration 60" in text


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "speed.json is not JSON"),
        ({"format": 2}, "speed.json lacks “format”: 1"),
        ({**OURS, "growth": [{"B": 1}]}, "speed.json: growth[0] has no “n_embd”"),
        ({name: OURS[name] for name in OURS if name != "kernels"}, "speed.json has no “kernels”"),
    ],
)
def test_a_recorded_file_that_cannot_be_shown_is_named(tmp_path: Path, content: object, said: str) -> None:
    save(tmp_path, "speed.json", content)
    with pytest.raises(recorded_file.RecordedFileError, match=re.escape(said)):
        recorded_speed.read(tmp_path)


def test_a_speed_block_takes_a_batch_size_and_refuses_what_no_engine_takes(project) -> None:
    project.write("page.md", "# Speed\n\n```speed\nbatch_size: 12\n```\n")
    result = project.build("--strict")
    assert result.returncode == 0, result.stderr
    assert '"batch_size": 12' in project.page("page.html")
    project.write("page.md", "# Speed\n\n```speed\nbatch_size: 65\n```\n")
    result = project.build("--strict")
    assert result.returncode != 0
    assert "docs/page.md:4: in a speed block" in result.stderr
