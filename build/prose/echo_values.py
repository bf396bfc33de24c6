"""What a page can say of the text echo: its rules, its first lines, and the floors of its parts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from prose.named_values import Later, named
from prose.play_machine_values import quoted
from prose.value_formats import Nats
from texts import echo
from texts.corpus import Corpus
from texts.text_about import ECHO

LINES_SHOWN = 6


def echo_values(corpus: Callable[[str], Corpus]) -> dict[str, Any]:
    """`floors` are nats per character of the validation part: of first writings, of copies, and of all characters."""
    rules = {
        "letters": len(echo.LETTERS),
        "shortest": echo.SHORTEST,
        "longest": echo.LONGEST,
        "lengths": echo.LONGEST - echo.SHORTEST + 1,
        "writings": echo.WRITINGS,
    }

    def opening() -> Any:
        return quoted("\n".join(corpus(ECHO).text.split("\n")[:LINES_SHOWN]))

    def floors() -> Any:
        found = echo.validation_floors(corpus(ECHO).text)
        return named("echo.floors", {name: Nats(nats) for name, nats in found._asdict().items()})

    return named("echo", rules | {"opening": Later(opening), "floors": Later(floors)})
