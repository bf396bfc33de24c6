"""Catches: a single file that still requests something, a broken link in it, a script or a page that is changed when it
is embedded, a file too large for an e-mail."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import pytest

from output import single_file
from output.policy import PLACE

HEAD = f"""<!doctype html><html><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="was {PLACE[:5]}">
<link rel="canonical" href="https://school.example/x.html"><link rel="next" href="other.html">
<link rel="icon" href="../mark.svg"><link rel="stylesheet" href="../styles/main.css">
<script src="../iframe-worker-for-files.js"></script></head>"""
BODY = """<body><label class="md-icon" for="__search">search</label><label class="md-overlay" for="__drawer"></label>
<div class="md-search"><div><div>find<br></div></div></div><a class="md-logo" href="../index.html">home</a>
<article class="md-content__inner">{}</article>
<script id="__config" type="application/json">{{"base": "..", "search": "../worker.js"}}</script>
<link rel="press-start-text" data-text="late" href="../late.js">
<script src="../now.js"></script><script defer src="../first.js"></script><script defer src="../second.js"></script>
</body></html>
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    files = {
        "mark.svg": "<svg xmlns='http://www.w3.org/2000/svg'/>",
        "styles/main.css": 'a { background: url("../mark.svg") } b { background: url(data:image/png;base64,AA==) }\n'
        "/*# sourceMappingURL=main.css.map */",
        "now.js": 'before = "</script><!-- <script>";\n//# sourceMappingURL=now.js.map',
        "first.js": "first()",
        "late.js": "late()",
        "second.js": "second()",
        "iframe-worker-for-files.js": "never()",
        "licences/MIT.txt": "Permission is granted.",
        "a b#1.png": "no real picture",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "lessons").mkdir()
    return tmp_path


def made(site: Path, content: str) -> str:
    (site / "lessons/x.html").write_text(HEAD + BODY.format(content), encoding="utf-8")
    return single_file.make(site, "lessons/x.html", lambda texts: f"<p>{[path.name for path in texts]}</p>")


def test_everything_that_a_browser_would_fetch_is_inside(site: Path) -> None:
    page = made(site, '<img alt="&quot;" src="../a%20b%231.png" /><p style="text-align: right">1 &lt; 2 &#38; é</p>')
    assert re.findall(r'(?:src|href|data)="(?!data:)[^"]*"', page) == []
    assert f'src="data:image/png;base64,{base64.b64encode(b"no real picture").decode()}"' in page
    assert 'url("data:image/svg+xml;base64,' in page and "url(data:image/png;base64,AA==)" in page
    assert 'alt="&quot;"' in page and '<p style="text-align: right">1 &lt; 2 &#38; é</p>' in page
    assert "late()" in page and "press-start-text" not in page, "a text that the site loads late"
    assert "sourceMappingURL" not in page and "never()" not in page and "school.example" not in page


def test_scripts_keep_their_order_and_cannot_end_early(site: Path) -> None:
    page = made(site, "<p>x</p>")
    places = [page.index(words) for words in ("before =", "first()", "second()", "</body>")]
    assert places == sorted(places)
    assert r'before = "<\/script>\x3c!-- <script>";' in page
    assert '"base": "."' in page and '"search": ""' in page


def test_links_to_pages_that_belong_together_are_left_out_and_the_sections_stay(site: Path) -> None:
    nav = '<nav class="{}"><ul><li><a href="{}">There</a></li></ul></nav>'
    page = made(
        site, nav.format("ps-neighbours", "../teachers.html") + nav.format("ps-sections", "#floor") + "<p>x</p>"
    )
    assert "ps-neighbours" not in page and "teachers" not in page
    assert nav.format("ps-sections", "#floor") in page


def test_what_needs_the_rest_of_the_site_is_left_out(site: Path) -> None:
    page = made(site, '<h2 id="a">A</h2>')
    assert "find" not in page and "__search" not in page
    assert '<label class="md-overlay" for="__drawer"></label>' in page  # Material's script needs it
    assert '<span class="md-logo">home</span>' in page


def test_links_lead_somewhere_or_are_words(site: Path) -> None:
    links = {
        '<a href="#a">here</a>': '<a href="#a">here</a>',
        '<a href="x.html#a">also here</a>': '<a href="#a">also here</a>',
        '<a href="https://en.wikipedia.org/">out</a>': '<a href="https://en.wikipedia.org/">out</a>',
        '<a href="other.html#a">another <b>page</b></a>': "<span>another <b>page</b></span>",
        '<a href="../licences/MIT.txt">MIT</a>': "<span>MIT</span>",
    }
    page = made(site, '<h2 id="a">A</h2>' + "".join(links))
    assert "".join(links.values()) in page
    assert "<p>['MIT.txt']</p></article>" in page


