"""An untrained model's loss exceeds ln V by half the variance of its logits, whatever its head, as the pages say.

Catches: initial weights for which this is no longer true, and a wrong explanation in prose.
"""

from __future__ import annotations

import importlib.util
import math
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from model.model_json import read_description
from texts import corpus as corpora

SEEDS, WINDOWS = 12, 8
# Nats. Single seeds have a standard deviation of 0.012, so the mean of twelve has about a third of that.
NEAR = 0.01


@pytest.fixture(scope="module")
def reference(root: Path) -> ModuleType:
    """The module tests/engine/gpt_reference.py."""
    spec = importlib.util.spec_from_file_location("gpt_reference", root / "tests/engine/gpt_reference.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.full
def test_it_begins_half_the_variance_of_its_logits_above_ln_v(
    root: Path, corpus: corpora.Corpus, reference: ModuleType
) -> None:
    V = len(corpus.vocab)
    model = read_description(root)["model"] | {"vocab_size": V}
    C, T, std = model["n_embd"], model["block_size"], model["init_std"]
    tokens = np.array([corpus.vocab.index(character) for character in corpus.validation[: 100 * WINDOWS * T]])
    rows = np.stack([tokens[start : start + T + 1] for start in range(0, 100 * WINDOWS * T - T, 100 * T)])
    inputs, targets = rows[:, :-1], rows[:, 1:]
    above, with_own_head = [], []
    for seed in range(SEEDS):
        dice = np.random.default_rng(seed)
        weights = np.concatenate([drawn(tensor, model, dice) for tensor in reference.tensors(model)])
        above.append(reference.mean_loss(model, weights, inputs, targets) - math.log(V))
        # Shifting the targets assigns each head row to another character, so the head is no longer the embedding.
        with_own_head.append(reference.mean_loss(model, weights, inputs, (targets + 1) % V) - math.log(V))
    expected = C * std**2 / 2
    assert abs(np.mean(above) - expected) < NEAR, above
    assert abs(np.mean(with_own_head) - np.mean(above)) < NEAR, (above, with_own_head)
    assert sum(one > 0 for one in above) > SEEDS / 2


def drawn(tensor, model: dict, dice: np.random.Generator) -> np.ndarray:
    """A tensor drawn as in engine/training/params.ts, with another generator."""
    if tensor.kind != "matrix":
        return np.full(tensor.size, 1.0 if tensor.kind == "gain" else 0.0)
    into_the_stream = math.sqrt(2 * model["n_layer"]) if tensor.name.endswith(".proj") else 1
    return dice.normal(0, model["init_std"] / into_the_stream, tensor.size)
