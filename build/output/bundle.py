"""Bundles each entry with esbuild into one classic script, which may contain the Workers' program.

A classic script, because a page on file:// cannot load modules. bundle.ts calls esbuild; this file decides when it
runs, with which permissions, and what is cached.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from system import deno_program, replaced_file
from system.project import ROOT

ENGINE = "engine"  # the folder that every entry imports from
PAGE, WORKER = "engine/page.ts", "engine/workers/worker.ts"
LATE = "engine/late.ts"  # a script that contains the Workers' program, and more that no page needs at first
SPEED = "engine/widgets/speed/script.ts"  # the script of pages that measure
CHECKPOINT = "engine/widgets/checkpoint/script.ts"  # the script of pages with blocks about checkpoints
INSTRUMENTS = "engine/widgets/instruments/script.ts"  # the script of pages that show the inside of a run
SOURCES = (".ts", ".js", ".json", ".wgsl", ".wasm", ".css")


class BundleError(Exception):
    """The page's script could not be built: esbuild's message, with file and line, or what is missing."""


def build(root: Path = ROOT, page: str = PAGE, worker: str = WORKER, also: tuple[str, ...] = ()) -> bytes:
    """A script for a page, minified, ASCII: for example the content of `assets/press-start/press-start.js`.

    `page` is the script's entry and `worker` that of the Workers' program, which it may import, packed. Both are
    relative to `root`; `also` names more folders that they import from. If no source has changed, the script comes
    from .cache/; the very first build downloads esbuild. Raises BundleError.
    """
    cached = root / ".cache" / "bundle" / f"{source_hash(root, page, worker, also)}.js"
    if not cached.exists():
        _run_esbuild(root, page, worker, cached)
    return cached.read_bytes()


def chart_style_sheet(root: Path = ROOT) -> bytes:
    """uPlot's own style sheet, for a file: the pages' policy refuses style sheets that a script writes."""
    sheet = root / "node_modules" / "uplot" / "dist" / "uPlot.min.css"
    if not sheet.exists():
        _fetch_packages(root)
    return sheet.read_bytes()


def source_hash(root: Path = ROOT, page: str = PAGE, worker: str = WORKER, also: tuple[str, ...] = ()) -> str:
    """A hash of all sources of the script: engine/, the entry's folder, the versions of packages, esbuild's options."""
    folders = {root / ENGINE, (root / page).parent, *(root / folder for folder in also)}
    files = {file for folder in folders for file in folder.rglob("*") if file.suffix in SOURCES}
    files |= {root / "deno.json", root / deno_program.LOCK, Path(__file__).with_name("bundle.ts")}
    digest = hashlib.sha256(f"{page}\0{worker}\0".encode())
    for file in sorted(files):
        content = hashlib.sha256(file.read_bytes()).hexdigest()
        digest.update(f"{os.path.relpath(file, root)}\0{content}\0".encode())
    return digest.hexdigest()[:32]


def _run_esbuild(root: Path, page: str, worker: str, out: Path) -> None:
    for entry in (page, worker):
        if not (root / entry).is_file():
            raise BundleError(f"{root / entry} is missing: it is one of the two entries of the page's script.")
    _fetch_packages(root)
    # esbuild is a separate program that deno starts, so deno's permissions do not limit what it reads. They name no
    # paths, because deno would split a path at a comma.
    result = deno_program.run(
        "run",
        *("--frozen", "--cached-only", "--allow-read", "--allow-env", "--allow-run"),
        str(Path(__file__).with_name("bundle.ts")),
        page,
        worker,
        root=root,
        capture_output=True,
    )
    if result.returncode != 0 or not result.stdout:
        said = result.stderr.decode("utf-8", "replace").strip()
        raise BundleError(f"esbuild could not build the page's script from {page}:\n{said}")
    replaced_file.write_whole(out, result.stdout)


def _fetch_packages(root: Path) -> None:
    try:
        deno_program.fetch_packages(root)
    except deno_program.PackagesError as problem:
        raise BundleError(str(problem)) from problem
