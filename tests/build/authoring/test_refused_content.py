"""The build refuses pages that would load something from elsewhere or run a script.

Catches: a published page with a gap, because the policy refused a picture, a frame or a script; a traceback instead of
an author's line; a correct page, or sample code, that is refused.
"""

from __future__ import annotations

import re

import pytest

from authoring import refused_content

# What a page contains, and the beginning of the message about it.
REFUSED = {
    '<img src="https://x.example/cat.png">': "the image “https://x.example/cat.png” would be fetched from elsewhere",
    '<IMG SRC="//x.example/a.png">': "the image “//x.example/a.png” would be fetched",
    '<img srcset="a.png 1x, http://x.example/b.png 2x">': "the image “http://x.example/b.png” would be fetched",
    '<img src="C:\\Users\\me\\cat.png">': "the image “C:\\Users\\me\\cat.png” would be fetched",
    '<img src="IMG_0042.HEIC">': "the image “IMG_0042.HEIC” is in a format that most browsers do not show",
    '<img src="scans/page 1.tiff?2#a">': "the image “scans/page 1.tiff?2#a” is in a format that most",
    '<iframe src="https://x.example/film"></iframe>': "<iframe> shows another page",
    '<iframe srcdoc="x"></iframe>': "<iframe> shows another page",
    '<embed src="a.pdf">': "<embed> shows another page",
    '<object data="https://x.example/a.pdf"></object>': "<object> shows another page",
    '<script src="https://x.example/a.js"></script>': "the script “https://x.example/a.js” would be fetched",
    '<script src="data:text/javascript,1"></script>': "the script is in the page as a data: address",
    '<script type="module">import "https://x.example/a.js"</script>': "the script fetches “https://x.example/a.js”",
    '<p ONCLICK="go()">': "onclick on <p> is a script",
    '<img src="a.png" onerror="go()">': "onerror on <img> is a script",
    '<a href="javascript:go()">': "“javascript:go()” is a script",
    '<a href=" java\nscript:go()">': "“javascript:go()” is a script",
    '<a href="data:text/html,x">': "a link to “data:text/html,x” works for no reader",
    '<a href="x.md" ping="https://x.example">': "ping on <a> sends something to a server",
    '<link rel="stylesheet" href="https://x.example/a.css">': "the file “https://x.example/a.css” would be fetched",
    '<link rel="icon" href="data:image/png;base64,AA">': "the file is in the page as a data: address",
    "<style>@import 'https://x.example/a.css';</style>": "the style fetches “https://x.example/a.css”",
    '<style>p { background: url("//x.example/a.png") }</style>': "the style fetches “//x.example/a.png”",
    '<p style="background: url(http://x.example/a.png)">': "the style fetches “http://x.example/a.png”",
    '<video src="https://x.example/a.mp4"></video>': "the video “https://x.example/a.mp4” would be fetched",
    '<video src="a.mp4" poster="https://x.example/a.png"></video>': "the poster of <video> “https://x.example/a.png”",
    '<audio><source src="https://x.example/a.mp3"></audio>': "the src of <source> “https://x.example/a.mp3”",
    '<svg><image href="https://x.example/a.png"/></svg>': "the href of <image> “https://x.example/a.png”",
    '<svg><use xlink:href="https://x.example/a.svg#b"/></svg>': "the xlink:href of <use>",
    '<form action="/answers"></form>': "action on <form> sends something to a server",
    '<button formaction="https://x.example/">': "formaction on <button> sends something",
    '<base href="https://x.example/">': "<base> changes where every link leads",
    '<meta http-equiv="refresh" content="0; url=https://x.example/">': "the page would redirect its reader",
}
FINE = """
<a href="https://x.example/">x</a> <a href="mailto:a@x.example">x</a> <a href="../index.html#a">x</a>
<a name="once" title="onclick">x</a>
<img src="../assets/cat.png"> <img src="data:image/png;base64,AA"> <img src="tiff/about.heic.JPG?x=.heic">
<picture><source srcset="a.jxl"><img src="a.avif"></picture> <video src="a.mp4"></video> <audio src="a.mp3"></audio>
<p style="background: url(data:image/png;base64,AA); color: red" data-onclick="x">x</p>
<style>p { color: red } /* url(https://x.example) */</style>
<link rel="canonical" href="https://x.example/"> <script type="application/json">{"src": "https://x.example/"}</script>
<pre><code>&lt;iframe src="https://x.example/"&gt;</code></pre> <blockquote cite="https://x.example/">x</blockquote>
"""


