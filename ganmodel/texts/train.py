"""The words of the Train tab's view: pictures, time, verdict, curves, numbers, controls."""

NO_ANSWER = "The page's server does not answer; runs go on without it. Trying again …"
NO_PLOTLY = "The curves can't be drawn: plotly.js did not load. Reload the page."
GETTING_READY = "Getting ready …"
FIRST_QUEUED = "the first ones come when it is this run's turn"
NONE_DRAWN = "none were drawn"
FIRST_COME = "the first ones come in a few seconds"

# --- the loop
CLAIM = "One network draws. Another learns to tell drawn from real. They make each other better."
LOOP_LABEL = "G and D, and what they do to each other"
WHICH_DRAWS = "which draws"
WHICH_TELLS = "which tells"
NOISE_HINT = "Random numbers, from which G draws: here those of the first picture"
NOISE_SIZE = "{n} numbers"
PICKS_BEFORE = "picks the real one of a pair"
COIN_TOSS = "coin toss"
ALWAYS_RIGHT = "always right"
BELIEVES = "believes in real ones"
WOULD_FOOL = "what would fool D"
FADED = "(faded)"
YOUR_TURN = "Your turn"

# --- the game
GAME_LABEL = "Your turn: which one was drawn?"
GAME_QUESTION = "Which one did a network draw?"
GAME_ROUND = "{round} of {rounds}: after {images} real pictures seen, which one did G draw?"
GAME_LEFT = "The left one"
GAME_RIGHT = "The right one"
GAME_YOU_RIGHT = "Right, that one is G's."
GAME_YOU_WRONG = "No, that one is real."
GAME_DRAWN = "drawn by G"
GAME_REAL = "real"
GAME_D_TOO = "D, as it was then, saw it, too."
GAME_D_RIGHT = "D, as it was then, saw it."
GAME_D_WRONG = "D, as it was then, was fooled."
GAME_NEXT = "Next pair"
GAME_OVER = "You found {yours} of {rounds}, D {ds}. That is the game they play, thousands of times."
GAME_AGAIN = "Five more"
GAME_CLOSE = "Back to the film"

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
LONGER = "Train longer"
LONGER_HINT = "Lets a run that has ended go on, for half as many images again."
OPEN = "Play with it"
OPEN_HINT = "Explore what this run's generator can draw, also while it still trains."
KNOBS = "Knobs"
KNOBS_HINT = "Change rates and penalties in the middle of the run."
STEP = "Step"
STEP_HINT = "Pauses the run, so that G or D can learn alone, step by step"
ANOTHER = "Train another"
ANOTHER_HINT = "Opens the settings, from which another run starts"
COMPARE = "Compare"
COMPARE_HINT = "Opens the list of runs, where two can be laid beside each other"
TELL = "Tell me at the end"
TELL_HINT = "This browser tells you when the run has ended, also while you look at something else"
TOLD_TITLE = "{title} has ended"
TELL_REFUSED = "This browser allows no messages from this page: the tab's title tells the end."
PAGE_TITLE = "{percent} % · {name}"
ENDED_TITLE = "Ended · {name}"
MEASUREMENTS = "Measurements, averaged or raw G, and the film"
SAVE_FILM = "Save the film:"
SMOOTH_HINT = "Evens out the swings from row to row"
LOG_HINT = "A logarithmic axis, where all values are above zero"
ZOOM_BACK = "Whole curve"
ZOOM_BACK_HINT = "Back to the whole curve"
COIN_TOSS_LINE = "coin toss: {name} {value}"
OF_IMAGES = "{seen} of {total} images"
BY_HAND = "{steps} steps by hand"
PER_SECOND = "{speed} images/s"
MEASURING = "measuring its speed …"
TIME_LEFT = "{time} left"
NETWORK_SIZES = "G {G} and D {D} weights"
READING = "read only"
BACK_TO_OWN = "Back to my run"
LEAVE_QUEUE = "Leave the queue"
WATCH_CLASS = "Watch the class's run"
OWN_ENDED = "Your own run has ended; it is in the list of runs."
FILM_CHOICE = "Recorded runs, one that went well and three that failed:"
AGAIN_OF = "tried again from {moment} images of “{title}”: {changes}"
UNCHANGED = "nothing changed"

