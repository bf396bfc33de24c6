"""`python3 build usb`: the built site as a zip for a USB stick, and each lesson as one file, with notes for teachers.

The same site gives the same bytes: names are sorted, and times are fixed.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import html
import io
import json
import re
import textwrap
import unicodedata
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

import jinja2

from output import policy, single_file
from system.project import ROOT
from texts.corpus import Corpus

FOLDER, SITE = "press-start", "site"  # the folder that the zip unpacks to, and in it the folder of all pages but START
START = "START HERE.html"
ZIP = f"{FOLDER}-usb.zip"
READ_ME, SUMS = "READ ME FIRST.txt", "SHA256SUMS"
READ_ME_COLUMNS = 80  # fits into a window of Notepad of any usual size
CREDITS = "credits.html"
OF_A_SERVER = ("404.html", "sitemap.xml", "sitemap.xml.gz")
CORPUS_SCRIPT = re.compile(r"^\(globalThis\.pressStartCorpora \?\?= \{\}\)\[[^]]*\] = (\{.*\});$", re.MULTILINE)
SUM = re.compile(r"(?P<digest>[0-9a-f]{64})  (?P<name>[^/\\]+)")
OLDEST_DAY = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip can contain
SCRIPT = re.compile(r'<script\b[^>]*\bsrc="([^"]*)"')
HEADING = re.compile(r"<h1\b[^>]*>(.*?)</h1>", re.DOTALL)
HEADER_LINK = re.compile(r'<a class="headerlink".*?</a>', re.DOTALL)
SPACE = re.compile(r"<(?:br|mspace)\b[^>]*>")
TAG = re.compile(
    r"<!--.*?-->|<(?:style|script|annotation|svg)\b.*?</(?:style|script|annotation|svg)>|<[^>]*>", re.DOTALL
)
MOST_BYTES = 120  # longest name of a single file, for mail programs and old disks
BROWSER_NAMES = {"chrome": "Chrome and Edge", "firefox": "Firefox", "safari": "Safari"}


@dataclass(frozen=True)
class Text:
    """A text to train on, as the site contains it."""

    name: str
    title: str
    credits: str
    sha256: str
    characters: int


@dataclass(frozen=True)
class Made:
    """The files written, except the sums, and the lessons that are only in the zip."""

    files: list[Path]
    left_out: list[LeftOut]


@dataclass(frozen=True)
class LeftOut:
    """A lesson that cannot be one file."""

    source: str  # its path for the author, such as docs/lessons/watch-it-learn.md
    title: str
    reason: str


def make(site: Path, main: Corpus, dist: Path) -> Made:
    """Writes the zip, the single files, their sums and the file to read first into the empty folder `dist`.

    `site` is the folder that MkDocs built, `main` the text that it was built with. A lesson that cannot be one file is
    reported with the reason and skipped; the zip contains it all the same.
    """
    texts = [_text(script) for script in sorted(site.glob("assets/press-start/corpus-*.js"))]
    names = file_names(lessons(site))
    singles, titles, left_out = {}, {}, []
    for page, name in names.items():
        title = _title((site / page).read_text(encoding="utf-8"), name)
        try:
            singles[name] = _single(site, page, texts)
            titles[name] = title
        except single_file.SingleFileError as problem:
            left_out.append(LeftOut(f"docs/{page.removesuffix('.html')}.md", title, str(problem)))
    others = [left.title for left in left_out]
    files = {ZIP: _zip(_stick(site, _read_me(main, texts, titles, others, in_folder=True)))}
    files |= {name: page.encode() for name, page in singles.items()}
    files[READ_ME] = _read_me(main, texts, titles, others, in_folder=False)
    dist.mkdir(exist_ok=True)
    for name, content in {**files, SUMS: sums(files)}.items():
        (dist / name).write_bytes(content)
    return Made([dist / name for name in files], left_out)


def report(left_out: list[LeftOut]) -> str:
    """Which lessons are only in the zip, and why: each reason once."""
    by_reason: dict[str, list[str]] = {}
    for left in left_out:
        by_reason.setdefault(left.reason, []).append(left.source)
    lines = [f"  {', '.join(sources)}: {reason}" for reason, sources in by_reason.items()]
    return "\n".join(["In the zip, but not as one file:", *lines]) if lines else ""


def lessons(site: Path) -> list[str]:
    """The pages of docs/lessons/ and its folders. Other .html files there, which an author has added, do not count."""
    pages = [page for page in site.glob("lessons/**/*.html") if single_file.ARTICLE.search(_read(page))]
    return sorted(page.relative_to(site).as_posix() for page in pages)


def _read(page: Path) -> str:
    return page.read_text(encoding="utf-8", errors="replace")


def file_names(pages: Iterable[str]) -> dict[str, str]:
    """The name of each lesson's single file: lessons/week1/intro.html becomes week1-intro.html.

    All names differ, even on a disk that does not distinguish capitals from small letters.
    """
    names: dict[str, str] = {}
    taken: set[str] = set()
    for page in sorted(pages, key=lambda page: (page.count("/"), page)):
        path = PurePosixPath(page).with_suffix("")
        stem = "-".join(path.parts[1:])
        if len(stem.encode()) > MOST_BYTES:
            stem = path.name
        all_names = chain([stem], (f"{stem}-{number}" for number in count(2)))
        chosen = next(name for name in all_names if _folded(name) not in taken)
        names[page] = f"{chosen}.html"
        taken.add(_folded(chosen))
    return names


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def own(dist: Path) -> set[str]:
    """The names of the files in a folder that this module wrote and that have not changed since."""
    try:
        named = [SUM.fullmatch(line) for line in (dist / SUMS).read_text(encoding="utf-8").splitlines()]
    except (OSError, UnicodeDecodeError):
        return set()
    if not all(named) or ZIP not in {found["name"] for found in named}:
        return set()
    digests = {found["name"]: found["digest"] for found in named if (dist / found["name"]).is_file()}
    return {SUMS} | {name for name, digest in digests.items() if _digest((dist / name).read_bytes()) == digest}


def browsers(root: Path = ROOT) -> str:
    """The oldest browsers that the bundle supports, in words."""
    target = re.search(r"target: \[([^]]*)\]", (root / "build/output/bundle.ts").read_text(encoding="utf-8"))
    found = re.findall(r'"([a-z]+)([\d.]+)"', target[1])
    words = [f"{BROWSER_NAMES[name]} {version}" for name, version in found]
    return ", ".join(words[:-1]) + f" or {words[-1]}"


def sums(files: dict[str, bytes]) -> bytes:
    """SHA-256 sums in the form that `sha256sum -c` reads."""
    lines = (f"{_digest(content)}  {name}\n" for name, content in sorted(files.items()))
    return "".join(lines).encode()


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def banner(sentence: str, warning: str = "") -> str:
    """A sentence, and perhaps a warning, framed so that they are noticed in a terminal."""
    lines = ["ON THIS STICK: " + sentence.removeprefix("Corpus: "), *([warning] if warning else [])]
    rule = "=" * min(100, max(map(len, lines)) + 4)
    return "\n".join([rule, *(f"  {line}" for line in lines), rule])


def _text(script: Path) -> Text:
    content = json.loads(CORPUS_SCRIPT.search(script.read_text(encoding="utf-8"))[1])
    plain = gzip.decompress(base64.b64decode(content["gzip_base64"])).decode()
    return Text(content["name"], content["title"], content["credits"], content["sha256"], len(plain))


def _stick(site: Path, read_me: bytes) -> dict[str, bytes]:
    """The files of the folder on a stick, by path: a page to double-click, the site that it leads to, and the sums.

    Files that only a server needs are left out of the site.
    """
    paths = {path.relative_to(site).as_posix(): path for path in site.rglob("*") if path.is_file()}
    files = {f"{SITE}/{name}": path.read_bytes() for name, path in paths.items() if name not in OF_A_SERVER}
    files[START] = policy.fill(_template("start_here.html").render(site=SITE), policy.SITE).encode()
    files[READ_ME] = read_me
    return {**files, SUMS: sums(files)}


def _zip(files: dict[str, bytes]) -> bytes:
    """A zip of the files. The same files give the same bytes on every machine that has the same version of zlib."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in sorted(files.items()):
            entry = zipfile.ZipInfo(f"{FOLDER}/{name}", OLDEST_DAY)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # Unix, so that the rights below (everyone may read) apply
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, content, compresslevel=9)
    return buffer.getvalue()


