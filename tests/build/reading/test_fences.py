"""Code fences are found exactly where superfences finds them."""

from __future__ import annotations

import pytest

from reading.fences import fences, opening


def found(markdown: str) -> list[tuple[int, int, str, bool]]:
    return [(fence.first, fence.last, fence.opening.info, fence.closed) for fence in fences(markdown.split("\n"))]


def test_plain_and_tilde_fences() -> None:
    assert found("a\n```runner\nseed: x\n```\nb\n~~~\nc\n~~~") == [(1, 3, "runner", True), (5, 7, "", True)]


def test_a_longer_fence_holds_shorter_ones() -> None:
    assert found("````markdown\n```runner\n```\n````") == [(0, 3, "markdown", True)]


def test_only_the_same_marks_close_a_fence() -> None:
    assert found("```a\n~~~\n````\n```") == [(0, 3, "a", True)]


def test_html_comments_hold_no_fences() -> None:
    assert found("<!--\n```runner\n```\n-->\n```b\n```") == [(4, 5, "b", True)]


def test_a_comment_that_is_never_closed_is_none() -> None:
    assert found("<!--\n```runner\n```") == [(1, 2, "runner", True)]


def test_inline_code_of_three_marks_is_not_a_fence() -> None:
    assert opening("```runner``` is the word") is None


@pytest.mark.parametrize("prefix", ["    ", "\t", "> ", "> > ", ">   "])
def test_indentation_and_quote_marks_are_taken_off(prefix: str) -> None:
    lines = [prefix + line for line in ("```runner", "model:", "  n_layer: 2", "```")]
    (fence,) = fences(lines)
    assert fence.closed and fence.content == ["model:", "  n_layer: 2"]


def test_a_line_indented_less_breaks_a_fence_off() -> None:
    assert found("    ```runner\n    seed: x\ntext\n    ```") == [(0, 1, "runner", False), (3, 3, "", False)]


def test_an_open_fence_runs_to_the_end() -> None:
    assert found("text\n```runner\nseed: x") == [(1, 2, "runner", False)]
