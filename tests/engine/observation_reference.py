"""The inside of the model in plain NumPy float64: what an engine must report when it is observed.

`forward` gives the logits, the residual stream read early, every attention map and the size of the stream, with heads
switched off if you like. `gradient` adds the backward pass, written out by the chain rule; `adamw_change` is an update.
One sequence and one head at a time: t = characters, C = channels, NH = heads of HS channels, V = characters of the
vocabulary, L = layers.

`record_observed.py` writes what these functions give on the golden weights; `test_observation_reference.py` compares
them with PyTorch's gradients.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from gpt_reference import Array, Model, tensors, unpack

Weights = dict[str, Array]  # by name, shaped

GELU_ROOT, GELU_CUBIC = math.sqrt(2.0 / math.pi), 0.044715


# --- Operations, each with its backward pass --------------------------------------------------------------------------


def softmax(x: Array) -> Array:
    """exp(x) / sum of exp(x), for each row."""
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


@dataclass(frozen=True)
class Norm:
    """A LayerNorm's output [t, C], and what its backward pass needs."""

    out: Array
    norm: Array  # [t, C], before gain and bias
    rstd: Array  # [t, 1], one over the standard deviation


def layernorm(model: Model, w: Weights, name: str, x: Array) -> Norm:
    centred = x - x.mean(axis=1, keepdims=True)
    rstd = 1.0 / np.sqrt((centred**2).mean(axis=1, keepdims=True) + model["layer_norm_eps"])
    norm = centred * rstd
    return Norm(norm * w[f"{name}.weight"] + w[f"{name}.bias"], norm, rstd)


def layernorm_backward(w: Weights, g: Weights, name: str, kept: Norm, dout: Array) -> Array:
    """Adds to the gradients of gain and bias; returns that of the input."""
    g[f"{name}.weight"] += (dout * kept.norm).sum(axis=0)
    g[f"{name}.bias"] += dout.sum(axis=0)
    dnorm = dout * w[f"{name}.weight"]
    along = (dnorm * kept.norm).mean(axis=1, keepdims=True)
    return kept.rstd * (dnorm - dnorm.mean(axis=1, keepdims=True) - kept.norm * along)


def gelu(x: Array) -> Array:
    return 0.5 * x * (1.0 + np.tanh(GELU_ROOT * (x + GELU_CUBIC * x**3)))


def gelu_backward(x: Array, dout: Array) -> Array:
    bend = np.tanh(GELU_ROOT * (x + GELU_CUBIC * x**3))
    return dout * 0.5 * (1.0 + bend + x * (1.0 - bend**2) * GELU_ROOT * (1.0 + 3.0 * GELU_CUBIC * x**2))


def columns(model: Model, head: int, part: int) -> slice:
    """Where qkv [t, 3C] holds a head's queries (part 0), keys (1) or values (2)."""
    C, HS = model["n_embd"], model["n_embd"] // model["n_head"]
    return slice(part * C + head * HS, part * C + (head + 1) * HS)


# --- The model --------------------------------------------------------------------------------------------------------


@dataclass
class Kept:
    """What a layer's forward pass keeps for the backward pass."""

    ln_1: Norm
    qkv: Array  # [t, 3C]
    mixed: Array  # [t, C], the heads' outputs side by side
    ln_2: Norm
    hidden: Array  # [t, mlp_ratio C], before GELU


@dataclass
class Pass:
    """One sequence's way through the model. The first four are what an engine reports."""

    logits: Array  # [t, V]
    early: Array  # [t, L, V]: the logits, had the model ended after the embedding, or after a block but the last
    attention: Array  # [L, NH, t, t]: row i says how much position i takes from each position up to i
    stream_rms: Array  # [L + 1]: root mean square of the residual stream, after the embedding and after each block
    layers: list[Kept]
    last: Norm


def forward(model: Model, w: Weights, tokens: Array, heads_off: tuple[int, ...] = ()) -> Pass:
    """`heads_off` numbers heads from the first layer on: head h of layer l is l NH + h. Each of them gives zeros."""
    L, NH, HS, t = model["n_layer"], model["n_head"], model["n_embd"] // model["n_head"], len(tokens)
    future = np.triu(np.full((t, t), -np.inf), 1)

    def read(x: Array) -> tuple[Norm, Array]:
        norm = layernorm(model, w, "ln_f", x)
        return norm, norm.out @ w["wte"].T

    x = w["wte"][tokens] + w["wpe"][:t]  # the residual stream, [t, C]
    streams, attention, layers = [x], np.zeros((L, NH, t, t)), []
    for layer in range(L):
        name = f"h.{layer}"
        ln_1 = layernorm(model, w, f"{name}.ln_1", x)
        qkv = ln_1.out @ w[f"{name}.attn.qkv"]
        mixed = np.zeros_like(x)
        for head in range(NH):
            q, k, v = (qkv[:, columns(model, head, part)] for part in range(3))
            attention[layer, head] = softmax(q @ k.T / math.sqrt(HS) + future)
            if layer * NH + head not in heads_off:
                mixed[:, columns(model, head, 0)] = attention[layer, head] @ v
        x = x + mixed @ w[f"{name}.attn.proj"]
        ln_2 = layernorm(model, w, f"{name}.ln_2", x)
        hidden = ln_2.out @ w[f"{name}.mlp.fc"]
        x = x + gelu(hidden) @ w[f"{name}.mlp.proj"]
        streams.append(x)
        layers.append(Kept(ln_1, qkv, mixed, ln_2, hidden))
    last, logits = read(x)
    early = np.stack([read(stream)[1] for stream in streams[:-1]], axis=1)
    rms = np.array([math.sqrt((stream**2).mean()) for stream in streams])
    return Pass(logits, early, attention, rms, layers, last)


