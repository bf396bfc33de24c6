"""Checks of samples, texts and code: what a sample contains, which words the text has, what a source file says."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from functools import lru_cache
from itertools import pairwise

from claims.check import Count, Figure, Found, Iterations, Pattern, Stretch, Words, check
from claims.facts import Facts, WrongPathError
from claims.figures import value_of, written

# A word that something else follows; a sample may end inside of one.
WHOLE = r"(?<![A-Za-z])[A-Za-z]{%d,}(?=[^A-Za-z])"
SCOPES: dict[str, Callable[[list[bool]], bool]] = {"every": all, "some": any, "none": lambda found: not any(found)}


@check
def samples_have(
    facts: Facts,
    run: str,
    where: str = "every",
    between: Stretch | None = None,
    at: Iterations | None = None,
    words: Words | None = None,
    pattern: Pattern | None = None,
) -> Found:
    """Every sample, some or none, in a stretch or at some iterations, has all of these words, or matches a pattern."""
    if where not in SCOPES or (words is None) == (pattern is None):
        raise WrongPathError("it needs words or a pattern, and where is every, some or none")
    patterns = [rf"(?<![A-Za-z]){re.escape(word)}(?![A-Za-z])" for word in words or []] or [pattern]
    samples = _samples(facts, run, between, at)
    try:
        lacking = {it: [one for one in patterns if not re.search(one, text)] for it, text in samples.items()}
    except re.error as problem:
        raise WrongPathError(f"the pattern “{pattern}” is not a regular expression: {problem}") from problem
    holds = SCOPES[where]([not missing for missing in lacking.values()])
    have = [str(it) for it, missing in lacking.items() if not missing]
    wanted = ", ".join(words or [repr(pattern)])
    return Found(holds, f"{wanted} stands in the samples of {run} at {', '.join(have) or 'no iteration'}")


@check
def words_known(
    facts: Facts,
    run: str,
    corpus: str,
    between: Stretch | None = None,
    at: Iterations | None = None,
    letters: Count = 1,
    above: Figure | None = None,
    below: Figure | None = None,
    all_but: Words | None = None,
    only: Words | None = None,
) -> Found:
    """Of the whole words in some samples, the share that the training text has is above or below a figure; or all but
    these words are in it; or only these are."""
    if above is None and below is None and all_but is None and only is None:
        raise WrongPathError("it needs above, below, all_but or only")
    known = _words(facts.corpus(corpus).train)
    words = [word for it in _samples(facts, run, between, at) for word in _whole_words(facts, run, it, letters)]
    if not words:
        return Found(False, f"the samples of {run} have no whole word there")
    strange = [word for word in words if word.lower() not in known]
    real = [word for word in words if word.lower() in known]
    share = len(real) / len(words)
    holds = (above is None or share > value_of(facts, above)) and (below is None or share < value_of(facts, below))
    holds = holds and (all_but is None or {*all_but} == {*strange}) and (only is None or {*only} == {*real})
    said = f"{written(share)} of {len(words)} words there are in {corpus}: {', '.join(real[:12]) or 'none'}"
    return Found(holds, f"{said}; not {', '.join(strange[:12]) or 'any other'}")


@check
def text_has(facts: Facts, corpus: str, words: Words, present: bool = True, part: str = "all") -> Found:
    """All of these words, with their capitals, are in the text, or none is. `part` may be training or validation."""
    whole = facts.corpus(corpus)
    text = {"all": whole.text, "training": whole.train, "validation": whole.validation}.get(part)
    if text is None:
        raise WrongPathError(f"part is “{part}”; it is all, training or validation")
    wrong = [word for word in words if _has(text, word) != present]
    return Found(not wrong, f"{corpus} {'has not' if present else 'has'} {', '.join(wrong)}")


@check
def commonest(facts: Facts, corpus: str, characters: Words | None = None, pairs: Words | None = None) -> Found:
    """The commonest characters of a text, or pairs of its letters, are these, in this order."""
    if (characters is None) == (pairs is None):
        raise WrongPathError("it needs characters or pairs, and not both")
    counts = _counts(facts.corpus(corpus).text, pairs is not None)
    wanted = characters if pairs is None else pairs
    found = [name for name, _ in counts.most_common(len(wanted or []))]
    return Found(bool(wanted) and found == wanted, f"the commonest in {corpus} are {found}")


@check
def prompted(facts: Facts, run: str, corpus: str, characters: Figure, samples: Figure) -> Found:
    """All samples of a run continue one prompt: the first characters of the validation text."""
    length = int(value_of(facts, characters))
    wanted = facts.corpus(corpus).validation[:length]
    prompts = [*facts.at(f"{run}.prompt").values()]
    strange = next((prompt for prompt in prompts if prompt != wanted), None)
    if strange is not None:
        return Found(False, f"a prompt of {run} is {strange!r}, not {wanted!r}")
    return Found(len(prompts) == value_of(facts, samples), f"{run} has {len(prompts)} samples")


@check
def phases_shown(facts: Facts, run: str, phases: Figure, first: Iterations | None = None) -> Found:
    """A run's samples show so many phases, none of which comes back, and each begins at the iteration in `first`."""
    began: dict[str, int] = {}
    names = facts.at(f"{run}.phase")
    for iteration, name in names.items():
        began.setdefault(name, iteration)
    said = f"the phases of {run} begin at {', '.join(f'{at} ({name})' for name, at in began.items())}"
    order = [facts.at(f"{run}.phases").index(name) for name in names.values()]
    if order != sorted(order) or len(began) != value_of(facts, phases):
        return Found(False, said)
    return Found(first is None or [*began.values()] == first, said)


