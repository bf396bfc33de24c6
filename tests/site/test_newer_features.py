"""The oldest browsers that the page promises to work in: Chrome and Edge 109, Firefox 115, Safari 16.4.

Catches: different versions in the three places that name them, a style for which one of these browsers drops a whole
rule, a call that its JavaScript lacks. tests/e2e/test_oldest_browsers.py catches missing browser interfaces.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import browser_support
from output import bundle
from system import deno_program

# Newer than the oldest browsers, but without harm if missing.
HARMLESS = {
    "css.properties.text-wrap",  # a heading then breaks like any other text
    "css.properties.text-wrap.balance",
    "css.properties.cursor.default",  # Firefox on a phone shows no pointer
    "css.properties.cursor.pointer",
    "css.properties.cursor.crosshair",
    "css.properties.resize",  # a field on an iPhone keeps its height
    "css.properties.resize.vertical",
    "css.properties.break-after.avoid",  # a heading may then be the last line of a printed page
}
# Part of ES2023, but available since Chrome 97, Firefox 104 and Safari 15.4.
IN_ALL_OF_THEM = {"findLast", "findLastIndex"}


def oldest(root: Path) -> dict[str, browser_support.Version]:
    target = re.search(r"target: \[(.*)\]", (root / "build/output/bundle.ts").read_text(encoding="utf-8"))[1]
    named = re.findall(r'"([a-z]+)([\d.]+)"', target)
    return {name: browser_support.version(number) for name, number in named}


def test_the_bundle_and_the_pages_name_the_same_browsers(root: Path) -> None:
    assert oldest(root) == {"chrome": (109,), "firefox": (115,), "safari": (16, 4)}
    said = (root / "overrides/partials/oldest_browsers.html").read_text(encoding="utf-8")
    assert said == "Chrome or Edge 109, Firefox 115, Safari 16.4"
    assert f"{said}, or later ones" in (root / "docs/teachers.md").read_text(encoding="utf-8")
    # The page's text for a failure must fit every browser: it must not send a Safari user to Safari.
    words = (root / "engine/wording_of_failures.ts").read_text(encoding="utf-8")
    failures = re.search(r"const FAILURES = \{.*?\n\} satisfies", words, re.DOTALL)[0]
    assert not re.search("Chrome|Edge|Firefox|Safari", failures)


@pytest.mark.parametrize(
    ("css", "used"),
    [
        ("a:has(b) { color: red }", "css.selectors.has"),
        ("@media print { :is(a:has(b)) { color: red } }", "css.selectors.has"),
        ("a { b & { color: red } }", "css.selectors.nesting"),
        ("a { color: color-mix(in srgb, red, blue) }", "css.types.color.color-mix"),
        ("a { --it: light-dark(red, blue) }", "css.types.color.light-dark"),
        ("a { field-sizing: content }", "css.properties.field-sizing"),
        ("@starting-style { a { color: red } }", "css.at-rules.starting-style"),
        ("a { width: 5rcap }", "css.types.length.rcap"),
    ],
)
def test_styles_that_are_too_new_are_found(root: Path, css: str, used: str) -> None:
    assert used in {found.what for found in browser_support.used_in_styles(css, oldest(root))}


@pytest.mark.parametrize(
    "css",
    [
        "a { color: red; color: color-mix(in srgb, red, blue) }",
        "@supports selector(:has(a)) { a:has(b) { color: red } }",
        "@media (prefers-reduced-motion: reduce) { a:is(b, c) { inset: 0; height: 5dvh; width: 5cqw } }",
        "@container (width >= 20em) { a::-webkit-progress-bar { color: rgb(0 0 0 / 5%) } }",
    ],
)
def test_styles_with_a_fallback_or_old_enough_pass(root: Path, css: str) -> None:
    assert list(browser_support.used_in_styles(css, oldest(root))) == []


def test_no_style_is_newer_than_the_oldest_browsers(root: Path) -> None:
    sheets = sorted((root / "docs/stylesheets").glob("*.css"))
    assert len(sheets) > 2
    found = [
        f"{sheet.name}:{one.line}: {one.what}"
        for sheet in sheets
        for one in browser_support.used_in_styles(sheet.read_text(encoding="utf-8"), oldest(root))
        if one.what not in HARMLESS
    ]
    assert found == []


def test_scripts_call_nothing_that_came_into_the_language_later(root: Path) -> None:
    """All these browsers have ES2022, so checking against its types finds anything newer."""
    config = json.loads((root / "deno.json").read_text(encoding="utf-8"))
    older = {
        "imports": config["imports"],
        "nodeModulesDir": config["nodeModulesDir"],
        "unstable": config["unstable"],
        # deno's own types would include the newest language features.
        "compilerOptions": {"lib": ["es2022", "dom", "dom.iterable", "dom.asynciterable"]},
    }
    probe = root / "tests" / "es2022_probe.ts"
    file = root / "deno.es2022.json"  # beside deno.json: its paths are relative
    probe.write_text("export const x = [1].toSorted(), y = Promise.withResolvers(), z = [1].values().map(String);\n")
    file.write_text(json.dumps(older), encoding="utf-8")
    try:
        missing = [_unknown_to(file, *entries) for entries in ([bundle.PAGE, bundle.WORKER], [str(probe)])]
    finally:
        file.unlink()
        probe.unlink()
    assert missing[1] == {"toSorted", "withResolvers", "map"}
    used = {name for name in missing[0] if not name.startswith("GPU")}  # the program checks for WebGPU before using it
    assert used - IN_ALL_OF_THEM == set()


def _unknown_to(config: Path, *entries: str) -> set[str]:
    """Properties and names that the configuration's types lack."""
    # With the lock file: without it, deno asks the registry for versions, and there may be no network.
    options = ["--config", str(config), "--lock", deno_program.LOCK, "--frozen", "--cached-only"]
    result = deno_program.run("check", *options, *entries, capture_output=True, text=True, encoding="utf-8")
    assert result.returncode == 0 or "Type checking failed" in result.stderr, result.stderr
    return set(re.findall(r"(?:Property|Cannot find name) '(\w+)'", result.stderr))
