"""Opens a checkpoint in PyTorch and computes its logits. tests/build/recorded/test_other_programs.py runs it.

python3 logits_pytorch.py FILE.safetensors PROMPT prints the characters that the model finds most probable next.
"""

import sys

# quote begins: logits
import json

import torch
from safetensors import safe_open
from torch.nn.functional import gelu, layer_norm, scaled_dot_product_attention


def open_checkpoint(path):
    with safe_open(path, "pt") as file:
        weights = {name: file.get_tensor(name) for name in file.keys()}
        return weights, json.loads(file.metadata()["press_start"])


def logits(w, model, tokens):
    """[t, V] for the t tokens of a text, at most block_size."""
    t, C, heads = len(tokens), model["n_embd"], model["n_head"]
    norm = lambda x, name: layer_norm(x, (C,), w[f"{name}.weight"], w[f"{name}.bias"], model["layer_norm_eps"])
    x = w["wte"][tokens] + w["wpe"][:t]
    for h in (f"h.{layer}" for layer in range(model["n_layer"])):
        q, k, v = (norm(x, f"{h}.ln_1") @ w[f"{h}.attn.qkv"]).view(t, 3, heads, -1).permute(1, 2, 0, 3)
        mixed = scaled_dot_product_attention(q, k, v, is_causal=True).transpose(0, 1).reshape(t, C)
        x = x + mixed @ w[f"{h}.attn.proj"]
        x = x + gelu(norm(x, f"{h}.ln_2") @ w[f"{h}.mlp.fc"], approximate="tanh") @ w[f"{h}.mlp.proj"]
    return norm(x, "ln_f") @ w["wte"].T


# quote ends

if __name__ == "__main__":
    w, about = open_checkpoint(sys.argv[1])
    characters, model = about["corpus"]["characters"], about["model"]
    tokens = torch.tensor([characters.index(character) for character in sys.argv[2]])[-model["block_size"] :]
    best = logits(w, model, tokens)[-1].softmax(0).topk(5)
    for probability, token in zip(best.values, best.indices, strict=True):
        print(f"{characters[token]!r}: {probability:.3f}")
