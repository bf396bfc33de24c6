"""One page of the built site as one file: everything that its page would load stands inside it.

The file asks nobody for anything, wherever it lies: on a stick, in a mail, on any host. What needs the rest of the site
(search, the menu, links to other pages) is left out or becomes plain text. Works on what MkDocs has written, so that it
is the very page of the site.
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

import policy

LIMIT_BYTES = 2_500_000
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
# What Material draws for a site of many pages, by class; a label of the menu or of search by what it is for.
OF_THE_SITE = {"md-search", "md-sidebar", "md-tabs", "md-footer__inner", "ps-missing"}
LABELS_OF_THE_SITE = {"__drawer", "__search"}
KINDS = {
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".avif": "image/avif",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
}
LOADING = {"src", "poster", "data"}  # attributes that a browser follows by itself
SOURCE_MAP = re.compile(r"(?m)^//# sourceMappingURL=.*$|/\*# sourceMappingURL=[^*]*\*/")
CSS_URL = re.compile(r"""url\(\s*(['"]?)(?!data:|#)([^'")\s]+)\1\s*\)""")
ARTICLE = re.compile(r"<article\b[^>]*>(.*)</article>", re.DOTALL)


class SingleFileProblem(Exception):
    """What keeps a page from standing alone, in a sentence that names the page."""


@dataclass
class Single:
    """The file, and the text files that the page links to: they have to stand in it too."""

    html: str
    texts: list[Path]


def make(site: Path, page: str, about: Callable[[list[Path]], str]) -> str:
    """The page at `page`, relative to the folder `site`, as one file.

    `about` makes the closing part, as HTML, of the text files that the page links to. Raises SingleFileProblem.
    """
    inliner = _Inliner(site, page)
    inliner.feed((site / page).read_text(encoding="utf-8"))
    inliner.close()
    body = "".join(inliner.out)
    closing = "".join(f"<script>{script}</script>\n" for script in inliner.deferred)
    body = _before(_before(body, "</article>", about(inliner.texts), page), "</body>", closing, page)
    whole = policy.fill(body, policy.SINGLE)
    size = len(whole.encode())
    if size > LIMIT_BYTES:
        largest = ", ".join(f"{name} ({size:,})" for size, name in sorted(inliner.sizes, reverse=True)[:4])
        raise SingleFileProblem(
            f"{page} as one file has {size:,} bytes, and a mail should take no more than {LIMIT_BYTES:,}. Its largest "
            f"parts: {largest}. Use fewer or shorter texts on that page, or smaller pictures."
        )
    return whole


def article(site: Path, page: str) -> Single:
    """What the page at `page` says, without the page around it, to be shown inside another."""
    found = ARTICLE.search((site / page).read_text(encoding="utf-8"))
    if found is None:
        raise SingleFileProblem(f"{page} has no <article>: Material's templates have changed.")
    inliner = _Inliner(site, page, inside=True)
    inliner.feed(found[1])
    inliner.close()
    return Single("".join(inliner.out), inliner.texts)


def _before(whole: str, mark: str, addition: str, page: str) -> str:
    if whole.count(mark) != 1:
        raise SingleFileProblem(f"{page} has {whole.count(mark)} times {mark}, expected 1")
    return whole.replace(mark, addition + mark)


@dataclass
class _Dropped:
    """An element that is being left out, and how many of its kind are open inside it."""

    tag: str
    open: int = 1


@dataclass
class _Link:
    """What an </a> has to be written as."""

    closes: str


class _Inliner(HTMLParser):
    """Copies a page as it is, but for what this file's head says."""

    def __init__(self, site: Path, page: str, inside: bool = False) -> None:
        super().__init__(convert_charrefs=False)
        self.site, self.page, self.inside = site, page, inside
        self.out: list[str] = []
        self.deferred: list[str] = []
        self.texts: list[Path] = []
        self.sizes: list[tuple[int, str]] = []
        self._dropped: _Dropped | None = None
        self._links: list[_Link] = []
        self._config = False

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
            self._config = given.get("id") == "__config"
            self.out.append(self._with_its_files(tag, given))

    def handle_endtag(self, tag: str) -> None:
        if self._dropped:
            self._dropped.open -= tag == self._dropped.tag
            if self._dropped.open == 0:
                self._dropped = None
            return
        self._config = False
        self.out.append(self._links.pop().closes if tag == "a" and self._links else f"</{tag}>")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in VOID:
            self.handle_starttag(tag, attrs)
        else:  # part of a drawing
            self._copy(self.get_starttag_text())

    def handle_data(self, data: str) -> None:
        self._copy(self._without_the_site(data) if self._config else data)

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
        if kind == "icon":
            return f'<link rel="icon" href="{self._data(self._path(given["href"]))}">'
        return ""  # where the site lies, and what comes before and after the page there

    def _style_sheet(self, address: str) -> str:
        path = self._path(address)
        folder = posixpath.dirname(address)

        def inlined(found: re.Match[str]) -> str:
            return f'url("{self._data(self._path(posixpath.join(folder, found[2])))}")'

        text = CSS_URL.sub(inlined, SOURCE_MAP.sub("", self._text(path)))
        if "@import" in text or "</style" in text.lower():
            raise SingleFileProblem(f"{path} holds “@import” or “</style”, which one file cannot.")
        return text

    def _script(self, given: dict[str, str]) -> None:
        path = self._path(given["src"])
        if path.name.startswith("iframe-worker"):
            return  # search alone needs it
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
        if self.inside:
            given = {name: value for name, value in given.items() if name != "id"}
        follows = [name for name in LOADING & set(given) if not given[name].startswith(("data:", "#"))]
        if "srcset" in given or (follows and tag not in ("img", "source", "object")):
            raise SingleFileProblem(f"{self.page}: a <{tag}> loads something that one file cannot hold; use an image.")
        changed = given | {name: self._data(self._path(given[name])) for name in follows}
        return _tag(tag, changed) if follows or self.inside else self.get_starttag_text()

    def _without_the_site(self, config: str) -> str:
        """Material's settings, with nothing in them that it might go and fetch."""
        return json.dumps(json.loads(config) | {"base": ".", "search": ""})

    # ---- files ----

    def _relative(self, address: str) -> str:
        return posixpath.normpath(posixpath.join(posixpath.dirname(self.page), unquote(address)))

    def _path(self, address: str) -> Path:
        parts = urlsplit(address)
        path = self.site / self._relative(parts.path)
        if parts.scheme or parts.netloc or not path.is_file():
            raise SingleFileProblem(f"{self.page} loads {address}, which is no file of the site.")
        return path

    def _text(self, path: Path) -> str:
        text = path.read_text(encoding="utf-8")
        self.sizes.append((len(text.encode()), path.name))
        return text

    def _data(self, path: Path) -> str:
        if path.suffix not in KINDS:
            raise SingleFileProblem(f"{self.page} loads {path.name}; one file holds only {', '.join(KINDS)}.")
        content = base64.b64encode(path.read_bytes()).decode("ascii")
        self.sizes.append((len(content), path.name))
        return f"data:{KINDS[path.suffix]};base64,{content}"


def _tag(tag: str, attributes: dict[str, str]) -> str:
    return "".join([f"<{tag}", *(f' {name}="{markup.escape(value)}"' for name, value in attributes.items()), ">"])
