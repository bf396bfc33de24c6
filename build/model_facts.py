"""What follows from a model's shape alone, for captions and prose."""

from __future__ import annotations

from collections.abc import Mapping


def count_parameters(model: Mapping[str, float]) -> int:
    """Weights of a model with `vocab_size` in it: embeddings (the token embedding is the head too), layers, final norm.

    engine/params.ts lists the same tensors one by one; a test holds the two together.
    """
    n_layer, n_embd, ratio = int(model["n_layer"]), int(model["n_embd"]), int(model["mlp_ratio"])
    embeddings = (int(model["vocab_size"]) + int(model["block_size"])) * n_embd
    attention, mlp, norm = 4 * n_embd**2, 2 * ratio * n_embd**2, 2 * n_embd
    return embeddings + n_layer * (attention + mlp + 2 * norm) + norm
