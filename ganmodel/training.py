"""The training loop: `train(config, images, ...)` yields a `Snapshot` whenever there is news.

It opens no file and knows no page: what is written where is `runs`' business. All that it decides
follows from the config and the number of images seen, never from the clock, so that one seed fixes
every number, and a run continued from a `TrainState` gives the same bits as one that never stopped.
"""

from __future__ import annotations

import copy
import dataclasses
import hashlib
import math
from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from ganmodel.config import RunConfig
from ganmodel.images import from_bytes, to_bytes
from ganmodel.latents import noise
from ganmodel.moments import crosses, history_moment, sample_moment
from ganmodel.networks import NetworkSpec, build_pair
from ganmodel.objectives import OBJECTIVES, r1_penalty
from ganmodel.snapshots import (
    Controls,
    Snapshot,
    StopTraining,
    TrainingFailedError,
    TrainState,
)

# What one row of the curves averages over its steps, in this order.
AVERAGED = ("loss_d", "loss_g", "d_real", "d_fake")


def train(
    config: RunConfig,
    images: Tensor,
    *,
    state: TrainState | None = None,
    controls: Controls | None = None,
) -> Iterator[Snapshot]:
    """Trains G against D until `config.images` real images have been shown to D.

    Args:
        images: uint8 `(N, C, 28, 28)`, all of the data; each is seen once before any is again.
        state: from an earlier `Snapshot.state` of the same config; training goes on from there.
        controls: see `snapshots.Controls`.

    Yields:
        Snapshots in the order of images seen, the first before the first step of a fresh run. After
        a step with a non-finite result, training goes back once to the last good state with its
        rates halved and says so in `rolled_back`; rows after that moment are void.

    Raises:
        TrainingFailedError: a non-finite result again after going back.
    """
    pair = _Pair(config, images)
    if state is not None:
        pair.restore(state)
    else:
        yield pair.snapshot(samples=True, weights=True, keep_weights=True)
    last_good = state or pair.capture()
    controls = controls or (lambda images_seen: None)
    # Whole rows, so that what is saved lies where the curves have a point.
    save_every = config.log_every * max(1, round(config.save_every / config.log_every))

    while pair.images_seen < config.images:
        try:
            changed = dict(controls(pair.images_seen) or {})
        except StopTraining:
            # Weights that broke since the last row are not worth keeping; the last good ones stay.
            sound = _unsound(pair) is None
            state = pair.capture() if sound else None
            yield pair.snapshot(samples=sound, weights=sound, state=state, ended="stopped")
            return
        if changed:
            pair.turn(changed)
            yield Snapshot(pair.images_seen, changed=changed)

        before = pair.images_seen
        after = before + pair.images_per_step
        last = after >= config.images  # a row however short: no run may finish with broken weights
        row_due = last or crosses(before, after, config.log_every)
        save_due = crosses(before, after, save_every)
        pair.step(measure=row_due)
        if not row_due:
            continue

        row = pair.take_row()
        trouble = _trouble(row, pair if save_due or last else None)
        if trouble:
            yield pair.go_back(last_good, trouble)
            last_good = pair.capture()
            continue
        moment = history_moment(before, pair.images_seen, config.log_every)
        if save_due:
            last_good = pair.capture()
        yield pair.snapshot(
            row=row,
            samples=sample_moment(before, pair.images_seen, config.log_every),
            weights=save_due or moment,
            keep_weights=moment,
            state=last_good if save_due else None,
        )

    yield pair.snapshot(
        samples=True, weights=True, keep_weights=True, state=pair.capture(), ended="finished"
    )


def sample_images(G: nn.Module, z: Tensor) -> Tensor:
    """What G draws from `z (N, z_dim)` in evaluation mode: uint8 `(N, C, H, W)`."""
    was_training = G.training
    G.eval()
    with torch.no_grad():
        pictures = to_bytes(G(z))
    G.train(was_training)
    return pictures


