"""Catches: a script that is not a classic script, a Worker that does not start on file://, binary or text files that
arrive changed, a cache that returns an old script, a build that needs the network twice, an error that hides esbuild's
message."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from output import bundle
from system import deno_program

PAGE = """
import packed from "press-start:worker";
import kernel from "./kernel.wgsl" with { type: "text" };
import described from "./model.json" with { type: "json" };
import { answer } from "./shared.ts";
import uPlot from "uplot";

interface Result { kernel: string; described: number; chart: string; answer: number; worker: unknown }
const bytes = Uint8Array.from(atob(packed.gzip_base64), (character) => character.charCodeAt(0));
const program = new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
program.then((source) => {
const worker = new Worker(URL.createObjectURL(new Blob([source], { type: "text/javascript" })));
worker.onmessage = ({ data }) => {
  const result: Result = { kernel, described: described.value, chart: typeof uPlot, answer, worker: data };
  (globalThis as unknown as { result: Result }).result = result;
};
});
"""
WORKER = """
import { moduleBytes } from "../cpu/modules.ts";
import { answer } from "../shared.ts";
Promise.all([moduleBytes("base"), moduleBytes("fma")]).then((modules) => {
  postMessage({ modules: modules.map((bytes) => Array.from(bytes)), answer, self: self.constructor.name });
});
"""
SHARED = 'export const answer: number = [40, 2].reduce((sum, x) => sum + x, 0); // a comment, and a "quote\\u00e9"\n'
KERNEL = '@compute @workgroup_size(64) fn main() { /* `é` </script> "\\" */ }\n'
SHORT_KERNEL = '@compute @workgroup_size(64)fn main(){/*`é` </script> "\\"*/}\n'
MODULES = {"gpt.wasm": bytes(range(256)) * 100, "gpt_fma.wasm": bytes(range(256)) * 64 + b"fma"}


@pytest.fixture
def project(tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with two small entries, the real project's packages and an empty cache; its path has awkward names."""
    tmp_path = tmp_path / "Week 1, 100% #2 [new]"
    tmp_path.mkdir()
    deno_program.fetch_packages(root)
    shutil.copytree(root / "node_modules", tmp_path / "node_modules", symlinks=True)
    for name in ("deno.json", "deno.lock"):
        shutil.copy(root / name, tmp_path / name)
    monkeypatch.setenv("DENO_DIR", str(tmp_path / ".cache" / "deno"))
    engine = tmp_path / "engine"
    engine.mkdir()
    (engine / "page.ts").write_text(PAGE, encoding="utf-8")
    (engine / "workers").mkdir()
    (engine / "workers" / "worker.ts").write_text(WORKER, encoding="utf-8")
    (engine / "shared.ts").write_text(SHARED, encoding="utf-8")
    (engine / "kernel.wgsl").write_text(KERNEL, encoding="utf-8")
    for name in ("cpu/modules.ts", "training/inflate.ts"):
        (engine / name).parent.mkdir()
        shutil.copy(root / "engine" / name, engine / name)
    for name, content in MODULES.items():
        (engine / "cpu" / name).write_bytes(content)
    (engine / "model.json").write_text('{"value": 3e-3}', encoding="utf-8")
    return tmp_path


