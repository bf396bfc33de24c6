"""Catches: C that was edited without recompiling gpt.wasm, and a module that differs between machines."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from output import kernels


@pytest.fixture
def copy(tmp_path: Path, root: Path) -> Path:
    """A copy of the C sources and the pinned versions, to be changed."""
    shutil.copytree(root / kernels.FOLDER, tmp_path / kernels.FOLDER)
    shutil.copy(root / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_committed_module_was_made_from_these_sources(root: Path) -> None:
    carried = kernels.carried_hash((root / kernels.OUTPUT).read_bytes())
    assert carried == kernels.source_hash(root), "run `python3 build kernels` and commit engine/cpu/gpt.wasm"


def test_every_part_of_the_sources_counts(copy: Path) -> None:
    before = kernels.source_hash(copy)
    for file in kernels.sources(copy):
        content = file.read_bytes()
        file.write_bytes(content + b"\n")
        assert kernels.source_hash(copy) != before
        file.write_bytes(content.replace(b"\n", b"\r\n"))  # as a checkout on Windows may have it
        assert kernels.source_hash(copy) == before
        file.write_bytes(content)
    project = copy / "pyproject.toml"
    project.write_text(project.read_text(encoding="utf-8").replace("ziglang==0.", "ziglang==1."), encoding="utf-8")
    assert kernels.source_hash(copy) != before


def test_a_module_without_a_hash_is_known_as_such() -> None:
    assert kernels.carried_hash(b"\0asm\1\0\0\0") is None


@pytest.mark.full
def test_recompiling_gives_the_same_bytes(root: Path, copy: Path) -> None:
    committed = (root / kernels.OUTPUT).read_bytes()
    assert kernels.compile_kernels(root) == committed
    assert kernels.compile_kernels(copy) == committed  # from another path


@pytest.mark.full
def test_an_error_in_the_c_is_reported_with_its_place(copy: Path) -> None:
    (copy / kernels.FOLDER / "gelu.c").write_text("int broken(void) { return }\n", encoding="utf-8")
    with pytest.raises(kernels.CompileError, match=r"gelu\.c:1:27"):
        kernels.compile_kernels(copy)
