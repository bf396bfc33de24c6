"""Record reference values from PyTorch float64: loss, gradients and ten AdamW steps, as small JSON files.

Run it by hand, only when the model itself changes. The tests read the files and need neither PyTorch nor NumPy:

    pip install torch numpy
    python tests/engine/record_golden.py              # writes tests/engine/golden/*.json, then checks them
    python tests/engine/record_golden.py --verify     # only checks the existing files

The check does not trust PyTorch: `gpt_reference.py` is a second forward pass, in plain NumPy; central differences of
its loss are compared with the recorded gradients, and AdamW is repeated from its formula.

What a file contains (golden.ts reads it and has the same formulas):

- Neither weights nor tokens: a hash (`hash32`, as in engine/training/rng.ts) gives both, so any language can compute
  them bit for bit, and `weights_checksum` checks that. With u = hash32(7, i, 0) / 2^32, weight i of the flat vector
  is f32(base + (u - 0.5) * range), base 1 for LayerNorm gains and 0 for the rest, range as in `weight_ranges`. Token
  (row, column) of the [B, T+1] block is hash32(token_key, row, column) mod V; its first T columns are the inputs, its
  last T the targets.
- `loss`: mean over all B*T positions, in nats per character.
- `tensors`: in the order of engine/training/params.ts, the L2 norm of each gradient g and one of two descriptions:
  `elements`: all of it, little-endian float32 in base64 (rounding costs 3e-8 of the norm, against a tolerance of 1e-5);
  `sketch`: 64 sums s_k = sum_i sign(k, i) g_i, where sign is -1 if bit 31 of hash32(13 + tensor's place, k, i) is set,
  else +1. The mean over k of (s_k(g) - s_k(g'))^2 is an unbiased estimate of |g - g'|^2 (D. Achlioptas,
  "Database-friendly random projections", 2003) with a relative standard deviation of at most sqrt(2/64), so the norm
  itself is known to about 9 %. An error in a single element moves every s_k by its full size, so none goes unnoticed.
- `float32_error`: for comparison, how far PyTorch's own float32 is from its float64 here (relative L2 norm for a
  gradient, absolute for a loss). No tolerance depends on it.
- adamw.json: `losses[s]` is the loss on step s's batch (key `token_key` + s) after s updates; the eleventh shows what
  the tenth update did. `learning_rates` are the schedule's rates in f32. Instead of a gradient, `tensors` describes the
  change of the weights over the ten updates. If the decay is forgotten, beta2 is 0.999 or eps is inside the root, the
  losses move by less than 2e-5, but the weights' change by at least 3e-3 of itself. PyTorch's float32 is 5e-6 off
  there, and 2e-4 in LayerNorm's gains, which start at 1, so that their small change is rounded.
"""

from __future__ import annotations

import argparse
import base64
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from gpt_reference import (
    TOKENS_KEY,
    Array,
    Model,
    checksum,
    make_tokens,
    make_weights,
    mean_loss,
    signs,
    slope,
    tensors,
    unpack,
)

ENGINE = Path(__file__).resolve().parents[2] / "engine"
GOLDEN = Path(__file__).resolve().parent / "golden"
DESCRIPTION: dict[str, Any] = json.loads((ENGINE / "model.json").read_text(encoding="utf-8"))

SKETCHES = 64
ADAMW_STEPS = 10

# Wide enough that a missing term shows in every gain, bias and attention weight.
SPREAD_WEIGHTS = {"matrix": 0.2, "gain": 0.4, "bias": 0.4}
# A uniform distribution of this width has standard deviation 0.02, like the lesson's initial weights.
FIRST_WEIGHTS = {"matrix": 0.0692, "gain": 0.0, "bias": 0.0}

# Central differences are off by 5e-9 of a gradient's norm, or 7e-8 if the file contains f32.
SLOPE_TOLERANCE = 1e-6


@dataclass(frozen=True)
class Case:
    """One model shape and batch size. `whole` records every element of the gradient, otherwise a sketch of it."""

    name: str
    model: Model
    batch_size: int
    whole: bool = False


