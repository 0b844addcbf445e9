"""The sentences of all errors by their codes; see `ganmodel.errors`.

A hole's format is one of those that the page's scripts know, too: `,` `.1f` `,.1f` `.1%`.
"""

ERRORS = {
    # the door and the gate
    "said": "{sentence}",
    "trainer-said": "{sentence}",
    "unexpected": (
        "Something unexpected went wrong; the server's log says what. Reload and try again."
    ),
    "bad-call": "The page asked in a way that this server does not understand: reload the page.",
    "number-too-low": "{name} must be at least {bound:,}, but it is {value}.",
    "number-too-high": "{name} must be at most {bound:,}, but it is {value}.",
    "no-token": "This browser has not said who it is: reload the page.",
    "busy": "The server does as much of this as it can just now: try again in some seconds.",
    "too-many-of-yours": (
        "This browser has as much of this kind under way as one may have ({most}): wait until it "
        "is done."
    ),
    "too-large": (
        "This is larger than the {most:,} bytes that this page takes here: make it smaller."
    ),
    "too-fast": "That was too much at once: wait {wait:.0f} s, then try again.",
    "stalled": "Nothing more came for a while: send it again.",
    "asked-again": "These pictures were asked for again, so this reading has ended.",
    "no-such-address": "Nothing answers at this address.",
    "unknown-name": (
        "This page does not go by the name {name}. Whoever runs it can allow that name: start"
        " it with --allow-host and the name, without a port."
    ),
    "from-elsewhere": (
        "This call did not come from the page itself but from another site, or through a "
        "proxy that changes the name by which the page is called: let the proxy keep Host, or"
        " start the page with --allow-host and the name that the browser shows."
    ),
    "password-needed": "This page asks for a name and a password.",
    "too-many-passwords": (
        "Too many wrong passwords from this address: wait {wait} s, then try again."
    ),
    "plain-values": (
        "Every argument must be a text, a number, true, false or null, nothing with parts."
    ),
    "broken-letter": "Half of a letter was sent where a text belongs: type it again.",
    "gone-address": (
        "This address is of no use any more: it is for once, and for a minute. Ask for the "
        "file again."
    ),
    "too-many-downloads": (
        "As many downloads as this page gives at once are going on: try again when one has ended."
    ),
    # a page that many share
    "address-sent-much": (
        "From your network's address {most:,} MB of pictures came within the last hour, as "
        "many as this page keeps from one: try again later, or choose fewer or smaller "
        "pictures."
    ),
    "not-on-this-page": (
        "On this page, which many share, {label} must be from {low:,} to {high:,}, but it is "
        "{value:,}. On a machine of your own there is no such limit."
    ),
    "no-disk-left": (
        "The disk that this page may use is full with runs that train or wait: try again in "
        "some minutes, when some of them have ended."
    ),
    "own-disk-full": (
        "Your runs and pictures fill the {most:,} MB that a visitor of this page may use: "
        "delete what you no longer need, then send your pictures again."
    ),
    "no-room-for-pictures": (
        "The disk that this page may use is full: try again in some minutes, or choose fewer "
        "or smaller pictures."
    ),
    "queue-full": (
        "{count} runs wait for their turn already, as many as this page takes: try again in "
        "some minutes. Until then, play the film that comes along, or open the Playground."
    ),
    "queue-full-here": (
        "{count} runs from your network's address wait for their turn already, as many as "
        "this page takes from one: try again in some minutes. Until then, play the film that "
        "comes along, or open the Playground."
    ),
    "no-turn": "The run cannot be put into the queue: {reason}.",
    "run-too-large": (
        "On this page, which many share, a run may take {most:,.0f} MB of the disk, but this "
        "one would grow to about {size:,.0f} MB: lower the width or the noise, choose smaller"
        " networks, or raise the log interval and the save interval."
    ),
    "step-too-heavy": (
        "On this page, which many share, a training step may not keep the machine as long as "
        "this one would, {times:.1f} times the limit: lower the batch, the width or the steps"
        " of D or G."
    ),
    "too-many-evaluations": (
        "On this page, which many share, a run may measure its quality {most} times, but this"
        " one would {count:,} times: set the {label} to {least:,} or more."
    ),
    "too-many-files": "More than {most:,} files at once: choose fewer, or pack them into a .zip.",
    "too-many-rows": (
        "On this page, which many share, a run's curves may have {most:,} rows, but this "
        "one's would have {count:,}: set the {label} to {least:,} or more."
    ),
    "too-much": "More than {most} MB at once: choose fewer pictures, or smaller ones.",
    # texts
    "already-training": (
        "A run of yours is training already: stop it or wait until it ends, then start the next."
    ),
    "bad-drawing": "A drawing must be {count:,} whole numbers from 0 to 255.",
    "broken-recipe": "The recipe in this picture was changed or cut off: it can't be followed.",
    "compare-two": "Tick two runs to compare them.",
    "does-not-stop": (
        "The run could not be stopped within a minute, so nothing was started; stop it, then "
        "try again."
    ),
    "empty-drawing": "There is nothing on the drawing yet: draw something first.",
    "not-longer": (
        "This run has seen {seen:,} images already; to go on, give it more than that, not "
        "{images:,}."
    ),
    "not-received": "The pictures cannot be kept: {reason}.",
    "no-file-name": "A file without a usable name was sent: rename it, and try again.",
    "no-generator": "There is no such generator: choose one from the list.",
    "no-grid": "There is no picture of that moment (any more): choose another.",
    "no-history": (
        "This generator comes without its history: open one of your own runs to go back in time."
    ),
    "no-link": "No link can be made: {reason}.",
    "no-picture": "This file is no picture that can be read: drop a {formats}.",
    "no-such-data": "There is no such data set: choose one of {names}.",
    "no-such-run": "There is no such run of this browser: it was started elsewhere, or it is gone.",
    "no-such-film": (
        "That recorded run does not come with ganmodel any more: another one is shown."
    ),
    "no-such-link": (
        "This link opens nothing (any more): its run was deleted, or a newer link was made."
    ),
    "no-such-upload": "Your pictures are not here (any more): choose them again.",
    "no-weights-yet": "This run has no weights yet; they come with its first picture.",
    "other-weights": (
        "This picture was drawn by other weights ({name}), which are not here (any more): "
        "open them first, then drop it again."
    ),
    "reals-not-shown": "Somebody's own pictures are not shown through a link.",
    "still-training": "This run is training still: stop it first, then let it go on for longer.",
    "still-training-delete": "This run is training still: stop it first, then delete it.",
    "no-such-kind-of-device": "ganmodel trains on cpu, cuda or mps, not on {name}.",
    "no-such-device": (
        "There is no device {name} here: choose auto, cpu, or a cuda or mps device that this "
        "machine has."
    ),
    "no-classes-to-learn": (
        "{name} has no classes to learn, but by class (conditional) is on: turn it off, or "
        "choose data with classes."
    ),
    "diverges": (
        "{trouble} at {seen:,} images, again after its rates were halved: this recipe "
        "diverges. Lower the learning rates or choose another recipe."
    ),
    "weights-format": (
        "{name} has format {format}, but this version of ganmodel reads format {format_2}: "
        "update ganmodel, or make the file again."
    ),
    "weights-without-description": "{name} carries no description of ganmodel's; {expected}.",
    "weights-without-raw-g": "{name} holds averaged G alone, and no raw one.",
    "weights-of-another-architecture": "{name} describes another architecture: {error}.",
    "weights-too-large": "{name} is larger than any file of ganmodel; {expected}.",
    "weights-missing": "There is no file {path}; {expected}.",
    "weights-unreadable": "{path} cannot be read: {reason}; {expected}.",
    "weights-damaged": "{name} is damaged or not a safetensors file at all; {expected}.",
    "weights-not-as-promised": (
        "{name} does not hold what its header promises: the tensors under {prefix}* do not "
        "fit the network {network}."
    ),
    "archive-or-images": "Choose either one archive or images, not both together.",
    "no-reply-yet": (
        "The trainer has not answered within {seconds:.0f} s; it will do as asked after its "
        "current step."
    ),
    "stretch-damaged": (
        "The recorded steps from {moment:,} images on cannot be read: their files are damaged."
    ),
    "game-damaged": "The rounds of the game cannot be read: their files are damaged.",
    "no-game": "No game comes along here.",
    "no-start": (
        "A run started from the page begins with fresh networks, or with some that come with "
        "ganmodel, by their name."
    ),
    # where the page listens
    "cannot-listen": "{host}, port {port} can't be listened on: {reason}.",
    "not-this-machine": (
        "{host} is not an address of this machine: give one that is, or 0.0.0.0 for all of them."
    ),
    "ports-taken": "Ports {first} to {last} are all used by other programs: choose one by --port.",
    "port-forbidden": (
        "This user may not listen on port {port}: choose one from 1,024 on, such as 7860."
    ),
    "port-of-others": (
        "Browsers refuse to open port {port}, which belongs to another service: choose "
        "another, such as 7860."
    ),
    "port-taken": (
        "Port {port} is used by another program, perhaps by this page already: end that, or "
        "choose another by --port."
    ),
    "unknown-host": (
        "No machine goes by the name {host}: give an address of this machine, or 0.0.0.0."
    ),
    "wrong-host": (
        "{host} is no name or address to listen on: give one of this machine's, such as "
        "127.0.0.1 (this machine only), ::1 or 0.0.0.0 (every network), without http:// and "
        "port."
    ),
    # runs
    "gone": "That run is gone for good: the trash has been emptied.",
    "no-best": (
        "The run {name} has no best state: nothing was measured yet, or it was trained with "
        "evaluation off."
    ),
    "run-without-weights": "The run {name} has no weights yet; they come with its first picture.",
    "run-folder-not-made": (
        "The run's folder {folder} cannot be made: {reason}. Name a folder that you may write."
    ),
    "asked-too-often": (
        "This run was asked {most_requests:,} things already, as many as one run takes: stop "
        "it, and try again from here as a new run."
    ),
    "run-not-asked": "The run {name} cannot be asked: {reason}.",
    "run-folder-exists": (
        "{folder} exists already: add --resume to go on with it, or name another folder."
    ),
    "no-checkpoint-of-moment": (
        "The run {title} keeps no checkpoint of {moment:,} images any more: choose another moment."
    ),
    "settings-of-moment-unknown": (
        "What the settings of {title} were before {run:,} images is not known any more: "
        "choose that moment or a later one."
    ),
    "fork-too-short": (
        "A run that goes on from {moment:,} images must be longer than that, but its length "
        "is {images:,}."
    ),
    "fork-of-another-version": (
        "This run was trained by another version of ganmodel, which kept its checkpoints "
        "differently: start a new run with its settings instead."
    ),
    "fork-folder-not-made": "The new run's folder cannot be made: {reason}.",
    "no-fork-setting": "{name} cannot change in the middle of a training; only {names} can.",
    "checkpoint-damaged": (
        "The checkpoint of {moment:,} images is damaged, so there is no going on from it: "
        "choose another moment."
    ),
    "weights-change-too-fast": "The weights of this run changed too fast to be read; try again.",
    "trainer-not-started": "The trainer could not be started: {reason}.",
    "run-name": (
        "A run's name is one line of at most {longest_title} letters, digits and signs; "
        "choose a shorter or plainer one."
    ),
    "run-still-training": "“{title}” is training still: stop it first, then delete it.",
    "run-of-that-name": "A run of that name exists already, so the deleted one stays deleted.",
    "run-not-renamed": "The run cannot be renamed: {reason}.",
    "run-not-deleted": "The run cannot be deleted: {reason}.",
    "run-not-restored": "The run cannot be brought back: {reason}.",
    "pictures-of-run-gone": (
        "The pictures of this run ({data}) are not here any more: bring back the folder "
        "{uploads} that lay beside it, or start a new run."
    ),
    "start-without-d": "{name} cannot start a run: it holds no D to train against.",
    "no-such-networks": "No networks named {start_from} come with ganmodel.",
    "start-does-not-fit": (
        "{name} cannot start a run on {data}: its {name_2} is {own}, but this run needs "
        "{name_3}; choose other data or settings, or other weights."
    ),
    "speed-unknown": "How fast this machine's accelerator is will be known after a first run.",
    "not-training": "This run is not training: it is {state}.",
    "ended-before": "The run ended before that: it is {state}.",
    # a trainer
    "too-little-memory": (
        "There is too little memory for this run: lower its batch or its width, or end other "
        "programs, then start it again or resume it from its last checkpoint."
    ),
    "no-readable-checkpoint": (
        "The run {name} has no readable checkpoint of {began:,} images or later, where it "
        "began: try again from an earlier moment, or from the run before."
    ),
    "trained-by-another-version": (
        "The run {name} was trained by another version of ganmodel ({unknown}), which kept "
        "its checkpoints differently: resume it with that version, or start a new run from "
        "its weights with --start-from."
    ),
    "other-data-now": (
        "The run {name} began with other data than {data} holds now: bring the same pictures "
        "back, or start a new run."
    ),
    "seen-already": (
        "The run {name} has seen {seen:,} images already: give more than that with --images, "
        "not {images:,}."
    ),
    "finished-already": (
        "The run {name} has finished: {seen:,} images. Go on with it by --resume and more "
        "--images, or start a new run."
    ),
    "began-already": (
        "The run {name} began already: add --resume to go on with it, or name another folder."
    ),
    "trains-in-another-process": "The run {name} is training already, in another process.",
    "request-form": (
        "A request must be a JSON object whose action is stop, pause, resume, set or step."
    ),
    "set-form": "A set request must hold values, an object of knobs and numbers.",
    "steps-need-pause": "Steps by hand need a paused run: pause it first.",
    "steps-by-whom": "Steps are taken by d, g or both, not by {who}.",
    "steps-count": (
        "The number of steps must be a whole number from 1 to {most_steps}, but it is {times}."
    ),
    "no-knob": "{name} cannot be changed while training; only {names} can.",
    # settings
    "edition-not-whole": (
        "The edition of a run's settings must be a whole number from 1 to {edition}, but it "
        "is {value}."
    ),
    "edition-of-newer": (
        "These settings are of edition {value}, but this ganmodel knows those up to "
        "{edition}: they come from a newer one, so update ganmodel."
    ),
    "no-such-recipe": "There is no recipe named {preset}; choose one of {names}.",
    "no-such-setting": "There is no setting named {name}.",
    "setting-one-of": "{label} must be one of {choices}, but it is {shown}.",
    "setting-number": "{label} must be {wanted}, but it is {shown}.",
    "settings-no-object": "A run's settings are a JSON object, but this is {values}.",
    "setting-unknown": (
        "The setting {unknown} is not known here; it may come from a newer ganmodel."
    ),
    "setting-true-or-false": "{label} must be true or false, but it is {shown}.",
    "setting-name": "{label} must be a name, but it is {shown}.",
    "config-missing": "{path} is missing, so there is no run to start.",
    "config-unreadable": "{path} cannot be read as a run's settings: {error}.",
    # data
    "archive-damaged": (
        "{path} is not a whole zip or tar archive: it is damaged, cut off, or of another "
        "kind; pack it again."
    ),
    "archive-too-large": (
        "{path} unpacks to more than {most:.0f} GiB: make a smaller archive, or unpack it "
        "yourself and choose the folder."
    ),
    "reading-takes-too-long": (
        "Getting this data ready takes longer than the {seconds:.0f} s that it may take here:"
        " choose fewer or smaller pictures."
    ),
    "too-many-pixels-in-all": (
        "These pictures have more than {pixels:,} million pixels in all, which is as much as "
        "is read here: choose fewer or smaller ones."
    ),
    "download-takes-too-long": (
        "{title} is not on this machine, and downloading it takes longer than a run may take "
        "here to get ready. What has come is kept: start again, and it goes on."
    ),
    "reals-not-here": "The real pictures that it learned from are not on this machine yet.",
    "not-downloaded": (
        "{title} is not on this machine and could not be downloaded ({error}). {folder}"
    ),
    "no-room-to-download": (
        "{title} cannot be downloaded into {folder}: {reason}. Name a folder with room that "
        "you may write, with --data-dir or GANMODEL_DATA."
    ),
    "too-many-entries": (
        "{path} holds more than {most_entries:,} files and folders: choose a smaller one."
    ),
    "folder-not-listed": "The folder {path} cannot be listed.",
    "image-size": "Images can be made 28 or 32 pixels a side, not {size}; choose one.",
    "too-few-stay": (
        "At least {least} pictures have to stay, because with fewer D simply remembers them all."
    ),
    "no-such-picture": "There is no such picture in this upload: load the page anew.",
    "left-out-not-kept": "Which pictures are left out could not be kept: {reason}.",
    "left-out-unreadable": (
        "Which pictures were left out cannot be read: {name} is damaged. Choose the pictures anew."
    ),
    "image-fit": "Images become squares by crop, pad or squeeze, not by {fit}; choose one.",
    "folders-of-classes": (
        "{path} has {count:,} folder{plural} of images where 2 to {most_classes:,} are "
        "needed, one for each class: sort the images into folders, or do without classes."
    ),
    "shipped-data-damaged": (
        "The packed {name} that came with ganmodel is damaged: install ganmodel again."
    ),
    "mnist-not-unpacked": (
        "MNIST cannot be unpacked into {raw}: {reason}. Name a folder with 55 MB of room that"
        " you may write, with --data-dir or GANMODEL_DATA."
    ),
    # weights
    "features-format": "{name} has a format that this version cannot read.",
    "no-features": "{name} is not {wanted} of ganmodel's.",
    "weights-of-other-pictures": "{name} is of other pictures than these.",
    "no-weights-file": "There is no file {path}, so it cannot be read.",
    "weights-not-read": "{path} cannot be read; expected a ganmodel weights file.",
    # places
    "class-one-of-or-number": "class must be one of {names} or a number, but it is {text}.",
    "place-number-range": "{name} must be a number from {low:,} to {high:,}, but it is {value}.",
    "place-vector": "{name} must be at most {most_z_dim:,} numbers within ±{most_coordinate}.",
    "place-whole-number": "{name} must be a whole number, but it is {text}.",
    "class-whole-number": "class must be a whole number, but it is {text}.",
    "stops-count": "A way has from 2 to {most_stops} stops, not {count}.",
    "place-path": "path must be {names}, but it is {path}.",
    "blend-of-one": "A blend needs two classes: name the first one too.",
    "place-too-long": "A place is a text of at most {most_text:,} characters.",
    "place-of-another-generator": (
        "This place has {count} coordinates, but the generator takes {z_dim}: the place was "
        "made with another one."
    ),
    "no-vector": "{text} is no vector: it was cut off or changed.",
    "place-number": "{name} must be a number, but it is {text}.",
    "no-class-of-number": "Classes are numbered from 0 to {count}, so there is no {text}{called}.",
    "class-or-blend": "class must be one class or a,b,share, but it is {text}.",
    "place-form": "A place is written as stops=53,46&path=slerp&at=0.25, but it is {text}.",
    "place-part": "A place has no {name}; it may have {parts}.",
    "place-class-unknown": "This generator knows classes 0 to {classes}, not {label}.",
}
