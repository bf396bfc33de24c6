"""Where `serve` serves: the address behind --host, and the first port from --port that is free there."""

from __future__ import annotations

import errno
import os
import socket
from dataclasses import dataclass

TRIES = 20
LOWEST = 1024  # most systems keep ports below this for administrators
LOCAL = "127.0.0.1, for this machine alone, or 0.0.0.0, for all that reach it"


class AddressError(Exception):
    """The address or port cannot be used; says why and what to do."""


@dataclass(frozen=True)
class Place:
    address: str  # in numbers, as MkDocs requires
    port: int

    @property
    def for_mkdocs(self) -> str:
        return f"[{self.address}]:{self.port}" if ":" in self.address else f"{self.address}:{self.port}"

    @property
    def url(self) -> str:
        return f"http://{self.for_mkdocs}/"


def place(host: str, first: int, tries: int = TRIES) -> Place:
    """The first port from `first` on that is free at `host`, a name or an address. Raises AddressError."""
    family, address = _resolved(host)
    for port in range(first, min(first + tries, 65536)):
        try:
            _try_out(family, address, port)
        except OSError as problem:
            reason = _reason(problem, host, port)
            if reason:
                raise AddressError(reason) from problem
            continue
        return Place(address, port)
    raise AddressError(f"No port is free from {first} upwards: choose another with --port.")


def _resolved(host: str) -> tuple[socket.AddressFamily, str]:
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    if not bare.strip():
        raise AddressError(f"--host is empty: give {LOCAL}.")
    try:
        found = socket.getaddrinfo(bare, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as problem:
        known = socket.EAI_NONAME, getattr(socket, "EAI_NODATA", None)
        said = "there is no such name" if getattr(problem, "errno", None) in known else str(problem)
        alone = " --host takes no port and no http://; the port goes to --port." if set(bare) & set(":/") else ""
        raise AddressError(f"{host} has no address ({said}).{alone} Give --host {LOCAL}.") from problem
    # If a name has both kinds, take IPv4: browsers on this machine reach it by every name.
    family, _, _, _, end = min(found, key=lambda one: one[0] != socket.AF_INET)
    return family, str(end[0])


def _try_out(family: socket.AddressFamily, address: str, port: int) -> None:
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        if os.name != "nt":  # on Windows this option would let us share a port that is in use
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((address, port))


def _reason(problem: OSError, host: str, port: int) -> str | None:
    """Why no port of this host can be used; None if another port may be free."""
    if problem.errno == errno.EADDRNOTAVAIL:
        return f"{host} is not an address of this machine: give --host {LOCAL}."
    if problem.errno in (errno.EACCES, errno.EPERM):
        if port < LOWEST:
            return f"Port {port} is below {LOWEST}, which this system keeps for administrators: choose --port 8000."
        return None  # Windows reserves some higher ports
    if problem.errno == errno.EAFNOSUPPORT:
        return f"This machine has no addresses of the kind of {host}: give --host {LOCAL}."
    return None if problem.errno == errno.EADDRINUSE else f"Nothing can be served at {host}, port {port}: {problem}."
