"""The same as logits_pytorch.py, in NumPy alone. tests/build/recorded/test_other_programs.py runs it."""

# quote begins: logits
import json

import numpy as np
from safetensors import safe_open


def open_checkpoint(path):
    with safe_open(path, "np") as file:
        weights = {name: file.get_tensor(name) for name in file.keys()}
        return weights, json.loads(file.metadata()["press_start"])


def logits(w, model, tokens):
    """[t, V] for the t tokens of a text, at most block_size."""
    t, C, heads = len(tokens), model["n_embd"], model["n_head"]

    def norm(x, name):
        x = x - x.mean(1, keepdims=True)
        return (
            x / np.sqrt((x**2).mean(1, keepdims=True) + model["layer_norm_eps"]) * w[f"{name}.weight"]
            + w[f"{name}.bias"]
        )

    def gelu(x):
        return 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))

    future = np.triu(np.full((t, t), -np.inf), 1)
    x = w["wte"][tokens] + w["wpe"][:t]
    for h in (f"h.{layer}" for layer in range(model["n_layer"])):
        q, k, v = (norm(x, f"{h}.ln_1") @ w[f"{h}.attn.qkv"]).reshape(t, 3, heads, -1).transpose(1, 2, 0, 3)
        scores = q @ k.transpose(0, 2, 1) / np.sqrt(C // heads) + future
        share = np.exp(scores - scores.max(2, keepdims=True))
        mixed = (share / share.sum(2, keepdims=True) @ v).transpose(1, 0, 2).reshape(t, C)
        x = x + mixed @ w[f"{h}.attn.proj"]
        x = x + gelu(norm(x, f"{h}.ln_2") @ w[f"{h}.mlp.fc"]) @ w[f"{h}.mlp.proj"]
    return norm(x, "ln_f") @ w["wte"].T


# quote ends
