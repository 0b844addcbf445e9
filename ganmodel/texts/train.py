"""The words of the Train tab's view: pictures, time, verdict, curves, numbers, controls."""

NO_ANSWER = "The page's server does not answer; runs go on without it. Trying again …"
NO_PLOTLY = "The curves can't be drawn: plotly.js did not load. Reload the page."
GETTING_READY = "Getting ready …"
FIRST_QUEUED = "the first ones come when it is this run's turn"
FIRST_COME = "the first ones come in a few seconds"

# --- the run as a whole
STATUS_LABEL = "How the run is doing"
PROGRESS_LABEL = "Progress of the run"
CONTROLS_LABEL = "Steer the run"
PAUSE = "Pause"
PAUSE_HINT = "Holds the run where it is; nothing is lost. The space bar does it too."
RESUME = "Resume"
RESUME_HINT = "Goes on from exactly where the run is."
STOP = "Stop"
STOP_HINT = "Ends the run after the current step and saves its weights."
LONGER = "Continue longer"
LONGER_HINT = "Lets a run that has ended go on, for half as many images again."
OPEN = "Open in Playground"
OPEN_HINT = "Explore what this run's generator can draw, also while it still trains."
KNOBS = "Turn knobs"
KNOBS_HINT = "Change rates and penalties in the middle of the run."
OF_IMAGES = "{seen} of {total} images"
PER_SECOND = "{speed} images/s"
TIME_LEFT = "{time} left"
NETWORK_SIZES = "G {G} and D {D} weights"
READING = "read only"
FILM_OF = "a run that comes with ganmodel"
BACK_TO_OWN = "Back to my run"
WATCH_FILM = "Watch the film"
TO_PLAYGROUND = "Open the Playground"
OWN_ENDED = "Your own run has ended; it is in the list of runs."
FILM_CHOICE = "Which of the recorded runs is shown: one that went well, and three that failed"
AGAIN_OF = "tried again from {moment} images of “{title}”: {changes}"
UNCHANGED = "nothing changed"

# --- pictures
PICTURES_LABEL = "G's pictures beside real pictures"
FAKES = "G's pictures"
FAKES_ALT = "A grid of pictures drawn by the generator"
FAKES_HINT = "Choose one to look closer"
AFTER = "after {images} images, from the same noise every time"
REALS = "Real pictures"
REALS_HINT = "what G aims at"
REALS_ALT = "A grid of real pictures from the data"
REALS_HIDDEN = "Somebody's own pictures are not shown through a link."
AVERAGED = "averaged G"
RAW = "raw G"
WHICH_LABEL = "Which G drew these pictures"
WHICH_HINT = (
    "Averaged G is the mean of G's recent weights: calmer, and better. Raw G is the one that "
    "trains; it shows every swing."
)
SAMPLE = "Picture {index}, look closer"
PAIRS = "Copies"
PAIRS_HINT = "{share} of G's pictures after {images} images; each above the one that it copies"
PAIRS_ALT = "G's pictures, each above the training picture that it is nearest to"
CLASSES = "Classes"
CLASSES_HINT = "how often G draws each; marks: real shares"
CLASSES_ALT = "G draws {covered} of {classes} classes. {shares}"

# --- time
TIME_LABEL = "Training time: drag back to see an earlier moment"
TIME = "training time"
LIVE = "live"
NEWEST = "newest"
LIVE_HINT = "Back to the newest moment"
PLAY = "Play the film"
STOP_FILM = "Stop the film"
FILM_GIF = "GIF"
FILM_MP4 = "MP4"
FILM_HINT = "Saves the whole training as a film"
FILMING = "Making the film …"
CANCEL = "cancel"
FILM_FAILED = "The film could not be made: {why}"
THEN = "at {images} images"
AGAIN_HERE = "Try again from here"
AGAIN_HERE_HINT = (
    "Starts a new run from the last checkpoint before this moment, with knobs of your choice."
)

