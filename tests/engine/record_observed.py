"""Record what an engine must report when it is observed: `observation_reference.py` on the golden weights.

Run it by hand, when the model or what is observed changes; it needs only NumPy and takes seconds:

    .venv/bin/python tests/engine/record_observed.py      # writes tests/engine/golden/observed_*.json

Weights and batches are those of `golden/lesson.json` and its neighbours (see `record_golden.py`). observed.ts reads the
files and makes the same inputs. Arrays are little-endian float32 in base64.

- `passes`: a forward pass over row 0 of the batch, with all heads on and with one off. To keep the file small it holds
  only the rows of some `places`: `logits` [places, V], `early` [places, L, V], `attention` [L, NH, places, T].
  `stream_rms` [L + 1] is of all rows.
- `expectations`: the text begins with all but the last three characters of row 0, and then row 1's first six are
  written, so the model soon sees only the last T. `logits` [6, V] and `early` [6, L, V].
- `norms`: of one update, from `iteration` on, where the learning rate is at its peak. AdamW's moments are
  m = f32((u0 - 0.5) * 0.02) and v = f32((u1 + 0.5) * 1e-4) with uk = hash32(19, i, k) / 2^32. The text is the batch's
  rows one after another; sequence `row` begins at hash32(1, iteration, row) mod (length - T).
"""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import numpy as np
import observation_reference as reference
from gpt_reference import Array, Model, hash32, make_tokens, make_weights, unpack

ENGINE = Path(__file__).resolve().parents[2] / "engine"
GOLDEN = Path(__file__).resolve().parent / "golden"
SHAPES = ["lesson", "awkward", "odd_heads"]

MOMENTS_KEY, BATCH_KEY = 19, 1
ITERATION = 99
WRITTEN, LEFT_OUT = 6, 3
SHORT, SOME = 13, 7


def packed(values: Array) -> str:
    return base64.b64encode(values.astype("<f4").tobytes()).decode("ascii")


def digits(values: Array) -> list[float]:
    return [float(f"{value:.9g}") for value in values]


def places_of(t: int) -> list[int]:
    """The positions whose rows are recorded: all of a short sequence, else a few from the first to the last."""
    return list(range(t)) if t <= SHORT else [i * (t - 1) // (SOME - 1) for i in range(SOME)]


def record_pass(model: Model, flat: Array, tokens: Array, heads_off: tuple[int, ...]) -> dict[str, Any]:
    places = places_of(len(tokens))
    passed = reference.forward(model, unpack(model, flat), tokens, heads_off)
    return {
        "heads_off": list(heads_off),
        "places": places,
        "logits": packed(passed.logits[places]),
        "early": packed(passed.early[places]),
        "attention": packed(passed.attention[:, :, places]),
        "stream_rms": digits(passed.stream_rms),
    }


def record_expectations(model: Model, flat: Array, inputs: Array) -> dict[str, Any]:
    T = model["block_size"]
    prompt = T - LEFT_OUT
    text = np.concatenate([inputs[0, :prompt], inputs[1, :WRITTEN]])
    seen = [text[max(0, have - T) : have] for have in range(prompt, prompt + WRITTEN)]
    passes = [reference.forward(model, unpack(model, flat), window) for window in seen]
    return {
        "prompt": prompt,
        "written": WRITTEN,
        "logits": packed(np.stack([passed.logits[-1] for passed in passes])),
        "early": packed(np.stack([passed.early[-1] for passed in passes])),
    }


def record_norms(model: Model, training: dict[str, Any], flat: Array, inputs: Array, targets: Array) -> dict[str, Any]:
    T, places = model["block_size"], np.arange(flat.size, dtype=np.uint32)
    u0, u1 = (hash32(MOMENTS_KEY, places, k) / 2.0**32 for k in (0, 1))
    m, v = ((u0 - 0.5) * 0.02).astype(np.float32), ((u1 + 0.5) * 1e-4).astype(np.float32)
    text = np.concatenate([inputs, targets[:, -1:]], axis=1).ravel()
    starts = hash32(BATCH_KEY, ITERATION, np.arange(len(inputs))) % np.uint32(text.size - T)
    rows = np.stack([text[start : start + T + 1] for start in starts])
    rate = float(np.float32(training["learning_rate"]))
    assert training["warmup_iterations"] == ITERATION + 1  # then the rate is the peak
    _, g = reference.gradient(model, flat, rows[:, :-1], rows[:, 1:])
    change = reference.adamw_change(
        model, training, rate, ITERATION + 1, flat, m.astype(np.float64), v.astype(np.float64), g
    )
    return {
        "iteration": ITERATION,
        "gradient": digits(reference.norms(model, g)),
        "update": digits(reference.norms(model, change)),
        "weight": digits(reference.norms(model, flat)),
    }


def record(shape: str) -> dict[str, Any]:
    golden = json.loads((GOLDEN / f"{shape}.json").read_text(encoding="utf-8"))
    model: Model = golden["model"]
    training = json.loads((ENGINE / "model.json").read_text(encoding="utf-8"))["training"]
    flat = make_weights(model, golden["weight_ranges"]).astype(np.float64)
    inputs, targets = make_tokens(model, golden["batch_size"], golden["token_key"])
    # The last head of the lower half: where there are several layers, later attention feels that it is off.
    off = model["n_layer"] * model["n_head"] // 2 - 1
    return {
        "passes": [record_pass(model, flat, inputs[0], heads) for heads in ((), (off,))],
        "expectations": record_expectations(model, flat, inputs),
        "norms": record_norms(model, training, flat, inputs, targets),
    }


def main() -> None:
    for shape in SHAPES:
        path = GOLDEN / f"observed_{shape}.json"
        path.write_text(json.dumps(record(shape), indent=1) + "\n", encoding="utf-8", newline="\n")
        print(f"wrote golden/{path.name}, {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
