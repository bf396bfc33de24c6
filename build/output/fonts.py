"""The page's typeface as a style sheet that contains the fonts.

On file:// some browsers refuse a font in a separate file; on a server such a font arrives after the text, which then
moves. A font inside the style sheet is always there from the first line.
"""

from __future__ import annotations

import base64
from pathlib import Path

# Literata (SIL Open Font License 1.1, docs/assets/fonts/OFL.txt) from @fontsource-variable/literata 5.3.0, cut down
# with fontTools to the characters of English prose: upright from 400 to 700, italic at 400.
FACES = [
    ("literata.woff2", "font-weight: 400 700"),
    ("literata-italic.woff2", "font-weight: 400; font-style: italic"),
]


def style_sheet(folder: Path) -> str:
    """The @font-face rules for the fonts in `folder`, including their data."""
    return "".join(_face(folder / file, style) for file, style in FACES)


def _face(file: Path, style: str) -> str:
    data = base64.b64encode(file.read_bytes()).decode("ascii")
    source = f'url("data:font/woff2;base64,{data}") format("woff2")'
    return f'@font-face {{ font-family: "Literata"; {style}; src: {source}; }}\n'
