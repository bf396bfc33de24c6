"""Catches: a wrong file that is kept or accepted, a hang without a network, an error without a reason or advice."""

from __future__ import annotations

import dataclasses
import hashlib
import http.server
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from model.model_json import read_description
from texts import corpus as corpora
from texts import download, one_text

TEXT = b"ROMEO:\nA text for loopback, in rather few characters.\n\n" * 40
Answer = Callable[[http.server.BaseHTTPRequestHandler], None]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Answer], str]]:
    """server(answer) listens on loopback and returns a URL; `answer` writes the response."""
    monkeypatch.setenv("no_proxy", "*")
    servers = []

    def start(answer: Answer) -> str:
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                answer(self)

            def log_message(self, *_arguments: object) -> None:
                pass

        running = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=running.serve_forever, daemon=True).start()
        servers.append(running)
        return f"http://127.0.0.1:{running.server_port}/input.txt"

    yield start
    for running in servers:
        running.shutdown()
        running.server_close()


def giving(body: bytes, status: int = 200) -> Answer:
    def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def wanted(url: str) -> download.Wanted:
    return download.Wanted("the text", url, len(TEXT), hashlib.sha256(TEXT).hexdigest())


@pytest.fixture
def project(tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A bare project with an empty cache, set to Shakespeare."""
    (tmp_path / "engine").mkdir()
    described = read_description(root) | {"corpus": "shakespeare"}
    (tmp_path / "engine" / "model.json").write_text(json.dumps(described), encoding="utf-8")
    monkeypatch.delenv(corpora.VARIABLE, raising=False)
    monkeypatch.setattr(one_text, "_said", set())
    return tmp_path


def test_right_file_is_kept_and_not_fetched_again(server, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    requests = []

    def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
        requests.append(handler.path)
        giving(TEXT)(handler)

    monkeypatch.setattr(corpora, "SHAKESPEARE_FILE", wanted(server(answer)))
    for _ in range(2):
        corpus = corpora.load(root=project)
        assert (corpus.name, corpus.text) == ("shakespeare", TEXT.decode())
    assert requests == ["/input.txt"]


@pytest.mark.parametrize("body", [TEXT[:-1] + b"!", TEXT[:-1], TEXT + b"more", b"<html>Please log in</html>", b""])
def test_wrong_file_is_an_error_and_nothing_is_kept(
    server, project: Path, body: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(corpora, "SHAKESPEARE_FILE", wanted(server(giving(body))))
    with pytest.raises(corpora.CorpusError) as problem:
        corpora.load(root=project)
    sentence = str(problem.value)
    assert "sent something other than the text" in sentence
    assert hashlib.sha256(TEXT).hexdigest() in sentence
    assert "PRESS_START_CORPUS" in sentence  # what to do
    assert not list(project.glob(".cache/**/*.txt*"))


def test_a_server_that_never_answers_counts_as_no_network(server) -> None:
    silence = threading.Event()
    url = server(lambda _handler: silence.wait(20))
    start = time.monotonic()
    with pytest.raises(download.UnreachableError, match=r"the text (could not be downloaded|did not arrive in time)"):
        download.fetch(wanted(url), first_byte_limit_s=0.5)
    silence.set()
    assert time.monotonic() - start < 3


def test_a_server_that_stops_in_the_middle_counts_as_no_network(server) -> None:
    silence = threading.Event()

    def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(TEXT)))
        handler.end_headers()
        handler.wfile.write(TEXT[:100])
        silence.wait(20)

    start = time.monotonic()
    with pytest.raises(download.UnreachableError):
        download.fetch(wanted(server(answer)), first_byte_limit_s=0.5, limit_s=1.0)
    silence.set()
    assert time.monotonic() - start < 3


def test_the_limit_is_ten_seconds() -> None:
    assert download.FIRST_BYTE_LIMIT_S == 10


def test_an_answer_of_another_status_is_reported() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        closed = f"http://127.0.0.1:{probe.getsockname()[1]}/input.txt"
    with pytest.raises(download.UnreachableError, match="refused"):
        download.fetch(wanted(closed))


def test_a_missing_file_is_reported(server) -> None:
    with pytest.raises(download.UnreachableError, match="404"):
        download.fetch(wanted(server(giving(b"not here", 404))))


def test_without_network_the_play_machine_takes_over_and_says_so(
    server, project: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(corpora, "SHAKESPEARE_FILE", wanted(server(giving(b"", 503))))
    assert corpora.load(root=project).name == "play-machine"
    said = capfd.readouterr().err
    assert "503" in said
    assert "play machine" in said
    # A text requested by name is not replaced by another.
    with pytest.raises(corpora.CorpusError, match="503"):
        corpora.load("shakespeare", project)


def test_the_lesson_names_one_exact_file() -> None:
    assert dataclasses.astuple(corpora.SHAKESPEARE_FILE)[1:] == (
        "https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt",
        1_115_394,
        "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed",
    )