def _single(site: Path, page: str, texts: list[Text]) -> str:
    loaded = {_file_name(address) for address in SCRIPT.findall((site / page).read_text(encoding="utf-8"))}
    used = [text for text in texts if f"corpus-{text.name}.js" in loaded]
    credits = single_file.article(site, CREDITS)

    def about(licences: list[Path]) -> str:
        files = sorted({*licences, *credits.texts})
        return _template("about_single_file.html").render(
            browsers=browsers(),
            texts=used,
            credits=credits.html,
            licences=[(path.name, path.read_text(encoding="utf-8")) for path in files],
        )

    return single_file.make(site, page, about)


def _file_name(address: str) -> str:
    return PurePosixPath(unquote(html.unescape(address))).name


def _read_me(main: Corpus, texts: list[Text], titles: dict[str, str], left_out: list[str], in_folder: bool) -> bytes:
    """The file to read first, for the folder in the zip or for the folder that the zip is in.

    UTF-8 with a byte order mark and Windows' line ends, because Windows' own editors expect both.
    """
    template = _template("read_me_first.txt")
    others = [text for text in texts if text.name != main.name]
    given = {"main": main, "others": others, "singles": titles, "left_out": left_out, "zip": ZIP, "folder": FOLDER}
    given |= {"start": START, "site": SITE, "browsers": browsers(), "in_folder": in_folder}
    lines = [part for line in template.render(given).splitlines() for part in _fitted(line)]
    return "".join(f"{line}\r\n" for line in lines).encode("utf-8-sig")


def _fitted(line: str) -> list[str]:
    """A line, wrapped with the same indent if a title or credits have made it too long."""
    indent = line[: len(line) - len(line.lstrip())]
    return textwrap.wrap(line, READ_ME_COLUMNS, subsequent_indent=indent, break_on_hyphens=False) or [""]


def _title(page: str, otherwise: str) -> str:
    """The heading of a page as plain text, without tags and drawings."""
    heading = HEADING.search(page)
    words = TAG.sub("", SPACE.sub(" ", HEADER_LINK.sub("", heading[1]))) if heading else ""
    return " ".join(html.unescape(words).split()) or otherwise


def _template(name: str) -> jinja2.Template:
    source = Path(__file__).with_name(name).read_text(encoding="utf-8")
    return jinja2.Environment(undefined=jinja2.StrictUndefined, keep_trailing_newline=True).from_string(source)
