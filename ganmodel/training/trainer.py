"""`Trainer`: one training step, and all the state that it changes.

When to log, save or go back is decided in `loop`.
"""

from __future__ import annotations

import copy
import dataclasses
import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from ganmodel.augment import augment
from ganmodel.config import RunConfig, grid_layout
from ganmodel.data import Data
from ganmodel.images import from_bytes
from ganmodel.latents import noise
from ganmodel.networks import Generator, NetworkSpec, build_pair
from ganmodel.objectives import (
    OBJECTIVES,
    clip_weights,
    gradient_penalty,
    preference,
    squared_grad_norm,
    zero_centred_penalty,
)
from ganmodel.snapshots import TrainState
from ganmodel.training.averaging import AveragedG, warming_half_life
from ganmodel.training.devices import bf16_is_better, device_name, repeats
from ganmodel.training.optimizers import optimizer_of
from ganmodel.training.passes import buffers_kept, sample_images
from ganmodel.training.rows import RowSums, diversity, grad_norm, note
from ganmodel.training.shuffle import Shuffle, stream
from ganmodel.training.states import network_tensors, optimizer_state, restore_optimizer, under


class Trainer:
    """G, D and averaged G with all that their next step depends on.

    Args:
        config: the run's settings.
        data: the training data; all of it is kept on `device`.
        start: tensors `G_ema.*`, `G.*` and `D.*` of another run to begin with.
        device: where to compute. What leaves a Trainer is always on the processor.
    """

    def __init__(
        self,
        config: RunConfig,
        data: Data,
        *,
        start: Mapping[str, Tensor] | None = None,
        device: torch.device | None = None,
    ) -> None:
        self.config = config
        self.live_config = config  # the config with the knobs as they are now
        self.device = device or torch.device("cpu")
        self.images = data.images.to(self.device)
        self.labels = data.labels.to(self.device) if config.conditional else None
        self.objective = OBJECTIVES[config.objective]
        self.spec = NetworkSpec.of(
            config, data.images.shape[1], data.images.shape[2], len(data.classes)
        )
        G, D = build_pair(self.spec, stream(config.seed, "weights"))
        self.G, self.D = G.to(self.device), D.to(self.device)
        own = config.edition >= 2 and config.ema_half_life > 0
        self.averaged = AveragedG(self.G, own_statistics=own, labels=self.labels)
        if start is not None:
            self._load(start)
        self.opt_g = optimizer_of(self.G, config, config.lr_g)
        self.opt_d = optimizer_of(self.D, config, config.lr_d)
        # A generator for training alone, which drawing samples leaves untouched. On the processor,
        # so that every device gets the same numbers.
        self.noise = torch.Generator().manual_seed(stream(config.seed, "noise"))
        self.shuffle = Shuffle(len(data.images), config.seed)
        self.sample_z = noise(range(grid_layout(config, self.spec.classes).count), config.z_dim)
        self.row = RowSums(self.device)
        self.facts: dict[str, Any] = {
            "images_seen": 0,
            "d_steps": 0,
            "steps_in_row": 0,
            "knobs": {},
            "rate_scale": 1.0,
            "rollbacks": 0,
            "precision": config.precision,
        }

    @property
    def images_seen(self) -> int:
        return self.facts["images_seen"]

    @property
    def images_per_step(self) -> int:
        return self.live_config.batch_size * self.live_config.n_critic

    @property
    def G_ema(self) -> Generator:  # noqa: N802
        """Averaged G, ready to draw."""
        return self.averaged.network

    # --- one training step -------------------------------------------------------------------

    def step(self, measure: bool = False) -> None:
        """`n_critic` steps of D, then `g_steps` of G.

        `measure`: gradient norms and diversity, of the last step of each, are kept for the row.
        """
        self._set_rates()
        for critic_step in reversed(range(self.live_config.n_critic)):
            reals, labels = self._next_reals()
            # The last fakes keep their graph, since G's step backpropagates through them.
            fakes = self._draw_fakes(len(reals), labels, keep_graph=critic_step == 0)
            loss_d, d_real, d_fake, picks = self._d_step(reals, fakes.detach(), labels)
            note(self.row.picks, picks)
        if measure:
            self.row.measured = {"grad_d": grad_norm(self.D)}
        losses_g = []
        for left in reversed(range(self.live_config.g_steps)):
            if losses_g:  # the first step uses the fakes of D's last one
                fakes = self._draw_fakes(len(reals), labels, keep_graph=True)
            losses_g.append(self._g_step(reals, fakes, labels, measure and left == 0))
        loss_g = torch.stack(losses_g).mean()
        if measure:
            self.row.measured["diversity"] = diversity(fakes.detach(), reals)
        self.row.averaged += torch.stack([loss_d, loss_g, d_real, d_fake])
        self.facts["steps_in_row"] += 1

    def step_d(self) -> None:
        """One step of D alone, on the next images; it counts in no row."""
        self._set_rates()
        reals, labels = self._next_reals()
        with buffers_kept(self.G):
            fakes = self._draw_fakes(len(reals), labels, keep_graph=False)
        self._d_step(reals, fakes, labels)

    def step_g(self) -> None:
        """One step of G alone, with the classes of the images that D sees next."""
        self._set_rates()
        reals, labels = self._next_reals()
        with buffers_kept(self.D):
            self._g_step(reals, self._draw_fakes(len(reals), labels, keep_graph=True), labels)

    def _draw_fakes(self, count: int, labels: Tensor | None, *, keep_graph: bool) -> Tensor:
        """G's pictures `(count, C, S, S)` from the next noise, with the classes `labels`.

        These are the reals' own, so that each class is as frequent among fakes.
        """
        z = torch.randn(count, self.live_config.z_dim, generator=self.noise)
        with torch.set_grad_enabled(keep_graph), self._autocast():
            return self.G(z.to(self.device), labels).float()

    def _g_step(
        self, reals: Tensor, fakes: Tensor, labels: Tensor | None, measure: bool = False
    ) -> Tensor:
        """One step of G through `fakes` and their graph, then one of averaged G; G's loss."""
        self.D.requires_grad_(False)  # G's step leaves no gradient in D
        loss = self._g_loss(reals, fakes, labels)
        self.opt_g.zero_grad(set_to_none=True)
        loss.backward()
        self.D.requires_grad_(True)
        if measure:
            self.row.measured["grad_g"] = grad_norm(self.G)
        self.opt_g.step()
        self._average()
        return loss.detach()

    def _d_step(
        self, reals: Tensor, fakes: Tensor, labels: Tensor | None
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """One step of D; its loss, its mean belief in reals and in fakes, and how often it picks
        the real one of a pair.
        """
        config = self.live_config
        reals, fakes = self._augmented(reals), self._augmented(fakes)
        both = torch.cat([reals, fakes])
        penalty_due = (config.r1_gamma > 0 or config.r2_gamma > 0) and (
            self.facts["d_steps"] % config.r1_every == 0
        )
        both.requires_grad_(penalty_due)
        with self._autocast(exact=penalty_due):
            logits = self._logits_of_both(both, labels)
        real_logits, fake_logits = logits.chunk(2)
        loss = self.objective.d_loss(real_logits, fake_logits)
        total = loss
        if penalty_due:
            # Lazy regularisation: computed rarely, weighted by as much. Karras et al. 2020, app. B.
            total = total + config.r1_every * self._zero_centred(logits, both)
        if config.objective == "wgan-gp":
            shares = torch.rand(len(reals), generator=self.noise).to(self.device)
            penalty = gradient_penalty(lambda x: self.D(x, labels), reals, fakes, shares)
            note(self.row.penalties, penalty)
            total = total + config.gp_weight * penalty
        self.opt_d.zero_grad(set_to_none=True)
        total.backward()
        self.opt_d.step()
        if config.objective == "wgan":
            clip_weights(self.D.parameters(), config.clip)
        self.facts["d_steps"] += 1
        self.facts["images_seen"] += len(reals)
        with torch.no_grad():
            picks = preference(real_logits, fake_logits)
            if self.objective.belief is None:
                return loss.detach(), picks, 1 - picks, picks
            beliefs = (self.objective.belief(each).mean() for each in (real_logits, fake_logits))
            return loss.detach(), *beliefs, picks

    def _logits_of_both(self, both: Tensor, labels: Tensor | None) -> Tensor:
        """D's logits of reals and fakes, `(2 N, 1)`; the labels are those of each half."""
        if self.config.norm_d == "batch":  # each half by its own statistics. Radford et al. 2016
            return torch.cat([self.D(half, labels).float() for half in both.chunk(2)])
        # One pass over both is faster, and exact without batch statistics.
        return self.D(both, None if labels is None else torch.cat([labels, labels])).float()

    def _zero_centred(self, logits: Tensor, both: Tensor) -> Tensor:
        """`gamma_1 R1 + gamma_2 R2`, from the logits of D's loss."""
        total = torch.zeros((), device=self.device)
        gammas = (self.live_config.r1_gamma, self.live_config.r2_gamma)
        for gamma, norms in zip(gammas, squared_grad_norm(logits, both).chunk(2), strict=True):
            if gamma > 0:
                penalty = zero_centred_penalty(norms)
                note(self.row.penalties, penalty)
                total = total + gamma * penalty
        return total

    def _g_loss(self, reals: Tensor, fakes: Tensor, labels: Tensor | None) -> Tensor:
        real_logits = None
        with self._autocast():
            fake_logits = self.D(self._augmented(fakes), labels).float()
            if self.objective.relativistic:
                with torch.no_grad():
                    real_logits = self.D(self._augmented(reals), labels).float()
        return self.objective.g_loss(fake_logits, real_logits)

    def _augmented(self, images: Tensor) -> Tensor:
        return augment(images, self.config.augment, self.noise)

    def _autocast(self, exact: bool = False) -> torch.autocast:
        """bf16 where chosen, except for a penalty's second derivative (`exact`)."""
        bf16 = self.facts["precision"] == "bf16" and not exact
        return torch.autocast(self.device.type, torch.bfloat16, enabled=bf16)

    def _next_reals(self) -> tuple[Tensor, Tensor | None]:
        """The next batch as floats, and its labels where the networks are conditional."""
        indices = self.shuffle.take(self.images_seen, self.live_config.batch_size).to(self.device)
        labels = None if self.labels is None else self.labels[indices]
        return from_bytes(self.images[indices]), labels

    def _average(self) -> None:
        """Moves averaged G towards G, after one of the `g_steps` that share a step's images."""
        half_life = float(self.config.ema_half_life)
        if not self.config.start_from:  # trained networks have no start that is to be forgotten
            half_life = warming_half_life(half_life, self.images_seen)
        images = self.images_per_step / self.live_config.g_steps
        self.averaged.follow(self.G, 0.5 ** (images / half_life) if half_life > 0 else 0.0)

    def _set_rates(self) -> None:
        """Sets both learning rates for the images seen; they fall as in Karras et al. 2024."""
        hold = self.config.lr_hold
        falling = math.sqrt(hold / max(hold, self.images_seen)) if hold else 1.0
        rates = {self.opt_g: self.live_config.lr_g, self.opt_d: self.live_config.lr_d}
        for optimizer, rate in rates.items():
            for group in optimizer.param_groups:
                group["lr"] = rate * self.facts["rate_scale"] * falling

    # --- what happens around steps -----------------------------------------------------------

    def settle(self) -> dict[str, Any]:
        """Decides what precision "auto" means on this machine, once for the run.

        Returns how this trainer computes: see `Snapshot.settled`.
        """
        if self.facts["precision"] == "auto":
            better = bf16_is_better(self.spec, self.device)
            self.facts["precision"] = "bf16" if better else "float32"
        return {
            "precision": self.facts["precision"],
            "threads": torch.get_num_threads(),
            "device": device_name(self.device),
            "torch": torch.__version__,
            "repeats": repeats(self.device),
        }

    def set_knobs(self, knobs: Mapping[str, float]) -> None:
        """Changes settings while training; the names are `config.KNOBS`."""
        self.facts["knobs"] = {**self.facts["knobs"], **knobs}
        self._apply_knobs()

    def _apply_knobs(self) -> None:
        self.live_config = dataclasses.replace(self.config, **self.facts["knobs"])

    def take_row(self, *, ends: bool = True) -> dict[str, float | None]:
        """The averages since the last row; gradient norms and diversity of the last step.

        `picks` is how often D picked the real one of a pair, over all its steps. With `ends` False
        the sums are kept, so that the next row includes these steps.
        """
        row = self.row.take(self.facts["steps_in_row"], ends=ends)
        if ends:
            self.facts["steps_in_row"] = 0
        return row

    def go_back(self, good: TrainState) -> None:
        """Returns to `good` with halved rates."""
        knobs = self.facts["knobs"]
        self.restore(good)
        self.facts["knobs"] = knobs  # a person's latest choice outlives the way back
        self.facts["rollbacks"] += 1
        self.facts["rate_scale"] /= 2
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
        return TrainState(tensors | self.row.state(), copy.deepcopy(self.facts))

    def restore(self, state: TrainState) -> None:
        """Goes on from `state`, as if training had never been anywhere else."""
        self._load(state.tensors)
        restore_optimizer(self.opt_g, under(state.tensors, "opt_g"))
        restore_optimizer(self.opt_d, under(state.tensors, "opt_d"))
        self.noise.set_state(state.tensors["noise"])
        self.row.restore(state.tensors)
        self.facts = copy.deepcopy(state.facts)
        self._apply_knobs()

    def _load(self, tensors: Mapping[str, Tensor]) -> None:
        """Loads all networks; raw G from averaged G where a file to start from holds no other."""
        averaged = under(tensors, "G_ema")
        self.averaged.load(averaged)
        self.G.load_state_dict(under(tensors, "G") or averaged)
        self.D.load_state_dict(under(tensors, "D"))
