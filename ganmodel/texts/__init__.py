"""The words of the product, in one place and ready for translation: a module for each part.

Here are those of the whole page and of answers from the server. `train`, `playground` and `drawer`
have those of the two tabs and of the list of runs, `form` those of the form that starts a run,
`pictures` those of one's own pictures, `coach` what the coach says, `steps` what is said of steps
by hand. The one exception are settings, recipes, rules and data sets: what each of them means
stands with it in `config` and `data`, where the command line finds it too. Scripts find every
constant of a part as `words.part.NAME`, with {holes} that they fill; templates, as `words.NAME`.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module
from typing import Any

from ganmodel.texts.pictures import ARCHIVE_OR_IMAGES as ARCHIVE_OR_IMAGES

# The modules beside this one that have words of the page; the others' reach it in answers.
PARTS = tuple(
    sorted({module.name for module in pkgutil.iter_modules(__path__)} - {"coach", "steps"})
)


def words_of(part: str) -> dict[str, Any]:
    """A part's constants by name."""
    module = vars(import_module(f"{__name__}.{part}"))
    return {name: value for name, value in module.items() if name.isupper()}


def words_for_scripts() -> dict[str, dict[str, Any]]:
    """All that scripts may say, by part."""
    return {part: words_of(part) for part in PARTS}


def about(seconds: float) -> str:
    """A time that nobody knows exactly, in the unit that suits it."""
    return f"{round(seconds)} s" if seconds < 90 else f"{round(seconds / 60)} min"


TITLE = "ganmodel"

WELCOME = "This is a recorded run. Press Train your own, and one of yours is drawn here."
# Who looks, where a distance is measured, by the name of the data.
EYES = {
    "mnist": "a small digit reader",
    "fashion-mnist": "a small reader of clothes",
    "stacked-mnist": "a small digit reader, on each of the three colours",
}
OTHER_EYES = (
    "a network that learned nothing: it sees colour, contrast, sharpness, shapes and where they are"
)
FILM = "This is a recorded run: play it, and see what the coach says of it and why."
NO_FILM = "Nothing has been trained in this browser yet: press Start."
READING_ENDED = "Somebody else's run, which has ended. You are reading it through a link."
BY_CLASS = "{data}, by class"
SETTINGS_IN_WORDS = "{data} · {recipe} · {rule} · {images:,} images · start number {seed}"

STATES = {
    "waiting": "Getting ready: the trainer loads its libraries and the data, about 5 s.",
    "running": "Training.",
    "paused": "Paused. Resume goes on from exactly here.",
    "stopped": "Stopped. Its weights are saved; Resume goes on from here.",
    "finished": "Finished. Its generator is ready for the Playground.",
}
PREPARING = "Getting ready: {doing}."
STEPPING = "Paused: {doing} are done; Stop ends them."
DIED = (
    "The trainer died: its process is gone without a word. Its last weights remain, and Resume "
    "goes on from its last checkpoint."
)
FAILED = "Training failed; the run's log.txt says more."
TOO_LITTLE_MEMORY = (
    "There is too little memory for this run: lower its batch or its width, or end other programs, "
    "then start it again or resume it from its last checkpoint."
)
HUNG = (
    "The trainer hung: it was asked to stop, did not, and was ended from outside. Its last weights "
    "remain, and Resume goes on from its last checkpoint."
)
NEVER_READY = (
    "Getting ready took longer than a turn, so this run made room for others. Resume puts it at "
    "the end of the queue; fewer or smaller pictures are read faster."
)
PAUSE_MADE_ROOM = (
    "Stopped, because its turn ended while it was paused and somebody waits. Its weights are "
    "saved; Resume puts it at the end of the queue."
)

DONE = {
    "pause": "Paused.",
    "resume": "Going on.",
    "stop": "Stopping after the current step.",
    "leave": "Taken out of the queue.",
    "set": "Changed; it counts from the next step on.",
    "step": "Done.",
    "again": "Trying again: a new run goes on from there.",
}
RESUMED = "Starting the trainer again."
NOT_REPEATED = (
    "It trains on an accelerator, whose sums vary in their last digits: after Resume it does not "
    "make the same bits as without the stop."
)
RENAMED = "It is called “{title}” now."
DELETED = "“{title}” is deleted."
BROUGHT_BACK = "“{title}” is back."
LINK_MADE = "Whoever has this link can watch the run, and change nothing. A new link ends this one."
ON = "on"
OFF = "off"
QUEUED = (
    "In the queue at place {place}: your turn comes in about {time}. Until then, play the film "
    "that comes along, or open the Playground."
)
YOUR_TURN = "Your own run is in the queue at place {place}: about {time}."
YOUR_RUN = "Your own run trains."
CLASS_RUNS = "This is your own run; the class watches another one."
SHOWN = "The class's run: it trains for everybody to watch, and its host steers it."
SHOWN_ENDED = "The class's run, which has ended: explore its generator in the Playground."
NEVER_BEGAN = "Taken out of the queue before its turn came; Resume puts it at the end again."
OUTGROWN = (
    "Stopped, because your runs and pictures fill the {most:,} MB that a visitor of this page may "
    "use. Its weights are saved: delete what you no longer need, then press Resume."
)
NO_ROOM_TO_GROW = (
    "Stopped, because the disk that this page may use is full. Its weights are saved: press Resume "
    "in some minutes."
)
MADE_ROOM = "To make room, what had ended longest ago was deleted: {titles}."
SHARED = (
    "Everybody who has the link {address} can open this page and train on this machine, within "
    "the limits of a hosted page; nobody sees another visitor's runs. It ends with this process, "
    "after a week at the latest."
)
NOT_SHARED = (
    "No public link could be made: Gradio's tunnel cannot be reached from here. The page is open "
    "on this machine alone; to try again, end it and start it with --share once there is internet."
)
HOSTED = (
    "A hosted page: visitors train one after the other, in turns of a minute; what takes too much "
    "room is deleted, the oldest first. Runs that train when it ends go on at its next start."
)
OPEN = "The page is open at {address} until Ctrl-C ends it."
OPEN_TO_NETWORK = (
    "Everybody who reaches this machine over the network can train on it without limits: start the "
    "page with --hosted for limits and a queue, with --auth for a password, or without --host for "
    "this machine alone."
)
OPEN_TO_NETWORK_BY_PASSWORD = (
    "Everybody who knows the password can train on this machine without limits; --hosted sets some."
)
CLASS_ADDRESS = "The class opens {address} and watches what its host trains."
HOST_ADDRESS = "The host opens {address} and keeps that address secret."
TOO_FAST = "That was too much at once: wait {wait:.0f} s, then try again."

UNEXPECTED = "Something unexpected went wrong; the server's log says what. Reload and try again."

BY_CLASS = "{data}, by class"
OWN_RUN = "{name} ({live}{images:,} images)"
OWN_RUN_LIVE = "still training, "
OWN_PICTURES = "own pictures"
TOO_MUCH = "More than {most} MB at once: choose fewer pictures, or smaller ones."
NO_GENERATOR = "There is no such generator: choose one from the list."
BAD_NUMBER = "{name} must be {kind} from {low:,} to {high:,}, but it is {value}."
NUMBER = "a number"
