"""Catches: a workflow that no longer builds what it names, publishes recordings without training them again, has more
permissions than it needs, runs an action whose code can be replaced, or would publish another text than it names."""

from __future__ import annotations

import importlib.util
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from testing import other_browsers


@pytest.fixture(scope="module")
def workflow(root: Path) -> dict[str, Any]:
    return YAML(typ="safe").load((root / ".github/workflows/publish.yml").read_text(encoding="utf-8"))


def steps(workflow: dict[str, Any]) -> list[dict[str, Any]]:
    return [step for job in workflow["jobs"].values() for step in job["steps"]]


def commands(workflow: dict[str, Any], root: Path) -> list[Any]:
    """The parsed arguments of `python build ...` in the workflow; fails if the command would not accept them."""
    spec = importlib.util.spec_from_file_location("build_commands", root / "build" / "__main__.py")
    program = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(program)
    lines = [step["run"] for step in steps(workflow) if "run" in step]
    packages = " ".join(other_browsers.WEBKIT_PACKAGES)
    assert lines.pop(0) == f"sudo apt-get update && sudo apt-get install --yes --no-install-recommends {packages}"
    assert all(line.startswith("python build ") for line in lines), lines
    return [program.parser().parse_args(shlex.split(line)[2:]) for line in lines]


def test_it_deploys_what_is_built_once_all_tests_pass(workflow: dict[str, Any], root: Path) -> None:
    jobs = workflow["jobs"]
    assert "needs" not in jobs["build"], "the build reports an author's mistake, and must not wait for the tests"
    assert jobs["deploy"]["needs"] == ["test", "text", "build"]
    asked = commands(workflow, root)
    assert [one.command for one in asked] == ["test", "test", "test", "site", "usb"]
    assert {one.corpus for one in asked[1:]} == {"project"}, "what the project is set to; nothing can stand in for it"
    assert asked[3].url == "$SITE"
    assert [(one.full, one.pytest) for one in asked[:3]] == [
        (False, []),
        (True, ["tests/build/recorded/test_same_bits.py", "tests/site/test_properdocs.py"]),
        (False, ["tests/site"]),
    ]
    matrix = jobs["test"]["strategy"]["matrix"]
    assert [name.split("-")[0] for name in matrix["system"]] == ["ubuntu", "windows", "macos"]
    assert matrix["python"] == ["3.11", "3.12", "3.13", "3.14"]
    assert f'requires-python = ">={matrix["python"][0]}"' in (root / "pyproject.toml").read_text(encoding="utf-8")


def test_only_the_deployment_may_write(workflow: dict[str, Any]) -> None:
    assert workflow["permissions"] == {"contents": "read"}
    for name, job in workflow["jobs"].items():
        writes = {right for right, level in job.get("permissions", {}).items() if level == "write"}
        assert writes == ({"pages", "id-token"} if name == "deploy" else set()), name
    main_only = "github.ref == 'refs/heads/main' && github.event_name != 'pull_request'"
    assert workflow["jobs"]["deploy"]["if"] == main_only
    for step in steps(workflow):
        if "checkout" in step.get("uses", ""):
            assert step["with"]["persist-credentials"] is False


def test_actions_are_pinned_by_commit(workflow: dict[str, Any], root: Path) -> None:
    text = (root / ".github/workflows/publish.yml").read_text(encoding="utf-8")
    used = [step["uses"] for step in steps(workflow) if "uses" in step]
    assert len(used) >= 6
    for action in used:
        assert re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40}", action), action
        assert re.search(re.escape(action) + r" # v\d+\.\d+\.\d+$", text, re.MULTILINE), f"{action}: which version?"
