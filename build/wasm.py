"""The CPU engine's WebAssembly: compiles engine/cpu/*.c to gpt.wasm, and tells whether the committed one is current.

    python3 build wasm

Only who edits the C needs this. The compiler is clang inside the package ziglang, which is 400 MB unpacked; so gpt.wasm
is committed with the hash of its sources, and CI compiles it anew and compares bytes.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = Path("engine/cpu")
RECORD = FOLDER / "gpt.wasm.json"
ZIGLANG = "0.17.1"

# No relaxed SIMD, and no fusing of a product and a sum: every browser then computes the same bits.
FLAGS = [
    "-target", "wasm32-freestanding", "-mcpu=mvp+simd128+bulk_memory+sign_ext+mutable_globals+nontrapping_fptoint",
    "-O3", "-ffp-contract=off", "-s", "-nostdlib", "-Wl,--no-entry", "-Wall", "-Wextra", "-Werror",
]  # fmt: skip


class CompilerMissing(Exception):
    """ziglang is not installed here; the message says how to get it."""


def sources(root: Path = ROOT) -> list[Path]:
    return sorted([*(root / FOLDER).glob("*.c"), *(root / FOLDER).glob("*.h")])


def exports(root: Path = ROOT) -> list[str]:
    """What TypeScript calls: every function that gpt.c defines and does not keep to itself."""
    text = (root / FOLDER / "gpt.c").read_text(encoding="utf-8")
    return re.findall(r"^(?!static)(?:int|void|float\*|unsigned char\*) (\w+)\(", text, re.MULTILINE)


def source_hash(root: Path = ROOT) -> str:
    """SHA-256 over the sources' names and texts, and over the flags and the compiler's version."""
    digest = hashlib.sha256(json.dumps([ZIGLANG, FLAGS]).encode())
    for path in sources(root):
        digest.update(f"\n{path.name}\n".encode() + path.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()


def is_current(root: Path = ROOT) -> bool:
    """Whether the committed gpt.wasm was made from the sources as they are."""
    record = json.loads((root / RECORD).read_text(encoding="utf-8"))
    made = hashlib.sha256((root / FOLDER / "gpt.wasm").read_bytes()).hexdigest()
    return record == {"sources_sha256": source_hash(root), "wasm_sha256": made}


def compile_to(out: Path, root: Path = ROOT) -> None:
    """Compiles the sources. Raises CompilerMissing, or CalledProcessError after the compiler has said why."""
    found = subprocess.run([sys.executable, "-m", "ziglang", "version"], capture_output=True, text=True)
    if found.returncode != 0 or found.stdout.strip() != ZIGLANG:
        raise CompilerMissing(
            f"Compiling engine/cpu needs ziglang {ZIGLANG}: {sys.executable} -m pip install ziglang=={ZIGLANG}"
        )
    calls = [f"-Wl,--export={name}" for name in exports(root)]
    files = [path.name for path in sources(root) if path.suffix == ".c"]
    command = [sys.executable, "-m", "ziglang", "cc", *FLAGS, *calls, "-o", str(out.resolve()), *files]
    subprocess.run(command, cwd=root / FOLDER, check=True)


def renew(root: Path = ROOT) -> None:
    """Compiles gpt.wasm in its place and notes what it was made from."""
    out = root / FOLDER / "gpt.wasm"
    compile_to(out, root)
    out.chmod(0o644)
    record = {"sources_sha256": source_hash(root), "wasm_sha256": hashlib.sha256(out.read_bytes()).hexdigest()}
    (root / RECORD).write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
