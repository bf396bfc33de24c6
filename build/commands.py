"""What each command does once .venv exists: a few lines each, which call the modules that do the work."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from authoring import presets
from model.model_json import DescriptionError
from output import kernels, usb
from recorded import headless, record_command, recorded_file
from system import deno_program, disk, interrupts, replaced_folder, serve_address
from system.project import ROOT
from testing import browser, run_tests
from texts import corpus as corpora

SITE, DIST = ROOT / "site", ROOT / "dist"
MAKES = {"site": SITE, "usb": DIST, "record": ROOT / recorded_file.FOLDER}
INTERRUPTED = {
    "site": "Interrupted: site/ is as it was.",
    "usb": "Interrupted: dist/ is as it was.",
    "record": "Interrupted: this run is not recorded.",
    "kernels": "Interrupted: a module in engine/cpu/ is either as it was or new, never half.",
}
SITE_URL = "PRESS_START_URL"  # mkdocs.yml reads it
PROBLEMS = (
    replaced_folder.FolderError,
    corpora.CorpusError,
    DescriptionError,
    deno_program.PackagesError,
    browser.NoBrowserError,
    kernels.CompileError,
    presets.PresetsError,
    record_command.RecordError,
    serve_address.AddressError,
)


def run(arguments: argparse.Namespace) -> int:
    """Runs the requested command and returns its exit status. Reports a problem in a sentence."""
    every = {"serve": serve, "site": site, "test": test, "record": record, "bench": bench, "kernels": compile_kernels}
    every |= {"usb": make_usb}
    run_one = every[arguments.command]
    try:
        choose_corpus(getattr(arguments, "corpus", None))
        return run_one(arguments)
    except PROBLEMS as problem:
        print(problem, file=sys.stderr)
    except OSError as problem:
        said = disk.sentence(problem, MAKES.get(arguments.command))
        if said is None:
            raise
        print(said, file=sys.stderr)
    except KeyboardInterrupt:
        print(INTERRUPTED.get(arguments.command, "Interrupted."), file=sys.stderr)
        raise
    return 1


def choose_corpus(choice: str | None) -> None:
    """Passes --corpus to every child process, MkDocs included, through the environment.

    A path is made absolute, because children may run in another folder.
    """
    choice = choice or os.environ.get(corpora.VARIABLE, "").strip()
    if choice == corpora.PROJECT:
        choice = corpora.project_choice()
    if choice and choice not in corpora.available() and Path(choice).expanduser().is_file():
        choice = str(Path(choice).expanduser().resolve())
    if choice:
        os.environ[corpora.VARIABLE] = choice


def serve(arguments: argparse.Namespace) -> int:
    place = serve_address.place(arguments.host, arguments.port)
    print(f"Building the lesson to serve it at {place.url}; press Ctrl-C to stop.", flush=True)
    try:
        # --livereload is MkDocs' default, but with the newest click the default has no effect.
        return mkdocs("serve", "--livereload", "--dev-addr", place.for_mkdocs)
    except interrupts.Ended:
        raise
    except KeyboardInterrupt as problem:  # the usual way to stop a server
        if problem.left != 0:  # it was still building
            raise
        return 0


def site(arguments: argparse.Namespace) -> int:
    if arguments.url is not None:
        os.environ[SITE_URL] = arguments.url
    with replaced_folder.workplace(SITE) as place:
        status = mkdocs("build", "--strict", "--site-dir", str(place.new))
        if status != 0:
            return status
        # Hidden files stay, as with MkDocs.
        place.swap({name.name for name in SITE.glob("[!.]*")} | {path.name for path in place.new.iterdir()})
    print(f"The site is in {SITE}: open index.html there, or put the folder on any web server.")
    return 0


def make_usb(_arguments: argparse.Namespace) -> int:
    by_name = bool(os.environ.get(corpora.VARIABLE))
    main = corpora.load()
    os.environ[corpora.VARIABLE] = os.environ.get(corpora.VARIABLE) or main.name  # children use the same stand-in
    os.environ[SITE_URL] = ""  # a stick has no address
    with replaced_folder.workplace(DIST) as place:
        status = mkdocs("build", "--strict", "--site-dir", str(place.scrap))
        if status != 0:
            return status
        made = usb.make(place.scrap, main, place.new)
        kept = place.swap(usb.own(DIST))
    for path in made.files:
        print(f"{DIST.name}/{path.name}  {(DIST / path.name).stat().st_size:,} bytes")
    for name, other in kept.items():
        print(f"{DIST.name}/{name} had been changed since this command made it; it is now {DIST.name}/{other}.")
    if made.left_out:
        print(usb.report(made.left_out))
    instead = main.name == corpora.PLAY_MACHINE and not by_name and corpora.project_choice() != main.name
    print(usb.banner(main.in_use, "It is NOT tiny Shakespeare, which could not be downloaded." if instead else ""))
    return 0


def mkdocs(*arguments: str) -> int:
    """Runs plain MkDocs, as a person inside .venv would; build/hooks.py does the rest."""
    # Material advertises its successor, which does not concern the author of a lesson.
    variables = os.environ | {"NO_MKDOCS_2_WARNING": "1", "PYTHONUTF8": "1"}
    # The server must also survive mistakes in mkdocs.yml, which MkDocs reads before it loads any hook.
    program = [str(ROOT / "build" / "hooks.py")] if arguments[0] == "serve" else ["-m", "mkdocs"]
    return interrupts.run([sys.executable, *program, *arguments], cwd=ROOT, env=variables)


def test(arguments: argparse.Namespace) -> int:
    return run_tests.run(arguments.full, arguments.pytest)


def record(arguments: argparse.Namespace) -> int:
    a = arguments
    if a.checkpoint and a.observe:
        raise record_command.RecordError("--checkpoint and --observe make different recordings: give one of them.")
    if a.checkpoint:
        return record_command.record_states(corpora.load(), a.workers, _other_options(a))
    if a.observe:
        return record_command.record_seen(corpora.load(), presets.read, a.workers, _other_options(a))
    return record_command.record(
        corpora.load(),
        presets.read,
        a.out,
        a.preset,
        a.engine,
        a.seed,
        a.iterations,
        a.workers,
        module=a.module,
        until=a.until,
        save=a.save,
        resume=a.resume,
    )


def _other_options(arguments: argparse.Namespace) -> list[str]:
    """The options of `record` that were given and describe a run."""
    names = ("seed", "iterations", "engine", "module", "preset", "out", "until", "save", "resume")
    return [f"--{name}" for name in names if getattr(arguments, name) is not None]


def bench(arguments: argparse.Namespace) -> int:
    a = arguments
    return headless.bench(corpora.load(), a.engine, a.batch, a.workers, a.software_gpu, module=a.module)


def compile_kernels(_arguments: argparse.Namespace) -> int:
    return kernels.write()