@pytest.fixture
def no_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes the package registry unreachable."""
    for scheme in ("http", "https", "all"):
        monkeypatch.setenv(f"{scheme}_proxy", "http://127.0.0.1:9")
        monkeypatch.setenv(f"{scheme.upper()}_PROXY", "http://127.0.0.1:9")


@pytest.mark.usefixtures("no_registry")
def test_script_runs_from_a_file_with_its_worker_inside(project: Path, chromium: Browser) -> None:
    script = bundle.build(project)
    assert script.isascii()
    (project / "script.js").write_bytes(script)
    html = '<!doctype html><meta charset="iso-8859-1"><script src="script.js"></script>'
    (project / "page.html").write_text(html, encoding="utf-8")
    page = chromium.new_page()
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    page.goto((project / "page.html").as_uri())
    page.wait_for_function("globalThis.result !== undefined || document.readyState === 'never'", timeout=10_000)
    result = page.evaluate("globalThis.result")
    assert [bytes(module) for module in result["worker"].pop("modules")] == [*MODULES.values()]
    assert result == {
        "kernel": SHORT_KERNEL,
        "described": 3e-3,
        "chart": "function",
        "answer": 42,
        "worker": {"answer": 42, "self": "DedicatedWorkerGlobalScope"},
    }
    assert failures == []


@pytest.mark.usefixtures("no_registry")
def test_second_build_runs_no_esbuild_and_an_edit_is_seen(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = bundle.build(project)
    with monkeypatch.context() as without_esbuild:
        without_esbuild.delattr(bundle, "_run_esbuild")
        assert bundle.build(project) == first
    assert b"4321" not in first
    for name, old, new in [("shared.ts", "[40, 2]", "[4321, 2]"), ("model.json", "3e-3", "4321")]:
        (project / "engine" / "shared.ts").write_text(SHARED, encoding="utf-8")
        edited = project / "engine" / name
        edited.write_text(edited.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
        assert b"4321" in bundle.build(project)


@pytest.mark.parametrize("entry", [bundle.PAGE, bundle.LATE, bundle.SPEED])
def test_a_script_follows_every_folder_of_the_engine(project: Path, entry: str) -> None:
    before = bundle.source_hash(project, entry)
    (project / "engine" / "kernel.wgsl").write_text(KERNEL + "// edited", encoding="utf-8")
    assert bundle.source_hash(project, entry) != before


@pytest.mark.usefixtures("no_registry")
def test_errors_carry_file_and_line_and_are_not_cached(project: Path) -> None:
    worker = project / "engine" / "workers" / "worker.ts"
    worker.write_text(WORKER + "\nimport { gone } from './nowhere.ts';\ngone();\n", encoding="utf-8")
    for _ in range(2):
        with pytest.raises(bundle.BundleError, match=r"nowhere\.ts") as problem:
            bundle.build(project)
        assert "engine/workers/worker.ts:8" in str(problem.value)
    worker.write_text(WORKER, encoding="utf-8")
    assert bundle.build(project)
    (project / "engine" / "page.ts").write_text("const x = ;", encoding="utf-8")
    with pytest.raises(bundle.BundleError, match=r"engine/page\.ts:1:10"):
        bundle.build(project)
    worker.unlink()
    with pytest.raises(bundle.BundleError, match=r"worker\.ts is missing"):
        bundle.build(project)


@pytest.mark.usefixtures("no_registry")
def test_without_esbuild_and_network_the_error_says_what_to_do(project: Path) -> None:
    shutil.rmtree(project / "node_modules")
    with pytest.raises(bundle.BundleError) as problem:
        bundle.build(project)
    sentence = str(problem.value)
    for word in ("esbuild", "deno.lock", "connect to a network", "NPM_CONFIG_REGISTRY", "run the same command again"):
        assert word in sentence
    assert "error: " in sentence  # deno's own reason
    assert "backtrace" not in sentence


def test_the_pages_script_is_built_and_small_enough(root: Path) -> None:
    script = bundle.build(root)
    assert script.isascii()
    assert len(script) < 1_000_000  # of 2 MB for the page; the corpus takes 0.6
    assert os.fsencode(str(root)) not in script  # the same bytes wherever it is built


def test_lock_names_packages_and_no_machine(root: Path) -> None:
    lock = (root / "deno.lock").read_text(encoding="utf-8")
    assert '"npm:esbuild@0.28.2"' in lock
    assert '"npm:lean-qr@2.7.4"' in lock
    assert '"npm:uplot@1.6.32"' in lock
    assert lock.count('"integrity": "sha512-') >= 28
    assert "http" not in lock
