"""A proxy through which nothing passes: it writes down what it is asked for, and refuses.

A browser that has it for everything but this machine shows there what it would ask of other machines, also what a
page's own record of requests would miss: a Worker's, a prefetch, the browser's own.
"""

from __future__ import annotations

import http.server
import re
import socket
import threading

TLS_HANDSHAKE = b"\x16"
# What browsers ask for on their own account whatever page they show: updates, settings, what to fill into forms. Each
# by its whole name, since Google has fonts for pages, too. No file of the site names one: test_no_calls_home.py.
OWN_HOSTS = {
    *("update.googleapis.com", "accounts.google.com", "content-autofill.googleapis.com"),
    *("optimizationguide-pa.googleapis.com", "safebrowsing.googleapis.com", "safebrowsingohttpgateway.googleapis.com"),
    *("clients2.google.com", "firefox.settings.services.mozilla.com", "content-signature-2.cdn.mozilla.net"),
    *("aus5.mozilla.org", "push.services.mozilla.com", "location.services.mozilla.com"),
    *("incoming.telemetry.mozilla.org", "detectportal.firefox.com", "contile.services.mozilla.com"),
}
HOST = re.compile(r"[A-Z]+ (?:[a-z]+://)?([^/:]+)")


class Gate:
    """Listens on loopback until it is closed. `asked` holds each request as `METHOD address`, in order."""

    def __init__(self) -> None:
        asked: list[str] = []

        class Refusing(http.server.BaseHTTPRequestHandler):
            def handle(self) -> None:
                # WebKitGTK speaks TLS to the proxy itself where the address is an https one: which, nobody can read.
                if self.connection.recv(1, socket.MSG_PEEK) == TLS_HANDSHAKE:
                    asked.append("something over TLS")
                else:
                    super().handle()

            def refuse(self) -> None:
                asked.append(f"{self.command} {self.path}")
                self.send_error(502, "nothing passes here")

            do_CONNECT = do_GET = do_HEAD = do_POST = do_PUT = do_OPTIONS = refuse

            def log_message(self, *_arguments: object) -> None:
                """The list has it."""

        self.asked = asked
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Refusing)
        self.port: int = self._server.server_port
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def left(self) -> list[str]:
        """What was asked for on a page's account."""
        hosts = [(request, HOST.match(request)) for request in self.asked]
        return [request for request, host in hosts if not (host and host[1] in OWN_HOSTS)]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
