"""A proxy that records every request and refuses it.

A browser that uses it for all other machines reveals every request that would leave this machine, even those
that a page's own record would miss: from a Worker, a prefetch, or the browser itself.
"""

from __future__ import annotations

import http.server
import re
import socket
import threading

TLS_HANDSHAKE = b"\x16"
# Hosts that browsers contact by themselves, whatever the page: updates, settings, autofill. The full names matter,
# because Google also serves fonts for pages. No file of the site names one of these: test_no_calls_home.py.
OWN_HOSTS = {
    *("update.googleapis.com", "accounts.google.com", "content-autofill.googleapis.com"),
    *("optimizationguide-pa.googleapis.com", "safebrowsing.googleapis.com", "safebrowsingohttpgateway.googleapis.com"),
    *("clients2.google.com", "firefox.settings.services.mozilla.com", "content-signature-2.cdn.mozilla.net"),
    *("aus5.mozilla.org", "push.services.mozilla.com", "location.services.mozilla.com"),
    *("incoming.telemetry.mozilla.org", "detectportal.firefox.com", "contile.services.mozilla.com"),
}
HOST = re.compile(r"[A-Z]+ (?:[a-z]+://)?([^/:]+)")


class Gate:
    """Listens on loopback until it is closed. `asked` lists the requests as `METHOD address`, in order."""

    def __init__(self) -> None:
        asked: list[str] = []

        class Refusing(http.server.BaseHTTPRequestHandler):
            def handle(self) -> None:
                # For an https address WebKitGTK speaks TLS to the proxy itself, so the address cannot be read.
                if self.connection.recv(1, socket.MSG_PEEK) == TLS_HANDSHAKE:
                    asked.append("something over TLS")
                else:
                    super().handle()

            def refuse(self) -> None:
                asked.append(f"{self.command} {self.path}")
                self.send_error(502, "nothing passes here")

            do_CONNECT = do_GET = do_HEAD = do_POST = do_PUT = do_OPTIONS = refuse

            def log_message(self, *_arguments: object) -> None:
                """Prints nothing; `asked` has the request."""

        self.asked = asked
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Refusing)
        self.port: int = self._server.server_port
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def left(self) -> list[str]:
        """The requests that a page made, rather than the browser itself."""
        hosts = [(request, HOST.match(request)) for request in self.asked]
        return [request for request, host in hosts if not (host and host[1] in OWN_HOSTS)]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
