"""Named data sets and users' own images, each loaded as one uint8 tensor in memory.

`loading` is the entry point.

Named data sets: `sets` lists them, `torchvision_sets` reads them, `shipped` unpacks the bundled
MNIST, `stacked` builds Stacked MNIST from it, `downloads` fetches missing files.

Own images: `own_images` builds a data set. `folders`, `archives` and `received` (uploads) list and
read the files, `pictures` decodes them, `fits` makes them squares, `selections` holds which of them
were left out by hand, `classes` derives labels from folder names, `thinning`
samples large collections, `member_names` decodes archive member names. `limits` and `budget` bound
the cost, `formats` lists the supported formats, `readings` holds what depends on trust and edition,
`refusals` reports skipped files.
"""

from ganmodel.data.archives import SUFFIXES as ARCHIVES
from ganmodel.data.archives import is_archive
from ganmodel.data.budget import Budget, BudgetError
from ganmodel.data.classes import class_folders
from ganmodel.data.fits import FITS
from ganmodel.data.formats import VETTED, endings, formats, named
from ganmodel.data.limits import LEAST_IMAGES
from ganmodel.data.loading import check_size, load_data, missing_reason
from ganmodel.data.own_images import copies, in_every_fit, note_on_copies
from ganmodel.data.pictures import RefusedPictureError, read_picture
from ganmodel.data.readings import Known
from ganmodel.data.received import (
    holds_archive,
    is_received,
    keep_received,
    stamp,
    title_of,
)
from ganmodel.data.refusals import shown
from ganmodel.data.selections import (
    copies_in,
    copy_for_run,
    copy_of,
    digest,
    leave_out,
    left_out_today,
)
from ganmodel.data.sets import DATASETS, DataSet, cache_folder, data_folder
from ganmodel.data.tensors import Data, DataError, check_tensors, fingerprint

__all__ = [
    "ARCHIVES",
    "DATASETS",
    "FITS",
    "LEAST_IMAGES",
    "VETTED",
    "Budget",
    "BudgetError",
    "Data",
    "DataError",
    "DataSet",
    "Known",
    "RefusedPictureError",
    "cache_folder",
    "check_size",
    "check_tensors",
    "class_folders",
    "copies",
    "copies_in",
    "copy_for_run",
    "copy_of",
    "data_folder",
    "digest",
    "endings",
    "fingerprint",
    "formats",
    "holds_archive",
    "in_every_fit",
    "is_archive",
    "is_received",
    "keep_received",
    "leave_out",
    "left_out_today",
    "load_data",
    "missing_reason",
    "named",
    "note_on_copies",
    "read_picture",
    "shown",
    "stamp",
    "title_of",
]
