"""Training: `train(config, data, ...)` yields a `Snapshot` whenever there is something new.

It opens no file and knows no page: snapshots are written by `recording`. All that it decides
follows from the config and the number of images seen, never from the clock, so that one seed fixes
every number, and a run continued from a `TrainState` gives the same bits as one that never stopped.
`step` is one step, on one screen; `players` holds what it changes, and `trainer` keeps that and
brings it back. `loop` decides what happens when, `manual_steps` are those that a person takes,
`shuffle` is the order of the data, `devices` where and how precisely it is computed.
"""

from ganmodel.training.devices import DeviceError, pick_device
from ganmodel.training.loop import train
from ganmodel.training.passes import sample_images
from ganmodel.training.trainer import Trainer

__all__ = ["DeviceError", "Trainer", "pick_device", "sample_images", "train"]
