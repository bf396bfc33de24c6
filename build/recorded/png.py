"""A PNG with a palette, written and read with the standard library alone: one byte a pixel, at most 256 colours."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

SIGNATURE = b"\x89PNG\r\n\x1a\n"
BITS, WITH_PALETTE, NO_FILTER = 8, 3, b"\0"


@dataclass(frozen=True)
class Picture:
    width: int
    height: int
    pixels: bytes  # [height, width], each a place in the palette
    palette: Sequence[Sequence[int]]  # red, green and blue, 0 to 255; a pixel beyond it is transparent
    words: Mapping[str, str]  # what the file says of itself, in Latin letters


def written(picture: Picture) -> bytes:
    """The file. The same picture gives the same pixels; the compressed bytes may differ with the version of zlib."""
    width, height = picture.width, picture.height
    head = struct.pack(">IIBBBBB", width, height, BITS, WITH_PALETTE, 0, 0, 0)
    colours = bytes(value for colour in [*picture.palette, (0, 0, 0)] for value in colour)
    opacity = bytes([255] * len(picture.palette) + [0])
    rows = b"".join(NO_FILTER + picture.pixels[y * width : (y + 1) * width] for y in range(height))
    words = [(b"tEXt", f"{key}\0{value}".encode("latin-1")) for key, value in picture.words.items()]
    chunks = [(b"IHDR", head), *words, (b"PLTE", colours), (b"tRNS", opacity), (b"IDAT", zlib.compress(rows, 9))]
    return SIGNATURE + b"".join(_chunk(kind, data) for kind, data in [*chunks, (b"IEND", b"")])


def read(data: bytes) -> Picture:
    """A picture that `written` has made. Raises ValueError for anything else."""
    if not data.startswith(SIGNATURE):
        raise ValueError("it is not a PNG")
    try:
        return _read(data)
    except (struct.error, KeyError, zlib.error) as problem:
        raise ValueError("it is damaged") from problem


def _read(data: bytes) -> Picture:
    found: dict[bytes, bytes] = {}
    words: dict[str, str] = {}
    at = len(SIGNATURE)
    while at < len(data):
        (length,), kind = struct.unpack_from(">I", data, at), data[at + 4 : at + 8]
        part = data[at + 8 : at + 8 + length]
        if data[at : at + 12 + length] != _chunk(kind, part):
            raise ValueError("it is damaged")
        if kind == b"tEXt":
            key, _, value = part.decode("latin-1").partition("\0")
            words[key] = value
        found[kind] = part
        at += 12 + length
    width, height, *form = struct.unpack(">IIBBBBB", found[b"IHDR"])
    rows = zlib.decompress(found[b"IDAT"])
    if form[:2] != [BITS, WITH_PALETTE] or len(rows) != height * (width + 1) or any(rows[:: width + 1]):
        raise ValueError("it was made by another program")
    pixels = b"".join(rows[y * (width + 1) + 1 : (y + 1) * (width + 1)] for y in range(height))
    colours = found[b"PLTE"]
    palette = [tuple(colours[i : i + 3]) for i in range(0, len(colours) - 3, 3)]
    return Picture(width, height, pixels, palette, words)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
