"""MkDocs' events: this file, output/last_good_site.py, authoring/site_mistakes.py and overrides/ know MkDocs.

A build collects what is wrong on all pages and fails once, with everything. `serve` never fails, because its server
would be stuck: it shows each error at its place in the page, and all of them in the terminal. What has no place of its
own, last_good_site.py shows on every page.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import Abort, PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page

from authoring import block_facts, blocks, field_tables, front_matter, presets, shapes, site_mistakes
from authoring.block_fields import schemas
from authoring.block_kinds import KINDS
from model import seeds
from model.model_json import DescriptionError, read_description
from model.preset import Presets
from output import bundle, fonts, last_good_site, policy, single_file, translation
from output.templates import KeptTemplates, mistake
from prose import known_values, page_values, source_quotes
from prose.value_formats import escaped
from reading import plain_text
from reading.author_errors import AuthorError, annotations, told
from recorded import recorded_runs, recorded_speed
from system import disk
from system.project import ROOT
from texts import corpus as corpora
from texts import corpus_script

ASSETS = "assets/press-start"
# The page's script, and behind it the Workers' program, for which nobody has to wait before the page answers.
SCRIPT, WORKER = f"{ASSETS}/press-start.js", f"{ASSETS}/worker.js"
ENTRIES = {SCRIPT: bundle.PAGE, WORKER: bundle.WORKER_SOURCE}
FONTS = "stylesheets/fonts.css"
CHART = "stylesheets/chart.css"


@dataclass
class Build:
    """What one build of the site knows. `serve` starts a new one at every change."""

    corpora: dict[str, corpora.Corpus] = field(default_factory=dict)
    pages: dict[str, blocks.Page] = field(default_factory=dict)
    prose_errors: dict[str, list[AuthorError]] = field(default_factory=dict)  # outside blocks, by page
    unreadable: dict[str, list[AuthorError]] = field(default_factory=dict)  # of pages that are not UTF-8
    rendered: dict[str, str] = field(default_factory=dict)  # the blocks of the page in work, by key
    troubles: list[str] = field(default_factory=list)  # what is wrong with the site as a whole
    templates: jinja2.Environment | None = None
    site: blocks.Site | None = None
    recorded: recorded_speed.Recorded | None = None
    presets: Presets = field(default_factory=Presets)
    recordings: list[recorded_runs.Recording] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)  # what prose may name

    def beside(self, block: blocks.Block) -> list[blocks.Block]:
        """All blocks of the page on which this one stands."""
        pages = (page.blocks for page in self.pages.values())
        return next((page for page in pages if any(other is block for other in page)), [])


serving = False
build = Build()
kept_templates = KeptTemplates()
# What `serve` goes on with while the text or the program is broken.
last_corpus: corpora.Corpus | None = None
last_scripts: dict[str, bytes] | None = None


def on_startup(command: str, dirty: bool) -> None:
    global serving
    serving = command == "serve"
    if serving:
        last_good_site.install()
    # MkDocs writes this moment into the compressed site map: any fixed one keeps two builds the same to the byte.
    os.environ.setdefault("SOURCE_DATE_EPOCH", "0")


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    global build
    build = Build()
    description = _description()
    main = _main_corpus()
    if serving:  # without a network Shakespeare would be asked for again, and waited for, at every edit
        os.environ[corpora.VARIABLE] = os.environ.get(corpora.VARIABLE, "").strip() or main.name
    build.corpora[main.name] = main
    build.troubles += corpora.own_texts(ROOT).all_problems
    names = corpora.available(ROOT)
    build.site = blocks.Site(description, main.name, [*names, *({main.name} - {*names})], _corpus, _shapes())
    build.recorded = _recorded_speed()
    build.templates = config.theme.get_env()
    build.templates.bytecode_cache = kept_templates
    build.templates.filters["seed"] = seeds.shown
    build.presets = _presets()
    build.recordings = _recordings(Path(config.docs_dir) / "recorded")
    build.site = replace(build.site, recordings=build.recordings, presets=build.presets)
    build.values = _values(main)
    fences = config.mdx_configs.setdefault("pymdownx.superfences", {}).setdefault("custom_fences", [])
    fences.append({"name": blocks.PLACE, "class": blocks.PLACE, "format": _rendered_block})
    config.extra["corpus"] = main
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    for uri, script in _scripts().items():
        files.append(File.generated(config, uri, content=script))
    files.append(File.generated(config, FONTS, content=fonts.style_sheet(Path(config.docs_dir) / "assets/fonts")))
    files.append(File.generated(config, CHART, content=bundle.chart_style_sheet(ROOT)))
    for file in [*files]:
        if _nobody_asks_for(file, config):
            files.remove(file)
    build.troubles += map(str, site_mistakes.of(config, files))
    return files


def on_page_read_source(page: Page, config: MkDocsConfig) -> str | None:
    """A page that is not UTF-8 is read as well as it can be, so that all that is wrong with it is said at once."""
    text, line, wrong = plain_text.read(page.file.content_bytes)
    if not wrong:
        return None
    path = f"{Path(config.docs_dir).name}/{page.file.src_uri}"
    build.unreadable[page.file.src_uri] = [AuthorError(path, line, wrong)]
    page.file.content_string = text
    return text


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    path = f"{Path(config.docs_dir).name}/{page.file.src_uri}"
    prose = page_values.render(markdown, path, _first_line(markdown, page), build.values)
    unreadable = build.unreadable.get(page.file.src_uri, [])
    fields = front_matter.errors(page.file.content_string, path)
    build.prose_errors[page.file.src_uri] = unreadable + fields + prose.errors
    result = blocks.read_page(prose.markdown, path, prose.lines, build.site, _prose_of(page, config, files))
    build.pages[page.file.src_uri] = result
    build.rendered = {block.key: _render(block) for block in result.blocks}
    return result.markdown


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """A block that Markdown took for something else would be missing without a word."""
    path = f"{Path(config.docs_dir).name}/{page.file.src_uri}"
    for block in build.pages[page.file.src_uri].blocks:
        if f'id="{block.key}"' in html:
            continue
        message = (
            f"in {block.called}: it would not show: Markdown takes it for code, or for part of what stands "
            "before it; indent it as far as the text that it belongs to, or not at all"
        )
        block.errors.append(AuthorError(path, block.line, message))
        html = _render(block) + html
    prose_errors = build.prose_errors[page.file.src_uri]
    prose_errors += site_mistakes.of_page(html, page.file.content_string, path)
    if prose_errors:
        html = build.templates.get_template("widgets/prose_errors.html").render(errors=prose_errors) + html
    return html


def on_env(env: jinja2.Environment, config: MkDocsConfig, files: Files) -> jinja2.Environment:
    env.bytecode_cache = kept_templates
    errors = build.troubles + told([error for uri in build.pages for error in _errors_of(uri)])
    if errors and not serving:
        for annotation in annotations(errors):
            print(annotation, flush=True)
        raise PluginError("not built, because of what stands below:\n" + "\n".join(errors))
    if errors:
        print("\n".join(errors), file=sys.stderr, flush=True)
    for name in sorted({name for uri in build.pages for name in _corpora_of(uri)}):
        script = corpus_script.page_script(build.corpora[name])
        files.append(File.generated(config, _corpus_uri(name), content=script))
    return env


def on_page_context(context: dict[str, Any], page: Page, config: MkDocsConfig, nav: Navigation) -> dict[str, Any]:
    uri = page.file.src_uri
    if any(block.island and KINDS[block.kind].needs_script for block in build.pages[uri].blocks):
        texts = [*map(_corpus_uri, _corpora_of(uri))]
        context["press_start_scripts"] = [*texts, SCRIPT]
        context["press_start_engine"] = [WORKER] if texts else []
    context["press_start_troubles"] = build.troubles
    return context


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:
    return policy.fill(translation.marked(output), policy.SITE, live_reload=serving)


def on_build_error(error: Exception) -> None:
    """A mistake in a template ends as a sentence, too, and so does a full disk: in `serve` on the pages."""
    said = disk.sentence(error) if isinstance(error, OSError) else None
    if serving:
        last_good_site.failed(Abort(said) if said else error)
    elif said:
        raise Abort(said) from None
    elif isinstance(error, jinja2.TemplateError | policy.PolicyError):
        raise PluginError(last_good_site.in_words(error)) from error


def on_post_template(output: str, template_name: str, config: MkDocsConfig) -> str:
    """404.html is a page too; the site map is none."""
    return policy.fill(output, policy.SITE, live_reload=serving) if template_name.endswith(".html") else output


def _nobody_asks_for(file: File, config: MkDocsConfig) -> bool:
    """Maps of Material's own source, and its search in other languages than the one it was set to."""
    search = config.plugins.get("material/search")  # an author may have left it out
    english = search is None or search.config.lang == ["en"]
    return file.src_uri.endswith((".js.map", ".css.map")) or (english and "/javascripts/lunr/" in file.src_uri)


