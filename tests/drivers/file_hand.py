"""A reader's hand with files: what a page downloads, and files that are dropped or pasted on it."""

from __future__ import annotations

import base64
from pathlib import Path

from playwright.sync_api import Page

# Makes a DataTransfer of files, each [name, bytes as base64], and sends it to the document's body.
BRINGS = """([kind, files, x, y]) => {
  const data = new DataTransfer();
  for (const [name, base64] of files) {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    data.items.add(new File([bytes], name, { lastModified: Date.UTC(2026, 0, 2, 12) }));
  }
  const options = { bubbles: true, cancelable: true, clientX: x, clientY: y };
  const event = kind === "paste"
    ? new ClipboardEvent(kind, { ...options, clipboardData: data })
    : new DragEvent(kind, { ...options, dataTransfer: data });
  document.body.dispatchEvent(event);
  return event.defaultPrevented;
}"""


def encoded(file: bytes) -> str:
    return base64.b64encode(file).decode()


def bring(page: Page, kind: str, *files: tuple[str, bytes], at: tuple[int, int] = (300, 200)) -> bool:
    """Sends an event `dragover`, `drop` or `paste` with these files. Returns whether the page has taken it."""
    return page.evaluate(BRINGS, [kind, [[name, encoded(file)] for name, file in files], *at])


def saved(page: Page, button: str) -> tuple[str, bytes]:
    """Presses the first button of that name; returns the name and the bytes of what it downloads."""
    with page.expect_download() as download:
        page.get_by_role("button", name=button, exact=True).first.click()
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


# Drops each file, and waits until the page has named what is wrong with it. Returns milliseconds, one for each.
DROPS = """async (files) => {
  const took = [], panel = document.querySelector(".ps-file-panel");
  for (const [i, base64] of files.entries()) {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    const data = new DataTransfer(), name = `damaged ${i}.safetensors`;
    data.items.add(new File([bytes], name));
    const begin = performance.now();
    document.body.dispatchEvent(new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer: data }));
    const told = () => panel.querySelector("[role=alert]")?.textContent.includes(name);
    while (!told()) {
      if (performance.now() - begin > 10000) throw new Error(`${name}: ${panel.textContent}; ${base64}`);
      await new Promise((resolve) => setTimeout(resolve));
    }
    took.push(performance.now() - begin);
  }
  return took;
}"""


def dropped_one_by_one(page: Page, files: list[bytes]) -> list[float]:
    """Drops files that are all bad; returns how many milliseconds the page took to refuse each."""
    return page.evaluate(DROPS, [encoded(file) for file in files])