def backward(model: Model, w: Weights, g: Weights, tokens: Array, passed: Pass, dlogits: Array) -> None:
    """Adds to `g` the gradient of a loss whose gradient by the logits is `dlogits`."""
    HS = model["n_embd"] // model["n_head"]
    g["wte"] += dlogits.T @ passed.last.out  # as the head
    dx = layernorm_backward(w, g, "ln_f", passed.last, dlogits @ w["wte"])
    for layer, kept in reversed(list(enumerate(passed.layers))):
        name = f"h.{layer}"
        g[f"{name}.mlp.proj"] += gelu(kept.hidden).T @ dx
        dhidden = gelu_backward(kept.hidden, dx @ w[f"{name}.mlp.proj"].T)
        g[f"{name}.mlp.fc"] += kept.ln_2.out.T @ dhidden
        dx = dx + layernorm_backward(w, g, f"{name}.ln_2", kept.ln_2, dhidden @ w[f"{name}.mlp.fc"].T)
        g[f"{name}.attn.proj"] += kept.mixed.T @ dx
        dmixed = dx @ w[f"{name}.attn.proj"].T
        dqkv = np.zeros_like(kept.qkv)
        for head, att in enumerate(passed.attention[layer]):
            at_q, at_k, at_v = (columns(model, head, part) for part in range(3))
            dout = dmixed[:, at_q]
            datt = dout @ kept.qkv[:, at_v].T
            dscores = att * (datt - (att * datt).sum(axis=1, keepdims=True)) / math.sqrt(HS)
            dqkv[:, at_q] = dscores @ kept.qkv[:, at_k]
            dqkv[:, at_k] = dscores.T @ kept.qkv[:, at_q]
            dqkv[:, at_v] = att.T @ dout
        g[f"{name}.attn.qkv"] += kept.ln_1.out.T @ dqkv
        dx = dx + layernorm_backward(w, g, f"{name}.ln_1", kept.ln_1, dqkv @ w[f"{name}.attn.qkv"].T)
    np.add.at(g["wte"], tokens, dx)  # as the embedding; a character may occur more than once
    g["wpe"][: len(tokens)] += dx


def gradient(model: Model, flat: Array, inputs: Array, targets: Array) -> tuple[float, Array]:
    """Mean loss over inputs and targets [B, t], in nats per character, and its gradient as a flat vector."""
    w, total = unpack(model, flat), 0.0
    flat_gradient = np.zeros_like(flat)
    g = unpack(model, flat_gradient)
    for row, wanted in zip(inputs, targets, strict=True):
        passed = forward(model, w, row)
        dlogits = softmax(passed.logits)  # becomes (softmax - one-hot) / (B t)
        places = np.arange(len(row))
        total -= float(np.log(dlogits[places, wanted]).sum())
        dlogits[places, wanted] -= 1.0
        backward(model, w, g, row, passed, dlogits / inputs.size)
    return total / inputs.size, flat_gradient


# --- One update -------------------------------------------------------------------------------------------------------


def adamw_change(
    model: Model, training: dict[str, Any], learning_rate: float, step: int, flat: Array, m: Array, v: Array, g: Array
) -> Array:
    """What update number `step`, from 1, adds to the weights (I. Loshchilov and F. Hutter, 2019)."""
    beta1, beta2 = training["beta1"], training["beta2"]
    m = beta1 * m + (1.0 - beta1) * g
    v = beta2 * v + (1.0 - beta2) * g**2
    step_size = m / (1.0 - beta1**step) / (np.sqrt(v / (1.0 - beta2**step)) + training["eps"])
    decays = np.concatenate([np.full(tensor.size, float(tensor.kind == "matrix")) for tensor in tensors(model)])
    return -learning_rate * (step_size + training["weight_decay"] * decays * flat)


def norms(model: Model, flat: Array) -> Array:
    """The L2 norm of each tensor of a flat vector, in its order."""
    return np.array([np.linalg.norm(flat[t.offset : t.offset + t.size]) for t in tensors(model)])