def _description() -> dict[str, Any]:
    try:
        return read_description(ROOT)
    except DescriptionError as problem:
        raise PluginError(str(problem)) from problem


def _main_corpus() -> corpora.Corpus:
    global last_corpus
    try:
        last_corpus = corpora.load(root=ROOT)
    except corpora.CorpusError as problem:
        if last_corpus is None:
            raise PluginError(str(problem)) from problem
        build.troubles.append(str(problem))
    return last_corpus


def _recorded_speed() -> recorded_speed.Recorded:
    try:
        return recorded_speed.read(ROOT)
    except recorded_speed.RecordedProblem as problem:
        if not serving:
            raise PluginError(str(problem)) from problem
        build.troubles.append(str(problem))
        return recorded_speed.Recorded(peers=None, ours=None)


def _presets() -> Presets:
    try:
        return presets.read(ROOT, [*build.site.shapes] or None)
    except presets.PresetsError as problem:
        build.troubles += map(str, problem.errors)
        return Presets()


def _shapes() -> dict[str, shapes.Shape]:
    try:
        return shapes.read(ROOT)
    except shapes.ShapesError as problem:
        build.troubles += map(str, problem.errors)
        return {}


def _prose_of(page: Page, config: MkDocsConfig, files: Files) -> blocks.Prose:
    """Markdown in a block's field is written as MkDocs would write it on that page, its links included."""
    path = f"{Path(config.docs_dir).name}/{page.file.src_uri}"

    def prose(text: str, line: int) -> tuple[str, list[AuthorError]]:
        filled = page_values.render(text, path, line, build.values)
        part = Page(None, File.generated(config, page.file.src_uri, content=filled.markdown), config)
        part.markdown = filled.markdown
        part.render(config, files)
        return part.content, filled.errors

    return prose


