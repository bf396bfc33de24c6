"""The Content-Security-Policy of each page: it loads nothing from other hosts, and sends nothing to them.

The policy is in a <meta> of overrides/main.html, because a page on file:// has no server that could send it as a
header. Scripts inside the page are allowed one by one, by their hashes, so `fill` comes last, when the page is
complete.
"""

from __future__ import annotations

import base64
import hashlib
from html.parser import HTMLParser

# The template's placeholder for the policy.
PLACE = "press-start-policy"
JAVASCRIPT = ("", "text/javascript", "application/javascript", "module")
# Browsers differ in what 'self' means on file://, so the scheme is named too. On a server it allows nothing: pages
# from a server cannot load file: addresses.
OWN = "'self' file:"
# In both policies: Workers may be made from Blobs (the engine's are), pictures and fonts may be part of a style sheet,
# and elements may have style attributes (tables do).
COMMON = {
    "default-src": "'none'",
    "worker-src": "blob:",
    "style-src-attr": "'unsafe-inline'",
    "img-src": "data: blob:",
    "font-src": "data:",
    "connect-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'none'",
}
WASM = "'wasm-unsafe-eval'"
# The whole site. It sends requests only to its own server: for the search index, and, when the speed page measures,
# to /result.
SITE = COMMON | {
    "script-src": f"{OWN} {WASM}",
    "style-src-elem": OWN,
    "img-src": f"{OWN} data: blob:",
    "font-src": f"{OWN} data:",
    "media-src": f"{OWN} data: blob:",
    "worker-src": f"{OWN} blob:",
    "connect-src": "'self'",
}
# One file that contains everything: it sends no requests, not even to its own host.
SINGLE = COMMON | {"script-src": WASM, "style-src-elem": ""}


class PolicyError(Exception):
    """No policy can be written for a page; says what is wrong with the page."""


def fill(html: str, policy: dict[str, str], live_reload: bool = False) -> str:
    """The page with its policy filled in. `live_reload` allows the script that `serve` adds to each page later,
    and all others in the page, because reading them would take a tenth of the time after an edit."""
    if html.count(PLACE) != 1:
        raise PolicyError(f"{html.count(PLACE)} places for a policy instead of one: see overrides/main.html")
    also = {name: ["'unsafe-inline'"] for name in ("script-src", "style-src-elem")}
    if not live_reload:
        found = _Inline()
        found.feed(html)
        found.close()
        if found.handlers:  # `serve` shows the page with a message about it
            raise PolicyError(f"the policy refuses scripts in attributes: {', '.join(sorted(found.handlers))}")
        also = {"script-src": hashes(found.scripts), "style-src-elem": hashes(found.styles)}
    parts = [" ".join(filter(None, [name, allowed, *also.get(name, [])])) for name, allowed in policy.items()]
    return html.replace(PLACE, "; ".join(part if " " in part else f"{part} 'none'" for part in parts))


def hashes(sources: list[str]) -> list[str]:
    """The expressions that allow these sources in a policy, each once, in the page's order."""
    digests = [hashlib.sha256(source.encode()).digest() for source in sources]
    return list(dict.fromkeys(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests))


class _Inline(HTMLParser):
    """Collects the page's inline scripts, styles and event handlers."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.scripts: list[str] = []
        self.styles: list[str] = []
        self.handlers: set[str] = set()
        self._into: list[str] | None = None
        self._text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.handlers |= {f"<{tag} {name}>" for name in given if name.startswith("on")}
        runs = tag == "script" and "src" not in given and (given.get("type") or "").lower() in JAVASCRIPT
        self._into = self.scripts if runs else self.styles if tag == "style" else None
        self._text = []

    def handle_data(self, data: str) -> None:
        self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if self._into is not None and tag in ("script", "style"):
            self._into.append("".join(self._text))
        self._into = None
