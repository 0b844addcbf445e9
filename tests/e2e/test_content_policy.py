"""The page works under its content policy: what that forbids, nothing of the page needs.

A browser writes each violation to its console as an error, for which every test here fails; this
one uses a little of everything that a policy can forbid.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.e2e.driving import follow, made_run, open_measurements, wait_for_points
from tests.e2e.playing import opened

FORBIDDEN = """
window.forbidden = [];
addEventListener("securitypolicyviolation", (event) => {
  window.forbidden.push(`${event.effectiveDirective}: ${event.blockedURI}`);
});
"""


def test_nothing_that_the_page_needs_is_forbidden(visitor: Any, served: Any) -> None:
    page = visitor()
    page.context.add_init_script(FORBIDDEN)
    page.reload()
    page.wait_for_function("document.body.dataset.run !== undefined")
    follow(page, made_run(served, page, "allowed"))
    wait_for_points(page, 2)
    page.wait_for_selector('[data-part="samples"][data-images]')
    open_measurements(page)
    with page.expect_download() as download:
        page.click('[data-film="gif"]')
    assert Path(download.value.path()).read_bytes().startswith(b"GIF8")
    opened(page)
    page.click("#play-save summary")
    with page.expect_download() as download:
        page.click('[data-keep="png"]')
    assert Path(download.value.path()).read_bytes().startswith(b"\x89PNG")
    assert page.evaluate("window.forbidden") == []


def test_what_the_page_does_not_need_is_forbidden(browser: Any, served: Any) -> None:
    context = browser.new_context()
    try:
        page = context.new_page()
        page.goto(served.url)
        ran = page.evaluate(
            """async () => {
                const script = document.createElement("script");
                script.textContent = "window.ran = true";
                document.head.append(script);
                document.body.insertAdjacentHTML("beforeend",
                  "<img src='data:,' onerror='window.ran = true'>");
                await new Promise((done) => addEventListener("securitypolicyviolation", (event) => {
                  if (event.effectiveDirective === "script-src-attr") done();
                }));
                return window.ran;
            }"""
        )
        assert ran is None
        elsewhere = "fetch('https://example.com').then(() => true, () => false)"
        assert page.evaluate(elsewhere) is False
    finally:
        context.close()
