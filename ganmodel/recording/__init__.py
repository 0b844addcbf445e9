"""What the trainer's process does with a run's folder; the page never imports it.

`recorder` holds the run's lock and leads from a run's beginning to its end; `status` writes how it
is going, `request_handler` carries out the requests that `request_queue` reads; `artifacts` writes,
finds again and removes what belongs to a moment: rows, samples, weights, checkpoints, evaluations.
`clock` measures the training's speed, `report` says what steps by hand changed. What readers of the
folder need is in `runs`.
"""

from ganmodel.recording.recorder import NotWritableError, Recorder

__all__ = ["NotWritableError", "Recorder"]
