"""`serve` outlives an author's mistakes, while it runs and when it starts: with build/hooks.py, what knows MkDocs.

MkDocs' own server answers no request any more after a build that failed, and does not begin where mkdocs.yml cannot be
read. Here a build that fails leaves the pages of the last good one, each with what is wrong above it; where there were
none yet, a page that says so and looks again. The next save builds anew.
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
from pathlib import Path
from typing import Any

import jinja2
from mkdocs import livereload
from mkdocs.commands import serve
from mkdocs.config.defaults import MkDocsConfig

from output.templates import mistake
from reading import plain_text
from system.project import ROOT

CONFIG = "mkdocs.yml"
WATCHED = ("overrides", "engine")
STYLE = "white-space: pre-wrap; margin: 1rem; padding: 1rem; border: 3px solid #b3261e; font: 0.8rem/1.5 monospace"
_BODY = re.compile(r"<body\b[^>]*>")
_PLACE = re.compile(r'in "[^"]*", line (\d+)')

# What MkDocs would do, and what it does here; see `install`.
_load, _build, _serve_url = serve.load_config, serve.build, livereload._serve_url


class _Heard(logging.Handler):
    """What MkDocs says of a configuration that it refuses, before it gives up."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


class _State:
    """What the server goes on with."""

    config: MkDocsConfig | None = None  # the last one that could be read
    started = True  # whether the hooks know that they serve
    trouble: str | None = None  # why mkdocs.yml cannot be read
    said: str | None = None  # why the build that is under way has failed


state = _State()


def install() -> None:
    """From now on `mkdocs serve` is this one."""
    serve.load_config, serve.build = load_config, build
    serve._serve_url = livereload._serve_url = _address


def _address(host: str, port: int, path: str) -> str:
    """An address of the newer kind stands in brackets; MkDocs forgets them."""
    return _serve_url(f"[{host}]" if ":" in host else host, port, path)


def failed(problem: BaseException) -> None:
    """Keeps what the hooks have heard of a failed build: MkDocs itself only says that there was an error."""
    state.said = in_words(problem)


def load_config(**options: Any) -> MkDocsConfig:
    """mkdocs.yml, or the last one that could be read; `state.trouble` then says what is wrong with it."""
    heard = _Heard()
    logging.getLogger("mkdocs").addHandler(heard)
    try:
        config = _load(**options)
    except (Exception, SystemExit) as problem:
        # Whatever MkDocs raises here is a mistake in the author's file; there is no list of it.
        state.trouble = _of_the_config(problem, heard.lines, Path(options.get("config_file") or CONFIG))
        if state.config is None:
            state.started = False
            return _stand_in(options)
        return state.config
    finally:
        logging.getLogger("mkdocs").removeHandler(heard)
    if not state.started:
        config.plugins.on_startup(command="serve", dirty=False)
    state.config, state.started, state.trouble = config, True, None
    return config


def build(config: MkDocsConfig, *, serve_url: str | None = None, dirty: bool = False) -> None:
    """Builds the site, or shows on the pages of the last good one why it cannot."""
    site = Path(config.site_dir)
    good = site.with_name(f"{site.name}-last-good")
    state.said = state.trouble
    if good.exists():
        shutil.rmtree(site)
    else:
        try:
            site.rename(good)
        except OSError:  # Windows moves no folder from which a file is being read
            shutil.copytree(site, good)
        atexit.register(shutil.rmtree, good, ignore_errors=True)
    site.mkdir(exist_ok=True)
    if not state.said:
        try:
            _build(config, serve_url=serve_url, dirty=dirty)
        except (Exception, SystemExit) as problem:
            # An author's mistake, or the program's own: either way the server has to stay, and to say it.
            state.said = state.said or in_words(problem)
    if not state.said:
        shutil.rmtree(good)
        return
    print(state.said, file=sys.stderr, flush=True)
    shutil.rmtree(site)
    shutil.copytree(good, site)
    _show(site, state.said)


def in_words(problem: BaseException) -> str:
    """What is wrong, with the file and the line of the project where they are known, and without a traceback."""
    if isinstance(problem, jinja2.TemplateError):
        return str(mistake(problem))
    said = str(problem).strip() or type(problem).__name__
    if type(problem).__module__.startswith("mkdocs"):
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
            return f"{file.name}:{line}: the line holds a tab; YAML takes spaces alone"
        why = [row.strip() for row in said.split("\n") if row and not row.lstrip().startswith(("in ", "^"))]
        return f"{file.name}:{line}: this is not YAML: {why[-1] if why else said}"
    return "\n".join(f"{file.name}: {row}" for row in heard or [said])


def _stand_in(options: dict[str, Any]) -> MkDocsConfig:
    """A configuration that builds nothing: the server watches the project's files until mkdocs.yml can be read."""
    root = Path(options.get("config_file") or CONFIG).resolve().parent
    given = {name: value for name, value in options.items() if name in ("site_dir", "dev_addr") and value is not None}
    watch = [str(root / name) for name in WATCHED if (root / name).is_dir()]
    config = MkDocsConfig(config_file_path=str(root / CONFIG))
    (root / "docs").mkdir(exist_ok=True)
    config.load_dict({"site_name": "Press Start", "plugins": [], "watch": watch, **given})
    config.validate()
    return config


def _show(site: Path, words: str) -> None:
    """On every page; where there is none, on one that the browser asks for again until there is."""
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
