"""What the engines' observations are compared with: NumPy's numbers, their own checks, and the recorded files.

Catches: a reference with a wrong gradient, a mask that switches off another head or none, an early reading that is not
the model's own, and recorded numbers that the reference does not give.
"""

from __future__ import annotations

import base64
import importlib
import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

SHAPES = ["lesson", "awkward", "odd_heads"]
ARRAYS = ("logits", "early", "attention")
# Rounding to f32 and to nine digits; another order of NumPy's sums matters far less.
RECORDED_TOLERANCE = 1e-7


@pytest.fixture
def modules(root: Path, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The scripts of tests/engine, which import each other by name."""
    monkeypatch.syspath_prepend(root / "tests/engine")
    names = ("gpt_reference", "observation_reference", "record_observed")
    return SimpleNamespace(**{name: importlib.import_module(name) for name in names})


def golden_of(root: Path, modules: SimpleNamespace, shape: str) -> tuple[dict, np.ndarray, np.ndarray, np.ndarray]:
    """The recorded gradients of a shape, its weights in float64, and its batch."""
    golden = json.loads((root / f"tests/engine/golden/{shape}.json").read_text(encoding="utf-8"))
    flat = modules.gpt_reference.make_weights(golden["model"], golden["weight_ranges"]).astype(np.float64)
    batch = modules.gpt_reference.make_tokens(golden["model"], golden["batch_size"], golden["token_key"])
    return golden, flat, *batch


@pytest.mark.parametrize("shape", SHAPES)
def test_loss_and_gradients_are_pytorchs(root: Path, modules: SimpleNamespace, shape: str) -> None:
    golden, flat, inputs, targets = golden_of(root, modules, shape)
    loss, gradient = modules.observation_reference.gradient(golden["model"], flat, inputs, targets)
    assert abs(loss - golden["loss"]) < 1e-10
    found = modules.observation_reference.norms(golden["model"], gradient)
    for tensor, row, norm in zip(modules.gpt_reference.tensors(golden["model"]), golden["tensors"], found, strict=True):
        assert abs(norm / row["norm"] - 1) < 1e-9, row["name"]
        part = gradient[tensor.offset : tensor.offset + tensor.size]
        if "elements" in row:
            recorded = np.frombuffer(base64.b64decode(row["elements"]), "<f4")
            assert np.linalg.norm(part - recorded) < 1e-7 * norm, row["name"]


def test_a_stream_read_early_is_what_the_model_would_say_if_it_ended_there(
    root: Path, modules: SimpleNamespace
) -> None:
    golden, flat, inputs, _ = golden_of(root, modules, "lesson")
    model, forward = golden["model"], modules.observation_reference.forward
    w = modules.gpt_reference.unpack(model, flat)
    passed = forward(model, w, inputs[0])
    for layers in range(1, model["n_layer"]):
        shorter = forward(model | {"n_layer": layers}, w, inputs[0])
        assert np.array_equal(shorter.logits, passed.early[:, layers])
        assert shorter.stream_rms[-1] == passed.stream_rms[layers]


def test_a_head_that_is_off_is_one_whose_values_reach_nothing(root: Path, modules: SimpleNamespace) -> None:
    golden, flat, inputs, _ = golden_of(root, modules, "awkward")
    model, forward = golden["model"], modules.observation_reference.forward
    w = modules.gpt_reference.unpack(model, flat.copy())
    passed = forward(model, w, inputs[0], (1,))
    HS = model["n_embd"] // model["n_head"]
    w["h.0.attn.proj"][HS : 2 * HS] = 0.0  # the rows that take head 1's output into the stream
    without = forward(model, w, inputs[0])
    for name in (*ARRAYS, "stream_rms"):
        assert np.allclose(getattr(passed, name), getattr(without, name), rtol=1e-12, atol=1e-12), name


@pytest.mark.parametrize("shape", SHAPES)
def test_the_recorded_numbers_are_the_references(root: Path, modules: SimpleNamespace, shape: str) -> None:
    text = (root / f"tests/engine/golden/observed_{shape}.json").read_text(encoding="utf-8")
    recorded, now = numbers(json.loads(text)), numbers(modules.record_observed.record(shape))
    assert recorded.keys() == now.keys()
    for key, values in recorded.items():
        assert np.allclose(values, now[key], rtol=RECORDED_TOLERANCE, atol=RECORDED_TOLERANCE), key
    assert not np.allclose(recorded[".passes.0.logits"], recorded[".passes.1.logits"], rtol=1e-2), "no head is off"


def numbers(record: object, key: str = "") -> dict[str, np.ndarray]:
    """Every array and number of a record, by its path."""
    if isinstance(record, dict):
        return {path: found for name, part in record.items() for path, found in numbers(part, f"{key}.{name}").items()}
    if isinstance(record, list) and record and isinstance(record[0], dict):
        return {path: found for i, part in enumerate(record) for path, found in numbers(part, f"{key}.{i}").items()}
    if isinstance(record, str):
        return {key: np.frombuffer(base64.b64decode(record), "<f4")}
    return {key: np.array(record)}
