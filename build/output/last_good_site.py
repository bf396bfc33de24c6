"""Makes `serve` survive an author's mistakes, while it runs and when it starts.

MkDocs' own server stops answering after a failed build, and does not start if mkdocs.yml cannot be read. Here a failed
build leaves the pages of the last good build, with the error at the top of each. If there was none yet, a page says so
and reloads itself. The next save builds again. This module is plain Python: build/hooks.py passes it MkDocs' functions.
"""

from __future__ import annotations

import atexit
import html
import logging
import os
import re
import shutil
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jinja2

from output.templates import mistake
from reading import plain_text
from system.project import ROOT

GENERATORS = ("mkdocs", "properdocs")  # the messages of their own exceptions need no file and line
STYLE = "white-space: pre-wrap; margin: 1rem; padding: 1rem; border: 3px solid #b3261e; font: 0.8rem/1.5 monospace"
_BODY = re.compile(r"<body\b[^>]*>")
_PLACE = re.compile(r'in "[^"]*", line (\d+)')


class _Heard(logging.Handler):
    """Collects what a generator logs about a configuration before it refuses it."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


class LastGoodSite:
    """What a server needs to go on after a mistake."""

    def __init__(self) -> None:
        self.installed = False  # whether MkDocs' server uses this object
        self.late = False  # whether the server started without a configuration and has just read its first one
        self._config: Any = None  # the last configuration that could be read
        self._stood_in = False  # whether there is none yet
        self._trouble: str | None = None  # why mkdocs.yml cannot be read
        self._said: str | None = None  # why the current build has failed

    def config(self, load: Callable[[], Any], file: Path, logger: str) -> Any:
        """What `load` reads from `file`, or the last configuration that could be read; None if there is none yet.

        If it cannot be read, the pages say why. `logger` names the logger that the generator reports errors to.
        """
        heard = _Heard()
        self.late = False
        logging.getLogger(logger).addHandler(heard)
        try:
            self._config, self._trouble = load(), None
            self.late, self._stood_in = self._stood_in, False
        except (Exception, SystemExit) as problem:
            # Any exception here is a mistake in the author's file; MkDocs does not document which ones it raises.
            self._trouble = _of_the_config(problem, heard.lines, file)
            self._stood_in = self._config is None
        finally:
            logging.getLogger(logger).removeHandler(heard)
        return self._config

    def failed(self, words: str) -> None:
        """Keeps the hooks' message about a failed build: MkDocs itself only says that there was an error."""
        self._said = words

    def build(self, site: Path, make: Callable[[], None]) -> None:
        """Makes the site. If that fails, shows why on the pages of the last good one."""
        good = site.with_name(f"{site.name}-last-good")
        self._said = self._trouble
        if good.exists():
            shutil.rmtree(site)
        else:
            try:
                site.rename(good)
            except OSError:  # Windows cannot move a folder while a file in it is being read
                shutil.copytree(site, good)
            atexit.register(shutil.rmtree, good, ignore_errors=True)
        site.mkdir(exist_ok=True)
        if not self._said:
            try:
                make()
            except (Exception, SystemExit) as problem:
                # An author's mistake or a bug: in both cases the server must keep running, and report it.
                self._said = self._said or in_words(problem)
        if not self._said:
            shutil.rmtree(good)
            return
        print(self._said, file=sys.stderr, flush=True)
        shutil.rmtree(site)
        shutil.copytree(good, site)
        _show(site, self._said)


# One for the whole process, which may import build/hooks.py twice: as the program, and as MkDocs' hook.
kept = LastGoodSite()


def in_words(problem: BaseException) -> str:
    """What is wrong, with the project's file and line if they are known, and without a traceback."""
    if isinstance(problem, jinja2.TemplateError):
        return str(mistake(problem))
    said = str(problem).strip() or type(problem).__name__
    if type(problem).__module__.startswith(GENERATORS):
        return said
    frames = [frame for frame in traceback.extract_tb(problem.__traceback__) if ".venv" not in frame.filename]
    own = [frame for frame in frames if Path(frame.filename).is_relative_to(ROOT)]
    place = f"{os.path.relpath(own[-1].filename)}:{own[-1].lineno}: " if own else ""
    return f"{place}{type(problem).__name__}: {said}"


def _of_the_config(problem: BaseException, heard: list[str], file: Path) -> str:
    try:
        text, line, wrong = plain_text.read(file.read_bytes())
    except OSError as missing:
        return f"{file.name} cannot be read: {missing.strerror}"
    if wrong:
        return f"{file.name}:{line}: {wrong}"
    said = str(problem)
    place = list(_PLACE.finditer(said))
    if place:
        line = int(place[-1][1])
        rows = text.split("\n")
        if line <= len(rows) and "\t" in rows[line - 1]:
            return f"{file.name}:{line}: the line contains a tab; YAML allows only spaces"
        why = [row.strip() for row in said.split("\n") if row and not row.lstrip().startswith(("in ", "^"))]
        return f"{file.name}:{line}: this is not YAML: {why[-1] if why else said}"
    return "\n".join(f"{file.name}: {row}" for row in heard or [said])


def _show(site: Path, words: str) -> None:
    """Shows a message on every page; if there are no pages, on one that reloads itself until there are."""
    told = f'<pre class="ps-trouble" role="alert" style="{STYLE}">{html.escape(words)}</pre>'
    pages = [*site.rglob("*.html")]
    for page in pages:
        text = page.read_text(encoding="utf-8")
        body = _BODY.search(text)
        if body:
            page.write_text(text[: body.end()] + told + text[body.end() :], encoding="utf-8")
    if not pages:
        again = '<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="2">'
        for name in ("index.html", "404.html"):
            (site / name).write_text(
                f"{again}<title>Not built yet</title><body>{told}</body></html>\n", encoding="utf-8"
            )