# --- pictures
FAKES = "G's pictures"
FAKES_ALT = "A grid of pictures drawn by the generator"
FAKES_HINT = "Choose one to look closer"
AFTER = "after {images} real pictures seen"
REALS = "Real pictures"
REALS_HINT = "G's aim"
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
SAMPLE_OF = "Picture {index}, asked for: {name}, look closer"
PAIRS = "Copies"
PAIRS_HINT = "{share} of G's pictures after {images} images; each above the one that it copies"
PAIRS_ALT = "G's pictures, each above the training picture that it is nearest to"
CLASSES = "Classes"
CLASSES_HINT = "how often G draws each; marks: real shares"
CLASSES_ALT = "G draws {covered} of {classes} classes. {shares}"

# --- time
MOMENT_GONE = "There are no pictures after {images} images here (any more): choose another moment."
TIME_LABEL = "Training time: drag back to see an earlier moment"
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
WHAT_IS_THIS = "What is this?"
VERDICT_HELP = (
    "The coach says two things, each true by itself: how the two do against each other, from how "
    "often D picks the real one of a pair, the gradients, the rates and how varied a batch is; and "
    "how the pictures do, from their measured distance. Where it does not know, it says so. It "
    "never guesses from a loss alone."
)
BALANCE = "How the two do against each other"
OF_PICTURES = "How the pictures do"
OTHER_CURES = "What else may help"
CURING = "Doing it …"
LESSON = "This recipe fails on purpose."

# --- curves
CURVES_LABEL = "Curves"
PAIR_ALT = (
    "Noise goes into G, which draws a picture; D sees that picture or a real one and says how real "
    "it looks"
)
PAIR_ALT_BY_CLASS = (
    "Noise and a class go into G, which draws a picture; D sees that picture or a real one, with "
    "its class, and says how real it looks"
)
NOISE = "noise"
AND_A_CLASS = "and a class"
GENERATOR = "generator"
DISCRIMINATOR = "discriminator"
BELIEF = "D's belief"
BELIEF_HINT = (
    "How real D thinks each kind is. Near 50 % in both it can no longer tell; under some rules "
    "it means little."
)
LOSSES = "Losses"
LOSSES_HINT = (
    "What one gains the other loses; level means both still learn. Dotted: a coin toss under "
    "this rule."
)
IN_REAL = "in real"
IN_FAKES = "in G's"
D = "D"
G = "G"
MORE = "More curves"
SMOOTH = "Smooth"
LOG_AXIS = "Log"
PICKS = "Picks"
PICKS_HINT = (
    "Of a real picture and one of G's, how often D picks the real one: 50 % is a coin toss, 100 "
    "% always right."
)
GRADIENTS = "Gradients"
GRADIENTS_HINT = (
    "How strongly each network is pushed in a step. G's fading means that D teaches it nothing "
    "any more."
)
DISTANCE = "Distance"
DISTANCE_HINT = (
    "How far G's pictures lie from real ones: lower is better. Real pictures that it never saw "
    "score 1×."
)
VARIETY = "Variety"
VARIETY_HINT = "How varied a batch of G's is: 1 as varied as real ones, 0 all the same."
COVERED = "Classes"
COVERED_HINT = "How many kinds of picture G draws."
ORIGIN = "before"
X_AXIS = "real images seen"

# --- numbers
NUMBERS_LABEL = "Numbers at this moment"
N_PICKS = "D picks the real one"
N_PICKS_VALUE = "{picks} of 100"
N_REAL = "belief in real"
N_FAKE = "in G's"
N_LOSS_D = "loss D"
N_LOSS_G = "loss G"
N_DISTANCE = "distance"
N_DISTANCE_VALUE = "{value}×"
N_DISTANCE_ABOUT = "{value}× ± {error}"
DISTANCE_HELP = (
    "How far {samples} drawn pictures lie from the real ones in the eyes of {eyes}; 1× is what "
    "real pictures it never learned from score."
)
DISTANCE_HELP_OWN = (
    "How far {samples} drawn pictures lie from your own in the eyes of {eyes}; 1× is what one half "
    "of yours scores beside the other. It tells whether pictures get closer, not whether they are "
    "good."
)
N_CLASSES = "classes"
N_CLASSES_VALUE = "{covered} of {classes}"
NOT_MEASURED = "–"
BEST = "Best: {distance}× at {images} images"
BEST_MARK = "best"
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