@check
def code_says(facts: Facts, file: str, code: str, present: bool = True) -> Found:
    """A source file contains this code, however it is spaced, or does not."""
    found = "".join(code.split()) in "".join(_source(facts, file).split())
    return Found(found == present, f"{file} {'contains' if found else 'does not contain'} `{code}`")


@check
def tested(facts: Facts, file: str, test: str, code: str) -> Found:
    """A test of that name is in that file, and contains this code, such as the limit that the sentence states."""
    source = _source(facts, file)
    start = source.find(test)
    if start < 0:
        return Found(False, f"{file} has no test “{test}”")
    end = re.search(r"\n(?:def |@|\s*(?:Deno\.)?test\()", source[start:])
    body = source[start : start + end.start()] if end else source[start:]
    return Found("".join(code.split()) in "".join(body.split()), f"that test does not contain `{code}`")


def _source(facts: Facts, file: str) -> str:
    path = facts.root / file
    if not path.is_file() or not path.resolve().is_relative_to(facts.root.resolve()):
        raise WrongPathError(f"there is no file {file} in this project")
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as problem:
        raise WrongPathError(f"the file {file} is not text") from problem


def _samples(facts: Facts, run: str, between: Stretch | None, at: Iterations | None) -> dict[int, str]:
    samples = facts.at(f"{run}.sample")
    if at is not None:
        strange = next((one for one in at if one not in samples), None)
        if strange is not None:
            raise WrongPathError(f"{run} has no sample at iteration {strange}")
        return {one: samples[one] for one in at}
    if not samples:
        raise WrongPathError(f"{run} has no samples")
    first, last = between or (min(samples), max(samples))
    found = {one: text for one, text in samples.items() if first <= one <= last}
    if not found:
        raise WrongPathError(f"{run} has no sample between {first} and {last}")
    return found


def _whole_words(facts: Facts, run: str, iteration: int, letters: int) -> list[str]:
    """The words that a sample ends, also the one that its prompt begins."""
    prompt = facts.at(f"{run}.prompt")[iteration]
    text = prompt + facts.at(f"{run}.sample")[iteration]
    return [found[0] for found in re.finditer(WHOLE % letters, text) if found.end() > len(prompt)]


def _has(text: str, word: str) -> bool:
    """Whether a word stands in a text. Searching for the letters first is far quicker than a pattern with borders."""
    place = text.find(word)
    while place >= 0:
        around = text[max(place - 1, 0) : place] + text[place + len(word) : place + len(word) + 1]
        if not re.search("[A-Za-z]", around):
            return True
        place = text.find(word, place + 1)
    return False


@lru_cache(maxsize=4)
def _counts(text: str, pairs: bool) -> Counter[str]:
    """How often each character occurs, or each pair of neighbouring letters."""
    return Counter(one for one in map("".join, pairwise(text)) if one.isalpha()) if pairs else Counter(text)


@lru_cache(maxsize=4)
def _words(text: str) -> frozenset[str]:
    return frozenset(word.lower() for word in re.findall("[A-Za-z]+", text))
