"""The words of the product, in one place and ready for translation: a module for each part.

Here are those of the whole page and of answers from the server. `train`, `playground` and `drawer`
have those of the two tabs and of the list of runs, `form` those of the form that starts a run,
`coach` what the coach says, `steps` what is said of steps by hand. The one exception are settings,
recipes, rules and data sets: what each of them means stands with it in `config` and `data`, where
the command line finds it too. Scripts find every constant of a part as `words.part.NAME`, with
{holes} that they fill; templates, as `words.NAME`.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module
from typing import Any

from ganmodel.texts.form import ARCHIVE_OR_IMAGES as ARCHIVE_OR_IMAGES

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

WELCOME = (
    "Nothing has been trained in this browser yet: play this film of a run that comes along, or "
    "press Start."
)
# Who looks, where a distance is measured, by the name of the data.
EYES = {
    "mnist": "a small digit reader",
    "fashion-mnist": "a small reader of clothes",
    "stacked-mnist": "a small digit reader, on each of the three colours",
}
OTHER_EYES = (
    "a network that learned nothing: it sees colour, contrast, sharpness, shapes and where they are"
)
FILM = "The film of a run that comes along: play it, and see what the coach says of it and why."
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
ALREADY_TRAINING = (
    "A run of yours is training already: stop it or wait until it ends, then start the next."
)
STILL_TRAINING_DELETE = "This run is training still: stop it first, then delete it."
RENAMED = "It is called “{title}” now."
DELETED = "“{title}” is deleted."
BROUGHT_BACK = "“{title}” is back."
GONE = "That run is gone for good: the trash has been emptied."
LINK_MADE = "Whoever has this link can watch the run, and change nothing. A new link ends this one."
COMPARE_TWO = "Tick two runs to compare them."
ON = "on"
OFF = "off"
STILL_TRAINING = "This run is training still: stop it first, then let it go on for longer."
NOT_LONGER = (
    "This run has seen {seen:,} images already; to go on, give it more than that, not {images:,}."
)
DOES_NOT_STOP = (
    "The run could not be stopped within a minute, so nothing was started; stop it, then try again."
)
NO_GRID = "There is no picture of that moment (any more): choose another."
REALS_NOT_SHOWN = "Somebody's own pictures are not shown through a link."
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
NO_TURN = "The run cannot be put into the queue: {reason}."
NOT_ON_THIS_PAGE = (
    "On this page, which many share, {label} must be from {low:,} to {high:,}, but it is "
    "{value:,}. On a machine of your own there is no such limit."
)
STEP_TOO_HEAVY = (
    "On this page, which many share, a training step may not keep the machine as long as this one "
    "would, {times:.1f} times the limit: lower the batch, the width or the steps of D or G."
)
TOO_MANY_ROWS = (
    "On this page, which many share, a run's curves may have {most:,} rows, but this one's would "
    "have {count:,}: set the {label} to {least:,} or more."
)
TOO_MANY_EVALUATIONS = (
    "On this page, which many share, a run may measure its quality {most} times, but this one "
    "would {count:,} times: set the {label} to {least:,} or more."
)
RUN_TOO_LARGE = (
    "On this page, which many share, a run may take {most:,.0f} MB of the disk, but this one would "
    "grow to about {size:,.0f} MB: lower the width or the noise, choose smaller networks, or raise "
    "the log interval and the save interval."
)
QUEUE_FULL = (
    "{count} runs wait for their turn already, as many as this page takes: try again in some "
    "minutes. Until then, play the film that comes along, or open the Playground."
)
QUEUE_FULL_HERE = (
    "{count} runs from your network's address wait for their turn already, as many as this page "
    "takes from one: try again in some minutes. Until then, play the film that comes along, or "
    "open the Playground."
)
OUTGROWN = (
    "Stopped, because your runs and pictures fill the {most:,} MB that a visitor of this page may "
    "use. Its weights are saved: delete what you no longer need, then press Resume."
)
NO_ROOM_TO_GROW = (
    "Stopped, because the disk that this page may use is full. Its weights are saved: press Resume "
    "in some minutes."
)
OWN_DISK_FULL = (
    "Your runs and pictures fill the {most:,} MB that a visitor of this page may use: delete what "
    "you no longer need, then send your pictures again."
)
NO_ROOM_FOR_PICTURES = (
    "The disk that this page may use is full: try again in some minutes, or choose fewer or "
    "smaller pictures."
)
ADDRESS_SENT_MUCH = (
    "From your network's address {most:,} MB of pictures came within the last hour, as many as "
    "this page keeps from one: try again later, or choose fewer or smaller pictures."
)
STALLED = "Nothing more came for a while: send your pictures again."
TOO_MANY_DOWNLOADS = (
    "As many downloads as this page gives at once are going on: try again when one has ended."
)
NO_DISK_LEFT = (
    "The disk that this page may use is full with runs that train or wait: try again in some "
    "minutes, when some of them have ended."
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
WRONG_HOST = (
    "{host} is no name or address to listen on: give one of this machine's, such as 127.0.0.1 "
    "(this machine only), ::1 or 0.0.0.0 (every network), without http:// and port."
)
UNKNOWN_HOST = "No machine goes by the name {host}: give an address of this machine, or 0.0.0.0."
NOT_THIS_MACHINE = (
    "{host} is not an address of this machine: give one that is, or 0.0.0.0 for all of them."
)
PORT_TAKEN = (
    "Port {port} is used by another program, perhaps by this page already: end that, or choose "
    "another by --port."
)
PORTS_TAKEN = "Ports {first} to {last} are all used by other programs: choose one by --port."
PORT_FORBIDDEN = "This user may not listen on port {port}: choose one from 1,024 on, such as 7860."
PORT_OF_OTHERS = (
    "Browsers refuse to open port {port}, which belongs to another service: choose another, such "
    "as 7860."
)
CANNOT_LISTEN = "{host}, port {port} can't be listened on: {reason}."
CLASS_ADDRESS = "The class opens {address} and watches what its host trains."
HOST_ADDRESS = "The host opens {address} and keeps that address secret."
NO_SUCH_ADDRESS = "Nothing answers at this address."
PASSWORD_NEEDED = "This page asks for a name and a password."
TOO_MANY_PASSWORDS = "Too many wrong passwords from this address: wait {wait} s, then try again."
TOO_FAST = "That was too much at once: wait {wait:.0f} s, then try again."
UNKNOWN_NAME = (
    "This page does not go by the name {name}. Whoever runs it can allow that name: start it with "
    "--allow-host and the name, without a port."
)
FROM_ELSEWHERE = (
    "This call did not come from the page itself but from another site, or through a proxy that "
    "changes the name by which the page is called: let the proxy keep Host, or start the page with "
    "--allow-host and the name that the browser shows."
)
PLAIN_VALUES = "Every argument must be a text, a number, true, false or null, nothing with parts."
BROKEN_LETTER = "Half of a letter was sent where a text belongs: type it again."

NO_TOKEN = "This browser has not said who it is: reload the page."
NO_SUCH_RUN = "There is no such run of this browser: it was started elsewhere, or it is gone."
NO_SUCH_LINK = "This link opens nothing (any more): its run was deleted, or a newer link was made."
NO_LINK = "No link can be made: {reason}."
BAD_CALL = "The page asked in a way that this server does not understand: reload the page."
UNEXPECTED = "Something unexpected went wrong; the server's log says what. Reload and try again."

BY_CLASS = "{data}, by class"
NO_WEIGHTS_YET = "This run has no weights yet; they come with its first picture."
OWN_RUN = "{name} ({live}{images:,} images)"
OWN_RUN_LIVE = "still training, "
NO_SUCH_DATA = "There is no such data set: choose one of {names}."
EXAMINING_BUSY = "The server looks into other pictures just now: try again in some seconds."
OWN_PICTURES = "own pictures"
NO_SUCH_UPLOAD = "Your pictures are not here (any more): choose them again."
NOT_RECEIVED = "The pictures cannot be kept: {reason}."
NO_FILE_NAME = "A file without a usable name was sent: rename it, and try again."
TOO_MANY_FILES = "More than {most:,} files at once: choose fewer, or pack them into a .zip."
TOO_MUCH = "More than {most} MB at once: choose fewer pictures, or smaller ones."
NO_GENERATOR = "There is no such generator: choose one from the list."
BAD_NUMBER = "{name} must be {kind} from {low:,} to {high:,}, but it is {value}."
NUMBER = "a number"
WHOLE_NUMBER = "a whole number"
NO_HISTORY = (
    "This generator comes without its history: open one of your own runs to go back in time."
)
NO_PICTURE = "This file is no picture that can be read: drop a {formats}."
PICTURE_TOO_LARGE = "This picture is larger than {most} MB: make it smaller, then drop it again."
BROKEN_RECIPE = "The recipe in this picture was changed or cut off: it can't be followed."
OTHER_WEIGHTS = (
    "This picture was drawn by other weights ({name}), which are not here (any more): open them "
    "first, then drop it again."
)
EMPTY_DRAWING = "There is nothing on the drawing yet: draw something first."
BAD_DRAWING = "A drawing must be {count:,} whole numbers from 0 to 255."
FINDING_BUSY = "The server looks for other drawings just now: try again in some seconds."
