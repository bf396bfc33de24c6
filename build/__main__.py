"""The commands: `python3 build serve | site | usb | test | record | bench | kernels` (on Windows `py build serve`).

On a bare Python each command first makes .venv and continues inside it, so this file and environment.py import only
the standard library.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import environment
from system import disk, interrupts

CORPUS_HELP = (
    "what to train on: shakespeare, play-machine, the name of a text in docs/corpora/, a path to any UTF-8 text, or "
    "project: what engine/model.json names, also the default (after the variable PRESS_START_CORPUS); where "
    "shakespeare is not named explicitly and there is no network, play-machine replaces it"
)
MODULE_HELP = (
    "the CPU engine's module: fma rounds once after multiplying and adding, base rounds after each (default: fma where "
    "the processor can)"
)


def parser() -> argparse.ArgumentParser:
    program = "py build" if os.name == "nt" else "python3 build"
    top = argparse.ArgumentParser(prog=program, description="Press Start: a transformer that trains in the browser.")
    commands = top.add_subparsers(
        dest="command", required=True, metavar="serve | site | usb | test | record | bench | kernels"
    )

    serve = commands.add_parser("serve", help="build the lesson, serve it here and rebuild it at every edit")
    serve.add_argument(
        "--host", default="127.0.0.1", help="address to serve at (default: %(default)s, only this machine)"
    )
    serve.add_argument("--port", type=_port, default=8000, help="first port to try (default: %(default)s)")
    serve.add_argument("--corpus", help=CORPUS_HELP)

    site = commands.add_parser("site", help="build the static site into site/")
    site.add_argument("--corpus", help=CORPUS_HELP)

    site.add_argument(
        "--url",
        help="where the site will be published, such as https://school.example/press-start/; 404.html needs it there",
    )

    usb = commands.add_parser(
        "usb",
        help="make a zip for a USB stick, and each lesson as one file, in dist/",
        epilog="A lesson that cannot be one file is named with the reason; the zip holds it, and the command succeeds.",
    )
    usb.add_argument("--corpus", help=CORPUS_HELP)

    test = commands.add_parser("test", help="run all tests, after installing a browser for them if needed")
    test.add_argument("--full", action="store_true", help="include the long ones (up to 120 minutes)")
    test.add_argument(
        "--corpus",
        help="the text that tests train on; project is what engine/model.json names (default: PRESS_START_CORPUS, else "
        "the play machine)",
    )
    test.add_argument("pytest", nargs="*", help="files or, after --, options for pytest (default: all tests)")

    record = commands.add_parser("record", help="train without a browser and write the run as JSON")
    record.add_argument("--seed", help="any string (default: the one in engine/model.json)")
    record.add_argument(
        "--iterations", type=_positive, help="weight updates (default: the number in engine/model.json)"
    )
    record.add_argument(
        "--engine", choices=("cpu", "webgpu"), help="default: cpu, or the one that made --resume's file"
    )
    record.add_argument("--module", choices=("fma", "base"), help=MODULE_HELP)
    record.add_argument(
        "--workers", type=_positive, help="threads to train with; changes only the speed (default: cores)"
    )
    record.add_argument("--corpus", help=CORPUS_HELP)
    record.add_argument(
        "--preset", metavar="NAME", help="record a run of docs/presets.yml, or all of them, instead of the lesson's"
    )
    record.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help="where to write the run (default: the place in docs/recorded/ from which the pages quote it)",
    )
    record.add_argument(
        "--checkpoint",
        action="store_true",
        help="record instead what the lesson on checkpoints shows of the lesson's run: pictures of its weights, how it "
        "goes on without parts of its state, and what a flipped bit does",
    )
    record.add_argument(
        "--observe",
        action="store_true",
        help="record instead the inside of the lesson's run and of the presets: what the model expects, where its "
        "heads look, how large gradients and updates are",
    )
    record.add_argument("--until", type=_positive, metavar="ITERATION", help="stop there (default: at the run's end)")
    record.add_argument(
        "--save",
        type=Path,
        metavar="FILE.safetensors",
        help="where to write the state at the end, a checkpoint (without --out, nothing else is written)",
    )
    record.add_argument(
        "--resume",
        type=Path,
        metavar="FILE.safetensors",
        help="go on from a checkpoint, with its seed, settings and engine (where this machine has it)",
    )

    bench = commands.add_parser("bench", help="measure the engines of this machine: one JSON line each")
    bench.add_argument("--engine", choices=("cpu", "webgpu"), help="only this engine (default: every engine present)")
    bench.add_argument("--batch", type=_positive, nargs="+", help="batch sizes (default: the one in engine/model.json)")
    bench.add_argument("--workers", type=_positive, nargs="+", help="numbers of Workers (default: 1 and all cores)")
    bench.add_argument("--module", choices=("fma", "base"), help=MODULE_HELP)
    bench.add_argument("--software-gpu", action="store_true", help="let WebGPU run on a software adapter (very slow)")
    bench.add_argument("--corpus", help=CORPUS_HELP)

    commands.add_parser(
        "kernels", help="compile engine/cpu/*.c to WebAssembly, after an edit (downloads a compiler of 411 MB)"
    )
    return top


def extras(arguments: argparse.Namespace) -> tuple[str, ...]:
    """The groups of optional packages in pyproject.toml that a command needs in addition to the site's."""
    if arguments.command == "test":
        return ("test", "c", "properdocs") if arguments.full else ("test",)
    return ("c",) if arguments.command == "kernels" else ()


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is less than 1")
    return value


def _port(text: str) -> int:
    value = int(text)
    if not 0 < value < 65536:
        raise argparse.ArgumentTypeError(f"{text} is not between 1 and 65535")
    return value


def main() -> int:
    arguments = parser().parse_args()
    interrupts.listen()
    try:
        environment.ensure(extras(arguments))
        # Not earlier: this imports packages that only .venv has.
        import commands

        return interrupts.exit_status(commands.run(arguments))
    except environment.SetupError as problem:
        print(problem, file=sys.stderr)
        return 1
    except OSError as problem:
        said = disk.sentence(problem, environment.VENV)
        if said is None:
            raise
        print(said, file=sys.stderr)
        return 1
    except KeyboardInterrupt as problem:
        return interrupts.status(problem)


if __name__ == "__main__":
    sys.exit(main())
