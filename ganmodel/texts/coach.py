"""What the coach says, in one place and ready for translation; when it says it, in `health`."""

# Of both verdicts; their kinds have different names, but for "unknown".
HEADLINES = {
    "unknown": "Not known yet",
    # the balance between the two
    "balanced": "Balanced",
    "not learning": "Not learning",
    "repeats itself": "G repeats itself",
    "D wins": "D wins",
    "D weak": "D is too weak",
    "oscillating": "Swinging to and fro",
    "diverging": "Diverging",
    "G stands still": "G stands still",
    "D stands still": "D stands still",
    # the pictures
    "far": "Far from real pictures",
    "on the way": "On the way",
    "close": "Close to real pictures",
    "closer": "Coming closer",
    "level": "Level",
    "rising": "Getting farther",
    "stalled": "Hardly getting closer",
    "copying": "Copying training pictures",
}
BOTH = "{balance} · {pictures}"

STARTING = "Too little has happened yet: a verdict comes after {rows} rows of the curves."
KNOB_SET = "A knob was turned at {images} images: a verdict comes after {rows} rows more."
NO_PICKS = "How well D tells the two apart was not noted."
PICKS = (
    "Of late D picked the real one of a pair {picks} times of 100 (50 is a coin toss): each still "
    "learns from the other."
)
BELIEFS = (
    "Of late D believed {real} in real pictures and {fake} in G's: each still learns from the "
    "other."
)
PICKS_BY_HAND = "D picks the real one of a pair {picks} times of 100 now."
BY_HAND = "After steps by hand a verdict waits until the run goes on."

G_STANDS_STILL = "G's rate is 0: it draws the same pictures, whatever D learns."
D_STANDS_STILL = "D's rate is 0: it judges as it did, and G learns what fools it as it is."
BOTH_STAND_STILL = "Both rates are 0: nothing changes."
STUCK = "D's belief stands still at {real} and {fake}: neither side has anything to learn from."
UNTRAINED = "The pictures are {now} from real ones, and those of untrained networks {before}."
FAR_OFF = "The pictures are {now} from real ones, and vary little."
FAR_SINCE = "The pictures are {now} from real ones, hardly closer than at {images} images."
WINS = "For {images} images D has believed {real} in real pictures and {fake} in G's: it is sure."
WINS_PICKS = (
    "For {images} images D has picked the real one of a pair {picks} times of 100, and G comes no "
    "closer."
)
SURE_EARLY = (
    "D picks the real one of a pair {picks} times of 100, and the pictures are no closer yet: "
    "whether G finds its way is not known so early."
)
SURE_UNMEASURED = (
    "D picks the real one of a pair {picks} times of 100: whether G still learns from it shows "
    "in the pictures, so look whether they come closer."
)
FADED = "What reaches G through it has faded: its gradient is {now}, and was {before}."
FOOLED_PICKS = (
    "D picks the real one of a pair {picks} times of 100, less than a coin toss would: it takes "
    "G's pictures for the real ones."
)
FOOLED = "D believes {fake} in G's pictures and only {real} in real ones."
MAY_BEGIN_SO = "The two may begin so: whether the pictures come closer is not known yet."
ALIKE = "The pictures of a batch differ {share} as much as real ones do; it was {before}."
ALIKE_THOUGH_TRAINED = (
    "The pictures of a batch differ {share} as much as real ones do, though this run began with "
    "trained networks."
)
FEW_CLASSES = "G draws {covered} of {classes} classes."
ONE_SIDED = "Its classes are shared out far from how the real ones are (KL {kl})."
NARROW = "Of real pictures, {recall} have anything like them among G's."
SWINGING_PICKS = "Within {images} images D's picks swung between {low} and {high}, again and again."
SWINGING_BELIEF = (
    "Within {images} images D's belief swung between {low} and {high}, again and again."
)
# What D's loss is where it tosses a coin.
USUAL_LOSS = {"minimax": "1.4", "non-saturating": "1.4", "lsgan": "0.25"}
SWINGS = "D's loss swings up to {loss} within a few rows; {usual} would be usual."
GRADIENTS = "D's gradient has grown from {before} to {now}."
NOT_FINITE = "A loss stopped being a number."
WENT_BACK = "Training went back once already, at {images} images."

NOT_MEASURED = "How far the pictures are from real ones was not measured yet."
NEVER_MEASURED = "How far the pictures are from real ones is not measured in this run: look."
ONE_MEASURED = "Measured once: whether they come closer is told after the next time."
TOO_FEW = "With fewer than {least} pictures to compare, a distance says next to nothing: look."
DISTANCE = "{now} from real pictures, {trend}; real ones that it never saw score 1×."
FIRST = "measured for the first time"
FALLING = "down from {before} at {images} images"
GROWING = "up from {before} at {images} images"
AS_BEFORE = "about as at {images} images ({before})"
RISEN = "{now} from real pictures; at {images} images it was {best}."
FARTHER = "Farther from real pictures than at {images} images."
RISEN_ONCE = "Whether that stays so, the next measurement tells."
CLOSER = "Closer to real pictures than at {images} images."
LEVEL_SINCE = "About as far from real pictures as at {images} images."
COPIES = "More of G's pictures are copies of a training picture than chance has it."
COPIES_OF = "{share} of G's pictures are as near to a training picture as a copy."
NEAR_COPIES = (
    "G's pictures lie {share} as far from their closest real picture as unseen real ones do."
)
SINCE = "Since {images} images."
ALWAYS = "From the beginning."

SLOW_D = "Hold D back"
STRENGTHEN_D = "Make D faster"
LET_LEARN = "Let it learn"
LET_D_KEEP_UP = "Let D keep up"
CALM_BOTH = "Slow both down"
FASTER = "Raise both rates"
KNOBS_WHY = "While the run goes on: {changes}."
AGAIN = "Try again from {images} images"
AGAIN_WHY = "From before it began, with {changes}."
OVER = "Start over"
OVER_WHY = "From the very beginning, with {changes}."
CHANGE = "{name} {value}"
SETTINGS = {
    "lr_g": "G's rate",
    "lr_d": "D's rate",
    "n_critic": "D's steps",
    "g_steps": "G's steps",
    "r1_gamma": "R1 penalty",
    "augment": "augmentation",
}
