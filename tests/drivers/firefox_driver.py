"""An ordinary Firefox, driven by WebDriver BiDi, which it supports without a separate driver.

https://www.w3.org/TR/webdriver-bidi/
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import websocket

from driven import Driven

START_S = 60
LAN_NAME = "lan.test"
# These switch off the browser's own requests, because the tests look at what a page requests.
PREFERENCES: dict[str, bool | int | str] = {
    "app.normandy.enabled": False,
    "app.update.disabledForTesting": True,
    # Its list of downloads would open, and take the focus from the page.
    "browser.download.alwaysOpenPanel": False,
    "browser.download.folderList": 2,  # the folder that `browser.download.dir` names
    "browser.newtabpage.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.homepage_override.mstone": "ignore",
    "browser.startup.page": 0,
    "datareporting.policy.dataSubmissionEnabled": False,
    "extensions.getAddons.cache.enabled": False,
    "media.gmp-manager.updateEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "network.dns.localDomains": LAN_NAME,
    "services.settings.server": "data:,#remote-settings-dummy/v1",
    "toolkit.telemetry.reportingpolicy.firstRun": False,
}


def through(gate_port: int) -> dict[str, bool | int | str]:
    """Preferences that send all requests to other machines to a proxy on loopback."""
    kinds = ("http", "ssl")
    proxies = {f"network.proxy.{kind}": "127.0.0.1" for kind in kinds}
    ports = {f"network.proxy.{kind}_port": gate_port for kind in kinds}
    return {**proxies, **ports, "network.proxy.type": 1, "network.proxy.no_proxies_on": f"127.0.0.1, {LAN_NAME}"}


class Firefox:
    """A headless Firefox with its own profile. Requests to other machines go to the gate's port."""

    def __init__(self, program: Path, gate_port: int, changed: dict[str, bool | int | str] | None = None) -> None:
        """`changed`: further preferences."""
        self._profile = Path(tempfile.mkdtemp(prefix="press-start-firefox-"))
        downloads = {"browser.download.dir": str(self._profile / "downloads")}
        preferences = PREFERENCES | downloads | through(gate_port) | (changed or {})
        lines = (f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in preferences.items())
        (self._profile / "user.js").write_text("\n".join(lines), encoding="utf-8")
        options = ["--headless", "--no-remote", "--profile", str(self._profile), "--remote-debugging-port", "0"]
        # A released Firefox obeys the preference `services.settings.server` only with this variable.
        variables = os.environ | {"MOZ_REMOTE_SETTINGS_DEVTOOLS": "1"}
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self._process = subprocess.Popen([str(program), *options, "about:blank"], env=variables, **quiet)
        try:
            # Firefox refuses connections from pages, and so every connection that sends an origin.
            self._socket = websocket.create_connection(self._address(), timeout=START_S, suppress_origin=True)
            self._asked = 0
            self.events: list[dict] = []
            self.version = self.ask("session.new", capabilities={})["capabilities"]["browserVersion"]
            self.ask("session.subscribe", events=["log.entryAdded", "network.beforeRequestSent"])
        except BaseException:
            self._end()
            raise

    def _address(self) -> str:
        """The address at which Firefox listens, which it writes into its profile."""
        file = self._profile / "WebDriverBiDiServer.json"
        end = time.monotonic() + START_S
        while not (file.exists() and file.read_text(encoding="utf-8").strip()):
            assert self._process.poll() is None, f"Firefox ended with status {self._process.returncode}"
            assert time.monotonic() < end, f"Firefox did not listen within {START_S} s"
            time.sleep(0.05)
        server = json.loads(file.read_text(encoding="utf-8"))
        return f"ws://{server['ws_host']}:{server['ws_port']}/session"

    def ask(self, method: str, **parameters: Any) -> dict:
        """Sends a command and returns its result. Events that arrive meanwhile are kept in `events`."""
        self._asked += 1
        self._socket.send(json.dumps({"id": self._asked, "method": method, "params": parameters}))
        while True:
            message = json.loads(self._socket.recv())
            if message["type"] == "event":
                self.events.append(message)
            elif message["id"] == self._asked:
                assert message["type"] == "success", f"{method}: {message['error']}: {message['message']}"
                return message["result"]

    def open_tab(self) -> FirefoxTab:
        return FirefoxTab(self)

    def close(self) -> None:
        try:
            self.ask("browser.close")
            self._socket.close()
            self._process.wait(START_S)
        finally:
            self._end()

    def _end(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self._profile, ignore_errors=True)


class FirefoxTab(Driven):
    """A tab in its own container, so that no other tab sees what it stores."""

    lan_name = LAN_NAME

    def __init__(self, firefox: Firefox) -> None:
        self._firefox = firefox
        self._user = firefox.ask("browser.createUserContext")["userContext"]
        self._own, self._other = (self._create(), self._create())
        size = {"width": 1280, "height": 900}
        firefox.ask("browsingContext.setViewport", context=self._own, viewport=size)
        self.come_back()

    def _create(self) -> str:
        return self._firefox.ask("browsingContext.create", type="tab", userContext=self._user)["context"]

    def open(self, url: str) -> None:
        self._firefox.events.clear()
        self._firefox.ask("browsingContext.navigate", context=self._own, url=url, wait="complete")

    def reload(self) -> None:
        self._firefox.events.clear()
        self._firefox.ask("browsingContext.reload", context=self._own, wait="complete")

    def evaluate(self, expression: str) -> Any:
        whole = f"(async () => JSON.stringify(await ({expression})))()"
        reply = self._firefox.ask(
            "script.evaluate", expression=whole, target={"context": self._own}, awaitPromise=True, userActivation=False
        )
        assert reply["type"] == "success", (expression, reply["exceptionDetails"]["text"])
        return json.loads(reply["result"]["value"]) if reply["result"]["type"] == "string" else None

    def click(self, selector: str) -> None:
        self.evaluate(f"document.querySelector({json.dumps(selector)}).scrollIntoView({{ block: 'center' }})")
        locator = {"type": "css", "value": selector}
        nodes = self._firefox.ask("browsingContext.locateNodes", context=self._own, locator=locator)["nodes"]
        origin = {"type": "element", "element": {"sharedId": nodes[0]["sharedId"]}}
        move = {"type": "pointerMove", "x": 0, "y": 0, "origin": origin}
        press = [move, {"type": "pointerDown", "button": 0}, {"type": "pointerUp", "button": 0}]
        mouse = {"type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"}, "actions": press}
        self._firefox.ask("input.performActions", context=self._own, actions=[mouse])

    def screenshot(self, path: Path) -> None:
        picture = self._firefox.ask("browsingContext.captureScreenshot", context=self._own)["data"]
        path.write_bytes(base64.b64decode(picture))

    def leave(self) -> None:
        """Switches to the other tab."""
        self._firefox.ask("browsingContext.activate", context=self._other)
        self.settle("document.hidden")

    def come_back(self) -> None:
        self._firefox.ask("browsingContext.activate", context=self._own)
        self.settle("!document.hidden")

    def complaints(self) -> list[str]:
        self.evaluate("null")  # lets the last events arrive
        entries = (event["params"] for event in self._firefox.events if event["method"] == "log.entryAdded")
        return [entry["text"] for entry in entries if entry["level"] == "error"]

    def requests(self) -> list[str]:
        """Addresses that any tab or Worker has requested since the page was opened."""
        self.evaluate("null")
        sent = (event for event in self._firefox.events if event["method"] == "network.beforeRequestSent")
        return [event["params"]["request"]["url"] for event in sent]

    def close(self) -> None:
        self._firefox.ask("browser.removeUserContext", userContext=self._user)
