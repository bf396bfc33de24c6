"""A text as a script, the only form in which a page opened from file:// can load it."""

from __future__ import annotations

import base64
import gzip
import json
from functools import lru_cache
from typing import Any

from texts.corpus import Corpus, say_once


def about(corpus: Corpus) -> dict[str, Any]:
    """What a page knows about a text, without the text itself."""
    return {
        "name": corpus.name,
        "title": corpus.title,
        "sha256": corpus.sha256,
        "bytes": corpus.bytes,
        "vocab_size": len(corpus.vocab),
        "characters": [*corpus.vocab],
        "rungs": corpus.rungs(),
        "credits": corpus.credits,
        "floor": corpus.floor,
    }


def page_script(corpus: Corpus) -> str:
    """The classic script `assets/press-start/corpus-<name>.js`: it works from file://, where a page cannot fetch.

    Two builds give the same bytes, if they use the same version of zlib.
    """
    content = about(corpus) | {"gzip_base64": _packed(corpus)}
    name = json.dumps(corpus.name)
    return f"(globalThis.pressStartCorpora ??= {{}})[{name}] = {json.dumps(content)};\n"


def _packed(corpus: Corpus) -> str:
    if corpus.is_long:
        say_once(f"Packing {corpus.name}, {corpus.bytes:,} bytes.")
    return _gzip_base64(corpus.text)


@lru_cache(maxsize=8)
def _gzip_base64(text: str) -> str:
    """Cached, because `serve` writes the script again at every edit and the text hardly ever changes."""
    zipped = bytearray(gzip.compress(text.encode(), 9, mtime=0))
    zipped[9] = 255  # "unknown operating system", so that the script is the same on every system
    return base64.b64encode(bytes(zipped)).decode("ascii")
