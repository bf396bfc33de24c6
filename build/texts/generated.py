"""The texts that programs of this project write, each with its exact floor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from texts import echo, play_machine
from texts.text_about import ECHO, PLAY_MACHINE

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Generator:
    generate: Callable[[], str]
    # -ln p(validation | training) of the text, in nats per character of the validation part.
    floor: Callable[[str], float]
    sources: list[Path]  # all that decides the text


_PLAY_MACHINE = sorted(HERE.glob("play_machine*.*"))
GENERATORS = {
    PLAY_MACHINE: Generator(play_machine.generate, play_machine.validation_floor_nats, _PLAY_MACHINE),
    ECHO: Generator(echo.generate, echo.validation_floor_nats, [HERE / "echo.py", *_PLAY_MACHINE]),
}
