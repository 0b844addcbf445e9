"""`Trainer`: takes steps, keeps all the state that they change, and brings it back bit for bit.

What a step does is in `step`, what it changes in `players`; when to log, save or go back is decided
in `loop`.
"""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from ganmodel.networks import NetworkSpec, gains_channels_last
from ganmodel.snapshots import TrainState
from ganmodel.training.devices import bf16_is_better, device_name, repeats
from ganmodel.training.passes import buffers_kept, sample_images
from ganmodel.training.players import Players
from ganmodel.training.states import (
    lay_channels_last,
    network_tensors,
    optimizer_state,
    restore_optimizer,
    under,
)
from ganmodel.training.step import d_step, g_step, train_step


class Trainer(Players):
    """The networks at play, trained step by step; arguments as for `Players`."""

    def step(self, measure: bool = False) -> None:
        """One step of training; `measure` as in `step.train_step`."""
        train_step(self, measure)

    def step_d(self) -> None:
        """One step of D alone, on the next images; it counts in no row."""
        self.set_rates()
        reals, labels = self.next_reals()
        with buffers_kept(self.G):
            fakes = self.draw(len(reals), labels, keep_graph=False)
        d_step(self, reals, fakes, labels)

    def step_g(self) -> None:
        """One step of G alone, with the classes of the images that D sees next."""
        self.set_rates()
        reals, labels = self.next_reals()
        with buffers_kept(self.D):
            g_step(self, reals, self.draw(len(reals), labels, keep_graph=True), labels)

    # --- what happens around steps -----------------------------------------------------------

    def settle(self) -> dict[str, Any]:
        """Decides what precision "auto" means on this machine, once for the run.

        Returns how this trainer computes: see `Snapshot.settled`.
        """
        if self.progress.precision == "auto":
            known = isinstance(self.spec, NetworkSpec)  # one's own were measured nowhere
            better = known and bf16_is_better(self.spec, self.device, self.config.edition)
            self.progress.precision = "bf16" if better else "float32"
        self._lay_out()
        return {
            "precision": self.progress.precision,
            "threads": torch.get_num_threads(),
            "device": device_name(self.device),
            "torch": torch.__version__,
            "repeats": repeats(self.device),
        }

    def _lay_out(self) -> None:
        """Channels last, where convolutions in bf16 gain by it; since edition 4, for its bits."""
        known = isinstance(self.spec, NetworkSpec) and gains_channels_last(self.spec)
        if known and self.progress.precision == "bf16" and self.config.edition >= 4:
            lay_channels_last(self.G, self.opt_g)
            lay_channels_last(self.D, self.opt_d)

    def set_knobs(self, knobs: Mapping[str, float]) -> None:
        """Changes settings while training; the names are `config.KNOBS`."""
        self.progress.knobs = {**self.progress.knobs, **knobs}
        self._apply_knobs()

    def _apply_knobs(self) -> None:
        self.live_config = dataclasses.replace(self.config, **self.progress.knobs)

    def take_row(self, *, ends: bool = True) -> dict[str, float | None]:
        """The averages since the last row; gradient norms and diversity of the last step.

        `picks` is how often D picked the real one of a pair, over all its steps. With `ends` False
        the sums are kept, so that the next row includes these steps.
        """
        row = self.row.take(self.progress.steps_in_row, ends=ends)
        if ends:
            self.progress.steps_in_row = 0
        return row

    def go_back(self, good: TrainState) -> None:
        """Returns to `good` with halved rates."""
        knobs = self.progress.knobs
        self.restore(good)
        self.progress.knobs = knobs  # a person's latest choice outlives the way back
        self.progress.rollbacks += 1
        self.progress.rate_scale /= 2
        self._apply_knobs()

    def samples(self, raw: bool = False) -> Tensor:
        """What averaged (or raw) G draws from the same noise, for a grid: uint8 `(N, C, S, S)`."""
        labels = torch.arange(len(self.sample_z)) % self.spec.classes if self.spec.classes else None
        return sample_images(self.G if raw else self.G_ema, self.sample_z, labels)

    def networks(self) -> dict[str, Tensor]:
        """Copies of all weights: `G_ema.*`, `G.*`, `D.*`."""
        return network_tensors({"G_ema": self.G_ema, "G": self.G, "D": self.D})

    def capture(self) -> TrainState:
        """A copy of everything that a later `restore` needs to go on bit for bit."""
        tensors = self.networks()
        for prefix, optimizer in (("opt_g", self.opt_g), ("opt_d", self.opt_d)):
            for name, tensor in optimizer_state(optimizer).items():
                tensors[f"{prefix}.{name}"] = tensor
        tensors["noise"] = self.noise.get_state()
        return TrainState(tensors | self.row.state(), copy.deepcopy(self.progress))

    def restore(self, state: TrainState) -> None:
        """Goes on from `state`, as if training had never been anywhere else."""
        self.load(state.tensors)
        restore_optimizer(self.opt_g, under(state.tensors, "opt_g"))
        restore_optimizer(self.opt_d, under(state.tensors, "opt_d"))
        self.noise.set_state(state.tensors["noise"])
        self.row.restore(state.tensors)
        self.progress = copy.deepcopy(state.progress)
        self._apply_knobs()
        self._lay_out()
