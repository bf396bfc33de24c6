"""engine/model.json: the model, its training and the engines' size limits. Only this module reads it in Python."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from model import seeds
from reading import plain_text
from system.project import ROOT

FILE = "engine/model.json"
SECTIONS = ("model", "training", "evaluation", "sampling", "phases", "seed", "limits")


class DescriptionError(Exception):
    """engine/model.json cannot be used; says why, with the line."""


def with_own(description: dict[str, Any], own: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The description with some settings replaced, by section: those of a text's own run."""
    return description | {section: description[section] | settings for section, settings in own.items()}


def read_description(root: Path = ROOT) -> dict[str, Any]:
    """The contents of engine/model.json, with its seed normalised. Raises DescriptionError."""
    text, line, wrong = plain_text.read((root / FILE).read_bytes())
    if wrong:
        raise DescriptionError(f"{FILE}:{line}: {wrong}")
    try:
        description = json.loads(text)
    except json.JSONDecodeError as problem:
        raise DescriptionError(f"{FILE}:{problem.lineno}: this is not JSON: {problem.msg}") from problem
    missing = [name for name in SECTIONS if name not in description] if isinstance(description, dict) else SECTIONS
    if missing:
        raise DescriptionError(f"{FILE}:1: it has no “{missing[0]}”; git shows what was there")
    return description | {"seed": seeds.normalised(description["seed"])}
