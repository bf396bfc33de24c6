"""Catches: a policy that lets a page load or send anything elsewhere, a hash that differs from a browser's, a script
that a browser would refuse."""

from __future__ import annotations

import base64
import hashlib

import pytest

from output import policy

PAGE = f'<meta http-equiv="Content-Security-Policy" content="{policy.PLACE}">'


def filled(html: str, rules: dict[str, str] = policy.SITE, **options: bool) -> dict[str, list[str]]:
    content = policy.fill(PAGE + html, rules, **options).split('content="')[1].split('"')[0]
    return {part.split()[0]: part.split()[1:] for part in content.split("; ")}


def hashed(source: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()}'"


@pytest.mark.parametrize("rules", [policy.SITE, policy.SINGLE])
def test_nothing_may_come_from_or_go_elsewhere(rules: dict[str, str]) -> None:
    allowed = filled("<script>go()</script><style>p { color: red }</style>", rules)
    assert allowed["default-src"] == allowed["base-uri"] == allowed["form-action"] == ["'none'"]
    harmless = {"'none'", "'self'", "file:", "data:", "blob:", "'wasm-unsafe-eval'"}
    for directive, sources in allowed.items():
        others = {source for source in sources if source not in harmless and not source.startswith("'sha256-")}
        assert others == ({"'unsafe-inline'"} if directive == "style-src-attr" else set()), directive
    assert not {"data:", "blob:"} & {*allowed["script-src"], *allowed["connect-src"]}


def test_the_single_file_asks_not_even_its_own_host() -> None:
    words = {word for sources in filled("<p>text</p>", policy.SINGLE).values() for word in sources}
    assert not words & {"'self'", "file:"}


def test_each_script_in_the_page_is_allowed_by_its_own_bytes() -> None:
    awkward = 'a < b && "é"; /* <p> &amp; */\n'
    data = '<script type="application/json">{"never": "run"}</script><script src="x.js"></script>'
    allowed = filled(f"<script>{awkward}</script>{data}<script>{awkward}</script><script type=module>m()</script>")
    hashes = [source for source in allowed["script-src"] if source.startswith("'sha256-")]
    assert hashes == [hashed(awkward), hashed("m()")]


def test_serve_may_add_its_own_script() -> None:
    allowed = filled("<script>go()</script>", live_reload=True)
    assert "'unsafe-inline'" in allowed["script-src"]
    assert not [source for source in allowed["script-src"] if "sha256" in source]  # a hash would disable it


def test_what_no_policy_could_allow_is_reported() -> None:
    with pytest.raises(policy.PolicyError, match="<a onclick>"):
        policy.fill(PAGE + '<a onclick="x()">x</a>', policy.SITE)
    with pytest.raises(policy.PolicyError, match="0 places"):
        policy.fill("<p>no place</p>", policy.SITE)
