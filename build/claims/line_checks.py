"""Checks of the line on which a recorded run was observed: how much it surprises the model, and models that count."""

from __future__ import annotations

from claims.check import Count, Found, check
from claims.facts import Facts, WrongPathError
from claims.figures import points_of, written
from reading.error_messages import one_of
from recorded.surprise_cells import BETTER, visible


@check
def better_at(facts: Facts, seen: str, model: str, iteration: int, characters: Count, word: str | None = None) -> Found:
    """On its line, or in a word of it, a run is 1 nat better than a model that counts at exactly so many characters."""
    surprise, counting = _both(facts, seen, model, iteration)
    places = range(len(counting)) if word is None else _places(facts.at(f"{seen}.text"), word, seen)
    found = [place for place in places if counting[place] - surprise[place] >= BETTER]
    where = "" if word is None else f" of “{word}”"
    return Found(len(found) == characters, f"{seen} is better than the {model} at {len(found)} characters{where}")


def _places(text: str, word: str, seen: str) -> range:
    """Where the word stands on a line; the line's first character is given, and has no place."""
    start = text.find(word, 1)
    if start < 0:
        raise WrongPathError(f"the line of {seen} has no “{word}”")
    return range(start - 1, start - 1 + len(word))


@check
def furthest_ahead(facts: Facts, seen: str, model: str, iteration: int, character: str) -> Found:
    """The character of its line at which a run is furthest ahead of a model that counts; ↵ stands for a line break."""
    surprise, counting = _both(facts, seen, model, iteration)
    place = max(range(len(counting)), key=lambda place: counting[place] - surprise[place])
    found = visible(facts.at(f"{seen}.text")[place + 1])
    both = f"{written(surprise[place])} nats, the {model} {written(counting[place])}"
    return Found(found == character, f"{seen} is furthest ahead at “{found}”, with {both}")


@check
def never_seen(facts: Facts, corpus: str, characters: str) -> Found:
    """The training part of a text nowhere has these characters in a row."""
    count = facts.corpus(corpus).train.count(characters)
    return Found(count == 0, f"the training part of {corpus} has “{characters}” {count} times")


def _both(facts: Facts, seen: str, model: str, iteration: int) -> tuple[dict[int, float], list[float]]:
    corpus = facts.corpus(facts.at(f"{seen}.corpus"))
    counted = corpus.surprises(facts.at(f"{seen}.text"))
    if model not in counted:
        raise WrongPathError(f"no model is called “{model}”; {one_of('models', model, counted)}")
    return points_of(facts, f"{seen}.surprise.{iteration}"), counted[model]
