"""One page of the built site as one file that contains everything the page would load.

The file makes no requests, wherever it is: on a stick, in a mail, on any host. What needs the rest of the site
(search, the menu, links to other pages) is left out or becomes plain text. It is made from the HTML that MkDocs has
written, so that it is the same page as on the site.
"""

from __future__ import annotations

import base64
import html as markup
import json
import posixpath
import re
from collections.abc import Callable
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from output import policy

LIMIT_BYTES = 2_500_000
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
# What Material adds for a site of many pages: elements by class, and the labels of the menu and of search by `for`.
OF_THE_SITE = {"md-search", "md-sidebar", "md-tabs", "md-footer__inner", "ps-missing", "ps-neighbours"}
LABELS_OF_THE_SITE = {"__drawer", "__search"}
KINDS = {
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".jfif": "image/jpeg",
    ".gif": "image/gif",
    ".apng": "image/apng",
    ".bmp": "image/bmp",
    ".webp": "image/webp",
    ".avif": "image/avif",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
}
LOADING = {"src", "poster", "data", "background"}  # attributes whose address a browser loads by itself
DRAWN = {"image", "feimage", "use"}  # parts of a drawing whose href a browser loads by itself
HOLDS_PICTURES = {"img", "source", "object", "input", "image", "feimage"}
NO_ADDRESS = ("data:", "#")
STYLE_SHEET = "a style sheet"
SOURCE_MAP = re.compile(r"(?m)^//# sourceMappingURL=.*$|/\*# sourceMappingURL=[^*]*\*/")
CSS_URL = re.compile(r"""url\(\s*(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<bare>[^'")\s]+))\s*\)""", re.IGNORECASE)
CSS_BEYOND = re.compile(r"""@import|</style|image-set\(\s*['"]""", re.IGNORECASE)  # other loads; the end of a style
CANDIDATE = re.compile(r"\s*,*\s*(?P<address>\S*[^\s,])(?P<size>\s+[^,]*)?,?")  # of a srcset
ARTICLE = re.compile(r"<article\b[^>]*>(.*)</article>", re.DOTALL)


class SingleFileError(Exception):
    """Why a page cannot be one file: sentences without their subject, which is the page."""


@dataclass
class Single:
    """HTML for the file, and the text files that it links to: the file must contain them too."""

    html: str
    texts: list[Path]


def make(site: Path, page: str, about: Callable[[list[Path]], str]) -> str:
    """The page at `page`, relative to the folder `site`, as one file.

    `about` makes the closing part (HTML) from the text files that the page links to. Raises SingleFileError.
    """
    inliner = _Inliner(site, page)
    inliner.feed((site / page).read_text(encoding="utf-8"))
    inliner.close()
    body = "".join(inliner.out)
    closing = "".join(f"<script>{script}</script>\n" for script in inliner.deferred)
    body = _before(_before(body, "</article>", about(inliner.texts)), "</body>", closing)
    whole = policy.fill(body, policy.SINGLE)
    size = len(whole.encode()) + inliner.left_out_bytes
    if size > LIMIT_BYTES:
        largest = ", ".join(f"{name} ({size:,})" for size, name in sorted(inliner.sizes, reverse=True)[:4])
        inliner.problems.append(
            f"as one file it has {size:,} bytes; an email should have at most {LIMIT_BYTES:,}. Its largest "
            f"parts: {largest}. Use fewer or shorter texts on that page, or smaller pictures."
        )
    inliner.check()
    return whole


def article(site: Path, page: str) -> Single:
    """The article of the page at `page`, without what is around it, to be shown inside another page."""
    if not (site / page).is_file():
        raise SingleFileError(f"it would include {page}, which is not a page of the site")
    found = ARTICLE.search((site / page).read_text(encoding="utf-8"))
    if found is None:
        raise SingleFileError(f"it would include {page}, which has no <article>: Material's templates have changed")
    inliner = _Inliner(site, page, inside=True)
    inliner.feed(found[1])
    inliner.close()
    inliner.check(f"it would include {page}: ")
    return Single("".join(inliner.out), inliner.texts)


def _before(whole: str, mark: str, addition: str) -> str:
    if whole.count(mark) != 1:
        raise SingleFileError(f"{mark} occurs {whole.count(mark)} times in it instead of once")
    return whole.replace(mark, addition + mark)


@dataclass
class _Dropped:
    """An element that is being left out, and how many of its kind are open inside it."""

    tag: str
    open: int = 1


