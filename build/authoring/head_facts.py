"""What templates of blocks about attention heads receive besides the island: the recorded run, if it was observed."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Mapping, Sequence
from typing import Any

from authoring.block import Block
from recorded import copies, heads, png, surprise_cells
from recorded.recorded_seen import Seen

Facts = dict[str, Any]
PICTURES = "assets/press-start"  # where the site has the recorded pictures
DIGITS = 4  # of scores and losses in a page


def picture_uri(seen: Seen) -> str:
    return f"{PICTURES}/heads-{seen.corpus}.png"


def picture(seen: Seen) -> bytes:
    """A PNG file: all maps at the end of the recorded run."""
    return png.written(heads.picture(_maps(seen), _n_head(seen)))


def attention(block: Block, shape: Mapping[str, int], seen: Seen | None, up: str) -> Facts:
    """`shape` is the model's; `up` leads from the block's page to the site's first folder."""
    names = [f"L{layer + 1} H{head + 1}" for layer in range(shape["n_layer"]) for head in range(shape["n_head"])]
    facts: Facts = {"names": names, "visible": surprise_cells.visible}
    if seen is None or not seen.maps:
        return facts | {"island": block.island | {"recorded": None}, "heads": []}
    iterations = _some([*seen.maps], block.island["moments"])
    packed = base64.b64encode(gzip.compress(b"".join(seen.maps[at] for at in iterations), mtime=0)).decode()
    moments = {one["iteration"]: one["line"] for one in seen.facts["milestones"]}
    kept = [moments[iteration] for iteration in iterations]
    scores = {name: [_rounded(line[name]) for line in kept] for name in ("previous", "prefix")}
    off = _off(seen, kept[-1]["surprise"])
    recorded = {"iterations": iterations, "line": seen.facts["text"], **scores}
    described = heads.described(
        _maps(seen), kept[-1]["previous"], kept[-1]["prefix"], _n_head(seen), off["without"] if off else None
    )
    with_picture = heads.picture(_maps(seen), _n_head(seen))
    return facts | {
        "island": block.island | {"recorded": recorded | {"attention": packed, "off": off}},
        "iteration": iterations[-1],
        "heads": described,
        "best": heads.best(described, block.island["score"]),
        "off": off,
        "picture": up + picture_uri(seen),
        "size": (with_picture.width, with_picture.height),
    }


def _some(iterations: Sequence[int], most: int) -> list[int]:
    """At most so many of them, evenly chosen, with the first and the last."""
    last = len(iterations) - 1
    steps = min(most - 1, last)
    return [iterations[round(number * last / steps)] for number in range(steps + 1)] if steps else [*iterations]


def _off(seen: Seen, surprise: Sequence[float]) -> Facts | None:
    """What each head's absence costs at the end: in the loss of copies if the text has them, else on the line."""
    found, writings = seen.facts["heads_off"], seen.facts["milestones"][-1]["writings"]
    if found["copies"] and writings:
        return {"called": "of the copies", "loss": writings["copies"], "without": found["copies"]}
    if found["line"]:
        loss = round(sum(surprise) / len(surprise), DIGITS)
        return {"called": "on this line", "loss": loss, "without": found["line"]}
    return None


def copies_of(block: Block, seen: Seen | None) -> Facts:
    """The recorded run's milestones, and both drawings."""
    rows = _rows(seen) if seen else []
    facts: Facts = {"island": block.island | {"recorded": rows}, "rows": []}
    if not rows:
        return facts
    n_head = _n_head(seen)
    return facts | {
        "rows": [row | {"of": heads.name(row["head"], n_head)} for row in rows],
        "losses": copies.losses_drawn(
            rows, block.island["floors"], f"{block.key}-losses", "Loss of first writings and of copies"
        ),
        "scores": copies.score_drawn(rows, f"{block.key}-scores", "Best prefix-match score of a head"),
    }


def _rows(seen: Seen) -> list[Facts]:
    """RecordedCopies of engine/widgets/shared/island.ts."""
    rows = []
    for one in seen.facts["milestones"]:
        if not one["writings"] or not one["line"]:
            continue
        prefix = one["line"]["prefix"]
        head = max(range(len(prefix)), key=prefix.__getitem__)
        losses = {name: round(one["writings"][name], DIGITS + 1) for name in ("first", "copies")}
        rows.append({"iteration": one["iteration"], **losses, "prefix": round(prefix[head], DIGITS), "head": head})
    return rows


def _maps(seen: Seen) -> list[bytes]:
    """Those of the last moment whose maps were kept."""
    return heads.maps_of(list(seen.maps.values())[-1], seen.heads)


def _n_head(seen: Seen) -> int:
    return seen.facts["config"]["model"]["n_head"]


def _rounded(scores: Sequence[float]) -> list[float]:
    return [round(score, DIGITS) for score in scores]
