"""Captions describe the model that the engine creates."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from model.model_facts import count_parameters, flops_per_iteration
from model.model_json import read_description
from system import deno_program

SHAPES = [
    {"vocab_size": 65},
    {"vocab_size": 7, "n_layer": 1, "n_head": 1, "n_embd": 16, "block_size": 8},
    {"vocab_size": 256, "n_layer": 8, "n_head": 4, "n_embd": 256, "block_size": 256, "mlp_ratio": 2},
]


def test_the_lesson_has_206016_parameters(root: Path) -> None:
    assert count_parameters(read_description(root)["model"] | {"vocab_size": 65}) == 206_016


@pytest.mark.parametrize("shape", SHAPES)
def test_the_engine_counts_the_same(root: Path, tmp_path: Path, shape: dict[str, int]) -> None:
    model = read_description(root)["model"] | shape
    script = tmp_path / "count.ts"
    engine = (root / "engine").as_uri()
    script.write_text(
        f'import {{ countParameters }} from "{engine}/training/params.ts";\n'
        f'import {{ flopsPerIteration }} from "{engine}/bench/flops.ts";\n'
        f"const model = {json.dumps(model)};\n"
        "console.log(JSON.stringify([countParameters(model), flopsPerIteration(model, 12)]));"
    )
    result = deno_program.run(
        "run", "--allow-read", "--no-check", str(script), root=root, capture_output=True, text=True, encoding="utf-8"
    )
    assert result.returncode == 0, result.stderr
    parameters, flops = json.loads(result.stdout)
    assert parameters == count_parameters(model)
    assert flops | {"total": sum(flops.values())} == flops_per_iteration(model, 12)
