"""The line of a text on which a run is observed: at each milestone, what the model expects and where its heads look.

Pages and recordings ask this one function, so that a reader's run is observed on the line that was recorded. The line
is from the validation part: the first that has at least SHORTEST characters and fits a window of LENGTH. The window
ends with its line break, so what precedes the line, such as a speaker's name, gives the model some context. The
model sees the window's first character, and predicts the others. A text without such a line has the first window of
its validation part.

Scores of heads would be too noisy on one line, so they are means over further windows, evenly spaced.
"""

from __future__ import annotations

from typing import Any

LENGTH = 40  # predicted characters; a model with a shorter context has a shorter line
SHORTEST = 24
FURTHER = 8


def observed_lines(text: str, split: int, block_size: int) -> dict[str, Any] | None:
    """The `lines` of ObserveOptions in engine/training/observation.ts: where windows begin, and their length.

    The validation part begins at `split`. The first window is the line; None if that part is too short for one.
    """
    length = min(LENGTH, block_size)
    last = len(text) - length - 1  # where the last possible window begins
    if last < split:
        return None
    further = [split + number * (last - split) // (FURTHER - 1) for number in range(FURTHER)]
    return {"starts": [_line(text, split, length), *further], "length": length}


def window(text: str, lines: dict[str, Any]) -> str:
    """The characters of the observed line: the first, which is given, and those that the model predicts."""
    start = lines["starts"][0]
    return text[start : start + lines["length"] + 1]


def _line(text: str, split: int, length: int) -> int:
    """Where the window of the observed line begins."""
    begin = split
    while (end := text.find("\n", begin)) >= 0:
        start = end - length
        if SHORTEST <= end - begin <= length and start >= split:
            return start
        begin = end + 1
    return split