class _Pair:
    """G, D, averaged G, their optimizers and their place in the data: what a step changes."""

    def __init__(self, config: RunConfig, images: Tensor) -> None:
        self.config = config
        self.settings = config  # the config with the knobs as they are now
        self.images = images
        self.objective = OBJECTIVES[config.objective]
        self.spec = NetworkSpec.of(config, channels=images.shape[1])
        self.G, self.D = build_pair(self.spec, _stream(config.seed, "weights"))
        self.G_ema = copy.deepcopy(self.G).eval().requires_grad_(False)
        self.opt_g = _optimizer(self.G, config, config.lr_g)
        self.opt_d = _optimizer(self.D, config, config.lr_d)
        # A stream of its own for the training noise: looking at samples never moves it.
        self.noise = torch.Generator().manual_seed(_stream(config.seed, "noise"))
        self.sample_z = noise(range(config.sample_count), config.z_dim)
        self.sums = torch.zeros(len(AVERAGED))
        self.grad_norms: dict[str, Tensor] = {}
        self.epoch, self.order = -1, torch.empty(0, dtype=torch.long)
        self.facts: dict[str, Any] = {
            "images_seen": 0,
            "d_steps": 0,
            "steps_in_row": 0,
            "knobs": {},
            "rate_scale": 1.0,
            "rollbacks": 0,
        }

    @property
    def images_seen(self) -> int:
        return self.facts["images_seen"]

    @property
    def images_per_step(self) -> int:
        return self.settings.batch_size * self.settings.n_critic

    # --- one training step -------------------------------------------------------------------

    def step(self, measure: bool) -> None:
        """`n_critic` steps of D, then one of G; `measure` also notes the gradients' norms."""
        for _ in range(self.settings.n_critic):
            z = torch.randn(self.settings.batch_size, self.settings.z_dim, generator=self.noise)
            fakes = self.G(z)  # kept with its graph: G's step goes back through the same pictures
            loss_d, d_real, d_fake = self._d_step(from_bytes(self._next_reals()), fakes.detach())
        if measure:
            self.grad_norms["grad_d"] = _grad_norm(self.D)

        self.D.requires_grad_(False)  # G's step passes through D and leaves no gradient in it
        loss_g = self.objective.g_loss(self.D(fakes))
        self.opt_g.zero_grad(set_to_none=True)
        loss_g.backward()
        self.D.requires_grad_(True)
        if measure:
            self.grad_norms["grad_g"] = _grad_norm(self.G)
        self.opt_g.step()
        self._average()
        # Summed as tensors: reading each number at every step would stall an accelerator.
        self.sums += torch.stack([loss_d, loss_g.detach(), d_real, d_fake])
        self.facts["steps_in_row"] += 1

    def _d_step(self, reals: Tensor, fakes: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """One step of D. Its loss, and its mean belief in reals and in fakes, from 0 to 1."""
        # One pass over both halves is faster, and exact because D has no batch statistics.
        real_logits, fake_logits = self.D(torch.cat([reals, fakes])).chunk(2)
        loss = self.objective.d_loss(real_logits, fake_logits)
        total = loss
        gamma, every = self.settings.r1_gamma, self.settings.r1_every
        if gamma > 0 and self.facts["d_steps"] % every == 0:
            # Lazy regularisation: rarer but stronger by as much. Karras et al. 2020, appendix B.
            total = loss + gamma * every * r1_penalty(self.D, reals)
        self.opt_d.zero_grad(set_to_none=True)
        total.backward()
        self.opt_d.step()
        self.facts["d_steps"] += 1
        self.facts["images_seen"] += len(reals)
        with torch.no_grad():
            return loss.detach(), real_logits.sigmoid().mean(), fake_logits.sigmoid().mean()

    def _next_reals(self) -> Tensor:
        """The next batch, uint8. Epochs follow each other without a gap, so none is ragged."""
        count, position = len(self.images), self.facts["images_seen"]
        wanted, indices = self.settings.batch_size, []
        while wanted:
            epoch, start = divmod(position, count)
            if epoch != self.epoch:  # an epoch's order follows from seed and epoch alone
                stream = _stream(self.config.seed, f"order of epoch {epoch}")
                shuffle = torch.Generator().manual_seed(stream)
                self.epoch, self.order = epoch, torch.randperm(count, generator=shuffle)
            taken = self.order[start : start + wanted]
            indices.append(taken)
            position, wanted = position + len(taken), wanted - len(taken)
        return self.images[torch.cat(indices)]

    def _average(self) -> None:
        """Moves averaged G towards G, BatchNorm's statistics included.

        The half-life warms up with the images seen (a tenth of them at the most), so that the
        untrained start is soon forgotten. Karras et al. 2020, StyleGAN2's training loop.
        """
        half_life = min(self.config.ema_half_life, self.images_seen / 10)
        decay = 0.5 ** (self.images_per_step / half_life) if half_life > 0 else 0.0
        averaged, current = self.G_ema.state_dict(), self.G.state_dict()
        for name, tensor in current.items():
            if tensor.is_floating_point():
                averaged[name].lerp_(tensor, 1 - decay)
            else:  # BatchNorm's count of batches
                averaged[name].copy_(tensor)

    # --- what happens around steps -----------------------------------------------------------

    def turn(self, knobs: Mapping[str, float]) -> None:
        """Changes settings while training; the names are `config.KNOBS`."""
        self.facts["knobs"] = {**self.facts["knobs"], **knobs}
        self._apply_knobs()

    def _apply_knobs(self) -> None:
        self.settings = dataclasses.replace(self.config, **self.facts["knobs"])
        for optimizer, rate in ((self.opt_g, self.settings.lr_g), (self.opt_d, self.settings.lr_d)):
            for group in optimizer.param_groups:
                group["lr"] = rate * self.facts["rate_scale"]

    def take_row(self) -> dict[str, float]:
        """The averages since the last row, and the last step's gradient norms."""
        means = (self.sums / self.facts["steps_in_row"]).tolist()
        self.sums.zero_()
        self.facts["steps_in_row"] = 0
        row = dict(zip(AVERAGED, means, strict=True))
        return row | {name: norm.item() for name, norm in self.grad_norms.items()}

    def go_back(self, good: TrainState, trouble: str) -> Snapshot:
        """Returns to `good` with halved rates; the second time, training has failed."""
        seen = self.images_seen
        if good.facts["rollbacks"]:
            raise TrainingFailedError(
                f"{trouble} at {seen:,} images, again after its rates were halved: this recipe "
                "diverges. Lower the learning rates or choose another recipe."
            )
        knobs = self.facts["knobs"]
        self.restore(good)
        self.facts["knobs"] = knobs  # a person's latest choice outlives the way back
        self.facts["rollbacks"] += 1
        self.facts["rate_scale"] /= 2
        self._apply_knobs()
        return Snapshot(
            self.images_seen,
            rolled_back=f"{trouble} at {seen:,} images, so training went back to "
            f"{self.images_seen:,} images and goes on with halved rates.",
        )

    def snapshot(self, samples: bool = False, weights: bool = False, **parts: Any) -> Snapshot:
        return Snapshot(
            self.images_seen,
            samples=sample_images(self.G_ema, self.sample_z) if samples else None,
            weights=self._networks() if weights else None,
            **parts,
        )

    def _networks(self) -> dict[str, Tensor]:
        named = {"G_ema": self.G_ema, "G": self.G, "D": self.D}
        return {
            f"{prefix}.{name}": tensor.detach().clone()
            for prefix, network in named.items()
            for name, tensor in network.state_dict().items()
        }

    def capture(self) -> TrainState:
        """A copy of everything that a later `restore` needs to go on bit for bit."""
        tensors = self._networks()
        for prefix, optimizer in (("opt_g", self.opt_g), ("opt_d", self.opt_d)):
            for index, entries in optimizer.state_dict()["state"].items():
                for name, value in entries.items():
                    if value is not None:  # SGD without momentum has an empty buffer
                        tensors[f"{prefix}.{index}.{name}"] = value.detach().clone()
        tensors["noise"] = self.noise.get_state()
        tensors["sums"] = self.sums.clone()
        return TrainState(tensors, copy.deepcopy(self.facts))

    def restore(self, state: TrainState) -> None:
        for prefix, network in (("G_ema", self.G_ema), ("G", self.G), ("D", self.D)):
            network.load_state_dict(_under(state.tensors, prefix))
        for prefix, optimizer in (("opt_g", self.opt_g), ("opt_d", self.opt_d)):
            entries: dict[int, dict[str, Tensor]] = {}
            for key, value in _under(state.tensors, prefix).items():
                index, name = key.split(".", 1)
                entries.setdefault(int(index), {})[name] = value.clone()
            optimizer.load_state_dict({**optimizer.state_dict(), "state": entries})
        self.noise.set_state(state.tensors["noise"])
        self.sums = state.tensors["sums"].clone()
        self.facts = copy.deepcopy(state.facts)
        self._apply_knobs()


def _stream(seed: int, purpose: str) -> int:
    """A seed for one purpose; equal ones would tie weights, noise and order together."""
    return int.from_bytes(hashlib.blake2b(f"{purpose}/{seed}".encode(), digest_size=8).digest())


def _optimizer(network: nn.Module, config: RunConfig, rate: float) -> torch.optim.Optimizer:
    if config.optimizer == "sgd":
        return torch.optim.SGD(network.parameters(), lr=rate, momentum=config.momentum, fused=True)
    betas = (config.beta1, config.beta2)
    return torch.optim.Adam(network.parameters(), lr=rate, betas=betas, fused=True)


def _under(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    start = prefix + "."
    return {name[len(start) :]: t for name, t in tensors.items() if name.startswith(start)}


def _grad_norm(network: nn.Module) -> Tensor:
    """The Euclidean norm of all of a network's gradients together."""
    return torch.nn.utils.get_total_norm([p.grad for p in network.parameters()])


def _trouble(row: Mapping[str, float], pair: _Pair | None) -> str | None:
    """What is not finite, as the start of a sentence. A pair's weights are looked at too."""
    for name in ("loss_d", "loss_g", "grad_d", "grad_g"):
        if not math.isfinite(row[name]):
            return f"{name} became {row[name]}"
    return _unsound(pair) if pair is not None else None


def _unsound(pair: _Pair) -> str | None:
    for label, network in (("G", pair.G), ("D", pair.D), ("averaged G", pair.G_ema)):
        if not all(tensor.isfinite().all() for tensor in network.state_dict().values()):
            return f"a weight of {label} became infinite or not a number"
    return None
