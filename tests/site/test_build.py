"""A build puts every block in its place, reports all errors at once, and gives the same result by either command."""

from __future__ import annotations

import filecmp
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from model.model_json import read_description
from texts.corpus import PLAY_MACHINE

ISLAND = re.compile(r'<script type="application/json">(\{"corpus.*?)</script>', re.DOTALL)


def islands(html: str) -> list[dict]:
    return [json.loads(text) for text in ISLAND.findall(html)]


RUNNER = "```runner\nsession: {}\nmodel: {{block_size: 32}}\n```"
PLACES = {
    "at the top": RUNNER,
    "in a list": "- a list\n\n{}",
    "in an admonition": "!!! note\n\n{}",
    "in a details box": "??? note\n\n{}",
    "in a list in a list": "- a\n\n    - b\n\n{}",
}


def test_a_block_works_wherever_markdown_has_room_for_it(project) -> None:
    parts = []
    for index, (place, frame) in enumerate(PLACES.items()):
        block = RUNNER.format(f"s{index}")
        depth = 0 if frame is RUNNER else 4 * (place.count("list") or 1)
        indented = "\n".join(" " * depth + line for line in block.split("\n"))
        parts.append(f"## {place}\n\n" + (indented if depth == 0 else frame.format(indented)))
    parts.append("> a quote\n>\n" + "\n".join(f"> {line}" for line in RUNNER.format("s5").split("\n")))
    project.write("page.md", "# Places\n\n" + "\n\n".join(parts))
    result = project.build("--strict")
    assert result.returncode == 0, result.stderr
    assert [island["session"] for island in islands(project.page("page.html"))] == [f"s{i}" for i in range(6)]


def test_examples_of_blocks_are_shown_and_not_run(project) -> None:
    project.write("page.md", "# Example\n\n````markdown\n```runner\nseed: <b>x</b>\n```\n````\n")
    result = project.build("--strict")
    assert result.returncode == 0, result.stderr
    html = project.page("page.html")
    assert islands(html) == [] and "data-ps=" not in html and "seed:" in html
    assert "press-start.js" not in html, "a page without widgets carries no engine"


def test_a_runner_hands_the_widget_everything_resolved(project, root: Path) -> None:
    project.write(
        "page.md", "# Run\n\n```runner\nlearning_rate: 1e-2\nmodel: {block_size: 32}\n```\n\n```samples\n```\n"
    )
    assert project.build("--strict").returncode == 0
    html = project.page("page.html")
    runner, samples = islands(html)
    said = read_description(root)
    assert runner["corpus"] == samples["corpus"] == "small-текст"
    assert runner["model"] == said["model"] | {"block_size": 32}
    assert runner["training"] == said["training"] | {"learning_rate": 0.01}
    assert runner["sampling"] == said["sampling"] and samples["early"] == said["sampling"]["early"]
    scripts = re.findall(r'<script defer src="([^"]+)"', html)
    names = ("corpus-small-текст", "press-start", "worker", "instruments")
    text, own, engine, inside = (f"assets/press-start/{name}.js" for name in names)
    material = scripts[2]
    assert "/bundle." in material
    assert scripts == [text, own, material, engine, inside]
    for script in scripts:
        assert (project.folder / "site" / script).stat().st_size > 0


def test_without_a_script_the_page_still_says_what_it_would_run(lesson_site: Path, parameters: str, root: Path) -> None:
    html = (lesson_site / "lessons/watch-it-learn.html").read_text(encoding="utf-8")
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", re.sub(r"<script.*?</script>", "", html, flags=re.DOTALL)))
    said = read_description(root)
    for words in (
        "{n_layer} layers with {n_head} heads".format(**said["model"]),
        parameters,
        "JavaScript is off in this browser",
        "2 back (trigram)",
        "earlier samples collect here, newest first",
        f"iter 0 / {said['training']['iterations']}",
    ):
        assert words in text


def test_text_from_authors_never_becomes_markup(project) -> None:
    phases = "phases: ['</script><b>', '<i>', '&amp;', 'd']"
    project.write("page.md", f"# X\n\n```runner\nseed: '\"><b>bold'\n{phases}\nmodel: {{block_size: 32}}\n```\n")
    assert project.build("--strict").returncode == 0
    html = project.page("page.html")
    (island,) = islands(html)
    assert island["seed"] == '"><b>bold' and island["phases"][:3] == ["</script><b>", "<i>", "&amp;"]
    assert "<b>bold" not in html


def test_all_errors_of_all_pages_come_at_once_and_without_a_traceback(project) -> None:
    project.write("a.md", "---\ndescription: x\n---\n\n# A\n\n```runner\nsed: x\n```\n")
    project.write("lessons/b.md", "# B\n\n```runer\n```\n\n```runner\niterations: many\n```\n")
    project.write("c.md", "# C\n\ntext\n\n    ```runner\n    ```\n")
    for arguments in ((), ("--strict",)):
        result = project.build(*arguments)
        assert result.returncode == 1
        assert "Traceback" not in result.stderr
        said = re.findall(r"^(docs/\S+:\d+): in a (\w+) block", result.stderr, re.MULTILINE)
        assert said == [
            ("docs/a.md:8", "runner"),
            ("docs/c.md:5", "runner"),
            ("docs/lessons/b.md:3", "runner"),
            ("docs/lessons/b.md:7", "runner"),
        ]


def test_a_block_may_train_on_another_text(project) -> None:
    project.write("page.md", "# Other\n\n```runner\ncorpus: play-machine\n```\n")
    result = project.build("--strict")
    assert result.returncode == 0, result.stderr
    (island,) = islands(project.page("page.html"))
    assert island["corpus"] == PLAY_MACHINE
    assert "The play machine" in project.page("page.html")
    assert "Built with small текст" in project.page("page.html"), (
        "the footer names the text that the site was built with"
    )


def test_a_corpus_that_cannot_be_read_ends_the_build_in_a_sentence(project) -> None:
    project.environment["PRESS_START_CORPUS"] = "no-such-file.txt"
    result = project.build()
    assert result.returncode == 1 and "Traceback" not in result.stderr
    assert "no-such-file.txt" in result.stderr


@pytest.mark.full
def test_both_commands_build_the_same_site(root: Path, tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONUTF8": "1"}
    by_mkdocs = tmp_path / "site"
    for command in (["-m", "mkdocs", "build", "--strict", "-d", str(by_mkdocs)], ["build", "site"]):
        result = subprocess.run(
            [sys.executable, *command], cwd=root, env=environment, capture_output=True, text=True, timeout=300
        )
        assert result.returncode == 0, result.stderr
    files = [path.relative_to(by_mkdocs) for path in by_mkdocs.rglob("*") if path.is_file()]
    _, different, missing = filecmp.cmpfiles(by_mkdocs, root / "site", map(str, files), shallow=False)
    assert (different, missing) == ([], [])
    others = {path.relative_to(root / "site") for path in (root / "site").rglob("*") if path.is_file()}
    assert others == set(files)


@pytest.mark.skipif(os.name == "nt", reason="Windows limits no file's size")
def test_a_full_disk_is_reported_in_a_sentence(project) -> None:
    """An author who runs plain MkDocs sees it too. A limit on file sizes simulates the full disk."""
    import resource

    result = subprocess.run(
        project.command("build", "--strict"),
        cwd=project.folder,
        env=project.environment | {"PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000)),
    )
    assert result.returncode == 1
    assert "could not be written or read: the disk takes no file that large" in result.stdout + result.stderr
    assert "Traceback" not in result.stdout + result.stderr
