"""ProperDocs, which continues MkDocs 1.6, builds the same site byte for byte, except the generator's tag.

Catches: a hook, a template or a setting that works only with MkDocs, which would tie the site to an unmaintained
program.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from texts import corpus as corpora

# With both installed, ProperDocs also provides the module `mkdocs`. The last line prints MkDocs' own files, if any ran.
PROGRAM = """
import json, sys
from properdocs.__main__ import cli
cli(sys.argv[1:], prog_name="properdocs", standalone_mode=False)
files = [getattr(module, "__file__", None) or "" for module in [*sys.modules.values()]]
print(json.dumps([file for file in files if "/site-packages/mkdocs/" in file.replace("\\\\", "/")]))
"""
GENERATOR = re.compile(rb'<meta name="generator" content="[^"]*">')


def files(folder: Path) -> dict[str, bytes]:
    """Every file, without the generator's tag."""
    found = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    return {name: GENERATOR.sub(b"", content, count=1) for name, content in found.items()}


@pytest.mark.full
def test_properdocs_makes_the_same_site(lesson_site: Path, root: Path, tmp_path: Path) -> None:
    made = tmp_path / "made"
    choice = os.environ.get(corpora.VARIABLE) or corpora.PLAY_MACHINE
    result = subprocess.run(
        [sys.executable, "-c", PROGRAM, "build", "--strict", "--config-file", "mkdocs.yml", "--site-dir", str(made)],
        cwd=root,
        env={**os.environ, "PYTHONUTF8": "1", corpora.VARIABLE: choice},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
    )
    assert result.returncode == 0, f"{result.stderr}\n`python3 build test --full` installs ProperDocs"
    assert json.loads(result.stdout.splitlines()[-1]) == [], "MkDocs was at work, too"
    assert b"ProperDocs 1.6.7" in GENERATOR.search((made / "index.html").read_bytes())[0]
    by_mkdocs, by_properdocs = files(lesson_site), files(made)
    assert by_mkdocs.keys() == by_properdocs.keys()
    assert [name for name, content in by_mkdocs.items() if by_properdocs[name] != content] == []
