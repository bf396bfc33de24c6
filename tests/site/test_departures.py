"""What the page of departures says of recorded runs and of the model's size, where no value says it.

Catches: a recorded sample without the layout that the page points at, a table of parameters that does not add up.
"""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest
import recorded_runs

ROOT = Path(__file__).resolve().parents[2]
RUNS = [found for found in recorded_runs.read(ROOT / recorded_runs.FOLDER) if found.preset is None]


@pytest.mark.parametrize("found", RUNS, ids=lambda found: found.corpus)
def test_the_layout_is_there_by_iteration_400(found: recorded_runs.Recording) -> None:
    sampling = found.run["config"]["sampling"]
    (text,) = (sample["text"] for sample in found.run["samples"] if sample["iteration"] == 2 * sampling["every"])
    assert re.search(r"^[A-Z][A-Z ]+:$", text, re.MULTILINE), text


def test_the_table_of_parameters_adds_up(lesson_site: Path) -> None:
    page = (lesson_site / "reference/departures.html").read_text(encoding="utf-8")
    table = re.search(r"<table>.*?</table>", page, re.DOTALL).group()
    cells = [re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row, re.DOTALL) for row in re.findall(r"<tr>.*?</tr>", table, re.DOTALL)]
    rows = [[re.sub("<.*?>", "", html.unescape(cell)) for cell in row] for row in cells[1:]]
    numbers = {name: int(number.replace(",", "")) for name, _, number in rows}
    (total,) = (name for name in numbers if "layers and the rest" in name)
    layers = int(total.split()[0])
    parts = sum(layers * number if name.startswith("per layer") else number for name, number in numbers.items())
    assert parts - numbers[total] == numbers[total]
