"""How soon a page that has to wait for its turn shows something useful.

On a hosted page somebody trains. Each of several visitors then presses Start: how long until the
page says at which place their run waits, and whether the film is there meanwhile.
"""

from __future__ import annotations

import argparse
import statistics

from browser import chromium, start_training, visit
from figures import at_least
from serving import ROOT, serve

PRESSED = """() => new Promise((said) => {
  const waits = document.querySelector("[data-part=waits]");
  const start = performance.now();
  const look = () => (waits.hidden ? requestAnimationFrame(look) : said(performance.now() - start));
  document.querySelector("#train-start").click();
  look();
})"""
BUSY = "document.querySelector('#train-start').textContent.includes('before')"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=at_least(1), default=5, help="visitors (default 5)")
    options = parser.parse_args()
    times: list[float] = []
    with (
        chromium() as browser,
        serve(ROOT, "--hosted") as served,
        visit(browser, served.url) as first,
    ):
        start_training(first, 300_000)
        first.wait_for_function("document.body.dataset.run === 'running'")
        for _ in range(options.repeats):
            with visit(browser, served.url) as page:
                page.wait_for_function(BUSY)
                times.append(page.evaluate(PRESSED))
                film = page.get_attribute('[data-part="samples"]', "data-images")
                assert film, "no film while one waits"
                page.click('[data-part="waits-leave"]')
                page.wait_for_selector('[data-part="waits"]', state="hidden")
    print(
        f"from the press to the place in the queue: {statistics.median(times):.0f} ms "
        f"({min(times):.0f} to {max(times):.0f}); the film plays meanwhile"
    )


if __name__ == "__main__":
    main()
