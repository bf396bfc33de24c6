"""deno, as this project runs it: from .venv, with its cache in .cache/deno and exactly the packages of deno.lock."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

from system import packages
from system.project import ROOT

LOCK = "deno.lock"


class PackagesError(Exception):
    """The packages of deno.lock are missing and could not be fetched; says which they are and what to do."""


def variables(root: Path = ROOT) -> dict[str, str]:
    """The environment for deno. Its cache is in the project, so that a second build, by any user, needs no network."""
    given = dict(os.environ)
    given.setdefault("DENO_DIR", str(root / ".cache" / "deno"))
    return given | {"DENO_NO_UPDATE_CHECK": "1", "DENO_NO_PROMPT": "1", "NO_COLOR": "1"}


def run(*arguments: str, root: Path = ROOT, **options: Any) -> subprocess.CompletedProcess:
    """Runs deno in the project's folder; `options` are those of subprocess.run. Needs the packages of deno.lock."""
    return subprocess.run([str(packages.tool("deno")), *arguments], cwd=root, env=variables(root), **options)


def fetch_packages(root: Path = ROOT) -> None:
    """Installs the packages of deno.lock in node_modules/, from the cache or else the network.

    Raises PackagesError.
    """
    if run("install", "--frozen", "--cached-only", root=root, capture_output=True).returncode == 0:
        return
    print("Fetching esbuild, uPlot and lean-qr (once) ...", flush=True)
    result = run("install", "--frozen", root=root, capture_output=True, text=True, encoding="utf-8", errors="replace")
    if result.returncode != 0:
        raise PackagesError(
            "The page's script cannot be built: deno could not download the packages in deno.lock (esbuild, which "
            "bundles the script, uPlot, which draws the chart, and lean-qr, which draws QR codes). They come from the "
            "npm registry, once: connect to a network, or set NPM_CONFIG_REGISTRY to a mirror, then run the same "
            "command again. deno said:\n" + _reason(result.stderr)
        )


def _reason(stderr: str) -> str:
    """deno's error message, without the list of downloads before it and the backtrace after it."""
    start = stderr.find("error:")
    return stderr[max(start, 0) :].split("Stack backtrace:")[0].strip()
