"""Catches: a checkpoint that plain Python cannot read, whose tensors or checksum are not as documented, or that
`record --resume` does not continue to the same bytes; one written by another program that is refused.
"""

from __future__ import annotations

import hashlib
import json
import struct
from pathlib import Path

import pytest

from authoring.presets import read as read_presets
from model.model_json import read_description
from recorded import headless
from recorded.record_command import RecordError, record
from texts import corpus as corpora

ITERATIONS, STOPPED = 3, 2


def read(path: Path) -> tuple[dict, dict, dict[str, bytes], dict]:
    """The header's tensors, the metadata, each tensor's bytes, and the metadata's text without its checksum."""
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    text = header.pop("__metadata__")["press_start"]
    about, begin = json.loads(text), 8 + length
    parts = {
        name: data[begin + entry["data_offsets"][0] : begin + entry["data_offsets"][1]]
        for name, entry in header.items()
    }
    return header, about, parts, text.replace(f'"checksum":"{about["checksum"]}",', "")


def sha256(*parts: bytes) -> str:
    return hashlib.sha256(b"".join(parts)).hexdigest()


def shapes(model: dict) -> dict[str, list[int]]:
    """The weights of engine/training/params.ts."""
    c, t, v = model["n_embd"], model["block_size"], model["vocab_size"]
    wide = model["mlp_ratio"] * c
    found = {"wte": [v, c], "wpe": [t, c]}
    for layer in range(model["n_layer"]):
        block = {"ln_1.weight": [c], "ln_1.bias": [c], "attn.qkv": [c, 3 * c], "attn.proj": [c, c]}
        block |= {"ln_2.weight": [c], "ln_2.bias": [c], "mlp.fc": [c, wide], "mlp.proj": [wide, c]}
        found |= {f"h.{layer}.{name}": shape for name, shape in block.items()}
    return found | {"ln_f.weight": [c], "ln_f.bias": [c]}


