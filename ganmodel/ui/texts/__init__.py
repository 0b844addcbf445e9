"""The words of the page, in one place and ready for translation: one module for each of its parts.

Here are those of the whole page and of answers from the server. What a setting, a recipe or an
objective means is said in `config`, where the command line finds it; what the coach says, in
`health`. Scripts find every constant of a part as `ganmodel.words.PART.NAME`, with {holes} that
`ganmodel.fill(words, {...})` fills; a template has @NAME@ in its place.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

PARTS = ("train",)  # the modules beside this one


def words_of(part: str) -> dict[str, Any]:
    """A part's constants by name."""
    module = vars(import_module(f"{__name__}.{part}"))
    return {name: value for name, value in module.items() if name.isupper()}


def words_for_scripts() -> dict[str, dict[str, Any]]:
    """All that scripts may say, by part."""
    return {part: words_of(part) for part in PARTS}


TITLE = "ganmodel"

DATASET_INFO = "the pictures G learns to imitate"
PRESET_INFO = "networks and rates that go well together"
OBJECTIVE_INFO = "what G and D each try to lower"
LENGTH_LABEL = "how long"
LENGTH_INFO = "real pictures shown to D; longer is better and slower"
SEED_LABEL = "start number"
SEED_INFO = "same number, same settings: same result"
START = "Start"
START_INFO = "The run goes on when you close the page; come back any time."
PAUSE = "Pause"
RESUME = "Resume"
STOP = "Stop"
OPEN = "Open in Playground"

WELCOME = (
    "Nothing has been trained in this browser yet. These digits come from the generator that ships "
    "with ganmodel; press Start and watch one learn."
)

STATES = {
    "waiting": "Getting ready: the trainer loads its libraries and the data, about 5 s.",
    "running": "Training.",
    "paused": "Paused. Resume goes on from exactly here.",
    "stopped": "Stopped. Its weights are saved; Resume goes on from here.",
    "finished": "Finished. Its generator is ready for the Playground.",
}
PREPARING = "Getting ready: {doing}."
DIED = (
    "The trainer died: its process is gone without a word. Its last weights remain, and Resume "
    "goes on from its last checkpoint."
)
FAILED = "Training failed; the run's log.txt says more."

DONE = {"pause": "Paused.", "resume": "Going on.", "stop": "Stopping after the current step."}
RESUMED = "Starting the trainer again."
ALREADY_TRAINING = (
    "A run of yours is training already: stop it or wait until it ends, then start the next."
)
NO_ROOM = (
    "This machine is busy with another visitor's run: wait until it ends, then start yours. "
    "The Playground is open meanwhile."
)

NO_TOKEN = "This browser has not said who it is: reload the page."
NO_SUCH_RUN = "There is no such run of this browser: it was started elsewhere, or it is gone."
BAD_CALL = "The page asked in a way that this server does not understand: reload the page."
UNEXPECTED = "Something unexpected went wrong; the server's log says what. Reload and try again."

OWN_RUN = "your run {name} ({live}{images:,} images)"
NO_SUCH_DATA = "There is no such data set: choose one of {names}."
NOT_HERE = (
    "Not on this machine yet: it is downloaded first ({size:.0f} MB), where there is internet."
)
NO_GENERATOR = "There is no such generator: choose one from the list."
BAD_PATH = "The path must be slerp (curved) or lerp (straight), but it is {value!r}."
BAD_NUMBER = "{name} must be {kind} from {low:,} to {high:,}, but it is {value}."
BAD_OFFSETS = "Offsets must be finite numbers on coordinates 0 to {last}."

HOW_IT_WORKS = """
<p><b>G</b>, the generator, turns a vector of random numbers <i>z</i> into a picture. <b>D</b>, the
discriminator, sees a real picture or one of G's and says how much it believes it is real.</p>
<p>They take turns. D learns to tell the two apart; then G learns, through D, how to change its
pictures so that D believes them a little more. Neither is told what a digit is. If both keep up
with each other, G's pictures come to look like real ones.</p>
<p>D's belief near 50&nbsp;% in both means that it can no longer tell. A loss says who is ahead at
the moment; it is not a measure of quality. Look at the pictures.</p>
<p>Under some training rules (hinge, Wasserstein, relativistic) D's scores mean nothing by
themselves. The curve then shows how often D scores a real picture above one of G's.</p>
"""
