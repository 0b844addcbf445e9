"""How much of a folder or archive is looked at, and why no more.

Numbers only. They are read as `limits.NAME` where they are needed, never copied.
"""

from __future__ import annotations

# With fewer, D simply remembers them all and G learns nothing that it could use.
LEAST_IMAGES = 16
# All of them stay in memory: 100,000 of 32×32 in colour are 307 MB, and twice that while built. Of
# more, an even sample is used.
MOST_IMAGES = 100_000
# As many as stacked MNIST has; a class needs several images to mean anything.
MOST_CLASSES = 1_000
# Up to here folders are taken for classes unasked: more are rather days, albums or people.
FEW_CLASSES = 100
# A decoded picture takes up to 4 bytes a pixel, and as much again while it is turned and shrunk.
# The largest cameras in common use stay below it.
MOST_PIXELS = 50_000_000
# Of all pictures together: a hundred thousand photographs, an hour's work. A page that strangers
# may open gives far less, see `hosting.limits`.
MOST_TOTAL_PIXELS = 1_000_000_000_000
# A file is read whole before it is decoded; photographs stay far below this.
MOST_FILE_BYTES = 64 * 2**20
# What an archive may unpack to, in all: seconds of work, where a small bomb could ask for days.
# A folder needs no such bound: its bytes are there already, and are read one file at a time.
MOST_TOTAL_BYTES = 2 * 2**30
# Files, folders and links looked at, images or not. Listing a million names takes seconds and some
# hundred megabytes, which one's own machine may give, and a page for strangers not.
MOST_ENTRIES = 1_000_000
MOST_ENTRIES_OF_STRANGERS = 200_000
# People sort pictures into folders three or four deep; a generated tree could go on for ever.
MOST_DEPTH = 16
# Characters of a file's path inside its folder or archive; systems allow 255 a part.
MOST_NAME = 1_024
# A zip's table of contents is read whole before anything else: this holds as many entries as may
# be, with names of a usual length. A tar's headers come one by one, long names included.
MOST_ZIP_TABLE_BYTES = 128 * 2**20
MOST_ZIP_TABLE_BYTES_OF_STRANGERS = 32 * 2**20
MOST_TAR_HEADER_BYTES = 2**20
