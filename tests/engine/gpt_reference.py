"""A second implementation of the model, in plain NumPy float64, with inputs computed by a formula.

`record_golden.py` checks PyTorch against it. Every step is written out, one sequence and one head at a time, so that
a kernel can be compared with it part by part.

Weights and tokens come from `hash32`, the same function as in engine/training/rng.ts, so any language can reproduce
them bit for bit.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

WEIGHTS_KEY = 7
TOKENS_KEY = 11
SKETCH_KEY = 13
CHECKSUM_KEY = 17

# L2 norm of a central difference's step: long enough that rounding does not matter, short enough to be linear.
DIFFERENCE_STEP = 1e-4

Array = np.ndarray[Any, np.dtype[Any]]
Model = dict[str, Any]  # engine/model.json's `model`, with vocab_size


@dataclass(frozen=True)
class Tensor:
    """One tensor's place in the flat vector; the same as in engine/training/params.ts."""

    name: str
    shape: tuple[int, ...]
    offset: int

    @property
    def size(self) -> int:
        return math.prod(self.shape)

    @property
    def kind(self) -> str:
        if len(self.shape) == 2:
            return "matrix"
        return "gain" if self.name.endswith(".weight") else "bias"


def tensors(model: Model) -> list[Tensor]:
    """All tensors in the order of the flat vector. Matrices are [in, out]; the head shares the weights of wte."""
    C, H = model["n_embd"], model["mlp_ratio"] * model["n_embd"]
    shapes: list[tuple[str, tuple[int, ...]]] = [("wte", (model["vocab_size"], C)), ("wpe", (model["block_size"], C))]
    for layer in range(model["n_layer"]):
        block = {"ln_1.weight": (C,), "ln_1.bias": (C,), "attn.qkv": (C, 3 * C), "attn.proj": (C, C)}
        block |= {"ln_2.weight": (C,), "ln_2.bias": (C,), "mlp.fc": (C, H), "mlp.proj": (H, C)}
        shapes += [(f"h.{layer}.{name}", shape) for name, shape in block.items()]
    shapes += [("ln_f.weight", (C,)), ("ln_f.bias", (C,))]
    placed, offset = [], 0
    for name, shape in shapes:
        placed.append(Tensor(name, shape, offset))
        offset += math.prod(shape)
    return placed


# --- Inputs by formula --------------------------------------------------------------------------------------------


def mix(x: Array) -> Array:
    """lowbias32 (C. Wellons, 2018) on u32; unsigned NumPy arrays wrap modulo 2^32, as required."""
    x = (x ^ (x >> np.uint32(16))) * np.uint32(0x7FEB352D)
    x = (x ^ (x >> np.uint32(15))) * np.uint32(0x846CA68B)
    return x ^ (x >> np.uint32(16))


def hash32(key: int, a: Array | int, b: Array | int) -> Array:
    """A 32-bit word for every (key, a, b), with broadcasting; identical to engine/training/rng.ts."""
    words = [np.atleast_1d(np.asarray(word, dtype=np.uint32)) for word in (key, a, b)]
    return mix(mix(mix(words[0]) + words[1]) + words[2])


def make_weights(model: Model, ranges: dict[str, float]) -> Array:
    """The flat weight vector as float32 numbers."""
    placed = tensors(model)
    count = placed[-1].offset + placed[-1].size
    u = hash32(WEIGHTS_KEY, np.arange(count, dtype=np.uint32), 0) / 2.0**32
    weights = np.empty(count, dtype=np.float32)
    for tensor in placed:
        part = slice(tensor.offset, tensor.offset + tensor.size)
        weights[part] = (1.0 if tensor.kind == "gain" else 0.0) + (u[part] - 0.5) * ranges[tensor.kind]
    return weights


def checksum(weights: Array) -> int:
    """XOR over i of hash32(17, i, bits of weight i), which detects any wrong bit or place."""
    places = np.arange(weights.size, dtype=np.uint32)
    return int(np.bitwise_xor.reduce(hash32(CHECKSUM_KEY, places, weights.view(np.uint32))))


def make_tokens(model: Model, batch_size: int, key: int) -> tuple[Array, Array]:
    """Inputs and targets, both [B, T], int64."""
    rows = np.arange(batch_size, dtype=np.uint32)[:, None]
    columns = np.arange(model["block_size"] + 1, dtype=np.uint32)[None, :]
    block = (hash32(key, rows, columns) % np.uint32(model["vocab_size"])).astype(np.int64)
    return block[:, :-1], block[:, 1:]


def signs(place: int, k: int, size: int) -> Array:
    """Sketch k's +1 and -1 for the tensor at `place` in the order, [size]."""
    bits = hash32(SKETCH_KEY + place, k, np.arange(size, dtype=np.uint32)) >> np.uint32(31)
    return 1.0 - 2.0 * bits.astype(np.float64)


def unpack(model: Model, flat: Any) -> dict[str, Any]:
    """Views of the flat vector (NumPy or torch) by name, shaped."""
    return {t.name: flat[t.offset : t.offset + t.size].reshape(t.shape) for t in tensors(model)}


# --- The loss and its slopes ------------------------------------------------------------------------------------------


def mean_loss(model: Model, flat: Array, inputs: Array, targets: Array) -> float:
    """Mean cross-entropy in nats per character; `flat` is the weight vector in float64, inputs and targets [B, T]."""
    w = unpack(model, flat)
    C, NH = model["n_embd"], model["n_head"]
    T, HS = model["block_size"], C // NH

    def norm(x: Array, name: str) -> Array:
        centred = x - x.mean(axis=1, keepdims=True)
        variance = (centred**2).mean(axis=1, keepdims=True)
        return centred / np.sqrt(variance + model["layer_norm_eps"]) * w[f"{name}.weight"] + w[f"{name}.bias"]

    def gelu(x: Array) -> Array:
        return 0.5 * x * (1.0 + np.tanh(math.sqrt(2.0 / math.pi) * (x + 0.044715 * x**3)))

    def softmax(x: Array) -> Array:
        e = np.exp(x - x.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)

    future = np.triu(np.full((T, T), -np.inf), 1)
    total = 0.0
    for row in range(len(inputs)):
        x = w["wte"][inputs[row]] + w["wpe"]  # [T, C]
        for layer in range(model["n_layer"]):
            qkv = norm(x, f"h.{layer}.ln_1") @ w[f"h.{layer}.attn.qkv"]  # [T, 3C]
            heads = []
            for head in range(NH):
                q, k, v = (qkv[:, part * C + head * HS : part * C + (head + 1) * HS] for part in range(3))
                heads.append(softmax(q @ k.T / math.sqrt(HS) + future) @ v)
            x = x + np.concatenate(heads, axis=1) @ w[f"h.{layer}.attn.proj"]
            x = x + gelu(norm(x, f"h.{layer}.ln_2") @ w[f"h.{layer}.mlp.fc"]) @ w[f"h.{layer}.mlp.proj"]
        probabilities = softmax(norm(x, "ln_f") @ w["wte"].T)
        total -= float(np.log(probabilities[np.arange(T), targets[row]]).sum())
    return total / inputs.size


def slope(loss: Callable[[Array], float], flat: Array, part: slice, direction: Array) -> float:
    """Derivative of the loss along `direction` within one tensor, by central differences."""
    h = DIFFERENCE_STEP / float(np.linalg.norm(direction))
    up, down = flat.copy(), flat.copy()
    up[part] += h * direction
    down[part] -= h * direction
    return (loss(up) - loss(down)) / (2 * h)
