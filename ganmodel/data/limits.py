"""Limits on how much of a folder or archive is read, with the reasons.

Constants only. Other modules read them as `limits.NAME` and never copy them.
"""

from __future__ import annotations

# With fewer, D memorises them all and its gradients teach G nothing.
LEAST_IMAGES = 16
# All images stay in memory: 100,000 of 32×32 in colour are 307 MB, and twice that while the tensor
# is built. Of larger collections, an even sample is used.
MOST_IMAGES = 100_000
# As many as Stacked MNIST has; a class needs several images to mean anything.
MOST_CLASSES = 1_000
# Up to this many folders are taken for classes by default: more are rather days, albums or people.
FEW_CLASSES = 100
# Of one picture. Decoded, it takes up to 4 bytes a pixel, and as much again while it is rotated and
# resized. The largest cameras in common use stay below this.
MOST_PIXELS = 50_000_000
# Of all pictures together: a hundred thousand photographs, an hour of decoding. Public pages allow
# far less, see `hosting.limits`.
MOST_TOTAL_PIXELS = 1_000_000_000_000
# A file is read whole before it is decoded; photographs stay far below this.
MOST_FILE_BYTES = 64 * 2**20
# Of an archive, unpacked: seconds of work, where a small archive bomb could take days. A folder
# needs no such limit: its files are on disk already, and are read one at a time.
MOST_TOTAL_BYTES = 2 * 2**30
# Files, folders and links listed, images or not. Listing a million names takes seconds and some
# hundred megabytes: acceptable on the user's own machine, not on a public page.
MOST_ENTRIES = 1_000_000
MOST_ENTRIES_OF_STRANGERS = 200_000
# People nest folders three or four deep; a generated tree could be endless.
MOST_DEPTH = 16
# Characters of a file's path inside its folder or archive; file systems allow 255 a part.
MOST_NAME = 1_024
# A zip's table of contents is read as a whole first; this fits the allowed number of entries with
# names of usual length. A tar's headers, long names included, are read one at a time.
MOST_ZIP_TABLE_BYTES = 128 * 2**20
MOST_ZIP_TABLE_BYTES_OF_STRANGERS = 32 * 2**20
MOST_TAR_HEADER_BYTES = 2**20
