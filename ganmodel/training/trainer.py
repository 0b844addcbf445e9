"""One training step, and everything that it changes: G, D, their optimizers, their place in the
data.

When to log, save or go back is decided in `loop`.
"""

from __future__ import annotations

import contextlib
import copy
import dataclasses
import math
from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from ganmodel.augment import augment
from ganmodel.config import RunConfig, grid_layout
from ganmodel.data import Data
from ganmodel.images import from_bytes, to_bytes
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
from ganmodel.training.averaging import AveragedG
from ganmodel.training.devices import bf16_is_better, device_name, repeats
from ganmodel.training.optimizers import optimizer_of
from ganmodel.training.rows import diversity, grad_norm, mean, note
from ganmodel.training.shuffle import Shuffle, stream

# What one row of the curves averages over its steps, in this order. D's mean belief in reals and
# in fakes, from 0 to 1; where D's logits have no absolute meaning, how often it prefers the real.
AVERAGED = ("loss_d", "loss_g", "d_real", "d_fake")


class Trainer:
    """G, D and averaged G with all that their next step depends on.

    Args:
        config: the run's settings.
        data: what is learned from; all of it is kept on `device`.
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
        self.averaged = AveragedG(
            self.G,
            own_statistics=config.edition >= 2 and config.ema_half_life > 0,
            labels=self.labels,
        )
        if start is not None:
            self._load(start)
        self.opt_g = optimizer_of(self.G, config, config.lr_g)
        self.opt_d = optimizer_of(self.D, config, config.lr_d)
        # A stream of its own for the training noise: looking at samples never moves it. Drawn on
        # the processor, so that every device gets the same numbers.
        self.noise = torch.Generator().manual_seed(stream(config.seed, "noise"))
        self.shuffle = Shuffle(len(data.images), config.seed)
        self.sample_z = noise(range(grid_layout(config, self.spec.classes).count), config.z_dim)
        self.sums = torch.zeros(len(AVERAGED), device=self.device)
        # A sum, and how many were added: not every step of a row has one.
        self.penalties = torch.zeros(2, device=self.device)
        self.picks = torch.zeros(2, device=self.device)
        self.measured: dict[str, Tensor] = {}  # of the last step that was asked to
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
        """`n_critic` steps of D, then `g_steps` of G; `measure` notes what a row says of one step.

        G's loss is the mean over its steps, its gradient norm and the diversity are of the last.
        """
        self._set_rates()
        for critic_step in reversed(range(self.live_config.n_critic)):
            reals, labels = self._next_reals()
            # The last fakes are kept with their graph: G's step goes back through them.
            fakes = self._draw_fakes(len(reals), labels, keep_graph=critic_step == 0)
            loss_d, d_real, d_fake, picks = self._d_step(reals, fakes.detach(), labels)
            note(self.picks, picks)
        if measure:
            self.measured = {"grad_d": grad_norm(self.D)}
        losses_g = []
        for left in reversed(range(self.live_config.g_steps)):
            if losses_g:  # noise of its own for each
                fakes = self._draw_fakes(len(reals), labels, keep_graph=True)
            losses_g.append(self._g_step(reals, fakes, labels, measure and left == 0))
        loss_g = torch.stack(losses_g).mean()
        if measure:
            self.measured["diversity"] = diversity(fakes.detach(), reals)
        # Summed as tensors: reading each number at every step would stall an accelerator.
        self.sums += torch.stack([loss_d, loss_g, d_real, d_fake])
        self.facts["steps_in_row"] += 1

    def step_d(self) -> None:
        """One step of D alone, on the next images; no row tells of it."""
        self._set_rates()
        reals, labels = self._next_reals()
        with _statistics_kept(self.G):
            fakes = self._draw_fakes(len(reals), labels, keep_graph=False)
        self._d_step(reals, fakes, labels)

    def step_g(self) -> None:
        """One step of G alone; the images that D sees next lend it their classes."""
        self._set_rates()
        reals, labels = self._next_reals()
        with _statistics_kept(self.D):
            self._g_step(reals, self._draw_fakes(len(reals), labels, keep_graph=True), labels)

    def _draw_fakes(self, count: int, labels: Tensor | None, *, keep_graph: bool) -> Tensor:
        """G's pictures from the next noise `(count, C, S, S)`.

        They have the classes of the reals, so that these are as frequent among both.
        """
        z = torch.randn(count, self.live_config.z_dim, generator=self.noise)
        with torch.set_grad_enabled(keep_graph), self._autocast():
            return self.G(z.to(self.device), labels).float()

    def _g_step(
        self, reals: Tensor, fakes: Tensor, labels: Tensor | None, measure: bool = False
    ) -> Tensor:
        """One step of G through `fakes`, which hold their graph, and of averaged G; its loss."""
        self.D.requires_grad_(False)  # G's step passes through D and leaves no gradient in it
        loss = self._g_loss(reals, fakes, labels)
        self.opt_g.zero_grad(set_to_none=True)
        loss.backward()
        self.D.requires_grad_(True)
        if measure:
            self.measured["grad_g"] = grad_norm(self.G)
        self.opt_g.step()
        self._average()
        return loss.detach()

    def _d_step(
        self, reals: Tensor, fakes: Tensor, labels: Tensor | None
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """One step of D. Its loss, its mean belief in reals and in fakes, and how often it picks
        the real one of a pair.
        """
        config = self.live_config
        reals, fakes = self._changed(reals), self._changed(fakes)
        both = torch.cat([reals, fakes])
        slopes_due = (config.r1_gamma > 0 or config.r2_gamma > 0) and (
            self.facts["d_steps"] % config.r1_every == 0
        )
        both.requires_grad_(slopes_due)
        with self._autocast(exact=slopes_due):
            logits = self._judge_both(both, labels)
        real_logits, fake_logits = logits.chunk(2)
        loss = self.objective.d_loss(real_logits, fake_logits)
        total = loss
        if slopes_due:
            # Rarer but stronger by as much, where it is lazy. Karras et al. 2020, appendix B.
            total = total + config.r1_every * self._slope_penalty(logits, both)
        if config.objective == "wgan-gp":
            shares = torch.rand(len(reals), generator=self.noise).to(self.device)
            penalty = gradient_penalty(lambda x: self.D(x, labels), reals, fakes, shares)
            note(self.penalties, penalty)
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

    def _judge_both(self, both: Tensor, labels: Tensor | None) -> Tensor:
        """D's logits of reals and fakes, `(2 N, 1)`; the labels are those of each half."""
        if self.config.norm_d == "batch":  # each half by its own statistics. Radford et al. 2016
            return torch.cat([self.D(half, labels).float() for half in both.chunk(2)])
        # One pass over both is faster, and exact without batch statistics.
        return self.D(both, None if labels is None else torch.cat([labels, labels])).float()

    def _slope_penalty(self, logits: Tensor, both: Tensor) -> Tensor:
        """`gamma_1 R1 + gamma_2 R2`, from logits that D's loss has computed anyway."""
        total = torch.zeros((), device=self.device)
        gammas = (self.live_config.r1_gamma, self.live_config.r2_gamma)
        for gamma, slopes in zip(gammas, squared_grad_norm(logits, both).chunk(2), strict=True):
            if gamma > 0:
                penalty = zero_centred_penalty(slopes)
                note(self.penalties, penalty)
                total = total + gamma * penalty
        return total

    def _g_loss(self, reals: Tensor, fakes: Tensor, labels: Tensor | None) -> Tensor:
        real_logits = None
        with self._autocast():
            fake_logits = self.D(self._changed(fakes), labels).float()
            if self.objective.relativistic:
                with torch.no_grad():
                    real_logits = self.D(self._changed(reals), labels).float()
        return self.objective.g_loss(fake_logits, real_logits)

    def _changed(self, images: Tensor) -> Tensor:
        return augment(images, self.config.augment, self.noise)

    def _autocast(self, exact: bool = False) -> torch.autocast:
        """bf16 where that was chosen; never for a penalty's second derivative."""
        bf16 = self.facts["precision"] == "bf16" and not exact
        return torch.autocast(self.device.type, torch.bfloat16, enabled=bf16)

    def _next_reals(self) -> tuple[Tensor, Tensor | None]:
        """The next batch as floats, and its labels where the pair is conditional."""
        indices = self.shuffle.take(self.images_seen, self.live_config.batch_size).to(self.device)
        labels = None if self.labels is None else self.labels[indices]
        return from_bytes(self.images[indices]), labels

    def _average(self) -> None:
        """Moves averaged G towards G, after one of the `g_steps` that share a step's images.

        The half-life warms up with the images seen (a tenth of them at the most), so that the
        untrained start is soon forgotten; a run that starts from trained networks has none to
        forget. Karras et al. 2020, StyleGAN2's training loop.
        """
        half_life = float(self.config.ema_half_life)
        if not self.config.start_from:
            half_life = min(half_life, self.images_seen / 10)
        images = self.images_per_step / self.live_config.g_steps
        decay = 0.5 ** (images / half_life) if half_life > 0 else 0.0
        self.averaged.follow(self.G, decay)

    def _set_rates(self) -> None:
        """Both optimizers' rates as they are at this moment; they fall as in Karras et al. 2024."""
        hold = self.config.lr_hold
        falling = math.sqrt(hold / max(hold, self.images_seen)) if hold else 1.0
        for optimizer, rate in (
            (self.opt_g, self.live_config.lr_g),
            (self.opt_d, self.live_config.lr_d),
        ):
            for group in optimizer.param_groups:
                group["lr"] = rate * self.facts["rate_scale"] * falling

    # --- what happens around steps -----------------------------------------------------------

    def settle(self) -> dict[str, Any]:
        """Decides what "auto" means here; kept with the run, so that it stays decided.

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
        """The averages since the last row; the last step's gradient norms and diversity.

        `picks` is how often D picked the real one of a pair, over all its steps. With `ends` False
        the row goes on: the next one averages over its steps, too.
        """
        means = (self.sums / self.facts["steps_in_row"]).tolist()
        row = dict(zip(AVERAGED, means, strict=True))
        row |= {"picks": mean(self.picks), "penalty": mean(self.penalties)}
        if ends:
            for sums in (self.sums, self.picks, self.penalties):
                sums.zero_()
            self.facts["steps_in_row"] = 0
        return row | {name: value.item() for name, value in self.measured.items()}

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
        named = {"G_ema": self.G_ema, "G": self.G, "D": self.D}
        return {
            f"{prefix}.{name}": _copied(tensor)
            for prefix, network in named.items()
            for name, tensor in network.state_dict().items()
        }

    def capture(self) -> TrainState:
        """A copy of everything that a later `restore` needs to go on bit for bit."""
        tensors = self.networks()
        for prefix, optimizer in (("opt_g", self.opt_g), ("opt_d", self.opt_d)):
            for index, entries in optimizer.state_dict()["state"].items():
                for name, value in entries.items():
                    if value is not None:  # SGD without momentum has an empty buffer
                        tensors[f"{prefix}.{index}.{name}"] = _copied(value)
        tensors["noise"] = self.noise.get_state()
        tensors["sums"] = _copied(self.sums)
        tensors["penalties"] = _copied(self.penalties)
        tensors["picks"] = _copied(self.picks)
        return TrainState(tensors, copy.deepcopy(self.facts))

    def restore(self, state: TrainState) -> None:
        self._load(state.tensors)
        for prefix, optimizer in (("opt_g", self.opt_g), ("opt_d", self.opt_d)):
            entries: dict[int, dict[str, Tensor]] = {}
            for key, value in _under(state.tensors, prefix).items():
                index, name = key.split(".", 1)
                entries.setdefault(int(index), {})[name] = value.clone()
            optimizer.load_state_dict({**optimizer.state_dict(), "state": entries})
        self.noise.set_state(state.tensors["noise"])
        self.sums = torch.zeros(len(AVERAGED), device=self.device)
        known = state.tensors["sums"]  # shorter, where an earlier edition averaged less
        self.sums[: len(known)] = known.to(self.device)
        self.penalties = state.tensors["penalties"].to(self.device, copy=True)
        none = torch.zeros(2)  # the row so far was trained by a version that did not count them
        self.picks = state.tensors.get("picks", none).to(self.device, copy=True)
        self.facts = copy.deepcopy(state.facts)
        self._apply_knobs()

    def _load(self, tensors: Mapping[str, Tensor]) -> None:
        """Raw G begins as averaged G where a file, made small to ship, holds no other."""
        averaged = _under(tensors, "G_ema")
        self.averaged.load(averaged)
        self.G.load_state_dict(_under(tensors, "G") or averaged)
        self.D.load_state_dict(_under(tensors, "D"))


def sample_images(G: nn.Module, z: Tensor, labels: Tensor | None = None) -> Tensor:
    """What G draws from `z (N, z_dim)` in evaluation mode: uint8 `(N, C, S, S)`."""
    was_training = G.training
    device = next(G.parameters()).device
    G.eval()
    with torch.no_grad():
        pictures = to_bytes(G(z.to(device), None if labels is None else labels.to(device)))
    G.train(was_training)
    return pictures.cpu()


@contextlib.contextmanager
def _statistics_kept(network: nn.Module) -> Iterator[None]:
    """What a network notes of a pass (BatchNorm's statistics, spectral norm's vectors) is undone.

    A side that does not learn stays exactly as it is, and so do the pictures that it draws.
    """
    before = {name: buffer.clone() for name, buffer in network.named_buffers()}
    yield
    for name, buffer in network.named_buffers():
        buffer.copy_(before[name])


def _under(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    start = prefix + "."
    return {name[len(start) :]: t for name, t in tensors.items() if name.startswith(start)}


def _copied(tensor: Tensor) -> Tensor:
    return tensor.detach().to("cpu", copy=True)
