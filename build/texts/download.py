"""Downloads one file: complete, checked and within a time limit, or not at all."""

from __future__ import annotations

import hashlib
import http.client
import ssl
import threading
import urllib.error
import urllib.request
from dataclasses import dataclass

FIRST_BYTE_LIMIT_S = 10.0  # without an answer by then, we assume that there is no network
WHOLE_LIMIT_S = 120.0  # once bytes arrive, a slow connection may take this long


class UnreachableError(Exception):
    """The file could not be fetched, or not in time; says why."""


class WrongContentError(Exception):
    """The download is not the wanted file, and was not kept."""


@dataclass(frozen=True)
class Wanted:
    what: str  # its name, for messages
    url: str
    size_bytes: int
    sha256: str


def fetch(wanted: Wanted, first_byte_limit_s: float = FIRST_BYTE_LIMIT_S, limit_s: float = WHOLE_LIMIT_S) -> bytes:
    """The wanted file's bytes, checked. Raises UnreachableError or WrongContentError; writes nothing."""
    attempt = _Attempt(wanted, first_byte_limit_s)
    attempt.start()
    attempt.answered.wait(first_byte_limit_s)
    if attempt.answered.is_set():
        attempt.join(limit_s)
    if attempt.error is not None:
        raise UnreachableError(f"{wanted.what} could not be downloaded from {wanted.url} ({attempt.error}).")
    if attempt.data is None:
        raise UnreachableError(f"{wanted.what} did not arrive in time from {wanted.url}.")
    got = hashlib.sha256(attempt.data).hexdigest()
    if got != wanted.sha256:
        size = f"more than {wanted.size_bytes:,}" if len(attempt.data) > wanted.size_bytes else f"{len(attempt.data):,}"
        raise WrongContentError(
            f"{wanted.url} sent something other than {wanted.what}: {size} bytes with SHA-256 {got}, where "
            f"{wanted.size_bytes:,} bytes with {wanted.sha256} were expected. Nothing was saved. (A network's login "
            "page may have answered instead.)"
        )
    return attempt.data


class _Attempt(threading.Thread):
    """A thread, because looking up a host name can hang, and a socket's time limit does not cover that."""

    def __init__(self, wanted: Wanted, socket_limit_s: float) -> None:
        super().__init__(daemon=True)
        self.wanted = wanted
        self.socket_limit_s = socket_limit_s
        self.answered = threading.Event()  # also set on failure
        self.data: bytes | None = None
        self.error: str | None = None

    def run(self) -> None:
        try:
            request = urllib.request.Request(self.wanted.url, headers={"User-Agent": "press-start"})
            with urllib.request.urlopen(request, timeout=self.socket_limit_s, context=_certificates()) as response:
                self.answered.set()
                # One byte more than wanted is enough to see that it is a different file.
                self.data = response.read(self.wanted.size_bytes + 1)
        except urllib.error.HTTPError as problem:
            self.error = f"the server answered {problem.code}"
        except (OSError, http.client.HTTPException) as problem:
            self.error = str(getattr(problem, "reason", None) or problem or type(problem).__name__)
        finally:
            self.answered.set()


def _certificates() -> ssl.SSLContext:
    """The machine's certificates and Mozilla's: on macOS, Python from python.org has none at first."""
    context = ssl.create_default_context()
    try:
        import certifi
    except ImportError:
        return context
    context.load_verify_locations(certifi.where())
    return context
