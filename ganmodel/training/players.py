"""`Players`: G, D and averaged G, with all that their next step depends on.

What one step does with it is in `step`; `trainer` takes steps, keeps this state and brings it back.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from torch import Tensor, nn

from ganmodel.augment import augment
from ganmodel.config import RunConfig, grid_layout
from ganmodel.data import Data
from ganmodel.images import from_bytes
from ganmodel.latents import noise
from ganmodel.networks import (
    Generator,
    NetworkSpec,
    OwnNetwork,
    OwnSpec,
    build_pair,
    check_own,
)
from ganmodel.objectives import OBJECTIVES
from ganmodel.penalties import SHIFT
from ganmodel.snapshots import Progress
from ganmodel.training.averaging import AveragedG, warming_half_life
from ganmodel.training.optimizers import optimizer_of
from ganmodel.training.rows import RowSums
from ganmodel.training.shuffle import Shuffle, stream
from ganmodel.training.states import under


class Players:
    """The two networks at play, and averaged G.

    Args:
        config: the run's settings.
        data: the training data; all of it is kept on `device`.
        own: G and D of somebody's own, instead of those of the settings.
        start: tensors `G_ema.*`, `G.*` and `D.*` of another run to begin with.
        device: where to compute. What leaves a `Trainer` is always on the processor.
    """

    def __init__(
        self,
        config: RunConfig,
        data: Data,
        *,
        own: tuple[nn.Module, nn.Module] | None = None,
        start: Mapping[str, Tensor] | None = None,
        device: torch.device | None = None,
    ) -> None:
        self.config = config
        self.live_config = config  # the config with the knobs as they are now
        self.device = device or torch.device("cpu")
        self.images = data.images.to(self.device)
        self.labels = data.labels.to(self.device) if config.conditional else None
        self.objective = OBJECTIVES[config.objective]
        shape = data.images.shape[1], data.images.shape[2], len(data.classes)
        if own is None:
            self.spec = NetworkSpec.of(config, *shape)
            G, D = build_pair(self.spec, stream(config.seed, "weights"), config.edition)
        else:
            channels, size, classes = shape
            self.spec = OwnSpec(config.z_dim, channels, size, classes if config.conditional else 0)
            G, D = (OwnNetwork(network, self.spec) for network in own)
            check_own(G, D, self.spec)
        self.G, self.D = G.to(self.device), D.to(self.device)
        own = config.edition >= 2 and config.ema_half_life > 0
        self.averaged = AveragedG(self.G, own_statistics=own, labels=self.labels)
        if start is not None:
            self.load(start)
        self.opt_g = optimizer_of(self.G, config, config.lr_g)
        self.opt_d = optimizer_of(self.D, config, config.lr_d)
        # A generator for training alone, which drawing samples leaves untouched. On the processor,
        # so that every device gets the same numbers.
        self.noise = torch.Generator().manual_seed(stream(config.seed, "noise"))
        self.shuffle = Shuffle(len(data.images), config.seed)
        self.sample_z = noise(range(grid_layout(config, self.spec.classes).count), config.z_dim)
        self.row = RowSums(self.device)
        self.progress = Progress(precision=config.precision)

    @property
    def images_seen(self) -> int:
        return self.progress.images_seen

    @property
    def images_per_step(self) -> int:
        return self.live_config.batch_size * self.live_config.n_critic

    @property
    def G_ema(self) -> Generator:  # noqa: N802
        """Averaged G, ready to draw."""
        return self.averaged.network

    def draw(self, count: int, labels: Tensor | None, *, keep_graph: bool) -> Tensor:
        """G's pictures `(count, C, S, S)` from the next noise, with the classes `labels`.

        These are the reals' own, so that each class is as frequent among fakes.
        """
        z = torch.randn(count, self.live_config.z_dim, generator=self.noise)
        with torch.set_grad_enabled(keep_graph), self.autocast():
            return self.G(z.to(self.device), labels).float()

    def augmented(self, images: Tensor) -> Tensor:
        """Pictures as D is shown them."""
        return augment(images, self.config.augment, self.noise)

    def shifted(self, images: Tensor) -> Tensor:
        """The images with a little noise each, as `penalties.squared_slope` compares them."""
        noise = torch.randn(images.shape, generator=self.noise).to(self.device)
        return images + SHIFT * noise

    def autocast(self, exact: bool = False) -> torch.autocast:
        """bf16 where chosen, except for a second derivative (`exact`)."""
        bf16 = self.progress.precision == "bf16" and not exact
        return torch.autocast(self.device.type, torch.bfloat16, enabled=bf16)

    def next_reals(self) -> tuple[Tensor, Tensor | None]:
        """The next batch as floats, and its labels where the networks are conditional."""
        indices = self.shuffle.take(self.images_seen, self.live_config.batch_size).to(self.device)
        labels = None if self.labels is None else self.labels[indices]
        return from_bytes(self.images[indices]), labels

    def average(self) -> None:
        """Moves averaged G towards G, after one of the `g_steps` that share a step's images."""
        half_life = float(self.config.ema_half_life)
        if not self.config.start_from:  # trained networks have no start that is to be forgotten
            half_life = warming_half_life(half_life, self.images_seen)
        images = self.images_per_step / self.live_config.g_steps
        self.averaged.follow(self.G, 0.5 ** (images / half_life) if half_life > 0 else 0.0)

    def set_rates(self) -> None:
        """Sets both learning rates for the images seen; they fall as in Karras et al. 2024."""
        hold = self.config.lr_hold
        falling = math.sqrt(hold / max(hold, self.images_seen)) if hold else 1.0
        rates = {self.opt_g: self.live_config.lr_g, self.opt_d: self.live_config.lr_d}
        for optimizer, rate in rates.items():
            for group in optimizer.param_groups:
                group["lr"] = rate * self.progress.rate_scale * falling

    def load(self, tensors: Mapping[str, Tensor]) -> None:
        """Loads `G_ema.*`, `G.*` and `D.*`; raw G from averaged G where a file holds no other."""
        averaged = under(tensors, "G_ema")
        self.averaged.load(averaged)
        self.G.load_state_dict(under(tensors, "G") or averaged)
        self.D.load_state_dict(under(tensors, "D"))
