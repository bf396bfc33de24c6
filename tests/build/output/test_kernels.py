"""Catches: C that was edited without recompiling both modules, and a module that differs between machines."""

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


@pytest.mark.parametrize("module", kernels.MODULES)
def test_the_committed_module_was_made_from_these_sources(root: Path, module: str) -> None:
    carried = kernels.carried_hash((root / kernels.FOLDER / module).read_bytes())
    assert carried == kernels.source_hash(module, root), f"run `python3 build kernels` and commit engine/cpu/{module}"


def test_each_module_has_a_hash_of_its_own(root: Path) -> None:
    assert len({kernels.source_hash(module, root) for module in kernels.MODULES}) == len(kernels.MODULES)


@pytest.mark.parametrize("module", kernels.MODULES)
def test_every_part_of_the_sources_counts(copy: Path, module: str) -> None:
    before = kernels.source_hash(module, copy)
    for file in kernels.sources(copy):
        content = file.read_bytes()
        file.write_bytes(content + b"\n")
        assert kernels.source_hash(module, copy) != before
        file.write_bytes(content.replace(b"\n", b"\r\n"))  # as a checkout on Windows may have it
        assert kernels.source_hash(module, copy) == before
        file.write_bytes(content)
    project = copy / "pyproject.toml"
    project.write_text(project.read_text(encoding="utf-8").replace("ziglang==0.", "ziglang==1."), encoding="utf-8")
    assert kernels.source_hash(module, copy) != before


def test_a_module_without_a_hash_is_known_as_such() -> None:
    assert kernels.carried_hash(b"\0asm\1\0\0\0") is None


@pytest.mark.full
@pytest.mark.parametrize("module", kernels.MODULES)
def test_recompiling_gives_the_same_bytes(root: Path, copy: Path, module: str) -> None:
    committed = (root / kernels.FOLDER / module).read_bytes()
    assert kernels.compile_kernels(module, root) == committed
    assert kernels.compile_kernels(module, copy) == committed  # from another path


@pytest.mark.full
def test_an_error_in_the_c_is_reported_with_its_place(copy: Path) -> None:
    (copy / kernels.FOLDER / "gelu.c").write_text("int broken(void) { return }\n", encoding="utf-8")
    with pytest.raises(kernels.CompileError, match=r"gelu\.c:1:27"):
        kernels.compile_kernels(next(iter(kernels.MODULES)), copy)
