"""What the oldest supported browsers can do, according to MDN's compatibility data.

It answers two questions: which features of a style sheet do they lack, and which APIs must be removed from a new
browser so that scripts run as in an old one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import tinycss2

from system.project import ROOT

DATA = ROOT / "node_modules/@mdn/browser-compat-data/data.json"
# A browser's mobile version has the same engine and version number.
SIBLINGS = {
    "chrome": ["chrome", "chrome_android"],
    "edge": ["edge"],
    "firefox": ["firefox", "firefox_android"],
    "safari": ["safari", "safari_ios"],
}
UNITS = re.compile(r"^(cqw|cqh|cqi|cqb|cqmin|cqmax|[dsl]v(?:h|w|i|b|min|max)|r?cap|r?ch|r?ex|r?ic|r?lh)$")
Version = tuple[int, ...]


@dataclass(frozen=True)
class Found:
    """A feature that a style sheet uses."""

    what: str  # its path in the data, such as css.selectors.has
    line: int


@cache
def data() -> dict[str, Any]:
    return json.loads(DATA.read_text(encoding="utf-8"))


def version(text: str) -> Version:
    return tuple(int(part) for part in text.removeprefix("≤").split("."))


def lacking(path: Iterable[str], oldest: dict[str, Version]) -> list[str]:
    """The browsers among `oldest` (name: version) that lack the feature at that path of the data.

    Empty if the data has no such feature.
    """
    node: Any = data()
    for key in path:
        node = node.get(key, {})
    support = node.get("__compat", {}).get("support", {})
    if not support:
        return []
    siblings = ((name, sibling) for name in oldest for sibling in SIBLINGS[name])
    return [sibling for name, sibling in siblings if not _has(support.get(sibling), oldest[name])]


def _has(statements: Any, oldest: Version) -> bool:
    """Whether the version has the feature, without a prefix or a flag. True if the data does not say."""
    if statements is None:
        return True
    for one in statements if isinstance(statements, list) else [statements]:
        added = one["version_added"]
        if one.get("flags") or one.get("prefix") or one.get("alternative_name") or added in (False, None, "preview"):
            continue
        removed = one.get("version_removed")
        if version(added) <= oldest and not (removed and version(removed) <= oldest):
            return True
    return False


def used_in_styles(css: str, oldest: dict[str, Version]) -> Iterator[Found]:
    """Every feature of a style sheet that one of the oldest browsers lacks, and for which there is no fallback.

    Everything inside `@supports` counts as having a fallback. So does a declaration after another one of the same
    property: a browser that does not know the second uses the first.
    """
    yield from _rules(tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True), oldest)


def _rules(rules: list[Any], oldest: dict[str, Version]) -> Iterator[Found]:
    for rule in rules:
        if rule.type == "error":
            raise ValueError(f"line {rule.source_line}: {rule.message}")
        if rule.type == "at-rule":
            yield from _at_rule(rule, oldest)
        elif rule.type == "qualified-rule":
            yield from _missing(_selector(rule.prelude), rule.source_line, oldest)
            yield from _block(rule.content, oldest)


def _at_rule(rule: Any, oldest: dict[str, Version]) -> Iterator[Found]:
    name = rule.lower_at_keyword
    if name == "supports" or name.startswith("-"):
        return
    yield from _missing([["css", "at-rules", name]], rule.source_line, oldest)
    features = [["css", "at-rules", name, ident] for ident in _idents(rule.prelude)]
    yield from _missing(features, rule.source_line, oldest)
    if rule.content is None:
        return
    if name in ("media", "container", "layer"):
        inner = tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True)
        yield from _rules(inner, oldest)
    elif name == "keyframes":
        for step in tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True):
            yield from _block(step.content, oldest)


def _block(content: list[Any], oldest: dict[str, Version]) -> Iterator[Found]:
    before: set[str] = set()
    for one in tinycss2.parse_blocks_contents(content, skip_comments=True, skip_whitespace=True):
        if one.type != "declaration":
            yield Found("css.selectors.nesting", one.source_line)
            continue
        name = one.lower_name
        if name not in before and not name.startswith("-"):
            yield from _missing([["css", "properties", name]], one.source_line, oldest)
            yield from _missing(_value(name, one.value), one.source_line, oldest)
        elif name.startswith("--"):
            yield from _missing(_value("color", one.value), one.source_line, oldest)
        before.add(name)


def _missing(paths: Iterable[list[str]], line: int, oldest: dict[str, Version]) -> Iterator[Found]:
    for path in paths:
        if lacking(path, oldest):
            yield Found(".".join(path), line)


def _selector(tokens: list[Any]) -> Iterator[list[str]]:
    for token, after in zip(tokens, [*tokens[1:], None], strict=True):
        if token.type == "literal" and token.value == ":" and after is not None:
            name = getattr(after, "lower_name", None) or getattr(after, "lower_value", None)
            if name and not name.startswith("-"):  # a prefixed name is only for its own engine
                yield ["css", "selectors", name]
        inner = getattr(token, "arguments", None) or getattr(token, "content", None)
        if inner:
            yield from _selector(inner)


def _value(name: str, tokens: list[Any]) -> Iterator[list[str]]:
    for token in tokens:
        if token.type == "ident":
            yield ["css", "properties", name, token.lower_value]
        elif token.type == "dimension" and UNITS.match(token.lower_unit):
            unit = token.lower_unit
            length = data()["css"]["types"]["length"]
            group = "container_query_length_units" if unit.startswith("cq") else "viewport_percentage_units_dynamic"
            yield ["css", "types", "length", unit if unit in length else group]
        elif token.type == "function":
            yield from _functions()[token.lower_name]
            yield from _value(name, token.arguments)


@cache
def _functions() -> dict[str, list[list[str]]]:
    """All paths of CSS functions in the data, by name."""

    class Places(dict):
        def __missing__(self, _name: str) -> list[list[str]]:
            return []

    places = Places()

    def collect(node: dict[str, Any], path: list[str]) -> None:
        for key, inner in node.items():
            if key != "__compat" and isinstance(inner, dict):
                if "__compat" in inner:
                    places.setdefault(key, []).append([*path, key])
                collect(inner, [*path, key])

    collect(data()["css"]["types"], ["css", "types"])
    return places


def _idents(tokens: list[Any]) -> Iterator[str]:
    for token in tokens:
        if token.type == "ident":
            yield token.lower_value
        inner = getattr(token, "content", None) or getattr(token, "arguments", None)
        if inner:
            yield from _idents(inner)


def absent(oldest: dict[str, Version]) -> list[list[str]]:
    """What one of the oldest browsers lacks: [global] or [global, member], members first."""
    globals_, members = [], []
    for path in (["api"], ["javascript", "builtins"]):
        group = data()[path[0]] if len(path) == 1 else data()[path[0]][path[1]]
        for owner, inner in group.items():
            if lacking([*path, owner], oldest):
                globals_.append([owner])
            for key in inner:
                name = key.removesuffix("_static")
                if name.isidentifier() and name != "__compat" and lacking([*path, owner, key], oldest):
                    members.append([owner, name])
    return members + globals_


# Removes what `absent` lists, in a page or a Worker.
TAKE_AWAY = """((list) => {
  for (const [owner, member] of list) {
    if (member === undefined) {
      delete globalThis[owner];
      continue;
    }
    const its = globalThis[owner];
    const own = typeof its === "function" && its.prototype && globalThis instanceof its ? [globalThis] : [];
    for (const one of [its, its?.prototype, ...own]) {
      if (one && Object.hasOwn(one, member)) delete one[member];
    }
  }
})"""
