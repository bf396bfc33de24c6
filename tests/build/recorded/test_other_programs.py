"""Catches: a checkpoint whose logits another program computes differently; a file of another program's model that the
page refuses, or that it does not let write. Runs what docs/snippets shows to readers.
"""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from model.model_json import read_description
from recorded import headless
from system import deno_program
from system.project import ROOT
from texts import corpus as corpora

HAS_TORCH = importlib.util.find_spec("torch") is not None
PROGRAMS = [
    "numpy",
    pytest.param("pytorch", marks=pytest.mark.skipif(not HAS_TORCH, reason="not run here: PyTorch is not installed")),
]
FLAGS = ["--frozen", "--cached-only", "--no-check", "--allow-read", "--allow-env"]
RELATIVE_ERROR = 1e-5
# Of the model that is trained here: it takes a second, and learns which character follows which.
SMALL = {"n_layer": 1, "n_head": 2, "n_embd": 16, "block_size": 16}
STEPS, ROWS, RATE = 300, 64, 0.02


def snippet(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "docs/snippets" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def log_softmax(logits: np.ndarray) -> np.ndarray:
    shifted = logits - logits.max()
    return shifted - np.log(np.exp(shifted).sum())


def by_program(program: str, file: Path, tokens: list[int]) -> np.ndarray:
    """Log-probabilities [V] of the next character."""
    shown = snippet(f"logits_{program}")
    weights, about = shown.open_checkpoint(file)
    logits = shown.logits(weights, about["model"], np.array(tokens))[-1]
    return log_softmax(np.asarray(logits, dtype=np.float64))


def by_engine(file: Path, tokens: list[int]) -> dict[str, Any]:
    script = "tests/engine/checkpoint/log_probabilities.ts"
    run = ["run", *FLAGS, script, str(file), json.dumps(tokens)]
    result = deno_program.run(*run, root=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def assert_same(file: Path, program: str, tokens: list[int]) -> None:
    ours, theirs = np.array(by_engine(file, tokens)["log_probabilities"]), by_program(program, file, tokens)
    assert np.abs(ours - theirs).max() < RELATIVE_ERROR * np.abs(ours).max()


@pytest.fixture(scope="module")
def trained(corpus: corpora.Corpus, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The lesson's run after some iterations."""
    file = tmp_path_factory.mktemp("trained") / "run.safetensors"
    assert headless.record(corpus, None, save=file, until=20) == 0
    return file


@pytest.mark.parametrize("program", PROGRAMS)
def test_another_program_computes_the_same_logits(program: str, trained: Path, corpus: corpora.Corpus) -> None:
    size = read_description(ROOT)["model"]["block_size"]
    for begin in (0, 1000):
        tokens = [corpus.vocab.index(character) for character in corpus.text[begin : begin + size]]
        assert_same(trained, program, tokens)


def about_of(corpus: corpora.Corpus, program: str) -> dict[str, Any]:
    """What a file says of a small model that another program has trained."""
    description = read_description(ROOT)
    vocabulary = "".join(corpus.vocab)
    return {
        "format": 1,
        "model": description["model"] | SMALL | {"vocab_size": len(corpus.vocab)},
        "training": description["training"],
        "corpus": {"name": corpus.name, "sha256": corpus.sha256, "characters": vocabulary},
        "seed": "trained elsewhere",
        "iteration": STEPS,
        "engine": program,
        "revision": None,
        "adapter": None,
        "earlier": [],
        "samples": [],
        "phase": None,
        "whole_val": None,
    }


def drawn_at_random(model: dict[str, Any]) -> dict[str, np.ndarray]:
    """Weights by name: small random numbers; the blocks' last matrices are 0, so that at first they add nothing."""
    random, c = np.random.default_rng(1), model["n_embd"]
    shapes = {"wte": (model["vocab_size"], c), "wpe": (model["block_size"], c)}
    for layer in range(model["n_layer"]):
        block = {"attn.qkv": (c, 3 * c), "attn.proj": (c, c)}
        block |= {"mlp.fc": (c, model["mlp_ratio"] * c), "mlp.proj": (model["mlp_ratio"] * c, c)}
        shapes |= {f"h.{layer}.{name}": shape for name, shape in block.items()}
    weights = {name: random.normal(0, 0.1, shape).astype(np.float32) for name, shape in shapes.items()}
    for name in weights:
        if name.endswith("proj"):
            weights[name] = np.zeros_like(weights[name])
    for name in ["ln_f", *[f"h.{layer}.ln_{i}" for layer in range(model["n_layer"]) for i in (1, 2)]]:
        weights |= {f"{name}.weight": np.ones(c, np.float32), f"{name}.bias": np.zeros(c, np.float32)}
    return weights


def train_in_numpy(weights: dict[str, np.ndarray], tokens: np.ndarray, eps: float) -> list[float]:
    """Adam on wte alone, whose gradient is short: a normalised embedding times all embeddings. Returns the losses."""
    random, wte = np.random.default_rng(2), weights["wte"].astype(np.float64)
    weights["wpe"][:] = 0
    m, v, losses = np.zeros_like(wte), np.zeros_like(wte), []
    for step in range(1, STEPS + 1):
        at = random.integers(0, len(tokens) - 1, 16 * ROWS)
        now, following = tokens[at], tokens[at + 1]
        x = wte[now] - wte[now].mean(1, keepdims=True)
        deviation = np.sqrt((x**2).mean(1, keepdims=True) + eps)
        y = x / deviation
        logits = y @ wte.T
        p = np.exp(logits - logits.max(1, keepdims=True))
        p /= p.sum(1, keepdims=True)
        rows = np.arange(len(at))
        losses.append(-float(np.log(p[rows, following]).mean()))
        p[rows, following] -= 1
        dy = p @ wte / len(at)
        gradient = p.T @ y / len(at)
        dx = (dy - dy.mean(1, keepdims=True) - y * (dy * y).mean(1, keepdims=True)) / deviation
        np.add.at(gradient, now, dx)
        m, v = 0.9 * m + 0.1 * gradient, 0.99 * v + 0.01 * gradient**2
        wte -= RATE * (m / (1 - 0.9**step)) / (np.sqrt(v / (1 - 0.99**step)) + 1e-8)
    weights["wte"] = wte.astype(np.float32)
    return losses


def train_in_pytorch(weights: dict[str, np.ndarray], tokens: np.ndarray, model: dict[str, Any]) -> list[float]:
    """Adam on all weights, with the logits that the page shows."""
    import torch

    shown, length, losses = snippet("logits_pytorch"), model["block_size"], []
    random, text = np.random.default_rng(2), torch.from_numpy(tokens.astype(np.int64))
    w = {name: torch.tensor(tensor, requires_grad=True) for name, tensor in weights.items()}
    adam = torch.optim.Adam(w.values(), lr=RATE / 4)
    for _ in range(STEPS // 2):
        loss = 0.0
        for at in map(int, random.integers(0, len(tokens) - length - 1, 16)):
            logits = shown.logits(w, model, text[at : at + length])
            loss = loss + torch.nn.functional.cross_entropy(logits, text[at + 1 : at + length + 1]) / 16
        adam.zero_grad()
        loss.backward()
        adam.step()
        losses.append(loss.item())
    weights |= {name: tensor.detach().numpy() for name, tensor in w.items()}
    return losses


def model_of(program: str, corpus: corpora.Corpus, file: Path) -> list[float]:
    """Trains a small model in another program and writes it for the page. Returns the losses in nats per character."""
    about = about_of(corpus, program)
    weights, model = drawn_at_random(about["model"]), about["model"]
    place = {character: index for index, character in enumerate(corpus.vocab)}
    tokens = np.array([place[character] for character in corpus.text[:200_000]])
    if program == "numpy":
        losses = train_in_numpy(weights, tokens, model["layer_norm_eps"])
    else:
        losses = train_in_pytorch(weights, tokens, model)
    snippet("write_for_the_page").write_for_the_page(file, weights, about)
    return losses


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_model_trained_elsewhere_writes_on_the_engine(program: str, corpus: corpora.Corpus, tmp_path: Path) -> None:
    file = tmp_path / "elsewhere.safetensors"
    losses = model_of(program, corpus, file)
    assert np.mean(losses[-20:]) < 0.75 * losses[0], "it has learned which character follows which"
    tokens = [corpus.vocab.index(character) for character in corpus.text[: SMALL["block_size"]]]
    text = by_engine(file, tokens)["text"]
    assert len(text) == 40 and set(text) <= set(corpus.vocab) and " " in text
    assert_same(file, program, tokens)


if __name__ == "__main__":  # writes a file for other tests: python3 test_other_programs.py PROGRAM FILE
    model_of(sys.argv[1], corpora.load(), Path(sys.argv[2]))
