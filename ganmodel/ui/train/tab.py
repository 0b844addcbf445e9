"""The Train tab's layout: one template with the loop, the bar below it, and the form in a sheet.

`form` holds the form's own template, scripts and server side. Behind the view stand `run_control`
(its buttons), `run_view` (what it shows) and `grids` (its pictures).
"""

from __future__ import annotations

from ganmodel.objectives import OBJECTIVES
from ganmodel.ui.shared.tab import Room, Tab
from ganmodel.ui.shared.templates import rendered
from ganmodel.ui.train.charts import CHARTS
from ganmodel.ui.train.form.settings_form import form_html


def _html(*, trusted: bool) -> str:
    return rendered(
        "train/train.html",
        rules=OBJECTIVES,
        charts=CHARTS,
        form=form_html(trusted=trusted),
    )


ROOM = Room("train", _html, modules=("train/form/main.js", "train/main.js"))
TAB = Tab(place=1, room=ROOM, is_first=True)
