"""Which recordings are out of date, so that pages cannot quote them: the build says why, and how to renew them."""

from __future__ import annotations

from authoring.block import Site
from model.model_json import with_own
from recorded import recorded_runs, recorded_seen, recorded_states
from texts import corpus as corpora


def told(site: Site) -> list[str]:
    """The sentences to print."""
    return [
        *recorded_runs.told(filter(None, (_run(site, one) for one in site.recordings))),
        *filter(None, (_states(site, one) for one in site.states)),
        *filter(None, (_seen(site, one) for one in site.seen)),
    ]


def _run(site: Site, recording: recorded_runs.Recording) -> recorded_runs.Stale | str | None:
    """Why a run is out of date; None if it is not."""
    name = recording.corpus
    try:
        text = _at_hand(site, name)
        # If the text is not here, only the recording knows the names of its phases.
        phases = text.phases if text else corpora.phases(name) or recording.run["config"]["phases"]
    except corpora.CorpusError as problem:
        return str(problem)
    sha256, choice = text.sha256 if text else None, corpora.choice(name)
    description = with_own(site.description, text.own_run if text else {})
    return recorded_runs.stale(recording, description, site.presets, sha256, choice, phases)


def _states(site: Site, states: recorded_states.States) -> str | None:
    """Why the states of a run are out of date; None if they are not, or if their run is."""
    run = recorded_states.run_of(states, site.recordings)
    if run is None or _run(site, run) is not None:
        return None
    return recorded_states.stale(states, run, corpora.choice(states.corpus))


def _seen(site: Site, seen: recorded_seen.Seen) -> str | None:
    """Why the inside of a run is out of date; None if it is not, or if its run is."""
    run = recorded_seen.run_of(seen, site.recordings)
    if run is None or _run(site, run) is not None:
        return None
    text = _at_hand(site, seen.corpus)
    observe = recorded_seen.observed(text) if text else None
    presets = recorded_seen.presets_of(text, site.presets.runs) if text else ()
    return recorded_seen.stale(seen, site.recordings, presets, corpora.choice(seen.corpus), observe)


def _at_hand(site: Site, name: str) -> corpora.Corpus | None:
    """The text of that name, if it needs no network. Raises CorpusError."""
    return site.corpus(name) if name in corpora.at_hand(site.main_corpus, site.corpus_names) else None
