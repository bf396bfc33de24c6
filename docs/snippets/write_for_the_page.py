"""Writes a model as a file that the page opens. tests/build/recorded/test_other_programs.py runs it."""

# quote begins: write
import hashlib
import json

from safetensors.numpy import save_file

BLOCK = ["ln_1.weight", "ln_1.bias", "attn.qkv", "attn.proj", "ln_2.weight", "ln_2.bias", "mlp.fc", "mlp.proj"]


def write_for_the_page(path, weights, about):
    """Weights: float32 arrays by name. About: as in the entry press_start of a file that the page saved."""
    layers = [f"h.{layer}.{part}" for layer in range(about["model"]["n_layer"]) for part in BLOCK]
    canonical = {"sort_keys": True, "separators": (",", ":"), "ensure_ascii": False}
    about = {name: value for name, value in about.items() if name != "checksum"}
    digest = hashlib.sha256(json.dumps(about, **canonical).encode())
    for name in ["wte", "wpe", *layers, "ln_f.weight", "ln_f.bias"]:
        digest.update(weights[name].tobytes())
    metadata = {"press_start": json.dumps(about | {"checksum": digest.hexdigest()}, **canonical)}
    save_file(weights, path, metadata)


# quote ends
