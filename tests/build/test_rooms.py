"""Each room of build/ imports only rooms above it in the table of build/README.md, and hooks.py alone knows MkDocs.

Catches: a room that imports against the table's order, a room missing from the table or from disk, a row that allows
more than is used, files that import in a circle, and a second file that would have to change with the generator.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from importlib.machinery import PathFinder
from itertools import pairwise

import pytest

from system.project import ROOT

BUILD = ROOT / "build"
ROW = re.compile(r"^\| \[`(?P<room>[^`]+)`\]\(.*?\) \|.*\|(?P<allowed>[^|]*)\|$", re.MULTILINE)
GENERATORS = {"mkdocs", "properdocs", "material", "zensical"}
KNOWS_THE_GENERATOR = "hooks.py"

Table = dict[str, list[str]]  # what each room may import, from the bottom up
Sources = dict[str, str]  # each file's text, by its path in build/


def table() -> Table:
    rows = ROW.finditer((BUILD / "README.md").read_text(encoding="utf-8"))
    return {row["room"]: re.findall(r"`([^`]+)`", row["allowed"]) for row in rows}


def sources() -> Sources:
    return {path.relative_to(BUILD).as_posix(): path.read_text(encoding="utf-8") for path in BUILD.rglob("*.py")}


def room_of(path: str) -> str:
    """A file's folder; for files at the top, the file itself."""
    return f"{path.split('/')[0]}/" if "/" in path else path


def imports(text: str) -> Iterator[tuple[int, str]]:
    """Line and dotted name of everything that a file imports, even inside functions."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: rooms are imported by their names"
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def file_of(name: str, known: Sources) -> str | None:
    """The file in build/ for a name like `texts.corpus` or `texts.corpus.load`; None for another package's name."""
    parts = name.split(".")
    paths = ["/".join(parts[:count]) + ".py" for count in (1, 2)]
    if parts[0] + "/__init__.py" in known:
        paths.append(parts[0] + "/__init__.py")
    return next((path for path in paths if path in known), None)


def mistakes(rooms: Table, known: Sources) -> list[str]:
    """A sentence for each import or room that contradicts the table."""
    found, used = [], {room: set() for room in rooms}
    there = {room_of(path) for path in known}
    found += [f"build/{room} has no row in the table" for room in sorted(there - {*rooms})]
    found += [f"the table has a row for {room}, which build/ does not have" for room in rooms if room not in there]
    order = list(rooms)
    for room, allowed in rooms.items():
        above = order[: order.index(room)]
        found += [f"the table lets {room} import {other}, not above it" for other in allowed if other not in above]
    for path, text in known.items():
        room = room_of(path)
        for line, name in imports(text):
            if name.split(".")[0] in GENERATORS and path != KNOWS_THE_GENERATOR:
                found.append(f"build/{path}:{line} imports {name}; {KNOWS_THE_GENERATOR} alone may")
            target = file_of(name, known)
            other = room_of(target) if target else room
            if other == room:
                continue
            used.setdefault(room, set()).add(other)
            if other not in rooms.get(room, []):
                found.append(f"build/{path}:{line} imports {name}; {room} may import {rooms.get(room)}")
    for room, allowed in rooms.items():
        found += [
            f"the table lets {room} import {other}, which it does not" for other in allowed if other not in used[room]
        ]
    return found


def circle(known: Sources) -> list[str] | None:
    """The first circle of imports that is found."""
    done: set[str] = set()

    def visit(path: str, way: list[str]) -> list[str] | None:
        if path in way:
            return [*way[way.index(path) :], path]
        if path in done:
            return None
        targets = {file_of(name, known) for _, name in imports(known[path])} - {None, path}
        found = next(filter(None, (visit(target, [*way, path]) for target in sorted(targets))), None)
        done.add(path)
        return found

    return next(filter(None, (visit(path, []) for path in known)), None)


def test_each_room_imports_what_the_table_allows() -> None:
    rooms = table()
    assert len(rooms) > 10, "only so many rows were read"
    assert mistakes(rooms, sources()) == []


def test_no_file_imports_itself_by_way_of_others() -> None:
    assert circle(sources()) is None


@pytest.mark.parametrize(("lower", "upper"), [*pairwise(table())])
def test_an_arrow_that_is_turned_round_is_named(lower: str, upper: str) -> None:
    """With file and line, wherever it is."""
    known = sources()
    path = next(path for path in sorted(known, reverse=True) if room_of(path) == lower)
    name = upper.removesuffix(".py") if upper.endswith(".py") else f"{upper.rstrip('/')}.x"
    line = known[path].count("\n") + 2
    known[path] += f"def late():\n    import {name}\n"
    assert [one.split(" imports ")[0] for one in mistakes(table(), known)] == [f"build/{path}:{line}"]


@pytest.mark.parametrize("statement", ["import mkdocs", "from material.extensions import emoji"])
def test_a_second_file_that_knows_the_generator_is_named(statement: str) -> None:
    known = sources()
    known["output/usb.py"] = f"{statement}\n{known['output/usb.py']}"
    assert [one.split(" imports ")[0] for one in mistakes(table(), known)] == ["build/output/usb.py:1"]


def test_a_circle_is_found() -> None:
    known = sources()
    known["texts/rungs.py"] += "from texts import corpus\n"
    assert set(circle(known)) >= {"texts/rungs.py", "texts/corpus.py"}


def test_the_tests_lie_in_the_same_rooms() -> None:
    folders = {f"{path.name}/" for path in (ROOT / "tests/build").iterdir() if any(path.glob("test_*.py"))}
    assert folders <= {*table()}


def test_no_room_has_the_name_of_a_package() -> None:
    """Otherwise its modules would be imported instead of ours, or the reverse."""
    names = {room.removesuffix(".py").rstrip("/") for room in table()} - {"__main__"}
    packages = [path for path in sys.path if "site-packages" in path]
    assert packages
    assert not names & {*sys.stdlib_module_names}
    assert [name for name in names if PathFinder.find_spec(name, packages)] == []
