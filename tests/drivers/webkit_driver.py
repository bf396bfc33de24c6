"""WebKitGTK, the WebKit for Linux, driven through its own driver on a virtual screen.

The driver can open tabs but cannot bring one to the front, so `leave` minimises the window. The page is then really
hidden, though not by another tab. The driver does not report the console either; see driven.RECORDER.
"""

from __future__ import annotations

import json
import os
import subprocess
import threading
from pathlib import Path
from typing import Any

from selenium import webdriver
from selenium.webdriver.common.proxy import Proxy
from selenium.webdriver.remote.client_config import ClientConfig
from selenium.webdriver.webkitgtk.options import Options
from selenium.webdriver.webkitgtk.service import Service
from urllib3.exceptions import HTTPError

from driven import LOAD_S, Driven
from testing.other_browsers import WebKit

# Timeouts of successive attempts. A start takes one or two seconds, more on a busy machine. About one browser in eight
# exits at once, with status 0, and its driver then waits for ever.
START_S = (4, 8, 16, 24)
LOST = (HTTPError, OSError)  # raised by requests to a driver that has ended
SCRIPT_S = 120
ANSWER_S = 150  # longer than any request to a driver takes


class WebKitGTK:
    """A virtual screen. Each tab is a separate browser on it, because sessions of this driver have one window.

    Requests to other machines go to the gate's port.
    """

    def __init__(self, webkit: WebKit, gate_port: int) -> None:
        self._webkit, self._gate_port = webkit, gate_port
        read, write = os.pipe()
        screen = [str(webkit.screen), "-displayfd", str(write), "-screen", "0", "1280x1000x24", "-nolisten", "tcp"]
        self._screen = subprocess.Popen(screen, pass_fds=[write], stderr=subprocess.DEVNULL)
        os.close(write)
        with os.fdopen(read) as display:
            self.display = f":{display.readline().strip()}"
        assert self.display != ":", "the screen in memory (Xvfb) did not start"

    def open_tab(self) -> WebKitTab:
        return WebKitTab(self._webkit, self.display, self._gate_port)

    def close(self) -> None:
        self._screen.terminate()
        self._screen.wait()


def through(gate_port: int) -> Proxy:
    """Sends all requests to other machines to a proxy on loopback."""
    gate = f"127.0.0.1:{gate_port}"
    return Proxy(
        {"proxyType": "manual", "httpProxy": gate, "sslProxy": gate, "noProxy": ["127.0.0.1", "::ffff:127.0.0.1"]}
    )


class WebKitTab(Driven):
    """A browser with one window and nothing stored."""

    # It cannot resolve made-up names; this is 127.0.0.1 spelt so that the browser does not recognise it.
    lan_name = "[::ffff:127.0.0.1]"

    def __init__(self, webkit: WebKit, display: str, gate_port: int) -> None:
        options = Options()
        options.binary_location = str(webkit.browser)
        options.add_argument("--automation")
        options.proxy = through(gate_port)
        for start_s in START_S:
            try:
                self._begin(options, webkit, display, start_s)
                break
            except LOST:
                if start_s == START_S[-1]:
                    raise
        self._driver.set_page_load_timeout(LOAD_S)
        self._driver.set_script_timeout(SCRIPT_S)
        self._driver.maximize_window()

    def _begin(self, options: Options, webkit: WebKit, display: str, start_s: int) -> None:
        """Starts driver and browser. Raises one of LOST if the browser does not start within `start_s` seconds."""
        self._service = Service(str(webkit.driver), env={**os.environ, "DISPLAY": display, "GDK_BACKEND": "x11"})
        self._service.path = str(webkit.driver)
        self._service.start()
        impatience = threading.Timer(start_s, self._service.process.kill)
        impatience.start()
        address = ClientConfig(remote_server_addr=self._service.service_url, timeout=ANSWER_S)
        try:
            self._driver = webdriver.Remote(self._service.service_url, options=options, client_config=address)
        except Exception:
            self._service.process.kill()
            self._service.process.wait()
            raise
        finally:
            impatience.cancel()

    def open(self, url: str) -> None:
        self._driver.get(url)

    def reload(self) -> None:
        self._driver.refresh()

    def evaluate(self, expression: str) -> Any:
        reply = self._driver.execute_async_script(f"""
            const done = arguments[arguments.length - 1];
            (async () => JSON.stringify(await ({expression})))()
                .then((value) => done([value ?? null, null]), (error) => done([null, String(error)]));
        """)
        value, error = reply
        assert error is None, (expression, error)
        return None if value is None else json.loads(value)

    def click(self, selector: str) -> None:
        self.evaluate(f"document.querySelector({json.dumps(selector)}).scrollIntoView({{ block: 'center' }})")
        self._driver.find_element("css selector", selector).click()

    def screenshot(self, path: Path) -> None:
        self._driver.save_screenshot(str(path))

    def leave(self) -> None:
        self._driver.minimize_window()
        self.settle("document.hidden")

    def come_back(self) -> None:
        self._driver.maximize_window()
        self.settle("!document.hidden")

    def complaints(self) -> list[str]:
        return self.evaluate("complaints")

    def close(self) -> None:
        try:
            self._driver.quit()
        finally:
            self._service.stop()
