"""Passes MkDocs' events on to plain Python. Only this file and overrides/ depend on MkDocs and Material.

A build collects the errors of all pages and then fails once, with all of them. `serve` never fails, because its server
would hang: it shows each error at its place in the page, and all of them in the terminal. Errors without a place are
shown on every page.

`python build/hooks.py serve` is a `mkdocs serve` that survives mistakes from the start.
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import jinja2
import mkdocs
from mkdocs import livereload
from mkdocs.commands import serve
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import Abort, PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page

from authoring import blocks, site_mistakes
from output import last_good_site, policy, translation
from output.site_parts import Build, SiteError
from reading.error_messages import annotations
from system import disk

CONFIG = "mkdocs.yml"
WATCHED = ("overrides", "engine")

build = Build()


def on_startup(command: str, dirty: bool) -> None:
    build.serving = command == "serve"
    if build.serving:
        outlive_mistakes()
    # MkDocs writes this time into the compressed site map. A fixed time keeps two builds identical byte for byte.
    os.environ.setdefault("SOURCE_DATE_EPOCH", "0")


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    global build
    build = build.next()
    try:
        build.begin(Path(config.docs_dir), config.theme.get_env())
    except SiteError as problem:
        raise PluginError(str(problem)) from problem
    fences = config.mdx_configs.setdefault("pymdownx.superfences", {}).setdefault("custom_fences", [])
    fences.append({"name": blocks.PLACE, "class": blocks.PLACE, "format": _rendered_block})
    config.extra["corpus"] = build.main_corpus
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    try:
        for uri, content in build.assets().items():
            files.append(File.generated(config, uri, content=content))
    except SiteError as problem:
        raise PluginError(str(problem)) from problem
    for file in [*files]:
        if _is_unused(file, config):
            files.remove(file)
    build.site = replace(build.site, pages={page.src_uri for page in files.documentation_pages()})
    build.troubles += map(str, site_mistakes.of(_asked(config, files)))
    return files


def on_page_read_source(page: Page, config: MkDocsConfig) -> str | None:
    """A page that is not UTF-8 is read as well as possible, so that all of its errors are reported at once."""
    text = build.read_source(page.file.src_uri, page.file.content_bytes)
    if text is not None:
        page.file.content_string = text
    return text


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    def write(text: str) -> str:
        """Markdown in a block's field as HTML, rendered as MkDocs would on that page, including links."""
        part = Page(None, File.generated(config, page.file.src_uri, content=text), config)
        part.markdown = text
        part.render(config, files)
        return part.content

    return build.read_page(page.file.src_uri, markdown, page.file.content_string, write)


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    return build.finish_page(page.file.src_uri, html, page.file.content_string)


def on_env(env: jinja2.Environment, config: MkDocsConfig, files: Files) -> jinja2.Environment:
    env.bytecode_cache = build.kept.templates
    errors = build.errors()
    if errors and not build.serving:
        for annotation in annotations(errors):
            print(annotation, flush=True)
        raise PluginError("not built, because of these errors:\n" + "\n".join(errors))
    if errors:
        print("\n".join(errors), file=sys.stderr, flush=True)
    for uri, content in (*build.corpus_scripts(), *dict(build.pictures()).items()):
        files.append(File.generated(config, uri, content=content))
    return env


def on_page_context(context: dict[str, Any], page: Page, config: MkDocsConfig, nav: Navigation) -> dict[str, Any]:
    context.update(build.in_page(page.file.src_uri))
    return context


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:
    return policy.fill(translation.marked(output), policy.SITE, live_reload=build.serving)


def on_post_template(output: str, template_name: str, config: MkDocsConfig) -> str:
    """404.html is a page and needs a policy; the site map does not."""
    if not template_name.endswith(".html"):
        return output
    return policy.fill(output, policy.SITE, live_reload=build.serving)


def on_build_error(error: Exception) -> None:
    """Reports a mistake in a template, or a full disk, in a sentence; with `serve`, on the pages."""
    said = disk.sentence(error) if isinstance(error, OSError) else None
    if build.serving:
        last_good_site.kept.failed(said or last_good_site.in_words(error))
    elif said:
        raise Abort(said) from None
    elif isinstance(error, jinja2.TemplateError | policy.PolicyError):
        raise PluginError(last_good_site.in_words(error)) from error


def outlive_mistakes() -> None:
    """Makes build/output/last_good_site.py keep `mkdocs serve` alive, by replacing functions of MkDocs."""
    kept, load, make, address = last_good_site.kept, serve.load_config, serve.build, livereload._serve_url
    if kept.installed:
        return

    def load_config(**options: Any) -> MkDocsConfig:
        config = kept.config(lambda: load(**options), Path(options.get("config_file") or CONFIG), mkdocs.__name__)
        if config is None:
            return _stand_in(options)
        if kept.late:
            config.plugins.on_startup(command="serve", dirty=False)
        return config

    def make_or_keep(config: MkDocsConfig, **options: Any) -> None:
        kept.build(Path(config.site_dir), lambda: make(config, **options))

    def bracketed(host: str, port: int, path: str) -> str:
        """Adds the brackets that an IPv6 address needs in a URL, and that MkDocs leaves out."""
        return address(f"[{host}]" if ":" in host else host, port, path)

    serve.load_config, serve.build = load_config, make_or_keep
    serve._serve_url = livereload._serve_url = bracketed
    kept.installed = True


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


def _asked(config: MkDocsConfig, files: Files) -> site_mistakes.Asked:
    docs = Path(config.docs_dir)
    sheets = [(file.abs_src_path, file.src_uri) for file in files.css_files() if file.abs_src_path]
    return site_mistakes.Asked(
        config_file=Path(config.config_file_path) if config.config_file_path else None,
        nav=config.nav,
        assets=[*map(str, config.extra_css), *map(str, config.extra_javascript)],
        pages=[page.src_uri for page in files.documentation_pages()],
        files={*files.src_uris},
        sheets={f"{docs.name}/{uri}": Path(path) for path, uri in sheets if Path(path).is_relative_to(docs)},
    )


def _is_unused(file: File, config: MkDocsConfig) -> bool:
    """Whether no page needs this file: source maps of Material, and search in languages that the site does not use."""
    search = config.plugins.get("material/search")  # an author may have left it out
    english = search is None or search.config.lang == ["en"]
    return file.src_uri.endswith((".js.map", ".css.map")) or (english and "/javascripts/lunr/" in file.src_uri)


def _rendered_block(source: str, *_: Any, **__: Any) -> str:
    """Called by superfences for the keyed fence that has replaced a block."""
    return build.rendered[source.strip()]


if __name__ == "__main__":
    from mkdocs.__main__ import cli

    outlive_mistakes()
    cli(prog_name="mkdocs")
