"""An author adds a lesson, a text, a preset and recordings, commits, and the suite passes as CI runs it.

Catches: a test that depends on the number, names or figures of today's lessons, texts and presets, so that the
deployment of a sound project fails.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from authoring import presets
from model.model_json import read_description
from recorded import recorded_file, recorded_runs
from texts import corpus as corpora

NAME, PRESET, LESSON = "wetter-am-größten-see", "sleepy", "lessons/wind-und-wetter.md"
SENTENCES = "Morgens weht der Wind über den See. Größere Boote fahren hinaus, während die Möwen rufen: „Bleibt hier!“\n"
# A title with quotes and symbols, figures typed by hand, and the first place in the menu.
MARKDOWN = f"""---
description: A lesson of an author's own.
---

# Wind & *Wetter*

In 1843 there were 1,234 boats here, 5.6 for each house.

```runner
corpus: {NAME}
iterations: 300
model: {{n_layer: 1}}
```

```samples
```

```presets
presets: [clean, {PRESET}]
```

```quiz
question: "Is 1.5 more than 1?"
options:
  - {{text: "yes", correct: true, why: It is.}}
  - {{text: "no", why: It is.}}
```

```complete
```

![by hand](data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA=) and [elsewhere](https://www.example.org/).
"""
ADDED_PRESET = f"""
  - name: {PRESET}
    label: sleepy
    change: {{warmup_iterations: 0}}
    iterations: 60
    shape: clean
    about: Without a warm-up.
"""
# The parts of the suite that look at lessons, texts, presets and recordings; the rest trains other models.
LOOKS_AT_THEM = ["tests/site", "tests/build", "tests/engine/session/test_verdicts.py"]
LOOKS_AT_THEM += ["tests/e2e/test_link.py", "tests/e2e/test_preset_runs.py", "tests/e2e/test_stage.py"]
# The quick ones among them.
QUICK = "every_recording or every_preset or each_preset or figures_come or has_its_sums or link_can_choose"


@pytest.fixture
def authors_project(whole_project):
    """The project with the author's additions."""
    docs = whole_project.folder / "docs"
    (docs / LESSON).write_text(MARKDOWN, encoding="utf-8")
    (docs / "corpora").mkdir(exist_ok=True)
    (docs / f"corpora/{NAME}.txt").write_text(SENTENCES * 60, encoding="utf-8")
    with (docs / "presets.yml").open("a", encoding="utf-8") as file:
        file.write(ADDED_PRESET)
    menu = whole_project.folder / "mkdocs.yml"
    text = menu.read_text(encoding="utf-8")
    menu.write_text(text.replace("  - Lessons:\n", f"  - Lessons:\n      - Wind: {LESSON}\n"), encoding="utf-8")
    return whole_project


def suite(project, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs pytest in the author's committed project, with CI's environment."""
    (project.folder / ".git/info").mkdir(parents=True)
    (project.folder / ".git/info/exclude").write_text(".venv\nnode_modules\n.cache\n", encoding="utf-8")
    person = ["-c", "user.name=An author", "-c", "user.email=author@example.org"]
    for command in (["init", "-q"], ["add", "-A"], [*person, "commit", "-q", "-m", "A lesson of my own"]):
        subprocess.run(["git", *command], cwd=project.folder, check=True)
    given = project.environment | {"CI": "true"}
    given[corpora.VARIABLE] = os.environ.get(corpora.VARIABLE) or corpora.PLAY_MACHINE
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", "not full", *arguments]
    return subprocess.run(
        command, cwd=project.folder, env=given, capture_output=True, text=True, encoding="utf-8", timeout=3600
    )


def recorded_elsewhere(folder: Path) -> None:
    """Recordings in `record`'s format with the play machine's numbers: enough for tests that do not retrain them."""
    text = corpora.Corpus(NAME, NAME, SENTENCES * 60, "", folder)
    described = read_description(folder)
    preset = presets.read(folder).by_name[PRESET]
    for made, name in ((preset, "preset-play-machine-clean"), (None, "run-play-machine")):
        run = json.loads((folder / f"docs/recorded/{name}.json").read_text(encoding="utf-8"))
        config = recorded_runs.run_config(described, len(text.vocab), made)
        run |= {"corpus": {"name": NAME, "sha256": text.sha256, "vocab_size": len(text.vocab)}, "config": config}
        run |= {"seed": config["seed"]} | ({"preset": PRESET} if made else {})
        file = folder / recorded_file.FOLDER / recorded_runs.file_name(NAME, PRESET if made else None)
        file.write_text(json.dumps(run), encoding="utf-8")


@pytest.mark.full
def test_the_quick_tests_pass_for_a_lesson_a_text_a_preset_and_recordings(authors_project) -> None:
    recorded_elsewhere(authors_project.folder)
    files = [
        "tests/engine/session/test_verdicts.py",
        "tests/build/authoring/test_presets.py",
        "tests/build/recorded/test_recorded_runs.py",
    ]
    files += ["tests/site/test_typed_figures.py", "tests/site/test_teachers.py", "tests/site/test_double_click.py"]
    result = suite(authors_project, "-k", QUICK, *files)
    assert result.returncode == 0, result.stdout[-4000:]
    assert re.search(r"\b[67] passed", result.stdout), result.stdout
    assert f"docs/{LESSON} types 1,234, 1.5, 1843, 5.6" in result.stdout, "the summary names what was typed by hand"


@pytest.mark.full
def test_what_ci_runs_passes_for_a_lesson_a_text_a_preset_and_recordings(authors_project) -> None:
    for options in (["--preset", PRESET], []):
        command = [sys.executable, "build", "record", "--corpus", NAME, *options]
        done = subprocess.run(command, cwd=authors_project.folder, capture_output=True, text=True, timeout=1800)
        assert done.returncode == 0, done.stderr
    # This file would add the same lesson, text and preset again.
    result = suite(authors_project, "--ignore", "tests/site/test_authors_project.py", *LOOKS_AT_THEM)
    assert result.returncode == 0, result.stdout[-8000:]