def shape_of(n_layer: int, n_head: int, n_embd: int, block_size: int, vocab_size: int) -> Model:
    """The lesson's model with another shape."""
    sizes = {"n_layer": n_layer, "n_head": n_head, "n_embd": n_embd, "block_size": block_size, "vocab_size": vocab_size}
    return DESCRIPTION["model"] | sizes


LESSON = Case("lesson", DESCRIPTION["model"] | {"vocab_size": 65}, batch_size=4)
CASES = [
    LESSON,
    Case("awkward", shape_of(2, 2, 48, 13, 11), batch_size=3, whole=True),
    Case("odd_heads", shape_of(1, 16, 144, 9, 5), batch_size=2),  # head size 9: not a multiple of a SIMD width
]


# --- The reference, in PyTorch ------------------------------------------------------------------------------------


def torch_loss(model: Model, w: dict[str, torch.Tensor], inputs: Array, targets: Array) -> torch.Tensor:
    """Mean cross-entropy in nats per character, in the weights' precision; inputs and targets are [B, T]."""
    F = torch.nn.functional
    C, NH, eps = model["n_embd"], model["n_head"], model["layer_norm_eps"]
    B, T = inputs.shape

    def norm(x: torch.Tensor, name: str) -> torch.Tensor:
        return F.layer_norm(x, (C,), w[f"{name}.weight"], w[f"{name}.bias"], eps)

    x = w["wte"][torch.from_numpy(inputs)] + w["wpe"][:T]  # [B, T, C]
    for layer in range(model["n_layer"]):
        h = f"h.{layer}"
        q, k, v = (norm(x, f"{h}.ln_1") @ w[f"{h}.attn.qkv"]).split(C, dim=2)
        q, k, v = (part.view(B, T, NH, C // NH).transpose(1, 2) for part in (q, k, v))  # [B, NH, T, HS]
        att = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + att.transpose(1, 2).reshape(B, T, C) @ w[f"{h}.attn.proj"]
        x = x + F.gelu(norm(x, f"{h}.ln_2") @ w[f"{h}.mlp.fc"], approximate="tanh") @ w[f"{h}.mlp.proj"]
    logits = norm(x, "ln_f") @ w["wte"].T  # [B, T, V]
    return F.cross_entropy(logits.view(B * T, -1), torch.from_numpy(targets).reshape(-1))


def torch_gradient(case: Case, weights: Array, dtype: torch.dtype) -> tuple[float, Array]:
    """Loss and flat gradient, computed in `dtype`, returned as float64."""
    flat = torch.from_numpy(weights).to(dtype).requires_grad_()
    inputs, targets = make_tokens(case.model, case.batch_size, TOKENS_KEY)
    loss = torch_loss(case.model, unpack(case.model, flat), inputs, targets)
    loss.backward()
    assert flat.grad is not None
    return loss.item(), flat.grad.double().numpy()


def learning_rates(steps: int) -> list[float]:
    """The warm-up's first rates, peak * (it + 1) / warm-up, rounded to f32 as in the engines' table."""
    training = DESCRIPTION["training"]
    peak, warmup = training["learning_rate"], training["warmup_iterations"]
    assert steps <= warmup
    return [float(np.float32(peak * (it + 1) / warmup)) for it in range(steps)]


def torch_adamw(case: Case, weights: Array, dtype: torch.dtype) -> tuple[list[float], Array]:
    """Losses before each of the ten updates and after the last, and the weights' change, with torch.optim.AdamW."""
    parts = {
        name: part.detach().clone().requires_grad_()
        for name, part in unpack(case.model, torch.from_numpy(weights).to(dtype)).items()
    }
    training = DESCRIPTION["training"]
    groups = [
        {"params": [p for p in parts.values() if p.dim() == 2], "weight_decay": training["weight_decay"]},
        {"params": [p for p in parts.values() if p.dim() == 1], "weight_decay": 0.0},
    ]
    optimizer = torch.optim.AdamW(groups, betas=(training["beta1"], training["beta2"]), eps=training["eps"])
    losses = []
    for step, rate in enumerate([*learning_rates(ADAMW_STEPS), None]):
        inputs, targets = make_tokens(case.model, case.batch_size, TOKENS_KEY + step)
        loss = torch_loss(case.model, parts, inputs, targets)
        losses.append(loss.item())
        if rate is None:
            break
        for group in optimizer.param_groups:
            group["lr"] = rate
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    after = np.concatenate([part.detach().double().numpy().ravel() for part in parts.values()])
    return losses, after - weights


# --- The files ----------------------------------------------------------------------------------------------------


def digits(value: float, count: int = 12) -> float:
    """Rounded to `count` significant digits: enough for any f32 engine, and short in the file."""
    return float(f"{value:.{count}g}")


def header(case: Case, ranges: dict[str, float], weights: Array) -> dict[str, Any]:
    versions = {"torch": torch.__version__.split("+")[0], "numpy": np.__version__}
    return {
        "recorded_with": versions,
        "model": case.model,
        "batch_size": case.batch_size,
        "weight_ranges": ranges,
        "weights_checksum": checksum(weights),
        "token_key": TOKENS_KEY,
    }


def picture(case: Case, vector: Array, vector32: Array) -> list[dict[str, Any]]:
    """Each tensor's part of a flat vector, whole or as a sketch, with the error of float32."""
    rows = []
    for place, tensor in enumerate(tensors(case.model)):
        part = slice(tensor.offset, tensor.offset + tensor.size)
        values = vector[part]
        norm = float(np.linalg.norm(values))
        error = float(np.linalg.norm(vector32[part] - values)) / norm
        row: dict[str, Any] = {"name": tensor.name, "shape": tensor.shape, "norm": digits(norm)}
        row["float32_error"] = digits(error, 2)
        if case.whole:
            row["elements"] = base64.b64encode(values.astype("<f4").tobytes()).decode("ascii")
        else:
            row["sketch"] = [digits(float(signs(place, k, tensor.size) @ values)) for k in range(SKETCHES)]
        rows.append(row)
    return rows


def record_gradients(case: Case) -> dict[str, Any]:
    weights = make_weights(case.model, SPREAD_WEIGHTS)
    loss, gradient = torch_gradient(case, weights, torch.float64)
    loss32, gradient32 = torch_gradient(case, weights, torch.float32)
    return header(case, SPREAD_WEIGHTS, weights) | {
        "loss": digits(loss),
        "float32_error": digits(abs(loss32 - loss), 2),
        "tensors": picture(case, gradient, gradient32),
    }


def record_adamw(case: Case) -> dict[str, Any]:
    weights = make_weights(case.model, FIRST_WEIGHTS)
    losses, change = torch_adamw(case, weights, torch.float64)
    losses32, change32 = torch_adamw(case, weights, torch.float32)
    return header(case, FIRST_WEIGHTS, weights) | {
        "training": DESCRIPTION["training"] | {"batch_size": case.batch_size},
        "learning_rates": learning_rates(ADAMW_STEPS),
        "losses": [digits(loss) for loss in losses],
        "float32_error": digits(max(abs(a - b) for a, b in zip(losses, losses32, strict=True)), 2),
        "tensors": picture(case, change, change32),
    }


def write(name: str, record: dict[str, Any]) -> None:
    """Write one line per key and per tensor, so that diffs are readable."""
    lines = []
    for key, value in record.items():
        if key == "tensors":
            rows = ",\n".join(f"    {json.dumps(row)}" for row in value)
            lines.append(f'  "tensors": [\n{rows}\n  ]')
        else:
            lines.append(f"  {json.dumps(key)}: {json.dumps(value)}")
    path = GOLDEN / f"{name}.json"
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8", newline="\n")
    print(f"wrote golden/{path.name}, {path.stat().st_size:,} bytes")


# --- The check -----------------------------------------------------------------------------------------------------


def recorded_sum(row: dict[str, Any], k: int, direction: Array) -> float:
    """Sketch k of a recorded tensor, or the same sum over its elements."""
    if "sketch" in row:
        return float(row["sketch"][k])
    return float(np.frombuffer(base64.b64decode(row["elements"]), "<f4").astype(np.float64) @ direction)


def verify_gradients(case: Case) -> list[str]:
    """Compare the file with finite differences along two random sign vectors per tensor; a sketch is such a slope."""
    golden = json.loads((GOLDEN / f"{case.name}.json").read_text(encoding="utf-8"))
    flat = make_weights(golden["model"], golden["weight_ranges"]).astype(np.float64)
    inputs, targets = make_tokens(golden["model"], golden["batch_size"], golden["token_key"])

    def loss(weights: Array) -> float:
        return mean_loss(golden["model"], weights, inputs, targets)

    wrong = []
    if golden["weights_checksum"] != checksum(flat.astype(np.float32)):
        wrong.append(f"{case.name}: the weights are not the ones recorded")
    if abs(loss(flat) - golden["loss"]) > 1e-10:
        wrong.append(f"{case.name}: loss {loss(flat)} here, {golden['loss']} in the file")
    worst = 0.0
    for place, (tensor, row) in enumerate(zip(tensors(golden["model"]), golden["tensors"], strict=True)):
        part = slice(tensor.offset, tensor.offset + tensor.size)
        for k in (0, SKETCHES - 1):
            direction = signs(place, k, tensor.size)
            error = abs(slope(loss, flat, part, direction) - recorded_sum(row, k, direction)) / row["norm"]
            worst = max(worst, error)
            if error > SLOPE_TOLERANCE:
                wrong.append(f"{case.name}: {row['name']}, direction {k}: off by {error:.1e} of the norm")
    print(f"{case.name}: slopes agree with the recorded gradients to {worst:.1e} of their norms")
    return wrong


def verify_adamw() -> list[str]:
    """Repeat the ten steps with AdamW written out (I. Loshchilov and F. Hutter, 2019) on PyTorch's gradients."""
    golden = json.loads((GOLDEN / "adamw.json").read_text(encoding="utf-8"))
    training = golden["training"]
    beta1, beta2 = training["beta1"], training["beta2"]
    w = make_weights(golden["model"], golden["weight_ranges"]).astype(np.float64)
    decay = np.concatenate([np.full(t.size, float(t.kind == "matrix")) for t in tensors(golden["model"])])
    first, m, v = w, np.zeros_like(w), np.zeros_like(w)
    wrong, worst = [], 0.0
    for step, expected in enumerate(golden["losses"]):
        inputs, targets = make_tokens(golden["model"], golden["batch_size"], golden["token_key"] + step)
        error = abs(mean_loss(golden["model"], w, inputs, targets) - expected)
        worst = max(worst, error)
        if error > 1e-9:
            wrong.append(f"adamw: step {step}: loss off by {error:.1e}")
        if step == len(golden["learning_rates"]):
            break
        flat = torch.from_numpy(w).requires_grad_()
        torch_loss(golden["model"], unpack(golden["model"], flat), inputs, targets).backward()
        assert flat.grad is not None
        g = flat.grad.numpy()
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g * g
        m_hat, v_hat = m / (1 - beta1 ** (step + 1)), v / (1 - beta2 ** (step + 1))
        update = m_hat / (np.sqrt(v_hat) + training["eps"]) + training["weight_decay"] * decay * w
        w = w - golden["learning_rates"][step] * update
    for place, (tensor, row) in enumerate(zip(tensors(golden["model"]), golden["tensors"], strict=True)):
        direction = signs(place, 0, tensor.size)
        change = float((w - first)[tensor.offset : tensor.offset + tensor.size] @ direction)
        if abs(change - recorded_sum(row, 0, direction)) > SLOPE_TOLERANCE * row["norm"]:
            wrong.append(f"adamw: {row['name']} changed by another amount")
    print(f"adamw: {len(golden['learning_rates'])} steps written out agree to {worst:.1e} nats")
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(description="Record the golden files of tests/engine/golden with PyTorch float64.")
    parser.add_argument("--verify", action="store_true", help="only check the files that are there")
    arguments = parser.parse_args()
    torch.set_num_threads(1)  # makes the float32 results repeatable
    if not arguments.verify:
        GOLDEN.mkdir(exist_ok=True)
        for case in CASES:
            write(case.name, record_gradients(case))
        write("adamw", record_adamw(LESSON))
    wrong = [line for case in CASES for line in verify_gradients(case)] + verify_adamw()
    for line in wrong:
        print(line, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
