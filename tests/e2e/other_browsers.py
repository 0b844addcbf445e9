"""WebKit and Firefox as Debian has them, driven by few verbs that both understand.

WebKit by its own driver through selenium, on a screen that exists in memory alone. Firefox, whose
driver Debian does not have, by the protocol that it speaks itself, WebDriver BiDi.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import websocket
from selenium import webdriver
from selenium.webdriver.common.by import By

from tests.patient import PATIENCE
from tests.support import wait_until

DRIVER, BROWSERS = "WebKitWebDriver", "/usr/lib/*/webkit2gtk-4.*/MiniBrowser"
RIGHT = "\ue014"  # the arrow key, in WebDriver's letters


class Driven(Protocol):
    """One window of a browser."""

    def go(self, address: str) -> None: ...
    def js(self, expression: str) -> Any: ...
    def click(self, selector: str) -> None: ...
    def press(self, selector: str, key: str) -> None: ...
    def resize(self, width: int, height: int) -> None: ...
    def picture(self, path: Path) -> None: ...


def wait_for(browser: Driven, expression: str) -> None:
    wait_until(lambda: browser.js(f"Boolean({expression})"), what=expression)


class WebKit:
    def __init__(self, driver: Any) -> None:
        self._driver = driver

    def go(self, address: str) -> None:
        self._driver.get(address)

    def js(self, expression: str) -> Any:
        return self._driver.execute_script(f"return {expression};")

    def click(self, selector: str) -> None:
        self._driver.find_element(By.CSS_SELECTOR, selector).click()

    def press(self, selector: str, key: str) -> None:
        self._driver.find_element(By.CSS_SELECTOR, selector).send_keys(key)

    def resize(self, width: int, height: int) -> None:
        self._driver.set_window_rect(0, 0, width, height)

    def picture(self, path: Path) -> None:
        self._driver.save_screenshot(str(path))


@contextlib.contextmanager
def webkit() -> Iterator[WebKit]:
    """Its window; a LookupError names what is not installed."""
    driver, screen = shutil.which(DRIVER), shutil.which("Xvfb")
    browser = next(iter(sorted(Path("/").glob(BROWSERS[1:]))), None)
    if not (driver and screen and browser):
        raise LookupError("Debian's webkit2gtk-driver and xvfb are not installed")
    told, number = os.pipe()
    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    command = [screen, "-displayfd", str(number), "-screen", "0", "1440x1000x24"]
    with socket.create_server(("127.0.0.1", 0)) as probe:
        target = f"127.0.0.1:{probe.getsockname()[1]}"
    with contextlib.ExitStack() as stack:

        def started(command: list[str], **options: Any) -> None:
            process = stack.enter_context(subprocess.Popen(command, **quiet, **options))
            stack.callback(process.kill)

        started([*command, "-nolisten", "tcp"], pass_fds=[number])
        os.close(number)
        with os.fdopen(told) as line:
            display = line.readline().strip()
        # Without a graphics card; its sandbox cannot be had by the user that CI runs as.
        environment = {
            **os.environ,
            "DISPLAY": f":{display}",
            "WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1",
            "WEBKIT_DISABLE_COMPOSITING_MODE": "1",
            "WEBKIT_INSPECTOR_SERVER": target,
        }
        # Started before its driver, which on a busy machine misses that a browser of its own came.
        started([str(browser), "--automation"], env=environment)
        wait_until(lambda: _listens(target), what="WebKit")
        service = webdriver.WebKitGTKService(driver, service_args=[f"--target={target}"])
        found = webdriver.WebKitGTK(options=webdriver.WebKitGTKOptions(), service=service)
        yield WebKit(found)
        found.quit()


def _listens(target: str) -> bool:
    host, port = target.split(":")
    try:
        socket.create_connection((host, int(port)), PATIENCE).close()
    except OSError:
        return False
    return True


class Firefox:
    def __init__(self, address: str) -> None:
        self._line = websocket.create_connection(address, PATIENCE, suppress_origin=True)
        self._asked = 0
        self.trouble: list[str] = []
        self._ask("session.new", capabilities={})
        self._ask("session.subscribe", events=["log.entryAdded"])
        self._context = self._ask("browsingContext.getTree")["contexts"][0]["context"]

    def go(self, address: str) -> None:
        self._here("browsingContext.navigate", url=address, wait="complete")

    def js(self, expression: str) -> Any:
        told = self._ask(
            "script.evaluate",
            expression=f"JSON.stringify({expression})",
            target={"context": self._context},
            awaitPromise=True,
        )
        if told["type"] != "success":
            raise AssertionError(told["exceptionDetails"]["text"])
        return json.loads(told["result"].get("value", "null"))

    def click(self, selector: str) -> None:
        self._perform("pointer", *self._at(selector), ("pointerDown", {"button": 0}),
                      ("pointerUp", {"button": 0}))  # fmt: skip

    def press(self, selector: str, key: str) -> None:
        self.js(f"document.querySelector({json.dumps(selector)}).focus()")
        self._perform("key", ("keyDown", {"value": key}), ("keyUp", {"value": key}))

    def resize(self, width: int, height: int) -> None:
        self._here("browsingContext.setViewport", viewport={"width": width, "height": height})

    def picture(self, path: Path) -> None:
        path.write_bytes(base64.b64decode(self._here("browsingContext.captureScreenshot")["data"]))

    def close(self) -> None:
        self._ask("browser.close")
        self._line.close()

    def _at(self, selector: str) -> list[tuple[str, dict[str, Any]]]:
        one = f"document.querySelector({json.dumps(selector)})"
        self.js(f"{one}.scrollIntoView({{ block: 'nearest' }})")
        x, y = self.js(
            f"(({{ x, y, width, height }}) => [x + width / 2, y + height / 2])"
            f"({one}.getBoundingClientRect())"
        )
        return [("pointerMove", {"x": round(x), "y": round(y)})]

    def _perform(self, kind: str, *actions: tuple[str, dict[str, Any]]) -> None:
        known = [{"type": name, **values} for name, values in actions]
        self._here("input.performActions", actions=[{"type": kind, "id": kind, "actions": known}])

    def _here(self, method: str, **values: Any) -> Any:
        return self._ask(method, context=self._context, **values)

    def _ask(self, method: str, **values: Any) -> Any:
        self._asked += 1
        self._line.send(json.dumps({"id": self._asked, "method": method, "params": values}))
        while True:
            heard = json.loads(self._line.recv())
            if heard.get("id") == self._asked:
                if heard["type"] == "error":
                    raise AssertionError(heard["message"])
                return heard["result"]
            if heard.get("method") == "log.entryAdded" and heard["params"]["level"] == "error":
                self.trouble.append(heard["params"]["text"])


@contextlib.contextmanager
def firefox() -> Iterator[Firefox]:
    """Its window; a LookupError says that it is not installed."""
    browser = shutil.which("firefox-esr") or shutil.which("firefox")
    if browser is None:
        raise LookupError("Firefox is not installed")
    with tempfile.TemporaryDirectory(prefix="firefox-") as home:
        command = [browser, "--headless", "--no-remote", "--profile", home]
        with subprocess.Popen(
            [*command, "--remote-debugging-port=0"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "HOME": home},
        ) as process:
            try:
                found = wait_until(lambda: _reached(Path(home)), what="Firefox")
                yield found
                found.close()
            finally:
                process.terminate()


def _reached(profile: Path) -> Firefox | None:
    """By the address that it writes into its profile."""
    try:
        told = json.loads((profile / "WebDriverBiDiServer.json").read_text())
        return Firefox(f"ws://{told['ws_host']}:{told['ws_port']}/session")
    except (OSError, ValueError, websocket.WebSocketException):
        return None
