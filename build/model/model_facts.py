"""What follows from a model's shape alone, for captions and prose."""

from __future__ import annotations

from collections.abc import Mapping


def count_parameters(model: Mapping[str, float]) -> int:
    """Weights of a model with `vocab_size` in it: embeddings (the token embedding is the head too), layers, final norm.

    engine/training/params.ts lists the same tensors one by one; a test holds the two together.
    """
    n_layer, n_embd, ratio = int(model["n_layer"]), int(model["n_embd"]), int(model["mlp_ratio"])
    embeddings = (int(model["vocab_size"]) + int(model["block_size"])) * n_embd
    attention, mlp, norm = 4 * n_embd**2, 2 * ratio * n_embd**2, 2 * n_embd
    return embeddings + n_layer * (attention + mlp + 2 * norm) + norm


def flops_per_iteration(model: Mapping[str, float], batch_size: int) -> dict[str, int]:
    """Useful floating-point operations of one iteration: `weights`, `attention` and both, `total`.

    The formula and what it leaves out are explained in engine/bench/flops.ts; a test holds the two together.
    """
    n_layer, n_embd, T = int(model["n_layer"]), int(model["n_embd"]), int(model["block_size"])
    weights = n_layer * (4 + 2 * int(model["mlp_ratio"])) * n_embd**2 + int(model["vocab_size"]) * n_embd
    pairs = batch_size * T * (T + 1) // 2
    parts = {"weights": 6 * weights * batch_size * T, "attention": 12 * n_embd * pairs * n_layer}
    return parts | {"total": sum(parts.values())}
