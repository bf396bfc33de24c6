"""Characters from word processors that are invisible, or that only look like a space or a mark of YAML."""

from __future__ import annotations

import re
import unicodedata

# Every space but the usual one; then separators, format and control characters. Not tabs and line ends.
_SPACES = "\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
_NOTHING = "\u00ad\u034f\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f\u3164\ufeff\uffa0"
_NOTHING += "\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f"
SOME = re.compile(f"[{_SPACES}{_NOTHING}]")
_SPACE = re.compile(f"[{_SPACES}]")
# Names for characters whose Unicode names mean little to an author.
_CALLED = {"\ufeff": "byte order mark", "\u200b": "zero-width space", "\u200d": "zero-width joiner"}
# Where YAML's own marks are: before the first word of a line, in a key, after its colon.
_IN_THE_FRAME = re.compile(
    rf"[ \t-]*{SOME.pattern}|[ \t-]*[\w.-]*{SOME.pattern}[^:]*:(?:\s|$)|[ \t-]*[\w.-]+:{SOME.pattern}"
)
# What word processors write for the hyphen before a list item, and keyboards of other scripts for the colon.
_DASH = re.compile(r"[ \t]*([‐-―−•‣⁃∙·●▪◦○])[ \t\u00a0]")
_COLON = re.compile(r"[ \t-]*[\w.-]+([：﹕︓∶ː꞉])")


def seen(text: str) -> str:
    """The text as it looks: without invisible characters, and with plain spaces."""
    return SOME.sub("", _SPACE.sub(" ", text))


def in_the_frame(line: str) -> bool:
    """Whether such a character is where YAML would read a mark or a name, and not in the words of a value."""
    return _IN_THE_FRAME.match(line) is not None


def named(text: str) -> str:
    """Which character is hidden in the text and what to do about it, in words; empty if there is none."""
    found = SOME.search(text)
    if found is None:
        return ""
    character = found[0]
    name = _CALLED.get(character) or unicodedata.name(character, "control character").lower()
    article = "an" if name[0] in "aeiou" else "a"
    what = f"{article} {name} (U+{ord(character):04X})"
    if _SPACE.match(character):
        return f"the line holds {what}, which only looks like a space; type a plain space in its place"
    return f"the line holds {what}, which is invisible; delete it"


def alike(line: str) -> str:
    """Which character at the start of the line only looks like a mark of YAML, in words; empty if there is none."""
    dash, colon = _DASH.match(line), _COLON.match(line)
    if dash:
        return f"“{dash[1]}” (U+{ord(dash[1]):04X}) does not begin a list item; type a plain hyphen and a space: “- ”"
    if colon:
        return f"“{colon[1]}” (U+{ord(colon[1]):04X}) is not YAML's colon; type a plain one and a space: “: ”"
    return ""
