"""The build names every recording that no longer belongs to its text, model or run.

Catches: a page that shows the inside of another run than its own, and a build that says nothing about it; a recording
whose run is out of date and that is named a second time.
"""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from authoring import presets
from authoring.block import Site
from model.model_json import read_description
from output import stale_recordings
from recorded import recorded_file, recorded_runs, recorded_seen, recorded_states
from recorded.recorded_seen import Seen
from texts import corpus as corpora
from texts.text_about import PLAY_MACHINE


@pytest.fixture(scope="module")
def site(root: Path) -> Site:
    """The project's recordings on the text that needs no network."""
    folder = root / recorded_file.FOLDER
    given: dict[str, Any] = {"presets": presets.read(root)}
    for name, read in (
        ("recordings", recorded_runs.read),
        ("states", recorded_states.read),
        ("seen", recorded_seen.read),
    ):
        given[name] = [one for one in read(folder) if one.corpus == PLAY_MACHINE]
    return Site(read_description(root), PLAY_MACHINE, [PLAY_MACHINE], corpora.load, **given)


def changed(site: Site, **lists: Any) -> Site:
    return Site(**{name: getattr(site, name) for name in site.__dataclass_fields__} | lists)


def test_the_projects_own_recordings_are_up_to_date(site: Site) -> None:
    assert site.recordings and site.states and site.seen
    assert stale_recordings.told(site) == []


def test_the_inside_of_another_run_is_named(site: Site) -> None:
    facts = copy.deepcopy(site.seen[0].facts)
    facts["fingerprints"]["200"] = "0" * 64
    (said,) = stale_recordings.told(changed(site, seen=[Seen(site.seen[0].file, facts)]))
    assert said.startswith("docs/recorded/seen-play-machine.json was recorded with other weights at iteration 200")
    assert said.endswith("Renew it: python3 build record --observe --corpus play-machine")


def test_of_a_run_that_is_out_of_date_only_the_run_is_named(site: Site) -> None:
    description = copy.deepcopy(site.description)
    description["training"]["batch_size"] = 33
    said = stale_recordings.told(changed(site, description=description))
    assert said and not any("seen-" in sentence or "checkpoint-" in sentence for sentence in said)
