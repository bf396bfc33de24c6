"""Catches: an address at which nothing is served, or that is refused with the wrong reason."""

from __future__ import annotations

import errno
import socket

import pytest
from mkdocs import livereload
from mkdocs.commands import serve

import hooks
from output import last_good_site
from system import serve_address


def refused(host: str, port: int = 8000) -> str:
    with pytest.raises(serve_address.AddressError) as problem:
        serve_address.place(host, port)
    return str(problem.value)


def test_a_busy_port_is_passed_over() -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        assert serve_address.place("127.0.0.1", port).port > port
        with pytest.raises(
            serve_address.AddressError, match=f"No port is free from {port} upwards: choose another with --port"
        ):
            serve_address.place("127.0.0.1", port, tries=1)


@pytest.mark.parametrize("host", ["::1", "[::1]"])
def test_the_newer_kind_of_address_serves(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not every machine has an IPv6 address, so the test checks only how it would be used."""
    bound = []
    monkeypatch.setattr(serve_address, "_try_out", lambda *place: bound.append(place))
    place = serve_address.place(host, 8000)
    assert bound == [(socket.AF_INET6, "::1", 8000)]
    assert (place.url, place.for_mkdocs) == ("http://[::1]:8000/", "[::1]:8000")
    for name in ("load_config", "build", "_serve_url"):
        monkeypatch.setattr(serve, name, getattr(serve, name))
    monkeypatch.setattr(livereload, "_serve_url", livereload._serve_url)
    monkeypatch.setattr(last_good_site, "kept", last_good_site.LastGoodSite())
    hooks.outlive_mistakes()
    assert serve._serve_url("::1", 8000, "/") == place.url, "as the server itself says it"


def test_a_name_is_served_at_its_address() -> None:
    place = serve_address.place("localhost", 18700)
    assert place.address == "127.0.0.1" and place.url == f"http://127.0.0.1:{place.port}/"


@pytest.mark.parametrize(
    ("host", "said"),
    [
        ("192.0.2.7", "192.0.2.7 is not an address of this machine: give --host 127.0.0.1"),
        ("no-such-name.invalid", "no-such-name.invalid has no address"),
        ("127.0.0.1:8000", "--host takes no port and no http://; the port goes to --port."),
        ("http://localhost/", "--host takes no port and no http://"),
        ("a..b", "a..b has no address"),
        (" ", "--host is empty"),
    ],
)
def test_the_true_reason_is_given(host: str, said: str) -> None:
    assert said in refused(host) and "No port is free" not in refused(host)


@pytest.mark.parametrize(
    ("number", "port", "said"),
    [
        (errno.EACCES, 80, "Port 80 is below 1024, which this system keeps for administrators: choose --port 8000."),
        (errno.EACCES, 8000, "No port is free from 8000 upwards"),
        (errno.EAFNOSUPPORT, 8000, "no addresses of the kind of 127.0.0.1"),
        (errno.ENOBUFS, 8000, "Nothing can be served at 127.0.0.1, port 8000: [Errno"),
    ],
)
def test_what_the_system_answers_is_put_in_words(
    number: int, port: int, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(*_place: object) -> None:
        raise OSError(number, "what the system says")

    monkeypatch.setattr(serve_address, "_try_out", answer)
    assert said in refused("127.0.0.1", port)