@pytest.mark.parametrize("html", REFUSED)
def test_what_a_browser_would_refuse_is_found(html: str) -> None:
    (found,) = refused_content.in_page(f"<p>before</p>{html}<p>after</p>")
    assert found.message.startswith(REFUSED[html])
    way_out = (
        "copy the file into docs/",
        "write a link",
        "remove it",
        "elsewhere, which the page's policy refuses",
        "save it as JPEG",
    )
    assert any(words in found.message for words in way_out), found.message


def test_what_a_browser_allows_is_left_alone() -> None:
    assert refused_content.in_page(FINE) == []


PAGE = """---
description: x
---

# Pictures

![A cat](https://x.example/cat.png) and `<iframe src="https://x.example/a">`, ![again](https://x.example/cat.png)

```html
<b onclick="shown()">
```

<!-- <b onclick="left out"> -->

A <b onclick="go()">word</b>, and [a link](javascript:go()).

![by name][dog]

[dog]: https://x.example/dog.jpg

```quiz
question: "Which ![is it](https://x.example/q.png)?"
options:
- {text: a, why: b, correct: true}
- {text: c, why: "No <iframe src='//x.example/f'></iframe>"}
```

[a link](https://x.example/), <https://x.example/>
"""
TOLD = [
    (7, "cat.png"),
    (7, "cat.png"),
    (15, "onclick"),
    (15, "javascript:go()"),
    (19, "dog.jpg"),
    (22, "q.png"),
    (25, "<iframe>"),
]


def test_a_build_says_file_and_line_and_what_to_do(project) -> None:
    project.write("page.md", PAGE)
    project.write("stylesheets/mine.css", "p { color: red }\n\nbody { background: url(https://x.example/a.png) }\n")
    config = project.folder / "mkdocs.yml"
    text = config.read_text(encoding="utf-8")
    text = text.replace("extra_css:\n", "extra_css:\n  - https://fonts.example/css\n  - stylesheets/mine.css\n")
    text += "nav:\n  - Home: index.md\n  - Gone: paeg.md\n  - Outside: https://x.example/\n"
    text += "extra_javascript: [//cdn.example/x.js]\n"
    config.write_text(text, encoding="utf-8")
    result = project.build()
    assert result.returncode == 1 and "Traceback" not in result.stderr
    said = re.findall(r"^docs/page\.md:(\d+): in the text: (.*)", result.stderr, re.MULTILINE)
    assert len(said) == len(TOLD), said
    for (line, message), (at, words) in zip(said, TOLD, strict=True):
        assert int(line) == at and words in message
    assert "docs/stylesheets/mine.css:3: the style fetches “https://x.example/a.png”" in result.stderr
    rows = text.split("\n")
    for words, message in (
        ("https://fonts.example/css", "https://fonts.example/css comes from elsewhere"),
        ("//cdn.example/x.js", "//cdn.example/x.js comes from elsewhere"),
        ("paeg.md", "nav names paeg.md, which is not in docs/; did you mean page.md?"),
    ):
        line = next(number for number, row in enumerate(rows, start=1) if words in row)
        assert f"mkdocs.yml:{line}: {message}" in result.stderr


def test_a_script_in_a_template_ends_in_a_sentence(project) -> None:
    main = project.folder / "overrides/main.html"
    text = main.read_text(encoding="utf-8")
    main.write_text(text.replace("{{- missing() -}}", '{{- missing() -}}<b onclick="x()">x</b>'), encoding="utf-8")
    result = project.build()
    assert result.returncode == 1 and "Traceback" not in result.stderr and "<b onclick>" in result.stderr
