"""The page on how the lesson departs from the literature counts parameters correctly.

Catches: a table whose rows do not add up to the model, a calculation that does not give the number it explains.
"""

from __future__ import annotations

import html
import re
from pathlib import Path

from model.model_facts import count_parameters
from model.model_json import read_description
from texts import corpus as corpora

PAGE = "reference/departures.html"


def numbers(text: str) -> list[int]:
    return [int(number.replace(",", "")) for number in re.findall(r"\d+(?:,\d{3})*", text)]


def test_its_rows_make_up_the_model_and_its_sum_the_notebooks(
    lesson_site: Path, root: Path, corpus: corpora.Corpus
) -> None:
    page = html.unescape((lesson_site / PAGE).read_text(encoding="utf-8"))
    rows = [numbers(cell)[0] for cell in re.findall(r'<td style="text-align: right;">(.*?)</td>', page)]
    model = read_description(root)["model"] | {"vocab_size": len(corpus.vocab)}
    assert rows[-1] == count_parameters(model) == sum(rows[:-1]) and len(rows) == 7
    sum_said = re.search(r"half our context:\s*(.*?)\.</p>", page, re.DOTALL)
    # The notebook's number is for tiny Shakespeare's 65 characters, which the play machine's text also has.
    assert (sum_said is not None) == (len(corpus.vocab) == 65)
    if sum_said:
        own, head, biases, context, total = numbers(sum_said[1])
        assert own == rows[-1] and own + head + biases - context == total == 209_729
