"""What a page can say of the play machine: the beginning of its text, and the rules of its grammar."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from markupsafe import Markup

from prose.named_values import Later, Names, named
from prose.value_formats import Verbatim, escaped
from texts import play_machine
from texts.corpus import PLAY_MACHINE, Corpus

LEAST_SHOWN = 250  # characters of the text's beginning; the paragraph under way is shown to its end
LINE_END = "↵"  # a line break in an alternative


def play_machine_values(corpus: Callable[[str], Corpus]) -> dict[str, Any]:
    def rules() -> Names:
        grammar = play_machine.load_grammar()
        return Names("play_machine.rules", {name: _alternatives(name, each) for name, each in grammar.rules.items()})

    return named("play_machine", {"opening": Later(lambda: _opening(corpus(PLAY_MACHINE).text)), "rules": Later(rules)})


def _opening(text: str) -> Markup:
    end = text.find("\n\n", LEAST_SHOWN)
    return quoted(text[: end if end > 0 else LEAST_SHOWN])


def quoted(text: str) -> Markup:
    """Some of a generated text, in a figure; its HTML is one line, as every value in a page must be."""
    shown = escaped(text).replace("\n", "&#10;")
    said = f'<blockquote class="ps-script" lang="en" translate="no"><span class="ps-said">{shown}</span></blockquote>'
    return Markup(f'<figure class="press-start ps-quoted">{said}</figure>')


def _alternatives(name: str, alternatives: play_machine.Alternatives) -> list[Any]:
    """Each alternative of a rule: its text, and the probability with which the machine writes it."""
    total = sum(weight for weight, _ in alternatives)
    return [
        named(
            f"play_machine.rules.{name}",
            {
                "text": Verbatim(play_machine.spelled_pieces(pieces).replace("\n", LINE_END)),
                "probability": weight / total,
            },
        )
        for weight, pieces in alternatives
    ]
