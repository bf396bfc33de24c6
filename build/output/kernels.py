"""`python3 build kernels`: compiles engine/cpu/*.c to two modules, with the C compiler that zig includes.

gpt_fma.wasm rounds a product and its sum once, gpt.wasm rounds each of them; engine/cpu/modules.ts chooses. Both are
committed, because the compiler is 411 MB large and needed only to edit the C. A module contains the hash of its
sources, so that a test fails if they are edited but not compiled. It is the same byte for byte on every machine.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
from pathlib import Path

from system import packages, replaced_file
from system.project import ROOT

FOLDER = "engine/cpu"
# Each module, and what it needs besides the features of every browser of the last years.
MODULES = {"gpt.wasm": "", "gpt_fma.wasm": "+relaxed_simd"}
SECTION = b"press-start.sources"
# What engine/cpu/instance.ts calls.
EXPORTS = [
    *("options_at", "create", "params_at", "m_at", "v_at", "gradients_at", "nll_at", "noise_at", "tokens_at"),
    *("weights_changed", "gradients", "add_gradients", "evaluate", "generate", "update"),
    *("observe", "heads_off_at", "streams_at", "early_at", "logits_at", "attention_at"),
    *("drawn_from_at", "drawn_early_at", "before_at", "sum_of_squares"),
    *("fault_kind", "fault_number"),
]
FLAGS = [
    *("-target", "wasm32-freestanding", "-nostdlib", "-Wl,--no-entry"),
    "-O3",
    "-ffp-contract=off",  # nothing is fused but what simd.h fuses
    "-s",  # no names, no paths: the bytes depend only on the sources
]
CPU = "-mcpu=mvp+simd128+bulk_memory+sign_ext+mutable_globals+nontrapping_fptoint"


class CompileError(Exception):
    """The kernels do not compile; has the compiler's messages."""


def sources(root: Path = ROOT) -> list[Path]:
    return sorted(file for file in (root / FOLDER).iterdir() if file.suffix in (".c", ".h"))


def source_hash(module: str, root: Path = ROOT) -> str:
    """SHA-256 of the C files, the compiler's version and its flags, in hex. The kind of line end does not matter."""
    digest = hashlib.sha256(" ".join([_compiler(root), *_flags(module), *EXPORTS]).encode())
    for file in sources(root):
        content = file.read_bytes().replace(b"\r\n", b"\n")
        digest.update(f"\0{file.name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def carried_hash(wasm: bytes) -> str | None:
    """The source hash in a module's custom section, or None if it has none."""
    start = wasm.rfind(bytes([len(SECTION)]) + SECTION)
    return None if start < 0 else wasm[start + 1 + len(SECTION) :].decode("ascii")


def compile_kernels(module: str, root: Path = ROOT) -> bytes:
    """Compiles and returns a module; does not write it. Needs the package ziglang. Raises CompileError."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / module
        exports = [f"-Wl,--export={name}" for name in EXPORTS]
        # File names without a folder, so that the module contains no path of this machine.
        files = [file.name for file in sources(root) if file.suffix == ".c"]
        command = [sys.executable, "-m", "ziglang", "cc", *_flags(module), *exports, "-o", str(out), *files]
        result = subprocess.run(command, cwd=root / FOLDER, capture_output=True, text=True, errors="replace")
        if result.returncode != 0:
            raise CompileError(f"the kernels do not compile:\n{result.stderr.strip()}")
        return out.read_bytes() + _custom_section(SECTION, source_hash(module, root).encode("ascii"))


def _flags(module: str) -> list[str]:
    return [*FLAGS, CPU + MODULES[module]]


def _custom_section(name: bytes, content: bytes) -> bytes:
    """A section that engines skip (WebAssembly specification, 5.5.3). In LEB128 a length below 128 is one byte."""
    body = bytes([len(name)]) + name + content
    assert len(body) < 128
    return bytes([0, len(body)]) + body


def _compiler(root: Path) -> str:
    return packages.requirements(("c",), root)[0][-1]


def write(root: Path = ROOT) -> int:
    """The command: compiles, and replaces the modules that have changed."""
    compiled = {module: compile_kernels(module, root) for module in MODULES}  # before any is written
    for module, wasm in compiled.items():
        out = root / FOLDER / module
        changed = not out.exists() or out.read_bytes() != wasm
        if changed:
            replaced_file.write_whole(out, wasm)
        print(f"{FOLDER}/{module}: {len(wasm):,} bytes, {'written' if changed else 'already up to date'}.")
    return 0