# --- the side sheet
SHEET_LABEL = "One picture, closer"
CLOSE = "Close"
SHEET_OF = "start number {seed}, after {images} images"
SHEET_CLASS = "asked for: {name}"
OPINION = (
    "D finds it more real than {share} % of the real pictures (D as it was after {images} images)."
)
NO_OPINION = "What D thinks of it is not known: no D was kept with this run."
CLOSEST = "The closest real picture is {distance} away; between real pictures, {usual} is usual."
COPY = "That is so close that it is a copy."
THINKING = "Asking D, and looking through the real pictures …"
USE = "Use in Playground"

# --- the coach
VERDICT_LABEL = "The coach's verdict"
WHAT_IS_THIS = "what is this?"
VERDICT_HELP = (
    "The coach looks only at what was measured: D's beliefs, the gradients, how varied a batch is, "
    "which classes G draws, and how the distance from real pictures goes. It never guesses from a "
    "loss alone."
)
CURING = "Doing it …"
LESSON = "This recipe fails on purpose."

# --- curves
CURVES_LABEL = "Curves"
PAIR_ALT = (
    "Noise goes into G, which draws a picture; D sees that picture or a real one and says how real "
    "it looks"
)
NOISE = "noise"
PICTURE = "picture"
REAL = "real"
GENERATOR = "generator"
DISCRIMINATOR = "discriminator"
BELIEF = "D's belief"
BELIEF_HINT = "near 50 % it can't tell which are real"
LOSSES = "Losses"
LOSSES_HINT = "who is ahead; not a measure of quality"
IN_REAL = "in real"
IN_FAKES = "in G's"
D = "D"
G = "G"
MORE = "More curves"
SMOOTH = "smooth"
LOG_AXIS = "log axis"
PICKS = "D's picks"
PICKS_HINT = "how often D picks the real one of a pair; at 50 % it guesses"
GRADIENTS = "Gradient norms"
GRADIENTS_HINT = "how strongly each is pushed"
DISTANCE = "Distance from real pictures"
DISTANCE_HINT = "lower is better; unseen real ones score 1 R"
VARIETY = "Variety of a batch"
VARIETY_HINT = "1: as varied as real ones; 0: all the same"
COVERED = "Classes covered"
COVERED_HINT = "how many kinds G draws"
ORIGIN = "before"
X_AXIS = "real images seen"

# --- numbers
NUMBERS_LABEL = "Numbers at this moment"
N_REAL = "belief in real"
N_FAKE = "in G's"
N_LOSS_D = "loss D"
N_LOSS_G = "loss G"
N_DISTANCE = "distance"
N_DISTANCE_VALUE = "{value} R"
N_DISTANCE_ABOUT = "{value} ± {error} R"
N_CLASSES = "classes"
N_CLASSES_VALUE = "{covered} of {classes}"
NOT_MEASURED = "–"
BEST = "Best: {distance} R at {images} images"
BEST_HINT = "Shows the pictures nearest to that moment; its weights are kept"
BEST_IS_NEWEST = "It is the newest."
NOT_BETTER = "Not better since."
LEVEL_SINCE = "Hardly anything has improved since {images} images."
END = "End here"
END_HINT = "Ends the run as Stop does; it can be resumed"

# --- knobs and steps
KNOBS_TITLE = "Knobs"
KNOBS_HELP = "They count from the next step on; a mark on the curves shows where."
AGAIN_HELP = (
    "A new run starts from the checkpoint at {images} images with these knobs; its curves lie over "
    "those of this run, which ends if it still trains."
)
APPLY = "Apply"
AGAIN_START = "Start again"
NOTHING_TURNED = "Nothing is changed yet: turn a knob first."
STEPS_TITLE = "Step by step"
STEPS_HELP = "While the run is paused, one side can learn alone. What changed is said here."
STEP_D = "D alone"
STEP_G = "G alone"
STEP_BOTH = "both"
TIMES = "×{times}"
STEP_LABEL = "{who}, {times} steps"
STEPPING = "Doing {times} steps …"

# --- how it works
HOW = "How this works"
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
