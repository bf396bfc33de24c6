"""The committed gpt.wasm is what the C sources say, byte for byte."""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

import pytest
import wasm


def test_the_committed_module_was_made_from_the_sources_as_they_are(root: Path) -> None:
    assert wasm.is_current(root), "engine/cpu has changed: run `python3 build wasm` and commit gpt.wasm"


def test_an_edited_source_is_noticed(root: Path, tmp_path: Path) -> None:
    folder = tmp_path / wasm.FOLDER
    folder.mkdir(parents=True)
    for path in [*wasm.sources(root), root / wasm.FOLDER / "gpt.wasm", root / wasm.RECORD]:
        (folder / path.name).write_bytes(path.read_bytes())
    assert wasm.is_current(tmp_path)
    (folder / "gelu.c").write_text((folder / "gelu.c").read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert not wasm.is_current(tmp_path)


def test_every_call_of_typescript_is_exported(root: Path) -> None:
    text = (root / wasm.FOLDER / "instance.ts").read_text(encoding="utf-8")
    assert all(f"{name}(" in text for name in wasm.exports(root))


@pytest.mark.full
def test_compiling_again_gives_the_same_bytes(root: Path, tmp_path: Path) -> None:
    compiler = tmp_path / "venv"
    venv.create(compiler, with_pip=True)
    python = compiler / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    subprocess.run([python, "-m", "pip", "install", "-q", f"ziglang=={wasm.ZIGLANG}"], check=True)
    out = tmp_path / "gpt.wasm"
    program = (
        f"import sys; sys.path.insert(0, 'build'); import wasm, pathlib; wasm.compile_to(pathlib.Path({str(out)!r}))"
    )
    subprocess.run([python, "-c", program], cwd=root, check=True)
    assert out.read_bytes() == (root / wasm.FOLDER / "gpt.wasm").read_bytes()
