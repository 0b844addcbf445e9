"""What the page's scripts need from Python: names, limits, thresholds and words.

Each is defined once, in the module that it belongs to, and sent with the page as JSON, which
scripts read as `contract.name`. Names are in JavaScript's style, since only scripts read them.
"""

from __future__ import annotations

import json
from typing import Any

from ganmodel.config import EDITION
from ganmodel.data import ARCHIVES, LEAST_IMAGES, endings, formats
from ganmodel.health import COPIED
from ganmodel.hosting import MOST_FILES
from ganmodel.images import PADDING
from ganmodel.places import MOST_SEED, MOST_STOPS, VECTOR, Place
from ganmodel.runs import LIVE_STATES, LONGEST_TITLE
from ganmodel.ui.http import static
from ganmodel.ui.playground.directions import STRIP_PICTURES, STRIP_REACH
from ganmodel.ui.playground.drawing import MOST_OFF_MAP
from ganmodel.ui.playground.generators import RUN, SHIPPED, START
from ganmodel.ui.playground.renders import (
    FRAMES_IN_A_ROW,
    LENGTHS_HEADER,
    MOMENTS_HEADER,
    MOST_VARIETY,
    STRIP_COLUMNS,
)
from ganmodel.ui.routes import ROUTES
from ganmodel.ui.runs_drawer.run_list import COMPARED
from ganmodel.ui.shared.bundled_runs import BUNDLED, FIRST
from ganmodel.ui.train.charts import CHARTS, CURVES
from ganmodel.ui.train.form.contact_sheets import COLUMNS, MOST_AT_ONCE, SHEET
from ganmodel.ui.train.form.settings_form import DATASET, OWN, PRESET, UPLOAD
from ganmodel.ui.train.run_states import RESUMABLE
from ganmodel.ui.train.thinning import MOST_POINTS
from ganmodel.words import LANGUAGE, of_parts, parts, say

NOT_SENT = ("errors", "cli", "measures")  # parts of the catalogue that scripts do without


def contract(
    mode: str = "local", group: dict[str, str] | None = None, *, trusted: bool = True
) -> dict[str, Any]:
    """The values for scripts.

    Args:
        mode: one of `serving.MODES`.
        group: a class's `address` and its `qr` code as a data URL.
        trusted: as in `load_data`.
    """
    return {
        "title": say("page.title"),
        "language": LANGUAGE,
        "mode": mode,
        "group": group,
        "plotly": static.PLOTLY,
        "routes": {route.name: _relative(route.address) for route in ROUTES},
        "errors": static.address(static.ERRORS),
        "momentsHeader": MOMENTS_HEADER,
        "liveStates": LIVE_STATES,
        "resumableStates": RESUMABLE,
        "columns": CURVES,
        "charts": [chart.for_scripts() for chart in CHARTS],
        "comparedColumns": COMPARED,
        "mostPoints": MOST_POINTS,
        "gridPadding": PADDING,
        "copiedBelow": COPIED,
        "longestTitle": LONGEST_TITLE,
        "bundledPrefix": BUNDLED,
        "recorded": static.recorded_address(),
        "firstBundled": BUNDLED + FIRST,
        "shippedPrefix": SHIPPED,
        "runPrefix": RUN,
        "startPlace": START,
        "usualPlace": {name: getattr(Place, name) for name in ("path", "at", "psi", "blend")},
        "vectorPrefix": VECTOR,
        "mostStops": MOST_STOPS,
        "mostSeed": MOST_SEED,
        "framesInARow": FRAMES_IN_A_ROW,
        "stripColumns": STRIP_COLUMNS,
        "lengthsHeader": LENGTHS_HEADER,
        "mostVariety": MOST_VARIETY,
        "changePictures": STRIP_PICTURES,
        "changeReach": STRIP_REACH,
        "mostOffMap": MOST_OFF_MAP,
        "edition": EDITION,
        "firstPreset": PRESET,
        "firstDataset": DATASET,
        "ownDataset": OWN,
        "uploadPrefix": UPLOAD,
        "readFormats": [one.name for one in formats(trusted)],
        "readEndings": endings(formats(trusted)),
        "leastImages": LEAST_IMAGES,
        "archiveEndings": ARCHIVES,
        "mostFiles": MOST_FILES,
        "contactSheet": SHEET,
        "contactColumns": COLUMNS,
        "mostLeftOutAtOnce": MOST_AT_ONCE,
    }


def words() -> dict[str, Any]:
    """The words that the page may say, by id; those of errors are fetched when one comes."""
    return of_parts(*(part for part in parts() if part not in NOT_SENT))


def as_html(told: dict[str, Any], element: str) -> str:
    """JSON in an element that scripts read; the JSON cannot close the element."""
    content = json.dumps(told, ensure_ascii=False).replace("<", "\\u003c")
    return f'<script type="application/json" id="{element}">{content}</script>'


def _relative(route: str) -> str:
    """Relative to the page's own address, which a proxy may move."""
    return route.removeprefix("/")
