"""The WebGPU engine, in two implementations of WebGPU: Chromium's (Dawn, Tint) and deno's (wgpu, naga).

Both use SwiftShader, which runs shaders on the CPU and comes with Chromium: no GPU is needed, and a missing adapter is
a failure. Catches a kernel that computes something else, in one implementation or both; a plan wired wrongly; gradients
or AdamW unlike PyTorch's; bytes counted otherwise than kernels load and store them; losses unlike the CPU engine's;
observations unlike NumPy's, or that change a run; runs that depend on pauses, or on being saved and loaded; errors and
lost devices that go unreported; wrong reasons for missing WebGPU.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Route

from output import bundle
from system import deno_program

# Fast enough without a GPU to run every time: in both implementations, only in Chromium, and only in deno.
SHORT = ["errors"]
SHORT_IN_CHROMIUM = ["kernels", "fused_lesson", "moved_plain"]
SHORT_IN_DENO = ["fused_modules", "tiled_modules"]
LONG = [
    "more_kernels",
    "backend",
    "plain",
    "survival",
    "plain_shapes",
    "plain_lesson",
    "fused_gradients",
    "fused_ten_updates",
    "plain_curve",
    "fused_curve",
    "fused_edges",
    "fused_large_batch",
    "fused_more_edges",
    "fused_backend",
    "fused_backend_wide",
    "more_survival",
    "observed",
    "observed_plain",
    "observed_fused",
    "observed_tiled",
    "observing",
    "observing_fused",
    "observing_tiled",
    "moved_fused",
    "moved_tiled",
    "tiled",
    "tiled_backend",
    "tiled_gradients",
    "tiled_kernels",
    "more_tiled_kernels",
    "more_tiled_gradients",
    "tiled_lesson",
    "resume",
    "thousand_pauses",
]
# What the engine does around its plans: queues, pauses, samples. These checks run the other groups' kernels thousands
# of times. In deno each would take more than ten minutes without a GPU, and show nothing new about naga. Nor would
# bytes moved, which are the same in both.
CHROMIUM_ALONE = [
    "backend",
    "fused_backend",
    "fused_backend_wide",
    "tiled_backend",
    "thousand_pauses",
    "moved_fused",
    "moved_plain",
    "moved_tiled",
]
GROUPS = [*SHORT, *SHORT_IN_CHROMIUM, *SHORT_IN_DENO, *LONG]
# They need workgroups of 512 invocations, or with more memory than SwiftShader gives them. Mesa's lavapipe, which also
# runs on the CPU, does.
WIDE = ["fused_rows", "fused_rows_gradients", "fused_rows_edges", "moved_fused_rows", "tiled_teams"]
LAVAPIPE = "lvp_icd*.json"
SWIFTSHADER = ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"]
DRIVER = "vk_swiftshader_icd.json"
LIMIT_S = 600
# As in Chrome 113 to 126.
ASKED_FOR_INFO = """if (globalThis.GPUAdapter) {
    const { get } = Object.getOwnPropertyDescriptor(GPUAdapter.prototype, 'info');
    delete GPUAdapter.prototype.info;
    GPUAdapter.prototype.requestAdapterInfo = async function () { return get.call(this); };
}"""


def groups_for(short: list[str], groups: list[str] = GROUPS) -> list[Any]:
    """Each group as a parameter; groups outside `short` run only with --full."""
    return [pytest.param(group, marks=[] if group in short else [pytest.mark.full]) for group in groups]


@pytest.fixture(scope="session")
def checks_script() -> str:
    """tests/engine/webgpu/page.ts as one script."""
    return bundle.build(page="tests/engine/webgpu/page.ts", also=("tests/engine",)).decode()


def empty_page(route: Route) -> None:
    route.fulfill(body="<!doctype html>", content_type="text/html")


def assert_outcomes(outcomes: list[dict[str, Any]]) -> None:
    assert outcomes, "no check ran"
    print(*(f"{outcome['ms'] / 1000:6.1f} s  {outcome['name']}" for outcome in outcomes), sep="\n")
    problems = [f"{outcome['name']}: {outcome['problem']}" for outcome in outcomes if outcome["problem"]]
    assert problems == [], "\n".join(problems)


@pytest.mark.parametrize("group", groups_for([*SHORT, *SHORT_IN_CHROMIUM]))
def test_in_chromium(group: str, checks_script: str, launch: Callable[..., Browser]) -> None:
    page = launch(*SWIFTSHADER, timeout=60_000).new_page()
    page.set_default_timeout(LIMIT_S * 1000)
    page.route("**/*", empty_page)
    page.goto("http://127.0.0.1")
    page.add_script_tag(content=checks_script)
    result = page.evaluate("group => pressStartChecks(group)", group)
    assert "swiftshader" in result["adapter"].lower()
    assert_outcomes(result["outcomes"])


@pytest.mark.skipif(sys.platform != "linux", reason="not run here: on Linux alone deno can be given SwiftShader")
@pytest.mark.parametrize(
    "group", groups_for([*SHORT, *SHORT_IN_DENO], [group for group in GROUPS if group not in CHROMIUM_ALONE])
)
def test_in_deno(group: str, chromium_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = driver_folder(chromium_path)
    run_in_deno(group, folder / DRIVER, folder, "swiftshader", monkeypatch)


@pytest.mark.full
@pytest.mark.skipif(sys.platform != "linux", reason="not run here: lavapipe is for Linux")
@pytest.mark.parametrize("group", WIDE)
def test_wide_workgroups_in_deno(group: str, chromium_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drivers = sorted(Path("/usr/share/vulkan/icd.d").glob(LAVAPIPE))
    driver = os.environ.get("PRESS_START_LAVAPIPE") or next(iter(drivers), None)
    if driver is None:
        pytest.skip(
            "not run here: install lavapipe (Debian's mesa-vulkan-drivers), or name its JSON in PRESS_START_LAVAPIPE"
        )
    run_in_deno(group, Path(driver), driver_folder(chromium_path), "llvmpipe", monkeypatch)


def run_in_deno(group: str, driver: Path, loader: Path, adapter: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs a group on a driver. `loader` is the folder with the Vulkan loader."""
    monkeypatch.setenv("VK_DRIVER_FILES", str(driver))
    monkeypatch.setenv("LD_LIBRARY_PATH", str(loader))
    monkeypatch.setenv("DENO_WEBGPU_BACKEND", "vulkan")
    flags = ["--frozen", "--cached-only", "--no-check", "--allow-read", "--allow-env"]
    script = "tests/engine/webgpu/in_deno.ts"
    result = deno_program.run("run", *flags, script, group, capture_output=True, text=True, timeout=LIMIT_S)
    assert result.returncode == 0, result.stdout + result.stderr
    assert adapter in result.stderr.lower()
    assert_outcomes([json.loads(line) for line in result.stdout.splitlines()])


