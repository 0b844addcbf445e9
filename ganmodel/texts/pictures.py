"""The words of one's own pictures: bringing them, looking through them, and what to expect."""

TITLE = "My pictures"
CLOSE = "Close"
STEPS = "Three steps"
STEP_CHOOSE = "Choose"
STEP_LOOK = "Look"
STEP_START = "Start"
DONE = "done"

# in the form, beside the choice of data
OPEN = "Choose pictures"
OPEN_AGAIN = "Look through them"
SUMMARY = "{name}: {stay}, {size} × {size}, {fit}"

# 1: choose
DROP = "Drop pictures, a folder or a .zip here"
CHOOSE = "Choose pictures"
CHOOSE_OTHERS = "Choose others"
DROP_HINT = (
    "{formats}, and what else this browser opens; at least {least}, of any size. They are made "
    "small here, then sent to the machine that serves this page, and stay there."
)
INPUT_LABEL = "Your pictures"
HELD = "{name}: {count} are here."
LOOK = "Look through them"
REMOVE = "Remove them"
SENDING_LABEL = "How much has been sent"
SENDING = "{share} % sent"
STILL_SENDING = "The files that you chose before are still on their way: wait, or cancel them."
READING = "Reading the pictures …"
TOO_MANY = "More than {most} files at once: choose fewer, or pack them into a .zip."
ARCHIVE_OR_IMAGES = "Choose either one archive or images, not both together."
NOTHING_TO_SEND = "There was no picture to send."
LEFT_OUT = "Not sent, because hidden or no pictures: {count} ({names})."
CANT_READ = "Not sent, because the browser can't read them: {count} ({names})."
UNOPENED = (
    "Not sent, because neither this browser nor the server can open them: {count} ({names}). Save "
    "them as JPEG or PNG."
)
EMPTY_FOLDERS = "Empty folders: {count} ({names})."
CANCEL = "Cancel"
CANCELLED = "Cancelled; nothing was kept."
NOT_SENT = "The pictures could not be sent: the page's server does not answer. Try again."

# 2: look through
READ = "{name}: {count}, {kind}, as the networks will see them. Tap one to leave it out."
COLOUR = "in colour"
GREY = "grey"
FIT = "Into a square"
FIT_HINT = "One of yours, made a square in each way"
FITS = {"crop": "Crop", "pad": "Pad", "squeeze": "Squeeze"}
FITS_MEAN = {
    "crop": "only the middle",
    "pad": "all of it, filled up",
    "squeeze": "all of it, stretched",
}
FITTED = {"crop": "cropped", "pad": "padded", "squeeze": "squeezed"}
ALL_SQUARE = "All are squares already: nothing is cut off."
SIZE = "Size"
SIZE_OF = "{size} × {size}"
BY_CLASS = "Each folder is a class"
CLASSES = "{count} classes: {names}"
STAY = "{stay} of {count} stay"
LEAVE_COPIES = "Leave out the {count} duplicates"
LEAVE_COPY = "Leave out the duplicate"
BRING_BACK = "Bring all back"
SHEET_LABEL = "Your pictures: press one to leave it out, arrow keys move"
PICTURE = "picture {n} of {count}"
PICTURE_OUT = "left out"
PICTURE_COPY = "a duplicate"
COPY = "copy"
MORE = "Show more"
GO_ON = "Go on with {stay} pictures"

# 3: forecast and start
PREVIEW_ALT = "Some of your pictures as the networks will see them"
FORECAST_TIME = "{size} px, {time} here."
FORECAST_SIZE = "{size} px; how long it takes, its first seconds will tell."
EXPECT_BLURS = "Expect soft blurs: it is short."
EXPECT_COLOURS = "Expect colours and shapes, not faces."
EXPECT_STROKES = "Expect strokes and shapes, no fine detail."
VERY_FEW = "{count} is very few: many copies are likely."
FEW = "{count} is few: some copies are likely."
SOME = "{count} is enough to vary, if they are of one kind."
MANY = "{count} is plenty: copies are unlikely."
FOR_FEW = "Use the recipe for few pictures"
FOR_FEW_HINT = "D sees them moved and partly hidden, so that it cannot simply remember them."
START = "Start"
STARTING = "Starting …"
START_HINT = "The run goes on when you close the page. Length and recipe stand in the settings."
