"""How the tests in this folder use the page: fill the form, wait for what a person waits for."""

from __future__ import annotations

import hashlib
import shutil
from typing import Any

from ganmodel.runs import LIVE_STATES, Run, create_run, list_runs
from ganmodel.ui.http import static
from ganmodel.ui.http.visitors import owner_of
from tests.support import record, tiny_config, wait_until

LONG = 20_000_000
SLIDER = "#train-time input"


def start(
    page: Any, images: int = LONG, *, seed: int = 0, preset: str | None = None, **settings: Any
) -> None:
    """Fills the form in its sheet and presses Start there; `settings` are those under All settings.

    But for a recipe that is asked for, networks are small and nothing is evaluated, so that what is
    waited for comes soon.
    """
    open_form(page)
    if preset is None:
        settings = {"width": 8, "evaluate_every": 0, **settings}
    else:
        page.select_option("#train-preset select", preset)
    page.fill("#train-length-number", str(images))
    page.fill("#train-seed input", str(seed))
    if settings:
        page.evaluate("document.querySelector('#train-all').open = true")
    for name, value in settings.items():
        page.fill(f"#set-{name} input", str(value))
    before = page.evaluate("ganmodel.run()")
    page.click('[data-part="sheet-start"]')
    # Until the view has left what it showed before, or says that the run waits, or why it is none.
    page.wait_for_function(
        "was => ganmodel.run() !== was || document.body.dataset.run === 'waiting' || "
        "!document.querySelector('[data-part=waits]').hidden || "
        "document.querySelector('[data-part=refusal]').textContent !== ''",
        arg=before,
    )


def open_form(page: Any) -> None:
    """Opens the form's sheet, also where the page offers no button for it."""
    page.evaluate("document.querySelector('#train-form').open || "
                  "document.querySelector('#train-settings').click()")  # fmt: skip


def open_own_sheet(page: Any) -> None:
    """Opens the sheet of one's own pictures, from the form's."""
    open_form(page)
    if not page.is_visible("#own-sheet"):
        page.click("#train-own")


def open_measurements(page: Any) -> None:
    page.evaluate("document.querySelector('#train-more').open = true")


def close_sheets(page: Any) -> None:
    page.evaluate("document.querySelectorAll('dialog[open]').forEach((one) => one.close())")


def choose_data(page: Any, name: str) -> None:
    """In the form's open sheet."""
    page.click(f'label:has([name="train-dataset-choice"][value="{name}"])')


def wait_for_state(page: Any, state: str) -> None:
    page.wait_for_function("s => document.body.dataset.run === s", arg=state)


def see_curves(page: Any) -> None:
    """Curves are drawn where they are seen."""
    page.wait_for_selector("#train-curves", state="attached")
    page.evaluate("document.querySelector('#train-curves').scrollIntoView()")


def wait_for_points(page: Any, count: int) -> None:
    see_curves(page)
    page.wait_for_function(
        "n => document.querySelector('[data-part=picks]')?.data?.at(-1)?.x.length >= n",
        arg=count,
    )


def wait_for_text(page: Any, part: str, text: str) -> None:
    page.wait_for_function(
        "([p, t]) => document.querySelector(`[data-part=${p}]`)?.textContent.includes(t)",
        arg=[part, text],
    )


def module(page: Any, name: str) -> Any:
    """A handle to one of the page's modules, such as "shared/numbers.js", as the page has it."""
    script = "address => import(new URL(address, document.baseURI).href)"
    return page.evaluate_handle(script, static.address(name))


def grid_of(page: Any) -> str:
    """The pixels of the grid that is shown, as a data URL."""
    return page.evaluate("document.querySelector('[data-part=samples]').toDataURL()")


def newest_run(served: Any) -> Run:
    return list_runs(served.runs)[0]


def end_all_runs(served: Any) -> None:
    """So that the next test may start one."""
    for run in list_runs(served.runs):
        run.path("stop").touch()
        wait_until(lambda run=run: run.state() not in LIVE_STATES, what=f"the end of {run.name}")


def token_of(page: Any) -> str:
    return page.evaluate("ganmodel.token()")


def made_run(served: Any, page: Any, name: str, **chosen: Any) -> Run:
    """A short run of the visitor's, trained here and now with tiny networks on random pictures."""
    options = {k: chosen.pop(k) for k in ("knobs", "on_snapshot", "data") if k in chosen}
    config = tiny_config(**{"images": 512, "log_every": 32, "save_every": 128, **chosen})
    # Runs are listed by name; those that the page starts begin with the year.
    run = create_run(served.runs, config, name=f"0-{name}", owner=owner_of(token_of(page)))
    if options:
        record(run, **options)
    else:  # the same settings leave the same files, so they are trained once
        same, files = served.runs.parent / "recorded", hashlib.sha256(str(config).encode())
        if not (same / files.hexdigest()).exists():
            record(create_run(same, config, name=files.hexdigest()))
        own = shutil.ignore_patterns("config.json", "owner")
        shutil.copytree(same / files.hexdigest(), run.folder, ignore=own, dirs_exist_ok=True)
    return run


def follow(page: Any, run: Run) -> None:
    """Opens a run in the view and waits until its grid is there."""
    page.evaluate("name => ganmodel.follow(name)", run.name)
    newest = max(run.moments("samples"))
    page.wait_for_function(
        "([name, n]) => ganmodel.run() === name && "
        "document.querySelector('[data-part=samples]').dataset.images === String(n)",
        arg=[run.name, newest],
    )


def slide(page: Any, value: int, *, let_go: bool = True) -> None:
    """Moves the time slider as a hand does."""
    script = """([selector, value, letGo]) => {
        const slider = document.querySelector(selector);
        slider.value = value;
        slider.dispatchEvent(new Event("input", { bubbles: true }));
        if (letGo) slider.dispatchEvent(new Event("change", { bubbles: true }));
    }"""
    page.evaluate(script, [SLIDER, str(value), let_go])
