"""The table of routes: everything that the page asks for, beside Gradio's own files.

A row names the method that answers, who may call it, the lane in which it is worked on, and its
limits. Its models stand with the method; `http.route` explains the columns.
"""

from __future__ import annotations

from ganmodel.hosting import Limits, Rate
from ganmodel.ui.http.lanes import Lane
from ganmodel.ui.http.route import LONG, Body, Route
from ganmodel.ui.http.visitors import Who
from ganmodel.ui.playground.api import Api
from ganmodel.ui.playground.directions import Directions
from ganmodel.ui.playground.drawing import Drawing
from ganmodel.ui.playground.generators import Generators
from ganmodel.ui.playground.opinions import Opinions
from ganmodel.ui.playground.place_in_png import MOST_BYTES, Recall
from ganmodel.ui.playground.renders import Renders
from ganmodel.ui.playground.search import Search
from ganmodel.ui.runs_drawer.downloads import Downloads
from ganmodel.ui.runs_drawer.run_list import RunList
from ganmodel.ui.train.form.contact_sheets import ContactSheets
from ganmodel.ui.train.form.settings_form import SettingsForm
from ganmodel.ui.train.form.upload_route import UploadRoute
from ganmodel.ui.train.form.uploads import Uploads
from ganmodel.ui.train.game import GameRounds
from ganmodel.ui.train.grids import Grids
from ganmodel.ui.train.run_control import RunControl
from ganmodel.ui.train.run_view import RunView

ANYONE, READER, OWNER = Who.ANYONE, Who.READER, Who.OWNER
FORM = 20_000  # bytes of all settings
PICTURE = 300_000  # of a picture as base64

# Reads a few small files.
QUICK = Lane(at_once=8, each=12, waiting=400)
# Draws one picture: more threads would only contend for Python's global lock.
DRAW = Lane(at_once=2, each=12, waiting=400)
# Draws many pictures, or reads a data set.
SHEETS = Lane(at_once=2, each=6, waiting=64)
# Encodes a film, which keeps a core busy for seconds.
FILMS = Lane(at_once=1, each=2, waiting=8)
# Makes a picture or a short film to keep.
KEEPING = Lane(at_once=2, each=2, waiting=16)
# Searches the noise for seconds, each on a core.
SEARCHES = Lane(at_once=2, each=1, waiting=0)
# Decodes somebody's pictures for seconds.
EXAMINING = Lane(at_once=1, each=2, waiting=8)
# Writes to runs' folders and starts trainers; most of it then waits for a trainer's reply. More
# places than the queued runs of one address can take, four each.
STEERING = Lane(at_once=256, each=4, waiting=0, threads=4)
# Receives files, in chunks.
RECEIVING = Lane(at_once=64, each=6, waiting=0)

OFTEN = Rate(at_once=30, a_minute=600)
SELDOM = Rate(at_once=6, a_minute=20)

ROUTES = (
    # the form that starts a run
    Route(SettingsForm.describe, ANYONE, QUICK, largest=FORM),
    Route(RunControl.start, OWNER, STEERING, largest=FORM, rate=SELDOM),
    Route(UploadRoute.upload, OWNER, RECEIVING, largest=Limits().upload_bytes, body=Body.STREAM),
    Route(ContactSheets.examine, OWNER, EXAMINING, waits=15, rate=OFTEN, latest=True),
    Route(ContactSheets.contact_sheet, OWNER, SHEETS, waits=20),
    Route(ContactSheets.leave_out, OWNER, SHEETS, waits=20, largest=LONG),
    Route(Uploads.forget, OWNER, QUICK),
    # a run that is watched
    Route(RunView.watch, READER, QUICK),
    Route(RunView.moment, READER, QUICK),
    Route(RunView.overlay, READER, QUICK),
    Route(Grids.picture, READER, QUICK),
    Route(Grids.sheet, READER, SHEETS, waits=20),
    Route(Grids.film, READER, FILMS, waits=60, rate=SELDOM),
    Route(GameRounds.game, READER, QUICK),
    # a run that is steered
    Route(RunControl.pause, OWNER, STEERING, rate=OFTEN),
    Route(RunControl.resume, OWNER, STEERING, rate=OFTEN),
    Route(RunControl.stop, OWNER, STEERING, rate=OFTEN),
    Route(RunControl.set, OWNER, STEERING, rate=OFTEN),
    Route(RunControl.step, OWNER, STEERING, rate=OFTEN),
    Route(RunControl.longer, OWNER, STEERING, rate=OFTEN),
    Route(RunControl.again, OWNER, STEERING, rate=SELDOM),
    # the list of runs
    Route(RunList.runs, OWNER, QUICK),
    Route(RunList.rename, OWNER, QUICK, largest=FORM),
    Route(RunList.delete, OWNER, QUICK),
    Route(RunList.undo, OWNER, QUICK),
    Route(RunList.link, OWNER, QUICK),
    Route(RunList.reproduce, OWNER, QUICK),
    Route(RunList.compare, READER, QUICK),
    Route(Downloads.download, OWNER, QUICK, rate=OFTEN),
    # the Playground
    Route(Generators.generators, READER, QUICK),
    Route(Generators.generator, READER, QUICK, largest=LONG),
    Route(Generators.keep_moment, READER, QUICK, largest=LONG),
    Route(Drawing.draw, READER, DRAW, largest=LONG),
    Route(Directions.directions, READER, SHEETS, largest=LONG),
    Route(Opinions.opinion, READER, SHEETS, waits=20, largest=LONG),
    Route(Renders.frames, READER, SHEETS, largest=LONG),
    Route(Renders.strips, READER, SHEETS, largest=LONG),
    Route(Renders.map, READER, SHEETS, largest=LONG),
    Route(Renders.moments, READER, SHEETS, largest=LONG),
    Route(Renders.keep, READER, KEEPING, waits=60, largest=LONG, rate=OFTEN),
    Route(Search.search, READER, SEARCHES, waits=0, largest=PICTURE, rate=OFTEN),
    Route(Recall.recall, OWNER, QUICK, largest=MOST_BYTES, body=Body.WHOLE),
    # for programs
    Route(Api.list_weights, ANYONE, QUICK, published=True),
    Route(Api.sample, ANYONE, SHEETS, largest=LONG, published=True),
    Route(Api.walk, ANYONE, KEEPING, waits=60, largest=LONG, rate=SELDOM, published=True),
    Route(Api.find, ANYONE, SEARCHES, waits=0, largest=PICTURE, rate=SELDOM, published=True),
)