@pytest.fixture(scope="module")
def saved(corpus: corpora.Corpus, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with whole.* of a run from its beginning to its end, and stopped.safetensors of one that was stopped."""
    folder = tmp_path_factory.mktemp("checkpoints")
    whole, how = folder / "whole", {"iterations": ITERATIONS, "module": "base"}
    assert headless.record(corpus, whole.with_suffix(".json"), save=whole.with_suffix(".safetensors"), **how) == 0
    assert headless.record(corpus, None, save=folder / "stopped.safetensors", until=STOPPED, **how) == 0
    return folder


def test_plain_python_reads_what_the_engine_wrote(saved: Path, corpus: corpora.Corpus, root: Path) -> None:
    header, about, parts, text = read(saved / "whole.safetensors")
    run = json.loads((saved / "whole.json").read_text("utf-8"))
    weights = shapes(about["model"])
    moments = {f"adamw.{part}.{name}": shape for part in "mv" for name, shape in weights.items()}
    expected = weights | moments | {"history.train": [ITERATIONS], "history.val": [ITERATIONS + 1]}
    assert {name: entry["shape"] for name, entry in header.items()} == expected
    assert {entry["dtype"] for entry in header.values()} == {"F32"}
    assert sha256(*(parts[name] for name in weights)) == run["fingerprint"]
    assert sha256(text.encode(), *(parts[name] for name in expected)) == about["checksum"]
    described = read_description(root)
    assert about["training"] == described["training"] | {"iterations": ITERATIONS}
    vocabulary = "".join(corpus.vocab)
    assert about["corpus"] == {"name": corpus.name, "sha256": corpus.sha256, "characters": vocabulary}
    assert (about["seed"], about["iteration"], about["engine"]) == (described["seed"], ITERATIONS, "cpu-base")
    assert about["revision"] == sha256((root / "engine/cpu/gpt.wasm").read_bytes())
    train = struct.unpack(f"<{ITERATIONS}f", parts["history.train"])
    assert train == pytest.approx([row["train"] for row in run["curve"][:-1]], rel=1e-6)
    val = struct.unpack(f"<{ITERATIONS + 1}f", parts["history.val"])
    assert [loss if loss == loss else None for loss in val[1:-1]] == [None] * (ITERATIONS - 1)
    assert val[-1] == pytest.approx(run["curve"][-1]["val"], rel=1e-6)
    assert about["whole_val"] == pytest.approx(run["whole_val"], rel=1e-6)


def test_a_stopped_run_goes_on_to_the_same_bytes(
    saved: Path, corpus: corpora.Corpus, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert read(saved / "stopped.safetensors")[1]["iteration"] == STOPPED
    out, save = tmp_path / "run.json", tmp_path / "run.safetensors"
    assert headless.record(corpus, out, save=save, resume=saved / "stopped.safetensors") == 0
    assert "module base." in (said := capfd.readouterr().err) and "goes on with the same bytes" in said
    assert save.read_bytes() == (saved / "whole.safetensors").read_bytes()
    now, was = (json.loads(path.read_text("utf-8")) for path in (out, saved / "whole.json"))
    assert now.pop("fingerprints") == {str(ITERATIONS): was.pop("fingerprints")[str(ITERATIONS)]}
    assert now == was


def test_a_file_that_another_program_wrote_is_continued(saved: Path, corpus: corpora.Corpus, tmp_path: Path) -> None:
    """Its tensors are in alphabetical order, its numbers written as Python does, and its state has been changed."""
    header, about, parts, _ = read(saved / "stopped.safetensors")
    del about["checksum"]
    about |= {"engine": "a test", "revision": None}
    wte = list(struct.unpack(f"<{len(parts['wte']) // 4}f", parts["wte"]))
    wte[0] += 1
    parts["wte"] = struct.pack(f"<{len(wte)}f", *wte)
    text, end, entries = json.dumps(about, separators=(",", ":"), ensure_ascii=False), 0, {}
    assert "1e-05" in text
    about["checksum"] = sha256(text.encode(), *parts.values())
    text = json.dumps(about, separators=(",", ":"), ensure_ascii=False)
    for name in sorted(parts):
        entries[name] = header[name] | {"data_offsets": [end, end + len(parts[name])]}
        end += len(parts[name])
    head = json.dumps({"__metadata__": {"format": "pt", "press_start": text}} | entries).encode()
    file, save = tmp_path / "other.safetensors", tmp_path / "run.safetensors"
    file.write_bytes(struct.pack("<Q", len(head)) + head + b"".join(parts[name] for name in sorted(parts)))
    assert headless.record(corpus, None, save=save, resume=file, until=STOPPED, module="base") == 0
    _, again, same, _ = read(save)
    assert (again["engine"], again["iteration"]) == ("cpu-base", STOPPED)
    assert again["earlier"] == [{"engine": "a test", "revision": None, "adapter": None, "until": STOPPED}]
    assert same == parts


def test_a_bad_file_is_refused_in_a_sentence(
    saved: Path, corpus: corpora.Corpus, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    cut, save = tmp_path / "cut.safetensors", tmp_path / "run.safetensors"
    cut.write_bytes((saved / "whole.safetensors").read_bytes()[:-4])
    assert headless.record(corpus, None, save=save, resume=cut) == 1
    said = capfd.readouterr().err
    assert "The file is cut short, or its header is wrong: the tensor “history.val” ends at byte" in said
    assert not save.exists() and "Training on" not in said


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"seed": "x", "save": "s"}, "--resume goes on with the file's own run: leave out --seed."),
        ({"iterations": 9, "out": "o"}, "--resume goes on with the file's own run: leave out --iterations."),
        ({"preset": "clean", "out": "o"}, "--resume goes on with the file's own run: leave out --preset."),
        ({}, "With --resume add --out FILE for the whole run, or --save FILE for its state at the end."),
    ],
)
def test_what_does_not_go_with_resume_is_refused(
    saved: Path, corpus: corpora.Corpus, tmp_path: Path, options: dict, said: str
) -> None:
    places = {key: tmp_path / value if key in ("out", "save") else value for key, value in options.items()}
    with pytest.raises(RecordError) as refused:
        record(corpus, read_presets, resume=saved / "stopped.safetensors", **places)
    assert str(refused.value) == said


def test_without_out_nothing_is_recorded(corpus: corpora.Corpus, tmp_path: Path, root: Path) -> None:
    recordings = {path: path.stat().st_mtime_ns for path in (root / "docs/recorded").iterdir()}
    assert record(corpus, read_presets, save=tmp_path / "one.safetensors", until=1) == 0
    assert {path: path.stat().st_mtime_ns for path in (root / "docs/recorded").iterdir()} == recordings
    with pytest.raises(RecordError, match=r"presets do not fit into one file: leave out --save\.$"):
        record(corpus, read_presets, save=tmp_path / "one.safetensors", preset="all")
    with pytest.raises(FileNotFoundError):
        record(corpus, read_presets, save=tmp_path / "one.safetensors", resume=tmp_path / "none.safetensors")
