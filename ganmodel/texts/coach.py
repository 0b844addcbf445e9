"""What the coach says, in one place and ready for translation; when it says it, in `diagnosis`."""

HEADLINES = {
    "starting": "Just starting",
    "not learning yet": "Not learning yet",
    "balanced": "Balanced",
    "d wins": "D wins",
    "repeats itself": "G repeats itself",
    "diverging": "Diverging",
    "copying": "Copying training pictures",
}

STARTING = "Too little has happened yet: a verdict comes after {rows} rows of the curves."
BELIEFS = "D believes {real} in real pictures and {fake} in G's: each still learns from the other."
PREFERS = "D prefers the real picture in {real} of the pairs: each still learns from the other."
DISTANCE = "The distance from real pictures is {now} R, {trend}."
FIRST = "measured for the first time"
FALLING = "down from {before} R"
RISING = "up from {before} R"
LEVEL = "about as before"

STUCK = "D's belief stands still at {real} and {fake}: neither side has anything to learn from."
FAR = "The distance from real pictures is {now} R; at {since} images it was {before} R already."
WINS = "For {images} images D has believed {real} in real pictures and {fake} in G's: it is sure."
WINS_PAIRS = "For {images} images D has preferred the real picture in {real} of the pairs."
FADED = "What reaches G through it has faded: its gradient is {now}, and was {before}."
ALIKE = "The pictures of a batch differ {share} as much as real ones do."
FEW_CLASSES = "G draws {covered} of {classes} classes."
ONE_SIDED = "Its classes are shared out far from how the real ones are (KL {kl})."
NARROW = "Of real pictures, {recall} have anything like them among G's."
SWINGS = "D's loss swings up to {loss} within a few rows; {usual} would be usual."
GRADIENTS = "D's gradient has grown from {before} to {now}."
NOT_FINITE = "A loss stopped being a number."
WENT_BACK = "Training went back once already, at {images} images."
COPIES = "{share} of G's pictures are as near to a training picture as a copy."
NEAR_COPIES = (
    "G's pictures lie {share} as far from their closest real picture as unseen real ones do."
)
SINCE = "Since {images} images."
ALWAYS = "From the beginning."

SLOW_D = "Hold D back"
KNOBS_WHY = "While the run goes on: {changes}."
AGAIN = "Try again from {images} images"
AGAIN_WHY = "From before it began, with {changes}."
OVER = "Start over"
OVER_WHY = "From the very beginning, with {changes}."
FASTER = "Raise both rates"
FASTER_WHY = "While the run goes on: {changes}."
CHANGE = "{name} {value}"
SETTINGS = {
    "lr_g": "G's rate",
    "lr_d": "D's rate",
    "n_critic": "D's steps",
    "g_steps": "G's steps",
    "r1_gamma": "R1 penalty",
    "augment": "augmentation",
}
