"""Catches: an incomplete or temporary file left by an interrupted write."""

from __future__ import annotations

from pathlib import Path

import pytest

from system import replaced_file


def test_an_interrupted_write_leaves_no_half_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full_disk(*_arguments: object) -> None:
        raise OSError("no space left")

    path = tmp_path / "folder" / "text.txt"
    replaced_file.write_whole(path, b"before")
    monkeypatch.setattr(Path, "replace", full_disk)
    with pytest.raises(OSError, match="no space"):
        replaced_file.write_whole(path, b"after")
    assert path.read_bytes() == b"before"
    assert [file.name for file in path.parent.iterdir()] == ["text.txt"]
