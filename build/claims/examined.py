"""Checks claims: is the sentence still in its page, and is it so? What is wrong becomes an error with its line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from claims import quotes
from claims.check import CHECKS, Found
from claims.claims_file import FILE, PARAMETER, Claim
from claims.facts import Facts, NoRecordingError, NotHereError, WrongPathError
from reading.error_messages import AuthorError, closest


@dataclass(frozen=True)
class Examined:
    """A claim and what came of it: an error for its author, and why it cannot be checked here; neither if it holds."""

    claim: Claim
    error: AuthorError | None = None
    not_here: str | None = None


@dataclass(frozen=True)
class Page:
    """A page's text as its author wrote it, and the same with its values filled in."""

    source: str
    filled: str = ""
    lines: Sequence[int] = ()  # for each line of `filled`, the line of the source

    def line_of(self, says: str) -> int | None:
        """The line in which a quotation begins, in either form; None if it is in neither."""
        line = quotes.find(says, self.source)
        if line is None and self.filled:
            row = quotes.find(says, self.filled)
            line = self.lines[row - 1] if row is not None and row <= len(self.lines) else row
        return line


def examine(claim: Claim, facts: Facts, page: Page) -> Examined:
    """Checks one claim of a page."""
    where = f"docs/{claim.page}"
    line = page.line_of(claim.says)
    if line is None:
        return Examined(claim, AuthorError(FILE, claim.line, _missing(claim, where, page.source)))
    try:
        found = judged(claim, facts)
    except NotHereError as problem:
        error = AuthorError(FILE, claim.line, str(problem)) if isinstance(problem, NoRecordingError) else None
        return Examined(claim, error, f"{claim.place}: {problem}")
    except WrongPathError as problem:
        return Examined(claim, AuthorError(FILE, claim.line, f"in {claim.check}: {problem}"))
    if found.holds:
        return Examined(claim)
    said = f"“{_short(claim.says)}” is not so: {found.said}; correct the sentence, or its claim at {claim.place}"
    return Examined(claim, AuthorError(where, line, said))


def judged(claim: Claim, facts: Facts) -> Found:
    """Whether the claim holds, with each of its texts. Raises NotHereError, WrongPathError."""
    found = Found(False, "nothing")
    for given in claim.variants():
        found = CHECKS[claim.check](facts, **given)
        if not found.holds:
            break
    return found


def altered(claim: Claim, facts: Facts) -> tuple[Claim, Facts]:
    """The claim and the facts with the one altered figure that it names. Raises NotHereError, WrongPathError."""
    path, value = claim.altered
    if not path.startswith(PARAMETER):
        return claim, facts.changed(path, value)
    try:
        return claim.with_parameter(path, value), facts
    except (KeyError, TypeError) as problem:
        raise WrongPathError(f"altered names {path}, which is no parameter of the claim") from problem


def false_on(page: Page, claims: Iterable[Claim], facts: Facts) -> list[AuthorError]:
    """What a page says that is not so, as far as it can be checked here, and the claims of it that cannot be read.

    A sentence that is no longer in the page says nothing, so it is left to the tests, and so is a missing recording.
    """
    there = [claim for claim in claims if page.line_of(claim.says) is not None]
    results = [examine(claim, facts, page) for claim in there]
    return [one.error for one in results if one.error and not one.not_here]


def unknown_names(claims: Sequence[Claim], docs: Path, texts: Sequence[str]) -> Iterator[AuthorError]:
    """The pages and texts that claims name and that do not exist, each once, at its first claim."""
    for page, found in by_page(claims).items():
        if not (docs / page).is_file():
            pages = [path.relative_to(docs).as_posix() for path in sorted(docs.rglob("*.md"))]
            instead = _instead(closest(page, pages, cutoff=0.8), found)
            yield AuthorError(FILE, found[0].line, f"there is no page docs/{page}; {instead}")
    for text in dict.fromkeys(text for claim in claims for text in claim.texts):
        if text not in texts:
            found = [claim for claim in claims if text in claim.texts]
            instead = _instead(closest(text, texts, cutoff=0.6), found)
            yield AuthorError(FILE, found[0].line, f"there is no text “{text}”; {instead}")


def _instead(close: str | None, found: Sequence[Claim]) -> str:
    which = "this claim" if len(found) == 1 else f"the {len(found)} claims that name it"
    return f"did you mean “{close}”?" if close else f"delete {which}, or correct the name"


def uncovered(text: str, quoted: Iterable[str], all_of_them: bool = False) -> list[quotes.Sentence]:
    """The sentences of a page that speak of a run, or all of them, that none of the quotations covers."""
    quoted = [*quoted]
    spoken = [one for one in quotes.sentences(text) if all_of_them or one.speaks_of_a_run]
    return [one for one in spoken if not any(quotes.covers(says, one) for says in quoted)]


def by_page(claims: Iterable[Claim]) -> dict[str, list[Claim]]:
    pages: dict[str, list[Claim]] = {}
    for claim in claims:
        pages.setdefault(claim.page, []).append(claim)
    return pages


def _missing(claim: Claim, where: str, page: str) -> str:
    close = quotes.closest(claim.says, page)
    hint = f"; line {close.line} has “{_short(close.text)}”" if close else ""
    return (
        f"“{_short(claim.says)}” is no longer in {where}{hint}; quote what the page says now, and see whether the "
        "check still fits it, or delete the claim"
    )


def _short(words: str, most: int = 120) -> str:
    words = " ".join(words.split())
    return words if len(words) <= most else f"{words[: most - 1].rstrip()}…"
