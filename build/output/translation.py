"""Marks what a browser must not change when it translates a page: code, formulas, drawings with numbers in them.

Authors write these in Markdown, so they are marked when the page is complete. The widgets' own templates mark what
changes while a page is open, and engine/widgets/shared/dom.ts does so once the script runs.
"""

from __future__ import annotations

import re

_VERBATIM = re.compile(
    r'<(?:code|pre|kbd|samp)(?=[\s>])|<span class="ps-formula[^">]*"'
    r'|<svg class="ps-curve"|<svg(?= viewBox="[^">]*" role="img")'
)


def marked(html: str) -> str:
    """The page with `translate="no"` on each of these."""
    return _VERBATIM.sub(lambda opening: f'{opening[0]} translate="no"', html)
