"""Data sets by name and images of one's own, each as one uint8 tensor in memory.

`loading` is the door. Named sets: `sets` lists them, `torchvision_sets` reads them, `shipped`
unpacks the MNIST that comes along, `stacked` makes triples of it, `downloads` fetches what is not
here. Own images: `own_images` makes a data set of what `folders` and `archives` find, or `received`
keeps (whose names `member_names` makes readable, and of too many `thinning` picks some) and
`pictures` decodes, in `classes` where there are any, within `limits` and a `budget`. `formats`
lists what can be decoded, `readings` what differs for whom and in which edition; `refusals` says
what was left out.
"""

from ganmodel.data.archives import SUFFIXES as ARCHIVES
from ganmodel.data.archives import is_archive
from ganmodel.data.budget import Budget, BudgetError
from ganmodel.data.formats import VETTED, endings, formats, named
from ganmodel.data.limits import LEAST_IMAGES
from ganmodel.data.loading import load_data, missing_reason
from ganmodel.data.pictures import RefusedPictureError, read_picture
from ganmodel.data.readings import Known
from ganmodel.data.received import (
    holds_archive,
    is_received,
    keep_received,
    title_of,
)
from ganmodel.data.refusals import shown
from ganmodel.data.sets import DATASETS, cache_folder, data_folder
from ganmodel.data.tensors import Data, DataError, fingerprint

__all__ = [
    "ARCHIVES",
    "DATASETS",
    "LEAST_IMAGES",
    "VETTED",
    "Budget",
    "BudgetError",
    "Data",
    "DataError",
    "Known",
    "RefusedPictureError",
    "cache_folder",
    "data_folder",
    "endings",
    "fingerprint",
    "formats",
    "holds_archive",
    "is_archive",
    "is_received",
    "keep_received",
    "load_data",
    "missing_reason",
    "named",
    "read_picture",
    "shown",
    "title_of",
]