@dataclass
class _Link:
    """How to write the end of a link: </a>, or what ends the element that replaces it."""

    closes: str


class _Inliner(HTMLParser):
    """Copies a page unchanged, except for what the head of this file describes."""

    def __init__(self, site: Path, page: str, inside: bool = False) -> None:
        super().__init__(convert_charrefs=False)
        self.site, self.page, self.inside = site, page, inside
        self.out: list[str] = []
        self.deferred: list[str] = []
        self.texts: list[Path] = []
        self.sizes: list[tuple[int, str]] = []
        self.left_out_bytes = 0  # size of files that are too large even alone
        self.problems: list[str] = []
        self._dropped: _Dropped | None = None
        self._links: list[_Link] = []
        self._config = self._styles = False

    def check(self, begin: str = "") -> None:
        if self.problems:
            raise SingleFileError(begin + "; ".join(dict.fromkeys(self.problems)))

    # ---- what the parser meets ----

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if self._dropped:
            self._dropped.open += tag == self._dropped.tag
        elif self._is_of_the_site(tag, given):
            self._dropped = None if tag in VOID else _Dropped(tag)
        elif tag == "link":
            self.out.append(self._link(given))
        elif tag == "script" and "src" in given:
            self._script(given)
            self._dropped = _Dropped(tag)
        elif tag == "a":
            self.out.append(self._anchor(given))
        elif given.get("http-equiv") == "Content-Security-Policy":
            self.out.append(f'<meta http-equiv="Content-Security-Policy" content="{policy.PLACE}">')
        else:
            self._config, self._styles = given.get("id") == "__config", tag == "style"
            self.out.append(self._with_its_files(tag, given))

    def handle_endtag(self, tag: str) -> None:
        if self._dropped:
            self._dropped.open -= tag == self._dropped.tag
            if self._dropped.open == 0:
                self._dropped = None
            return
        self._config = self._styles = False
        self.out.append(self._links.pop().closes if tag == "a" and self._links else f"</{tag}>")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in VOID:
            self.handle_starttag(tag, attrs)
        else:  # part of a drawing
            given = {name: value or "" for name, value in attrs}
            self._copy(self._with_its_files(tag, given).removesuffix("/>").removesuffix(">") + "/>")

    def handle_data(self, data: str) -> None:
        if self._config:
            data = self._without_the_site(data)
        elif self._styles:
            data = self._styled(data, self.page)
        self._copy(data)

    def handle_entityref(self, name: str) -> None:
        self._copy(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self._copy(f"&#{name};")

    def handle_decl(self, decl: str) -> None:
        self._copy(f"<!{decl}>")

    def _copy(self, text: str) -> None:
        if not self._dropped:
            self.out.append(text)

    # ---- what becomes of it ----

    def _is_of_the_site(self, tag: str, given: dict[str, str]) -> bool:
        classes = set(given.get("class", "").split())
        if classes & OF_THE_SITE or (tag == "label" and given.get("for") in LABELS_OF_THE_SITE):
            return "md-overlay" not in classes
        return self.inside and (tag == "h1" or "headerlink" in classes)

    def _link(self, given: dict[str, str]) -> str:
        kind = given.get("rel")
        if kind == "stylesheet":
            return f"<style>{self._style_sheet(given['href'])}</style>"
        if kind == "press-start-text":  # a text that a page of the site loads late
            self._script({"src": given["href"], "defer": ""})
        elif kind == "icon":
            return f'<link rel="icon" href="{self._data(given["href"], "link")}">'
        return ""  # the site's address, and the pages before and after this one

    def _style_sheet(self, address: str) -> str:
        path = self._path(address)
        return self._styled(SOURCE_MAP.sub("", self._text(path)), self._relative(address), path.name) if path else ""

    def _styled(self, text: str, at: str, name: str = "a style of the page") -> str:
        """Styles with their pictures and fonts embedded. Addresses in them are relative to `at`."""

        def inlined(found: re.Match[str]) -> str:
            address = found["double"] or found["single"] or found["bare"] or ""
            if not address or address.startswith(NO_ADDRESS):
                return found[0]
            return f'url("{self._data(address, STYLE_SHEET, at)}")'

        if CSS_BEYOND.search(text):
            self.problems.append(f"{name} holds “@import”, “image-set” or “</style”, which one file cannot")
        return CSS_URL.sub(inlined, text)

    def _script(self, given: dict[str, str]) -> None:
        path = self._path(given["src"])
        if path is None or path.name.startswith("iframe-worker"):
            return  # only search needs that one
        text = SOURCE_MAP.sub("", self._text(path)).strip()
        text = re.sub(r"</(script)", r"<\\/\1", text, flags=re.IGNORECASE).replace("<!--", "\\x3c!--")
        if "defer" in given:
            self.deferred.append(text)
        else:
            self.out.append(f"<script>{text}</script>")

    def _anchor(self, given: dict[str, str]) -> str:
        address = urlsplit(given.get("href", ""))
        if address.scheme or address.netloc or "href" not in given:
            self._links.append(_Link("</a>"))
            return self.get_starttag_text()
        here = not address.path or self._relative(address.path) == self.page
        if here and not self.inside:
            self._links.append(_Link("</a>"))
            return _tag("a", given | {"href": f"#{address.fragment}"})
        path = self.site / self._relative(address.path)
        if path.suffix == ".txt" and path.is_file() and path not in self.texts:
            self.texts.append(path)
        self._links.append(_Link("</span>"))
        return _tag("span", {"class": given["class"]} if "class" in given else {})

    def _with_its_files(self, tag: str, given: dict[str, str]) -> str:
        changed = {name: value for name, value in given.items() if name != "id" or not self.inside}
        follows = LOADING | ({"href", "xlink:href"} if tag in DRAWN else set())
        for name in follows & set(given):
            if given[name] and not given[name].startswith(NO_ADDRESS):
                changed[name] = self._data(given[name], "img" if name == "poster" else tag)
        if given.get("srcset"):
            changed["srcset"] = self._each_of(given["srcset"], tag)
        if "url(" in given.get("style", "").lower():
            changed["style"] = self._styled(given["style"], self.page)
        return self.get_starttag_text() if changed == given else _tag(tag, changed)

    def _each_of(self, srcset: str, tag: str) -> str:
        def held(address: str) -> str:
            return address if address.startswith(NO_ADDRESS) else self._data(address, tag)

        found = CANDIDATE.finditer(srcset)
        return ", ".join(f"{held(one['address'])} {(one['size'] or '').strip()}".rstrip() for one in found)

    def _without_the_site(self, config: str) -> str:
        """Material's settings, without addresses that it might load."""
        return json.dumps(json.loads(config) | {"base": ".", "search": ""})

    # ---- files ----

    def _relative(self, address: str, at: str | None = None) -> str:
        return posixpath.normpath(posixpath.join(posixpath.dirname(at or self.page), unquote(address)))

    def _path(self, address: str, at: str | None = None) -> Path | None:
        """The file of the site at this address; if there is none, adds a problem and returns None."""
        parts = urlsplit(address)
        path = self.site / self._relative(parts.path, at)
        if not (parts.scheme or parts.netloc) and path.is_file():
            return path
        self.problems.append(f"it loads {address}, which is not a file of the site")
        return None

    def _text(self, path: Path) -> str:
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            self.problems.append(f"{path.name} is not UTF-8")
            return ""
        self.sizes.append((len(text.encode()), path.name))
        return text

    def _data(self, address: str, tag: str, at: str | None = None) -> str:
        """A data: address with the content of the file that `tag` loads; if impossible, "" and a problem is added."""
        kind = KINDS.get(posixpath.splitext(unquote(urlsplit(address).path))[1].lower())
        if tag not in HOLDS_PICTURES | {"link", STYLE_SHEET}:
            self.problems.append(f"it loads {address} in <{tag}>, which one file cannot hold; use a picture")
            return ""
        if kind is None:
            where = tag if tag == STYLE_SHEET else f"<{tag}>"
            self.problems.append(f"it loads {address} in {where}, and one file holds only {', '.join(KINDS)}")
            return ""
        path = self._path(address, at)
        if path is None:
            return ""
        size = (path.stat().st_size + 2) // 3 * 4
        self.sizes.append((size, path.name))
        if size > LIMIT_BYTES:
            self.left_out_bytes += size
            return ""
        return f"data:{kind};base64,{base64.b64encode(path.read_bytes()).decode('ascii')}"


def _tag(tag: str, attributes: dict[str, str]) -> str:
    return "".join([f"<{tag}", *(f' {name}="{markup.escape(value)}"' for name, value in attributes.items()), ">"])