def driver_folder(chromium: Path) -> Path:
    """Where Chromium keeps its Vulkan loader and SwiftShader, which deno can use too."""
    # On Debian, the program is a script in a folder without the driver; the browser is in a folder of the same name.
    beside = [chromium.resolve().parent, *(Path(lib) / chromium.name for lib in ("/usr/lib", "/usr/lib64", "/opt"))]
    for folder in beside:
        if (folder / DRIVER).is_file():
            return folder
    places = ", ".join(map(str, beside))
    raise AssertionError(f"{chromium} comes without {DRIVER}, looked for in {places}: deno has no adapter to test on.")


@pytest.mark.parametrize(
    ("address", "arguments", "asked_for_info", "error"),
    [
        ("http://127.0.0.1", [], False, "no-adapter"),
        ("http://127.0.0.1", SWIFTSHADER, False, "software"),
        ("http://127.0.0.1", SWIFTSHADER, True, "software"),
        ("http://press-start.example", SWIFTSHADER, False, "not-secure"),
        ("http://127.0.0.1", None, False, "no-webgpu"),
    ],
)
def test_reasons_for_missing_webgpu(
    address: str,
    arguments: list[str] | None,
    asked_for_info: bool,
    error: str,
    checks_script: str,
    launch: Callable[..., Browser],
) -> None:
    page = launch(*(arguments or [])).new_page()
    if arguments is None:
        page.add_init_script("delete Navigator.prototype.gpu")  # as in a browser from before WebGPU
    if asked_for_info:
        page.add_init_script(ASKED_FOR_INFO)
    page.route("**/*", empty_page)
    page.goto(address)
    page.add_script_tag(content=checks_script)
    assert page.evaluate("pressStartWebGpuError()") == error
