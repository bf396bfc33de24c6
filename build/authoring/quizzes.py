"""A quiz block: a question with one right answer, or with none, which a page asks twice (asked_twice.py)."""

from __future__ import annotations

import hashlib
import json

from authoring.block import Block, Context, Fields, LineOf
from reading.error_messages import missing

# The fields of an answer beside its text: in a question with one right answer, and in one that is asked twice.
JUDGED, WEIGHED = ("correct", "why"), ("fits", "for", "against")


def resolve(context: Context, block: Block, fields: Fields, line_of: LineOf) -> None:
    if "again" in fields:
        others = [name for name in fields if name != "again"]
        if others:
            message = f"“again” repeats a question from another block; remove {' and '.join(others)}, or remove “again”"
            context.error(block, line_of(others[0]), message)
        block.island = {"kind": "quiz", "again": fields["again"]}
        return
    options, named = fields["options"], "name" in fields
    _check_texts(context, block, options, line_of)
    if _have_their_fields(context, block, options, named, line_of) and not named:
        _check_right_answer(context, block, options, line_of)
    question = context.inline(block, line_of("question"), fields["question"])
    prose = ("text", "for", "against") if named else ("text", "why")
    written = [
        {name: context.inline(block, line_of("options", index, name), option[name]) for name in prose if name in option}
        | ({"fits": option.get("fits")} if named else {"correct": option.get("correct", False)})
        for index, option in enumerate(options)
    ]
    if block.errors:
        return
    identity = identity_of([fields["question"], options])
    block.island = {"kind": "quiz", "identity": identity, "question": question, "options": written}
    if named:
        block.island |= {"name": fields["name"], "twice": "start"}


def identity_of(asked: list) -> str:
    """The browser remembers an answer by this, so a changed question is asked again."""
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:12]


def _have_their_fields(context: Context, block: Block, options: list[Fields], named: bool, line_of: LineOf) -> bool:
    """Whether each option has the fields that this kind of question needs. One message for fields of the other kind."""
    wanted, other = (WEIGHED, JUDGED) if named else (JUDGED, WEIGHED)
    strange = [(index, name) for index, option in enumerate(options) for name in option if name in other]
    if strange:
        index, name = strange[0]
        every = all(any(name in option for name in other) for option in options)
        kept = any(name in option for option in options for name in wanted)
        place = line_of("options", index, name)
        context.error(block, place, _mixed(named, name, whole_question=every and not kept))
        return False
    needed = WEIGHED if named else ("why",)
    for index, option in enumerate(options):
        lacking = [name for name in needed if name not in option]
        if lacking:
            message = missing(lacking, f"entry {index + 1} of options")
            context.error(block, line_of("options", index), message)
    return not block.errors


def _mixed(named: bool, name: str, whole_question: bool) -> str:
    """What to say of an option's field that belongs to the other kind of question."""
    if not named and whole_question:
        return (
            "options with fits, for and against belong to a question that is asked twice; add “name: ...” to this "
            "quiz, and a quiz with “again: ...” below it"
        )
    if not named:
        return f"only the options of a question with a name take {name}; remove it, or give the question a name"
    return (
        "a question with a name has no right answer: each option takes fits, for and against, not correct and why; "
        f"{'replace them' if whole_question else f'remove {name}'}, or remove the name"
    )


def _check_right_answer(context: Context, block: Block, options: list[Fields], line_of: LineOf) -> None:
    right = [index for index, option in enumerate(options) if option.get("correct")]
    if not right:
        context.error(block, line_of("options"), "no option is correct; add “correct: true” to the right one")
    for index in right[1:]:
        message = (
            f"options {right[0] + 1} and {index + 1} are both correct; a quiz has one right answer, "
            "so remove “correct: true” from one of them"
        )
        context.error(block, line_of("options", index, "correct"), message)


def _check_texts(context: Context, block: Block, options: list[Fields], line_of: LineOf) -> None:
    first: dict[str, int] = {}
    for index, option in enumerate(options):
        text = " ".join(option["text"].split())
        if text in first:
            message = f"options {first[text] + 1} and {index + 1} say the same, “{text}”; change or remove one of them"
            context.error(block, line_of("options", index, "text"), message)
        first.setdefault(text, index)
