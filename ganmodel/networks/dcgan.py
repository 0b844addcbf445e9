"""What pairs in the manner of DCGAN share: their start, and D's BatchNorm. Radford et al. 2016."""

from __future__ import annotations

from torch import nn

from ganmodel.networks.spec import NetworkSpec


def initialise(module: nn.Module, edition: int) -> None:
    """N(0, 0.02) for weights, N(1, 0.02) for BatchNorm's scale. Radford et al. 2016, section 4."""
    if isinstance(module, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
        nn.init.normal_(module.weight, 0.0, 0.02)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
    elif isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
        nn.init.normal_(module.weight, 1.0, 0.02)


def hidden(layer: nn.Conv2d | nn.ConvTranspose2d) -> list[nn.Module]:
    """One of G's layers with what follows it: BatchNorm and LeakyReLU."""
    return [layer, nn.BatchNorm2d(layer.out_channels), nn.LeakyReLU(0.2)]


def norm(spec: NetworkSpec, batch_norm: nn.Module) -> list[nn.Module]:
    """D's BatchNorm if `norm_d` is "batch", for each hidden layer but the first."""
    return [batch_norm] if spec.norm_d == "batch" else []
