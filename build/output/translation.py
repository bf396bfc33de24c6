"""What a browser that translates a page is to leave as it is: code, formulas, drawings with numbers in them.

Authors write these in Markdown, so they are marked when the page is whole. The widgets' own templates mark what is
live, and engine/widgets/shared/dom.ts does the same once their script runs.
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