def _recordings(folder: Path) -> list[recorded_runs.Recording]:
    """Those in the project's docs; what is no longer true of them is trouble, so that no page can quote it."""
    try:
        found = recorded_runs.read(folder)
    except recorded_speed.RecordedProblem as problem:
        build.troubles.append(str(problem))
        return []
    build.troubles += recorded_runs.told(filter(None, map(_stale, found)))
    return found


def _stale(recording: recorded_runs.Recording) -> recorded_runs.Stale | str | None:
    name, main = recording.corpus, build.site.main_corpus
    try:
        text = _corpus(name) if name in corpora.at_hand(main, build.site.corpus_names) else None
        # What a text that is not here calls its phases is known by the recording alone.
        phases = text.phases if text else corpora.phases(name) or recording.run["config"]["phases"]
    except corpora.CorpusError as problem:
        return str(problem)
    sha256, choice = text.sha256 if text else None, corpora.choice(name)
    return recorded_runs.stale(recording, build.site.description, build.presets, sha256, choice, phases)


def _values(main: corpora.Corpus) -> dict[str, Any]:
    values = known_values.known_values(
        known_values.Sources(
            description=build.site.description,
            main=main,
            corpus_names=build.site.corpus_names,
            corpus=_corpus,
            abouts=_abouts(main),
            corpus_choice=corpora.choice(main.name),
            recordings=build.recordings,
            presets=build.presets,
            speed=build.recorded,
            quote=_quote,
            single_file_bytes=single_file.LIMIT_BYTES,
        )
    )
    functions = {
        "source": lambda path, name: source_quotes.source(ROOT, path, name),
        "fields_of": field_tables.for_pages(schemas(build.site.description)),
    }
    return values | functions


