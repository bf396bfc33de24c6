"""What a browser keeps of runs, read from its database, and ways to press the offer of a kept run."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from view import View

# The facts of engine/keeping/kept_run.ts, of all pages.
ALL = """new Promise((resolve, reject) => {
    const opened = indexedDB.open("press-start");
    opened.onerror = () => reject(opened.error);
    opened.onsuccess = () => {
        const database = opened.result, end = (value) => { database.close(); resolve(value); };
        if (!database.objectStoreNames.contains("runs")) return end([]);
        const stores = database.transaction(["runs", "files"]), runs = stores.objectStore("runs").getAll();
        const files = stores.objectStore("files").getAllKeys();
        files.onsuccess = () => end(runs.result.map((run) => ({
            ...run,
            files: files.result.filter(([path, session]) => path === run.path && session === run.session).length,
        })));
    };
})"""
OFFER = ".ps-offer:not([hidden])"


def kept(view: View) -> list[dict[str, Any]]:
    """What is kept for each page and session."""
    return view.evaluate(ALL)


def wait_kept(view: View, fits: Callable[[list[dict[str, Any]]], bool], seconds: float = 20) -> list[dict[str, Any]]:
    """Waits until what is kept fits."""
    end = time.monotonic() + seconds
    while not fits(found := kept(view)):
        assert time.monotonic() < end, found
        time.sleep(0.05)
    return found


def at(iteration: int) -> Callable[[list[dict[str, Any]]], bool]:
    """Whether the newest save is of that iteration, or a later one."""
    return lambda runs: any(run["newest"]["iteration"] >= iteration for run in runs)


def offered(view: View) -> str:
    """Waits for the offer. Returns its sentence."""
    view.wait_until(f"document.querySelector('{OFFER}')", 10)
    return view.text(f"{OFFER} > p")
