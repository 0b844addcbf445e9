"""The words of the Playground: the picture, the ways to move, and what can be kept."""

NO_ANSWER = "The page's server does not answer. Your place is kept; move a slider to try again."
NO_GENERATOR = "There is no generator here yet: train one on the Train tab."

# --- generator
SAYS = "Every point of G's {count} numbers is a picture. Walk between them."
GENERATOR = "Generator"
GENERATOR_HINT = "Draw with one that comes with ganmodel, or with one of your runs."
CHOOSE_GENERATOR = "Choose a generator"
SHIPPED = "come with ganmodel"
YOURS = "your runs"
SEEN = "after {images} real images"
CLOSE = "Close"
NOT_HERE = (
    "The generator of this link is not here (any more): it was deleted, or it belongs to another "
    "browser. What you see is where you were before."
)
BAD_LINK = "This link can't be followed: {why} What you see is where you were before."

# --- stops
STOPS_HINT = "The way leads through these stops; drop a saved picture here to add it."
START_NUMBER = "{letter}: start number"
POINT = "{letter}: a point of its own"
ROLL = "Roll"
ROLL_LABEL = "A random start number for {letter}"
REMOVE_LABEL = "Remove stop {letter}"
ADD = "stop"
ADD_HINT = "One more stop at the end of the way"
USE_AS = "this picture as"
USE_LABEL = "Make this picture stop {letter}"
USE_NEW = "new stop"
BAD_SEED = "A start number must be a whole number from 0 to {most}."
BAD_NUMBER = "{label}: this must be a number from {low} to {high}."
MOST_STOPS = "A way has at most {most} stops: remove one first."

# --- variety and classes
VARIETY = "variety"
VARIETY_TERM = "truncation ψ"
VARIETY_LOW = "safe and alike"
VARIETY_HIGH = "varied, sometimes odd"
VARIETY_STRIP = "The same point, from no variety to the most"
CLASS = "class"
CLASS_HINT = "what G is asked to draw"
BLEND_WITH = "blend with"
BLEND_NONE = "nothing"
BLEND = "share of the second"

# --- the picture
LEFT_LABEL = "The picture"
CANVAS_ALT = "What the generator draws at this point"
FAVOURITE = "Favourite"
FAVOURITE_HINT = "Keeps this picture's place in this browser; once more takes it out"
PIXELS = "How pixels are shown"
SHARP = "sharp"
SMOOTH = "smooth"
SMOOTH_HINT = "For the eye alone: what you save has G's own pixels either way"
TIME_LABEL = "Training time: how the generator drew this point earlier"
TIME_SHOWN = "after {images} images"
ALPHA_LABEL = "From A to the last stop"
PLAY = "Play the way"
PAUSE = "Pause"
SPEED_LABEL = "How fast the way is played"
STRIP_LABEL = "Pictures on the {path} path: from A to the last stop"
LENGTHS = (
    "Under each, the length of z: curved keeps it; straight dips in the middle, where noise hardly "
    "ever is."
)

# --- ways to move
RIGHT_LABEL = "Ways to move"
WAYS_LABEL = "Move by"
WAYS = {  # by id, in the order of their tabs
    "drawing": "draw",
    "ab": "A→B",
    "sliders": "sliders",
    "map": "map",
    "found": "changes",
    "time": "through time",
}
PATH = "path"
PATHS = {"slerp": "curved", "lerp": "straight", "loop": "loop"}
CURVED_TERM = "slerp: as far out as noise is"
STRAIGHT_TERM = "lerp: safer and duller halfway"
LOOP_TERM = "through all stops and back: a film of it has no end"
SLIDERS_TERM = "coordinates of z"
SLIDERS_HINT = (
    "Each moves one number of the noise, in standard deviations; 0 is the most usual. What it "
    "changes, the generator has decided by itself."
)
RANDOM = "Random"
RANDOM_HINT = "Gives every slider shown a random value"
RESET = "Reset"
RESET_HINT = "Back onto the way from A to B"
MORE_SLIDERS = "More"
MORE_SLIDERS_HINT = "Shows eight more of the numbers in z"
ALL_SLIDERS = "All {count}"
COORDINATE = "z {number}"
COORDINATE_LABEL = "Coordinate {number} of z, in standard deviations"
MAP_TERM = "a plane through A, B and C"
MAP_HINT = "Point to preview, press to go there; drag to pan; wheel or pinch to zoom."
MAP_LABEL = "Map: arrows pan, plus and minus zoom, Enter goes to the middle"
MAP_C = "C: start number"
ZOOM_IN = "Zoom in"
ZOOM_OUT = "Zoom out"
ZOOM_HOME = "Show A, B and C"
FOUND_TERM = "directions"
FOUND_HINT = (
    "What changes the picture most, from − to +: slide along a strip. Nobody named these; look "
    "what each does."
)
FOUND_HOW = "found in"
FOUND_LAYER = "the first layer"
FOUND_ACTIVATION = "what it does with noise"
FOUND_LAYER_HINT = "SeFa: what the first layer stretches most"
FOUND_ACTIVATION_HINT = "GANSpace: what early activations vary in most"
FOUND_LABEL = "Change {number}, in standard deviations"
FOUND_EFFECT = "{effect} grey levels"
FINDING_CHANGES = "Looking for changes …"
DRAWING_HINT = (
    "Draw, or drop a picture. G never saw it: its closest answer is looked for in the noise."
)
PAD_HINT = "draw here"
PAD_LABEL = "Draw here with the mouse or a finger"
CLEAR = "Clear"
INVERT = "Invert"
INVERT_HINT = "Light becomes dark: G's pictures of digits are light on dark"
CHOOSE_PICTURE = "Choose a picture"
FIND = "Find my drawing"
FIND_HINT = "Takes a few seconds; the best so far is shown all the time"
CANCEL = "cancel"
TARGET = "looked for"
TARGET_ALT = "Your drawing as the generator's size has it"
CLOSEST_SO_FAR = "closest so far"
CLOSEST_ALT = "The closest picture that was found so far"
FINDING = "{share} % · loss {loss}"
FOUND_WELL = "Found: loss {loss}. It is the last stop of the way now."
FOUND_POORLY = (
    "This generator draws nothing like it: the closest that it came (loss {loss}) is the last stop "
    "of the way now."
)
CANCELLED = "Cancelled; your place is as it was."
EMPTY = "There is nothing on the drawing yet: draw something first."
UNREADABLE = "This file is no picture that can be read: choose a PNG, JPEG or WebP."
THROUGH_TIME_HINT = "Rows: training time, first on top. Columns: the way. Choose one to go there."
THROUGH_TIME_CELL = "After {images} images, {share} % of the way"

