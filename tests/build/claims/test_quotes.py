"""A quotation is found in its page whatever its line breaks and markup, and sentences about runs are found.

Catches: a claim called missing because a line was wrapped anew or a link added, a wrong line, a sentence with a figure
of a run that the search for unclaimed sentences does not see.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from claims import examined, quotes

PAGE = """\
---
title: The loss is 9.
---

# Runs

The *loss* falls to 2.0 within `50`
iterations; see [the Doctor](../doctor.md#x).[^1] It says “so”. Nothing else.

```runner
iterations: 300
```

```quiz
question: Where does the loss end after 300 iterations?
options:
  - text: "At {{ recorded.run.val_nll[300] }}"
    why: >-
      That is so. The curve is
      above 2.0 there.
    correct: true
```

| loss | 3.0 |

{% if a %}
The run
{% else %}
A sample
{% endif %}
has 80 characters.

[^1]: A note on 3 runs.
"""


@pytest.mark.parametrize(
    ("says", "line"),
    [
        ("The loss falls to 2.0 within 50 iterations;", 7),
        ("The *loss* falls to 2.0 within\n`50` iterations", 7),
        ("see the Doctor. It says", 8),
        ('It says "so".', 8),
        ("At {{ recorded.run.val_nll[300] }}", 17),
        ("The curve is above 2.0", 19),
        ("The loss falls to 2.1", None),
        ("", 1),
    ],
)
def test_a_quotation_is_found_in_its_line(says: str, line: int | None) -> None:
    assert quotes.find(says, PAGE) == line


def test_the_sentences_about_runs() -> None:
    found = {one.text: one.line for one in quotes.sentences(PAGE) if one.speaks_of_a_run}
    assert found == {
        "The loss falls to 2.0 within 50 iterations; see the Doctor.": 7,
        '"At {{ recorded.run.val_nll[300] }}"': 17,
        "The curve is above 2.0 there.": 19,
        "The run A sample has 80 characters.": 27,
        "A note on 3 runs.": 33,
    }


def test_one_that_no_claim_quotes_is_named() -> None:
    quoted = [
        "The *loss* falls to 2.0",
        "Where does the loss end after 300 iterations?",
        "At {{ recorded.run.val_nll[300] }}",
    ]
    left = examined.uncovered(PAGE, [*quoted, "{% else %} A sample {% endif %} has 80", "A note on 3 runs. Or 4."])
    assert [one.text for one in left] == ["The curve is above 2.0 there."]
    assert len(examined.uncovered(PAGE, [], all_of_them=True)) > 6


def test_the_closest_sentence_helps_to_find_what_was_rewritten() -> None:
    close = quotes.closest("The loss falls to 2.5 within 60 iterations; see the Doctor.", PAGE)
    assert close is not None and close.line == 7
    assert quotes.closest("Quite another subject altogether?", PAGE) is None


def test_every_line_of_a_long_page_counts(root: Path) -> None:
    """Each sentence of the lesson begins in the line that is named."""
    source = (root / "docs/lessons/watch-it-learn.md").read_text(encoding="utf-8")
    rows = source.split("\n")
    found = [one for one in quotes.sentences(source) if one.text[:4].isalpha()]
    wrong = [one for one in found if one.text.split()[0] not in quotes.plain(rows[one.line - 1]).text]
    assert len(found) > 80 and wrong == []
