"""A run is a folder: its trainer writes it, all others read it, and they never call each other.

Here is what readers of that folder need: the page, the command line, the benchmarks. What the
trainer's process does with it is in `recording`, which nothing here imports.

`folder` reads a run and leaves requests for its trainer; `checked` reads files that may be damaged;
`restated` converts distances of earlier editions; `keeping` reads and marks weights that a trainer
replaces. `past` tells what a run was at earlier moments, `best` when it was best; `data_names` what
its data is called, `sources` where that lies; `starts` which networks it starts from. `forks`
begins a new run from an earlier moment of another, `library` renames and removes runs, `packing`
packs one up. `launcher` starts a trainer as a process of its own, `spare` keeps one that waits for
the next run, `stopping` ends one that hangs, `sharing` divides the cores among several.
`throughput` predicts a run's speed, `room` its size on disk. `stretches` and `game` are what a
recorded run brings along besides.

The folder has a format, `FORMAT`, which counts apart from the edition of settings: a reader shows
what it knows of any, and a trainer goes on with none newer than its own.

    1   sentences are texts; no number is in status.json
    2   sentences are messages, see `words`; status.json says "format": 2

The folder:

    config.json      the whole RunConfig; enough to start the same run again
    status.json      state, images seen, speed, pid, error, notes; replaced whole
    metrics.jsonl    one JSON object a line, numbers or null; grows, as log.txt does; `by_hand` is
                     in one that tells of steps by hand: how many there were
    reals.png        a grid of real images, for comparison
    samples/         000512000.png: a grid from the same noise every time, named by images seen;
                     laid out as `past.layout_of` says
    samples_raw/     the same by raw G, where what is shown is averaged
    weights/         000512000.safetensors: log-spaced moments, newest, best, and those in kept/
    kept/            000512000: an empty file; a picture or a link refers to these weights
    checkpoints/     000512000.safetensors: everything an exact resume needs
    quality/         000512000.json: how good averaged G was, as `ganmodel evaluate --json` says it;
                     000000000.json: an untrained one of the same preset
    copies/          000512000.png: G's pictures above those they copy, where it copies
    log.txt          what the trainer printed
    lock             held while the trainer lives; free means dead, whatever status.json says
    requests/        000007.json: {"action": "pause"}; actions are stop, pause, resume and set
    replies/         000007.json: {"ok": true, "images_seen": 512000}, or false and an error
    stop             a bare file of this name ends the run too
    title            the name that a visitor gave it
    origin.json      where it began, if it tries another run again
    earlier.json     the settings that were changed there, as they were before
    link             the sha256 of the key that opens it to readers, once there is one
    open             an empty file: everybody who opens the page may watch, such as a class
    turn             that a page's run trains or waits for its turn; see `hosting.turn`
    owner            the sha256 of the browser token that started the run from a page, twice
    stretches/       000008192-d.json and .png: steps of D (d) or G (g) alone from a moment on, in a
                     run that comes with ganmodel
    game.json        the rounds of its game, whose pictures are in game.png
"""

from ganmodel.runs.asked import Asked
from ganmodel.runs.best import Best, best_among, best_of, best_weights
from ganmodel.runs.checked import LIVE_STATES
from ganmodel.runs.data_names import UPLOAD_ID, data_name, left_out_id, named_upload
from ganmodel.runs.folder import FORMAT, Run, RunError, create_run, list_runs, weights_of
from ganmodel.runs.forks import FORK_SETTINGS, fork_moments, fork_run, origin_of
from ganmodel.runs.game import Game, Round, read_game, write_game
from ganmodel.runs.keeping import is_kept, keep, read_newest
from ganmodel.runs.launcher import EXIT_NOT_WRITABLE, Launcher, what_is_left
from ganmodel.runs.library import (
    LONGEST_TITLE,
    TRASH,
    empty_trash,
    list_trash,
    rename_run,
    restore_run,
    trash_run,
)
from ganmodel.runs.packing import weights_for_others, zip_run
from ganmodel.runs.past import (
    knob_changes,
    known_data,
    last_knob_change,
    layout_of,
    qualities,
    settings_at,
    settings_now,
    untrained_quality,
    with_knobs,
)
from ganmodel.runs.room import expected_bytes
from ganmodel.runs.sources import (
    UPLOADS,
    content_of,
    place_of,
    upload_folder,
    upload_of,
    upload_owner,
)
from ganmodel.runs.starts import check_start, shipped_start, start_weights
from ganmodel.runs.stretches import (
    MeasuredStep,
    Stretch,
    list_stretches,
    read_stretch,
    write_stretch,
)
from ganmodel.runs.throughput import Throughput, data_shape, expected_throughput

__all__ = [
    "EXIT_NOT_WRITABLE",
    "FORK_SETTINGS",
    "FORMAT",
    "LIVE_STATES",
    "LONGEST_TITLE",
    "TRASH",
    "UPLOADS",
    "UPLOAD_ID",
    "Asked",
    "Best",
    "Game",
    "Launcher",
    "MeasuredStep",
    "Round",
    "Run",
    "RunError",
    "Stretch",
    "Throughput",
    "best_among",
    "best_of",
    "best_weights",
    "check_start",
    "content_of",
    "create_run",
    "data_name",
    "data_shape",
    "empty_trash",
    "expected_bytes",
    "expected_throughput",
    "fork_moments",
    "fork_run",
    "is_kept",
    "keep",
    "knob_changes",
    "known_data",
    "last_knob_change",
    "layout_of",
    "left_out_id",
    "list_runs",
    "list_stretches",
    "list_trash",
    "named_upload",
    "origin_of",
    "place_of",
    "qualities",
    "read_game",
    "read_newest",
    "read_stretch",
    "rename_run",
    "restore_run",
    "settings_at",
    "settings_now",
    "shipped_start",
    "start_weights",
    "trash_run",
    "untrained_quality",
    "upload_folder",
    "upload_of",
    "upload_owner",
    "weights_for_others",
    "weights_of",
    "what_is_left",
    "with_knobs",
    "write_game",
    "write_stretch",
    "zip_run",
]
