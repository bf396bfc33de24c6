"""Finds what a page would fetch from other hosts, scripts that its policy refuses, and images that few browsers show.

Ordinary links, <a href="https://...">, are fine: the reader follows them. What build/output/policy.py allows is
allowed here too.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Iterator
from dataclasses import dataclass
from html import unescape
from html.parser import HTMLParser

from reading.error_messages import AuthorError

# Attributes that make a browser fetch something by itself; `href` does so only on some elements.
FETCHED = ("src", "srcset", "imagesrcset", "poster", "data", "background", "manifest", "xlink:href", "lowsrc", "dynsrc")
HREF_FETCHED = ("link", "use", "image", "feimage", "script")
FRAMES = ("iframe", "frame", "embed", "object", "applet", "portal", "fencedframe")
ONLY_NAMED = {"canonical", "prev", "next", "alternate", "author", "license", "help", "search", "me"}
SENT = ("action", "formaction", "ping")
AS_DATA = ("img", "source", "video", "audio", "image", "feimage", "input", "track")  # may load data: addresses
KINDS = {"img": "image", "script": "script", "link": "file", "video": "video", "audio": "sound"}
OUTSIDE = re.compile(
    r"\s*(?:[a-z][a-z0-9+.-]*:)?[\\/]{2}[^\s\\/]|\s*(?:https?|ftp|wss?|file|blob|filesystem):|\s*[a-z]:[\\/]",
    re.IGNORECASE,
)
RUNS = re.compile(r"(?:javascript|vbscript|livescript):", re.IGNORECASE)
# Image formats of cameras and scanners that Chrome, Edge or Firefox do not show.
SEEN_BY_FEW = re.compile(
    r"[^?#]*\.(?:hei[cf]s?|avci|tiff?|jxl|jp[2x]|j2k|jxr|psd|dng|cr[23]|nef|arw|eps|ai|xcf|tga)(?:[?#]|$)",
    re.IGNORECASE,
)
_IN_STYLES = re.compile(r"""(?:url\(\s*|@import\s+(?:url\(\s*)?|image-set\(\s*)["']?\s*([^"')\s;]+)""", re.IGNORECASE)
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_IMPORT = re.compile(r"""\b(?:import|from|importScripts|fetch)\b\s*\(?\s*["'`]([^"'`]+)""")
_PART = re.compile(r"[^\s,]+")
_CODE = re.compile(r"(`+)(?!`).*?(?<!`)\1(?!`)")


@dataclass(frozen=True)
class Found:
    """What is wrong, and the words with which to find its place in the source."""

    needle: str
    message: str


def in_page(html: str) -> list[Found]:
    """Everything in a page's HTML that the policy refuses, few browsers show, or that leads readers away by itself."""
    parser = _Page()
    parser.feed(html)
    parser.close()
    return parser.found


def in_styles(css: str) -> list[Found]:
    """The same for a style sheet, or for a style inside a page."""
    addresses = filter(OUTSIDE.match, _IN_STYLES.findall(_COMMENT.sub("", css)))
    said = "the style fetches “{}” from elsewhere, which the page's policy refuses; {}"
    return [Found(address, said.format(address, _copy(address))) for address in addresses]


def errors(found: list[Found], source: str, path: str, literal: Container[int] = ()) -> list[AuthorError]:
    """Each error with its source line. Identical findings are matched with identical places in order.

    Lines whose index is in `literal`, such as code samples, are skipped: the page only shows them. Something that is
    once in the source but twice in the page, such as a quiz answer that is also on paper, is reported once.
    """
    shown = [_CODE.sub("", unescape(row)).lower() for row in source.split("\n")]
    told: list[AuthorError] = []
    times: Counter[tuple[str, str]] = Counter()
    for one in found:
        needle = unescape(one.needle).strip().lower()
        lines = [row for row, text in enumerate(shown) if row not in literal for _ in range(text.count(needle))] or [0]
        nth = times[needle, one.message]
        if nth < len(lines):
            told.append(AuthorError(path, lines[nth] + 1, one.message))
        times[needle, one.message] += 1
    return told


def _copy(address: str) -> str:
    """What to do instead, with the file's own name if the address has one."""
    name = re.split(r"[\\/]", re.split(r"[?#]", address)[0].rstrip("\\/"))[-1]
    name = name if re.fullmatch(r"[\w.-]+\.\w+", name) else "name.png"
    return f"copy the file into docs/ and write its path there, such as ../assets/{name}"


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[Found] = []
        self._into: str | None = None
        self._text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        for name, value in given.items():
            for message in _of_attribute(tag, name, value, given):
                self._tell(name if name.startswith("on") or not value.strip() else value, message)
        if tag in FRAMES:
            address = given.get("src") or given.get("data") or ""
            link = f": [what it shows]({address})" if OUTSIDE.match(address) else ""
            self._tell(f"<{tag}", f"<{tag}> shows another page, which the policy refuses; write a link instead{link}")
        if tag == "base":
            self._tell("<base", "<base> changes where every link leads, which the policy refuses; remove it")
        if tag == "meta" and given.get("http-equiv", "").lower() == "refresh":
            self._tell("http-equiv", "the page would redirect its reader; write a link instead")
        self._into, self._text = (tag if tag in ("style", "script") else None), ""

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self._into = None

    def handle_data(self, data: str) -> None:
        self._text += data if self._into else ""

    def handle_endtag(self, tag: str) -> None:
        if self._into == tag == "style":
            self.found += in_styles(self._text)
        elif self._into == tag == "script":
            for address in filter(OUTSIDE.match, _IMPORT.findall(self._text)):
                self._tell(address, f"the script fetches “{address}” from elsewhere, which the page's policy refuses")
        self._into = None

    def _tell(self, needle: str, message: str) -> None:
        self.found.append(Found(needle, message))


def _of_attribute(tag: str, name: str, value: str, given: dict[str, str]) -> Iterator[str]:
    squeezed = re.sub(r"[\x00-\x20]", "", value)
    if name.startswith("on"):
        yield f"{name} on <{tag}> is a script, which the policy refuses; remove it, or write a link"
    elif name == "style":
        yield from (found.message for found in in_styles(value))
    elif RUNS.match(squeezed) and name in (*FETCHED, *SENT, "href"):
        yield f"“{squeezed[:40]}” is a script, which the page's policy refuses; write an address, or remove it"
    elif name in SENT:
        yield f"{name} on <{tag}> sends something to a server, which the policy refuses; remove it, or write a link"
    elif tag not in FRAMES and (name in FETCHED or (name == "href" and tag in HREF_FETCHED)):
        if tag != "link" or not {*given.get("rel", "").lower().split()} <= ONLY_NAMED:
            yield from _of_fetched(tag, name, value)
    elif (
        tag in ("a", "area")
        and name == "href"
        and re.match(r"(?:data|blob|file):|[a-z]:[\\/]", squeezed, re.IGNORECASE)
    ):
        yield f"a link to “{squeezed[:40]}” works for no reader; {_copy('' if squeezed[:5] == 'data:' else squeezed)}"


def _of_fetched(tag: str, name: str, value: str) -> Iterator[str]:
    kind = KINDS[tag] if tag in KINDS and name in ("src", "srcset", "href") else f"{name} of <{tag}>"
    addresses = _PART.findall(value) if "srcset" in name and "data:" not in value else [value.strip()]
    for address in addresses:
        if address.lower().startswith("data:"):
            if tag not in AS_DATA:
                yield f"the {kind} is in the page as a data: address, which the policy refuses; {_copy('')}"
        elif OUTSIDE.match(address):
            yield f"the {kind} “{address}” would be fetched from elsewhere, which the policy refuses; {_copy(address)}"
        elif tag == "img" and SEEN_BY_FEW.match(address):
            yield f"the image “{address}” is in a format that most browsers do not show; save it as JPEG, PNG or WebP"
