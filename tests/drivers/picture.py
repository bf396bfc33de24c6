"""Takes a new picture for README.md: the lesson in the middle of a run, from the last build in site/.

python3 build site --corpus shakespeare
.venv/bin/python tests/drivers/picture.py
"""

from __future__ import annotations

import base64
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
PAGE, PICTURE = ROOT / "site/lessons/watch-it-learn.html", ROOT / ".github/lesson.webp"
# By then the samples contain words, and the curve is still falling.
AT = 800
LIMIT_MS = 600_000
START = """async () => {
  const { main } = pressStart.sessions;
  main.prefer("cpu");
  main.start();
}"""
SPOKEN = f"""() => {{
  const {{ main }} = pressStart.sessions;
  return main.samples.at(-1)?.iteration === {AT} && !main.speaking && main.iteration > {AT + 20};
}}"""
TO_WEBP = """async (png) => {
  const picture = await createImageBitmap(await (await fetch(`data:image/png;base64,${png}`)).blob());
  const canvas = new OffscreenCanvas(picture.width, picture.height);
  canvas.getContext("2d").drawImage(picture, 0, 0);
  const bytes = new Uint8Array(await (await canvas.convertToBlob({ type: "image/webp", quality: 0.7 })).arrayBuffer());
  return btoa(bytes.reduce((all, byte) => all + String.fromCharCode(byte), ""));
}"""


def mid_run(page: Page) -> bytes:
    """A PNG of the stage, down to the window's lower edge."""
    page.goto(PAGE.as_uri())
    page.locator(".ps-mounted[data-ps=samples]").first.wait_for()
    page.evaluate(START)
    page.wait_for_function(SPOKEN, timeout=LIMIT_MS)
    box = page.locator(".ps-together").first.bounding_box()
    left, top = max(box["x"] - 24, 0), box["y"] - 24
    height = page.viewport_size["height"] - top
    return page.screenshot(clip={"x": left, "y": top, "width": box["width"] + 48, "height": height})


def main() -> int:
    sys.path.insert(0, str(ROOT / "build"))
    from testing import browser

    program = browser.chromium()
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=program, args=browser.arguments())
        look = {"viewport": {"width": 1128, "height": 760}, "device_scale_factor": 2, "color_scheme": "light"}
        png = mid_run(running.new_page(**look))
        webp = base64.b64decode(running.new_page().evaluate(TO_WEBP, base64.b64encode(png).decode()))
        running.close()
    PICTURE.write_bytes(webp)
    print(f"{PICTURE.relative_to(ROOT)}: {len(webp):,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
