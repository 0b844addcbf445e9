"""The page: two tabs over runs and weights, in Gradio.

`page` puts it together and `serving` opens it; `train_tab` and `playground_tab` each hold one tab's
layout; `desk` and `easel` hold what stands behind them, without any widget; `texts` holds the
words. Nothing here imports training code: a trainer is another process.
"""

from ganmodel.ui.alone import import_gradio

import_gradio()  # in this way before any module here imports it in the usual one

from ganmodel.ui.page import build_page  # noqa: E402
from ganmodel.ui.serving import MODES, serve  # noqa: E402

__all__ = ["MODES", "build_page", "serve"]
