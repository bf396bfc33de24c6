"""The tests of mutations_test.ts and resume_test.ts with many more files: 10,000 damaged ones, 60 saved runs.

Catches what those two catch, where a few hundred files are too few to meet it.
"""

from __future__ import annotations

import pytest

from system import deno_program


@pytest.mark.full
@pytest.mark.parametrize(
    ("test", "variable", "number"),
    [("mutations", "PRESS_START_MUTATIONS", "10000"), ("resume", "PRESS_START_RESUMES", "60")],
)
def test_many_files(test: str, variable: str, number: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable, number)
    flags = ["--frozen", "--cached-only", "--no-check", "--allow-read", "--allow-env", "--allow-sys"]
    file = f"tests/engine/checkpoint/{test}_test.ts"
    result = deno_program.run("test", *flags, file, capture_output=True, text=True, encoding="utf-8")
    assert result.returncode == 0 and number in result.stdout, result.stdout + result.stderr