# --- the model's opinions
D_SAYS = "D would pick it over a real one {share} times of 100."
D_AWAY = "D is asked beside real pictures; those of this generator are not here yet."
MORE = "What it resembles"
D_BAR = "how real D finds it, among real pictures"
CLOSEST = "closest real pictures"
CLOSEST_DISTANCE = "{distance} away"
CLOSEST_USUAL = "Between real pictures {usual} is usual."
COPY = "The first is so close that this is a copy of it."
BELIEVED = "A classifier takes it for"
BELIEVED_ONE = "{name} ({share} %)"
NO_D = "D was not kept with these weights."
HIDDEN = "The pictures behind a run that is read through a link are not shown."
THINKING = "Asking …"

# --- keep and share
UNDO = "Undo"
UNDO_HINT = "Back to where you stood before (Ctrl+Z)"
REDO = "Redo"
REDO_HINT = "Forward again (Ctrl+Shift+Z)"
SAVE = "Save"
SHARE = "Share"
CODE = "Code"
KEEP_PNG = "Picture (PNG with its recipe)"
KEEP_STRIP = "Strip of the way (PNG)"
KEEP_GIF = "Film of the way (GIF)"
KEEP_MP4 = "Film of the way (MP4)"
KEEP_GRID = "Grid of samples (PNG)"
GRID_FROM = "from start number"
GRID_SIZE = "rows × columns"
GRID_ROWS = "rows"
GRID_COLUMNS = "columns"
GRID_BY_CLASS = "a class in each row"
COPY_LINK = "Copy link"
COPY_LINK_HINT = "It leads to this very picture"
SEND_LINK = "Send …"
COPY_COMMAND = "Copy as a command"
COPY_PYTHON = "Copy as Python"
OPEN_RECIPE = "Open a saved picture"
OPEN_RECIPE_HINT = "Or drop one anywhere here: a PNG saved here leads back to its place"
KEEPING = "Making it … {share} %"
KEPT = "Saved as {name}."
COPIED = "Copied."
COPIED_OWN = "Copied. This is your own run: only this browser can follow the link."
COPIED_HERE = (
    "Copied. Only this machine can follow the link: start the page with --host 0.0.0.0 for the "
    "network around it, or with --share for everybody."
)
COPY_SHOWN = "Copying is not allowed here: take it from the field below."
NOT_KEPT = (
    "This run keeps no more of its moments for pictures and links, so this one may not lead back "
    "for ever."
)
MOMENT_GONE = (
    "The generator as it was after {asked} images is not there any more: this is how it was after "
    "{images}."
)
LINK_MOMENT_GONE = (
    "The generator as it was after {asked} images is not there any more, and no other moment's "
    "picture is shown in its place. What you see is where you were before."
)
NOTHING_TO_SHOW = (
    "The generator as it was after {asked} images is not there any more, and no other moment's "
    "picture is shown in its place."
)
TO_NEWEST = "Show its newest moment"
RECALLED = "This is where the picture was drawn."
NO_STOP_IN_IT = "This picture has no recipe, so it names no point: draw or find it first."
OTHER_NOISE = "This picture was drawn from another generator's noise: it is no point of this one's."
PLAIN_PICTURE = "This picture has no recipe: you can have it looked for instead."

# --- favourites
FAVOURITES = "Favourites"
FAVOURITES_NONE = "The heart under the picture keeps its place here, in this browser."
FAVOURITE_GO = "Go to favourite {number}"
FAVOURITE_REMOVE = "Remove"
FAVOURITE_REMOVE_HINT = "Takes the favourite that is framed out of the row"
FAVOURITES_STRIP = "Strip"
FAVOURITES_STRIP_HINT = "Saves pictures from each favourite to the next, side by side"
FAVOURITES_LOOP = "Loop"
FAVOURITES_LOOP_HINT = "Makes them the stops of a loop, and plays it"
FAVOURITES_GIF = "GIF"
FAVOURITES_GIF_HINT = "Saves a film of the loop through them"
FAVOURITES_MOST = "There is room for {most}: the oldest has made place."
FAVOURITES_OF_THIS = "With the {count} of this generator: the others are of other ones."
FAVOURITES_NEWEST = "With the {most} newest: a way has no more stops."
