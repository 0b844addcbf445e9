"""Named data sets, each as one uint8 tensor in memory.

`load_data` is the door; `sets` knows which data sets there are and how to read them, `shipped`
unpacks the MNIST that comes with the package.
"""

from ganmodel.data.sets import DATASETS, Data, DataError, cache_folder, load_data, missing_reason

__all__ = ["DATASETS", "Data", "DataError", "cache_folder", "load_data", "missing_reason"]
