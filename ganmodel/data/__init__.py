"""Data sets by name and images of one's own, each as one uint8 tensor in memory.

`loading` is the door. Named sets: `sets` lists them, `torchvision_sets` reads them, `shipped`
unpacks the MNIST that comes along, `stacked` makes triples of it, `downloads` fetches what is not
here. Own images: `own_images` makes a data set of what `folders` and `archives` find and
`pictures` decodes, within `limits` and a `budget`; `refusals` says what was left out.
"""

from ganmodel.data.archives import SUFFIXES as ARCHIVES
from ganmodel.data.archives import is_archive
from ganmodel.data.budget import Budget, BudgetError
from ganmodel.data.limits import LEAST_IMAGES
from ganmodel.data.loading import load_data, missing_reason
from ganmodel.data.pictures import FORMATS, RefusedPictureError, read_picture
from ganmodel.data.refusals import shown
from ganmodel.data.sets import DATASETS, cache_folder, data_folder
from ganmodel.data.tensors import Data, DataError, fingerprint

__all__ = [
    "ARCHIVES",
    "DATASETS",
    "FORMATS",
    "LEAST_IMAGES",
    "Budget",
    "BudgetError",
    "Data",
    "DataError",
    "RefusedPictureError",
    "cache_folder",
    "data_folder",
    "fingerprint",
    "is_archive",
    "load_data",
    "missing_reason",
    "read_picture",
    "shown",
]
