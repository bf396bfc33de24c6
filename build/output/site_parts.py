"""One build of the site, independent of MkDocs: what it reads, what is wrong with it, and the HTML of each block.

build/hooks.py calls it for MkDocs' events: `begin`; for each page `read_source`, `read_page` and `finish_page`; then
`errors`. The errors of all pages are collected, so that an author reads them at once; an error without a place is one
of the `troubles`. While `serve` runs, the last good text and script replace broken ones.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from authoring import block_facts, blocks, field_tables, front_matter, head_facts, site_mistakes
from authoring.block_fields import schemas
from authoring.block_kinds import KINDS
from authoring.presets import PresetsError
from authoring.presets import read as read_presets
from authoring.shapes import Shape, ShapesError
from authoring.shapes import read as read_shapes
from claims import check_table, claims_file, examined
from claims.facts import Facts
from claims.facts import Sources as FactSources
from model import seeds
from model.model_json import DescriptionError, read_description
from model.preset import Presets
from output import bundle, fonts, late_texts, single_file, stale_recordings
from output.templates import KeptTemplates, mistake
from prose import known_values, page_values, source_quotes
from prose.value_formats import escaped
from reading import plain_text
from reading.error_messages import AuthorError, told
from recorded import recorded_file, recorded_runs, recorded_seen, recorded_speed, recorded_states, report_cards
from system.project import ROOT
from texts import corpus as corpora
from texts import corpus_script

ASSETS = "assets/press-start"
# The page's script, and separately the Workers' program, so that the page can respond before it has loaded; and what
# only pages need that measure, that are about checkpoints, or that show the inside of a run.
SCRIPT, WORKER, SPEED, CHECKPOINT, INSTRUMENTS = (
    f"{ASSETS}/{name}.js" for name in ("press-start", "worker", "speed", "checkpoint", "instruments")
)
ENTRIES = {
    SCRIPT: bundle.PAGE,
    WORKER: bundle.LATE,
    SPEED: bundle.SPEED,
    CHECKPOINT: bundle.CHECKPOINT,
    INSTRUMENTS: bundle.INSTRUMENTS,
}
# Of kinds of blocks. The speed page's comes before the page's script, the others after it, because no reader needs
# them to press Start.
ABOUT_CHECKPOINTS = ("checkpoint", "twin-seeds", "talk", "weights", "file-bytes", "one-bit", "resumes", "stored")
WITH_INSTRUMENTS = ("samples", "replay", "presets", "surprise", "instruments", "attention", "copies")
OWN_SCRIPTS = (
    {"speed": SPEED} | dict.fromkeys(ABOUT_CHECKPOINTS, CHECKPOINT) | dict.fromkeys(WITH_INSTRUMENTS, INSTRUMENTS)
)
FONTS = "stylesheets/fonts.css"
CHART = "stylesheets/chart.css"


class SiteError(Exception):
    """The site cannot be built; says what is missing or wrong, and why."""


@dataclass
class Kept:
    """What `serve` keeps from one build to the next."""

    templates: KeptTemplates = field(default_factory=KeptTemplates)
    main_corpus: corpora.Corpus | None = None
    scripts: dict[str, bytes] | None = None


@dataclass
class Build:
    """What one build knows. `serve` makes a new one at every change."""

    serving: bool = False
    kept: Kept = field(default_factory=Kept)
    docs: Path = ROOT / "docs"
    site: blocks.Site | None = None
    texts: dict[str, corpora.Corpus] = field(default_factory=dict)  # the texts loaded so far, by name
    speed: recorded_speed.Recorded | None = None
    cards: list[report_cards.ReportCard] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)  # the names that prose may use
    claims: dict[str, list[claims_file.Claim]] = field(default_factory=dict)  # by page
    facts: Facts | None = None  # what claims are checked against
    templates: jinja2.Environment | None = None
    pages: dict[str, blocks.Page] = field(default_factory=dict)
    prose_errors: dict[str, list[AuthorError]] = field(default_factory=dict)  # outside blocks, by page
    unreadable: dict[str, list[AuthorError]] = field(default_factory=dict)  # of pages that are not UTF-8
    rendered: dict[str, str] = field(default_factory=dict)  # the blocks of the current page, by key
    troubles: list[str] = field(default_factory=list)  # what is wrong with the site as a whole

    def next(self) -> Build:
        """The build after this one."""
        return Build(self.serving, self.kept)

    def begin(self, docs: Path, templates: jinja2.Environment, root: Path = ROOT) -> None:
        """Reads everything that pages are checked against. Raises SiteError."""
        self.docs, self.templates = docs, templates
        templates.bytecode_cache = self.kept.templates
        templates.filters["seed"] = seeds.shown
        description = _description(root)
        main = self._main_corpus(root)
        if self.serving:  # without a network, every edit would wait for Shakespeare again
            os.environ[corpora.VARIABLE] = os.environ.get(corpora.VARIABLE, "").strip() or main.name
        self.texts[main.name] = main
        self.troubles += corpora.own_texts(root).all_problems
        names = corpora.available(root)
        names = [*names, *({main.name} - {*names})]
        shapes = self._shapes(root)
        self.speed = self._recorded_speed(root)
        self.cards, mistakes = report_cards.read(root, description)
        self.troubles += mistakes
        presets = self._presets(root, shapes)
        recorded = self._recordings(docs / "recorded")
        self.site = blocks.Site(description, main.name, names, self.corpus, shapes, presets, *recorded)
        self.troubles += stale_recordings.told(self.site)
        self._read_claims(root)
        self.values = self._values(main, root)

    def assets(self, root: Path = ROOT) -> dict[str, str | bytes]:
        """The site's scripts and the style sheets of fonts and chart, by address. Raises SiteError."""
        sheets = {FONTS: fonts.style_sheet(self.docs / "assets/fonts"), CHART: bundle.chart_style_sheet(root)}
        return {**self._scripts(root), **sheets}

    def read_source(self, uri: str, data: bytes) -> str | None:
        """The text of a page that is not UTF-8, as well as it can be read; None for a page in UTF-8."""
        text, line, wrong = plain_text.read(data)
        if not wrong:
            return None
        self.unreadable[uri] = [AuthorError(self._path(uri), line, wrong)]
        return text

    def read_page(self, uri: str, markdown: str, source: str, write: Callable[[str], str]) -> str:
        """The page's Markdown with its values filled in, and a keyed fence in place of each block.

        `source` is the page with its front matter; `write` renders Markdown in a block's field as HTML for that page.
        """
        path = self._path(uri)
        first_line = source[: max(source.rfind(markdown), 0)].count("\n") + 1  # after the front matter
        prose = page_values.render(markdown, path, first_line, self.values)
        self.prose_errors[uri] = self.unreadable.get(uri, []) + front_matter.errors(source, path) + prose.errors
        self.prose_errors[uri] += self._false_claims(uri, examined.Page(source, prose.markdown, prose.lines))

        def in_a_field(text: str, line: int) -> tuple[str, list[AuthorError]]:
            filled = page_values.render(text, path, line, self.values)
            return write(filled.markdown), filled.errors

        page = self.pages[uri] = blocks.read_page(prose.markdown, path, prose.lines, self.site, in_a_field)
        late_texts.mark(page.blocks, self.texts)
        self.rendered = {block.key: self.render(block) for block in page.blocks}
        return page.markdown

    def finish_page(self, uri: str, html: str, source: str) -> str:
        """The page's HTML with its errors, including each block that Markdown has misread and that would not show."""
        path = self._path(uri)
        for block in self.pages[uri].blocks:
            if f'id="{block.key}"' in html:
                continue
            message = (
                f"in {block.called}: it would not show: Markdown reads it as code, or as part of the text "
                "before it; indent it as far as the text that it belongs to, or not at all"
            )
            block.errors.append(AuthorError(path, block.line, message))
            html = self.render(block) + html
        errors = self.prose_errors[uri]
        errors += site_mistakes.of_page(html, source, path)
        if errors:
            html = self.templates.get_template("widgets/prose_errors.html").render(errors=errors) + html
        return html

    def errors(self) -> list[str]:
        """Everything that is wrong, once every page has been read."""
        return self.troubles + told([error for uri in self.pages for error in self.errors_of(uri)])

    def errors_of(self, uri: str) -> list[AuthorError]:
        return sorted([*self.prose_errors[uri], *self.pages[uri].errors], key=lambda error: error.line)

    def corpus_scripts(self) -> Iterator[tuple[str, str | bytes]]:
        """The texts that the pages train on as scripts, each with its address."""
        for name in sorted({name for uri in self.pages for name in self._corpora_of(uri)}):
            yield _corpus_uri(name), corpus_script.page_script(self.texts[name])

    def pictures(self) -> Iterator[tuple[str, bytes]]:
        """The recorded pictures that pages show, each with its address."""
        for uri in self.pages:
            for block in self.pages[uri].blocks:
                states = block_facts.states_of(block, self) if block.kind == "weights" and block.island else None
                for iteration, data in states.pictures.items() if states else ():
                    yield block_facts.picture_uri(states, iteration), data
                seen = block_facts.seen_of(block, self) if block.kind == "attention" and block.island else None
                if seen and seen.maps:
                    yield head_facts.picture_uri(seen), head_facts.picture(seen)

    def up(self, block: blocks.Block) -> str:
        """What leads from the block's page to the site's first folder: "../" for each folder."""
        uri = next((uri for uri, page in self.pages.items() if any(other is block for other in page.blocks)), "")
        return "../" * uri.count("/")

    def in_page(self, uri: str) -> dict[str, Any]:
        """The variables for the template of the whole page, overrides/main.html."""
        known: dict[str, Any] = {"press_start_troubles": self.troubles}
        kinds = {block.kind for block in self.pages[uri].blocks if block.island}
        known["press_start_staged"] = any(block.partner for block in self.pages[uri].blocks)
        if any(KINDS[kind].needs_script for kind in kinds):
            at_once, late = late_texts.texts_of(self.pages[uri].blocks)
            texts = [*map(_corpus_uri, at_once)]
            own = {script for kind, script in OWN_SCRIPTS.items() if kind in kinds}
            known["press_start_scripts"] = [*texts, *own & {SPEED}, SCRIPT]
            known["press_start_engine"] = [*own & {CHECKPOINT}, *([WORKER] if texts else []), *own & {INSTRUMENTS}]
            known["press_start_stored"] = self._lists_stored_runs()
            known["press_start_late_texts"] = {name: _corpus_uri(name) for name in late}
        return known

    def _lists_stored_runs(self) -> str | None:
        """The first page with the list of stored runs; None if the site has none."""
        return next((uri for uri, page in self.pages.items() if any(one.kind == "stored" for one in page.blocks)), None)

    def render(self, block: blocks.Block) -> str:
        """The block's HTML, and that of its partner if it has one."""
        if block.partner is None:
            return self._template(block, block.kind)
        pair = [block, block.partner]
        if any(one.errors for one in pair):
            return "".join(self._template(one, one.kind) for one in pair)
        runner, samples = sorted(pair, key=lambda one: one.kind)
        parts = {
            **{part: self._template(runner, "runner", part=part) for part in ("stage", "more", "caption")},
            "samples": self._template(samples, "samples", together=True),
        }
        return self.templates.get_template("widgets/together.html").render(parts)

    def _template(self, block: blocks.Block, name: str, **options: Any) -> str:
        if block.errors:
            return self.templates.get_template("widgets/errors.html").render(block=block)
        facts = block_facts.facts(block, self) | options
        try:
            return self.templates.get_template(f"widgets/{name}.html").render(facts)
        except jinja2.TemplateError as problem:
            said = str(mistake(problem))
            self.troubles += [said] if said not in self.troubles else []
            return f'<div id="{block.key}"></div>'

    def corpus(self, name: str) -> corpora.Corpus:
        """The text of that name. Raises CorpusError."""
        if name not in self.texts:
            self.texts[name] = corpora.load(name, ROOT)
        return self.texts[name]

    @property
    def main_corpus(self) -> corpora.Corpus:
        """The text that the site was built with."""
        return self.texts[self.site.main_corpus]

    def beside(self, block: blocks.Block) -> list[blocks.Block]:
        """All blocks on the page that contains this one."""
        pages = (page.blocks for page in self.pages.values())
        return next((page for page in pages if any(other is block for other in page)), [])

    def _path(self, uri: str) -> str:
        return f"{self.docs.name}/{uri}"

    def _main_corpus(self, root: Path) -> corpora.Corpus:
        try:
            self.kept.main_corpus = corpora.load(root=root)
        except corpora.CorpusError as problem:
            if self.kept.main_corpus is None:
                raise SiteError(str(problem)) from problem
            self.troubles.append(str(problem))
        return self.kept.main_corpus

    def _scripts(self, root: Path) -> dict[str, bytes]:
        try:
            self.kept.scripts = {uri: bundle.build(root, entry) for uri, entry in ENTRIES.items()}
        except bundle.BundleError as problem:
            if self.kept.scripts is None:
                raise SiteError(str(problem)) from problem
            self.troubles.append(str(problem))
        return self.kept.scripts

    def _recorded_speed(self, root: Path) -> recorded_speed.Recorded:
        try:
            return recorded_speed.read(root)
        except recorded_file.RecordedFileError as problem:
            if not self.serving:
                raise SiteError(str(problem)) from problem
            self.troubles.append(str(problem))
            return recorded_speed.Recorded(peers=None, ours=None)

    def _shapes(self, root: Path) -> dict[str, Shape]:
        try:
            return read_shapes(root)
        except ShapesError as problem:
            self.troubles += map(str, problem.errors)
            return {}

    def _presets(self, root: Path, shapes: Mapping[str, Shape]) -> Presets:
        try:
            return read_presets(root, [*shapes] or None)
        except PresetsError as problem:
            self.troubles += map(str, problem.errors)
            return Presets()

    def _recordings(
        self, folder: Path
    ) -> tuple[list[recorded_runs.Recording], list[recorded_states.States], list[recorded_seen.Seen]]:
        try:
            return recorded_runs.read(folder), recorded_states.read(folder), recorded_seen.read(folder)
        except recorded_file.RecordedFileError as problem:
            self.troubles.append(str(problem))
            return [], [], []

    def _read_claims(self, root: Path) -> None:
        """Reads docs/claims.yml, and checks what is claimed on files that are not pages, such as docs/presets.yml."""
        names = self.site.corpus_names
        at_hand = corpora.at_hand(self.site.main_corpus, names)
        self.facts = Facts(
            FactSources(
                root,
                self.site.description,
                self.site.recordings,
                self.site.presets,
                self.corpus,
                names,
                at_hand,
                self.site.states,
                self.site.seen,
            )
        )
        try:
            claims = claims_file.read(self.docs).claims
        except claims_file.ClaimsError as problem:
            self.troubles += map(str, problem.errors)
            return
        self.troubles += map(str, examined.unknown_names(claims, self.docs, names))
        self.claims = examined.by_page(claims)
        for page in self.claims:
            path = self.docs / page
            if not page.endswith(".md") and path.is_file():
                self.troubles += map(str, self._false_claims(page, examined.Page(plain_text.read_file(path)[0])))

    def _false_claims(self, uri: str, page: examined.Page) -> list[AuthorError]:
        return examined.false_on(page, self.claims.get(uri, []), self.facts)

    def _values(self, main: corpora.Corpus, root: Path) -> dict[str, Any]:
        values = known_values.known_values(
            known_values.Sources(
                description=self.site.description,
                main=main,
                corpus_names=self.site.corpus_names,
                corpus=self.corpus,
                abouts=self._abouts(main, root),
                corpus_choice=corpora.choice(main.name),
                recordings=self.site.recordings,
                states=self.site.states,
                seen=self.site.seen,
                presets=self.site.presets,
                speed=self.speed,
                quote=self._quote,
                single_file_bytes=single_file.LIMIT_BYTES,
            )
        )
        functions = {
            "source": lambda path, name: source_quotes.source(root, path, name),
            "fields_of": field_tables.for_pages(schemas(self.site.description)),
            "claim_checks": check_table.table(),
        }
        return values | functions

    def _abouts(self, main: corpora.Corpus, root: Path) -> list[corpora.About]:
        """What is known about the author's own texts. Mistakes in their descriptions are added to the troubles."""
        found = []
        for name in corpora.own_texts(root).files:
            try:
                found += filter(None, [corpora.about(name, root)])
            except corpora.CorpusError as problem:
                self.troubles += str(problem).split("\n")
        elsewhere = main.name not in corpora.available(root)
        return [*found, *([corpora.About(main.title, main.credits)] if elsewhere else [])]

    def _quote(self, _recording: recorded_runs.Recording, sample: Mapping[str, Any]) -> Markup:
        """A sample's HTML on one line, as every value in a page must be."""
        letters = {name: Markup(escaped(sample[name]).replace("\n", "&#10;")) for name in ("prompt", "text")}
        html = self.templates.get_template("widgets/quoted.html").render(sample={**sample, **letters})
        return Markup(html.strip().replace("\n", " "))

    def _corpora_of(self, uri: str) -> list[str]:
        islands = [block.island for block in self.pages[uri].blocks if block.island]
        return sorted({island["corpus"] for island in islands if "corpus" in island})


def _description(root: Path) -> dict[str, Any]:
    try:
        return read_description(root)
    except DescriptionError as problem:
        raise SiteError(str(problem)) from problem


def _corpus_uri(name: str) -> str:
    return f"{ASSETS}/corpus-{name}.js"