def test_an_article_can_be_part_of_another_page(site: Path) -> None:
    content = (
        '<article class="x"><h1 id="t">T</h1><h2 id="a">A<a class="headerlink" href="#a">¶</a></h2><a href="#a">up</a>'
    )
    (site / "credits.html").write_text(f"<body>{content}</article></body>", encoding="utf-8")
    assert single_file.article(site, "credits.html").html == "<h2>A</h2><span>up</span>"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('<img src="../gone.png">', "loads ../gone.png, which is not a file of the site"),
        ('<img src="https://elsewhere.example/x.png">', "which is not a file of the site"),
        ('<video src="../clip.mp4"></video>', "it loads ../clip.mp4 in <video>, which one file cannot hold"),
        ('<video><source src="../clip.mp4"></video>', "it loads ../clip.mp4 in <source>, and one file holds only .svg"),
        ('<iframe src="../demo.html"></iframe>', "it loads ../demo.html in <iframe>, which one file cannot hold"),
        ('<svg><use href="../sprite.svg#x"/></svg>', "it loads ../sprite.svg#x in <use>, which one file cannot hold"),
        ('<img srcset="../gone.png 2x">', "loads ../gone.png, which is not a file of the site"),
        ('<p style="background: url(../gone.png)">x</p>', "loads ../gone.png, which is not a file of the site"),
        ("<style>@import '../mark.css';</style>", "a style of the page holds “@import”"),
        ('<img src="../first.js">', "one file holds only .svg"),
    ],
)
def test_what_cannot_stand_alone_is_reported_in_a_sentence(site: Path, content: str, words: str) -> None:
    with pytest.raises(single_file.SingleFileError, match=re.escape(words)):
        made(site, content)


PICTURE = f"data:image/jpeg;base64,{base64.b64encode(b'a photo').decode()}"


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        ('<img src="../Photo.JPG" alt="x">', f'<img src="{PICTURE}" alt="x">'),
        ('<img srcset="../Photo.JPG, ../Photo.JPG 2x">', f'<img srcset="{PICTURE}, {PICTURE} 2x">'),
        ('<img srcset="../Photo.JPG 480w,../Photo.JPG 9w">', f'<img srcset="{PICTURE} 480w, {PICTURE} 9w">'),
        ('<picture><source srcset="../Photo.JPG"></picture>', f'<picture><source srcset="{PICTURE}"></picture>'),
        ("<p style=\"background: url('../my photo.jpeg')\">", f'style="background: url(&quot;{PICTURE}&quot;)"'),
        ("<style>p { background: URL(../Photo.JPG) }</style>", f'<style>p {{ background: url("{PICTURE}") }}</style>'),
        ('<svg viewBox="0 0 1 1"><image href="../Photo.JPG" /></svg>', f'<image href="{PICTURE}"/></svg>'),
        ('<svg><path d="M0 0" /><use href="#a"/></svg>', '<svg><path d="M0 0" /><use href="#a"/></svg>'),
        ('<img srcset="data:image/png;base64,AA== 1x">', '<img srcset="data:image/png;base64,AA== 1x">'),
    ],
)
def test_pictures_are_held_whatever_loads_them(site: Path, content: str, wanted: str) -> None:
    for name in ("Photo.JPG", "my photo.jpeg"):
        (site / name).write_bytes(b"a photo")
    assert wanted in made(site, content)


def test_each_obstacle_to_a_single_file_is_reported_once(site: Path) -> None:
    with pytest.raises(single_file.SingleFileError) as problem:
        made(site, '<iframe src="../a.html"></iframe><img src="../gone.png"><img src="../gone.png">')
    assert str(problem.value).split("; ") == [
        "it loads ../a.html in <iframe>, which one file cannot hold",
        "use a picture",
        "it loads ../gone.png, which is not a file of the site",
    ]


def test_a_photo_that_is_too_large_by_itself_is_not_even_read(site: Path) -> None:
    with (site / "photo.jpg").open("wb") as file:
        file.truncate(3_000_000_000)
    with pytest.raises(single_file.SingleFileError, match=r"as one file it has 4,000,\d+,\d+ bytes.*photo\.jpg"):
        made(site, '<img src="../photo.jpg">')


def test_a_file_too_large_for_a_mail_is_reported_with_its_largest_parts(site: Path) -> None:
    (site / "second.js").write_text("x" * single_file.LIMIT_BYTES, encoding="utf-8")
    with pytest.raises(single_file.SingleFileError, match=r"Its largest parts: second\.js \(2,500,000\)"):
        made(site, "<p>x</p>")
