"""The page: Gradio builds its layout, its own scripts run it, and its server side answers them.

A room is a folder with its layout, server side, scripts, styles and template: `train`, `playground`
and `runs_drawer`. `shared` holds what several rooms use, `http` what lies between browsers and
rooms. `page` puts all of it together and `serving` serves it; `contract` is the data that scripts
get from Python. Nothing here imports training code: a trainer is another process.
"""

from ganmodel.ui.http.gradio_import import import_gradio

import_gradio()  # before any other module here imports Gradio directly

from ganmodel.ui.page import build_page  # noqa: E402
from ganmodel.ui.serving import MODES, serve  # noqa: E402

__all__ = ["MODES", "build_page", "serve"]
