"""Numbers that follow from a model's shape, for captions and prose."""

from __future__ import annotations

from collections.abc import Mapping


def count_parameters(model: Mapping[str, float]) -> int:
    """Number of weights: embeddings (the token embedding is also the head), layers, final norm. Needs `vocab_size`.

    engine/training/params.ts lists the same tensors one by one; a test compares the two.
    """
    n_layer, n_embd, ratio = int(model["n_layer"]), int(model["n_embd"]), int(model["mlp_ratio"])
    embeddings = (int(model["vocab_size"]) + int(model["block_size"])) * n_embd
    attention, mlp, norm = 4 * n_embd**2, 2 * ratio * n_embd**2, 2 * n_embd
    return embeddings + n_layer * (attention + mlp + 2 * norm) + norm


def flops_per_iteration(model: Mapping[str, float], batch_size: int) -> dict[str, int]:
    """Useful floating-point operations of one iteration: `weights`, `attention` and both, `total`.

    engine/bench/flops.ts explains the formula and what it leaves out; a test compares the two.
    """
    n_layer, n_embd, T = int(model["n_layer"]), int(model["n_embd"]), int(model["block_size"])
    weights = n_layer * (4 + 2 * int(model["mlp_ratio"])) * n_embd**2 + int(model["vocab_size"]) * n_embd
    pairs = batch_size * T * (T + 1) // 2
    parts = {"weights": 6 * weights * batch_size * T, "attention": 12 * n_embd * pairs * n_layer}
    return parts | {"total": sum(parts.values())}
