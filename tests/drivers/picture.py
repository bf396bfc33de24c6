"""Makes the picture of README.md anew, from the built site: .venv/bin/python tests/drivers/picture.py

Presses Start on the CPU engine, waits for the sample at iteration 400, and takes what is then to be seen.
"""

from __future__ import annotations

import base64
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "build"))
import browser  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402

PICTURE = ROOT / ".github/press-start.webp"
AT = 400
LESSON = ROOT / "site/lessons/watch-it-learn.html"
# The lesson's own prose stands between runner and samples; the picture leaves it out.
TOGETHER = """
document.querySelectorAll('.md-header, .md-sidebar').forEach((part) => part.remove());
const [runner, samples] = ['runner', 'samples'].map((kind) => document.querySelector(`[data-ps=${kind}]`));
for (let part = runner.closest('figure').nextElementSibling; part !== samples.closest('figure');) {
  const next = part.nextElementSibling;
  part.remove();
  part = next;
}
runner.closest('figure').querySelector('figcaption')?.remove();
scrollTo(0, 0);
"""


def main() -> None:
    chromium = browser.chromium(get=False)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=browser.arguments())
        page = running.new_page(viewport={"width": 1200, "height": 1600}, device_scale_factor=1.5)
        page.goto(LESSON.as_uri())
        page.evaluate(f"""() => {{
            const session = pressStart.sessions.main;
            session.prefer('cpu');
            session.on('sample', ({{ iteration }}) => {{ if (iteration === {AT}) session.pause(); }});
            session.start();
        }}""")
        while page.evaluate(f"pressStart.sessions.main.samples.at(-1)?.iteration !== {AT}"):
            page.wait_for_timeout(500)
        page.evaluate(f"() => {{ {TOGETHER} }}")
        page.wait_for_timeout(1000)
        top = page.locator("[data-ps=runner]").first.bounding_box()
        end = page.locator(".ps-samples .ps-stage").first.bounding_box()
        margin = 28
        clip = {"x": top["x"] - margin, "y": top["y"] - margin, "width": top["width"] + 2 * margin, "scale": 1}
        clip["height"] = end["y"] + end["height"] - clip["y"] + margin
        wanted = {"format": "webp", "quality": 82, "clip": clip, "captureBeyondViewport": True}
        taken = page.context.new_cdp_session(page).send("Page.captureScreenshot", wanted)
        PICTURE.write_bytes(base64.b64decode(taken["data"]))
        running.close()
    print(f"{PICTURE.relative_to(ROOT)}: {PICTURE.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