def _abouts(main: corpora.Corpus) -> list[corpora.About]:
    """What is known of the author's own texts; what is wrong there is trouble, once."""
    found = []
    for name in corpora.own_texts(ROOT).files:
        try:
            found += filter(None, [corpora.about(name, ROOT)])
        except corpora.CorpusError as problem:
            build.troubles += str(problem).split("\n")
    elsewhere = main.name not in corpora.available(ROOT)
    return [*found, *([corpora.About(main.title, main.credits)] if elsewhere else [])]


def _quote(_recording: recorded_runs.Recording, sample: Mapping[str, Any]) -> Markup:
    """On one line, as everything that stands for a value in a page."""
    letters = {name: Markup(escaped(sample[name]).replace("\n", "&#10;")) for name in ("prompt", "text")}
    html = build.templates.get_template("widgets/quoted.html").render(sample={**sample, **letters})
    return Markup(html.strip().replace("\n", " "))


def _errors_of(uri: str) -> list[AuthorError]:
    return sorted([*build.prose_errors[uri], *build.pages[uri].errors], key=lambda error: error.line)


def _scripts() -> dict[str, bytes]:
    global last_scripts
    try:
        last_scripts = {uri: bundle.build(ROOT, entry) for uri, entry in ENTRIES.items()}
    except bundle.BundleError as problem:
        if last_scripts is None:
            raise PluginError(str(problem)) from problem
        build.troubles.append(str(problem))
    return last_scripts


def _corpus(name: str) -> corpora.Corpus:
    if name not in build.corpora:
        build.corpora[name] = corpora.load(name, ROOT)
    return build.corpora[name]


def _corpora_of(uri: str) -> list[str]:
    islands = [block.island for block in build.pages[uri].blocks if block.island]
    return sorted({island["corpus"] for island in islands if "corpus" in island})


def _corpus_uri(name: str) -> str:
    return f"{ASSETS}/corpus-{name}.js"


def _first_line(markdown: str, page: Page) -> int:
    """The line of the file on which the Markdown begins, behind the front matter."""
    source = page.file.content_string
    return source[: max(source.rfind(markdown), 0)].count("\n") + 1


def _render(block: blocks.Block) -> str:
    if block.errors:
        return build.templates.get_template("widgets/errors.html").render(block=block)
    facts = block_facts.facts(block, build)
    try:
        return build.templates.get_template(f"widgets/{block.kind}.html").render(facts)
    except jinja2.TemplateError as problem:
        told = str(mistake(problem))
        build.troubles += [told] if told not in build.troubles else []
        return f'<div id="{block.key}"></div>'


def _rendered_block(source: str, *_: Any, **__: Any) -> str:
    """Called by superfences for the keyed fence that stands where a block stood."""
    return build.rendered[source.strip()]


if __name__ == "__main__":  # `python build/hooks.py serve` is `mkdocs serve` that outlives mistakes from its start on
    from mkdocs.__main__ import cli

    last_good_site.install()
    cli(prog_name="mkdocs")
