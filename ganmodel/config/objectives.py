"""A description of each objective for users, and the settings that it requires.

The formulas here are text; `ganmodel.objectives` computes them. What is said of an objective is in
`words`, by "objectives." and its name.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ganmodel.words import Message, message

LOG_2 = math.log(2)


@dataclass(frozen=True)
class ObjectiveInfo:
    """The description of one objective, and the settings that it requires."""

    name: str
    loss_d: str  # the loss that D minimises, as mathematics in plain text
    loss_g: str
    source: str
    # Both losses, of D and of G, where D cannot tell reals from fakes and loses least by it.
    coin_toss: tuple[float, float]
    needs: Mapping[str, Any] = field(default_factory=dict)  # settings this objective requires

    @property
    def label(self) -> Message:
        return message(f"objectives.{self.name}.label")

    @property
    def explanation(self) -> Message:
        return message(f"objectives.{self.name}.explanation")


_ALL = (
    ObjectiveInfo(
        "non-saturating",
        loss_d="L_D = −E log D(x) − E log(1 − D(G(z)))",
        loss_g="L_G = −E log D(G(z))",
        source="Goodfellow et al. 2014, section 3",
        coin_toss=(2 * LOG_2, LOG_2),
    ),
    ObjectiveInfo(
        "minimax",
        loss_d="L_D = −E log D(x) − E log(1 − D(G(z)))",
        loss_g="L_G = E log(1 − D(G(z)))",
        source="Goodfellow et al. 2014, equation 1",
        coin_toss=(2 * LOG_2, -LOG_2),
    ),
    ObjectiveInfo(
        "lsgan",
        loss_d="L_D = ½ E (D(x) − 1)² + ½ E D(G(z))²",
        loss_g="L_G = ½ E (D(G(z)) − 1)²",
        source="Mao et al. 2017, equation 9",
        coin_toss=(0.25, 0.125),
    ),
    ObjectiveInfo(
        "hinge",
        loss_d="L_D = E max(0, 1 − D(x)) + E max(0, 1 + D(G(z)))",
        loss_g="L_G = −E D(G(z))",
        source="Miyato et al. 2018, equations 16 and 17",
        coin_toss=(2.0, 0.0),
        needs={"norm_d": "spectral", "beta1": 0.0, "beta2": 0.9, "r1_gamma": 0.0},
    ),
    ObjectiveInfo(
        "wgan",
        loss_d="L_D = E D(G(z)) − E D(x),  each weight of D clipped to ±c",
        loss_g="L_G = −E D(G(z))",
        source="Arjovsky et al. 2017, algorithm 1",
        coin_toss=(0.0, 0.0),
        needs={
            "optimizer": "rmsprop",
            "norm_d": "none",
            # The paper's n_critic 5, rate 5e-5 and clip 0.01 are far slower with these networks.
            "lr_g": 3e-3,
            "lr_d": 3e-3,
            "beta2": 0.99,
            "n_critic": 1,
            "clip": 0.1,
            "r1_gamma": 0.0,
        },
    ),
    ObjectiveInfo(
        "wgan-gp",
        loss_d="L_D = E D(G(z)) − E D(x) + λ E (‖∇D(x̂)‖ − 1)²",
        loss_g="L_G = −E D(G(z))",
        source="Gulrajani et al. 2017, equation 3",
        coin_toss=(0.0, 0.0),
        needs={
            "optimizer": "adam",
            "norm_d": "none",
            "lr_g": 3e-3,
            "lr_d": 3e-3,
            "beta1": 0.0,
            "beta2": 0.9,
            "n_critic": 1,
            "gp_weight": 10.0,
            "r1_gamma": 0.0,
        },
    ),
    ObjectiveInfo(
        "r3gan",
        loss_d="L_D = E log(1 + exp(D(G(z)) − D(x))) + γ/2 E ‖∇D(x)‖² + γ/2 E ‖∇D(G(z))‖²",
        loss_g="L_G = E log(1 + exp(D(x) − D(G(z))))",
        source="Huang et al. 2024, section 2; pairing from Jolicoeur-Martineau 2018",
        coin_toss=(LOG_2, LOG_2),
        needs={
            "network": "residual",
            "norm_d": "none",
            "optimizer": "adam",
            "lr_g": 2e-3,
            "lr_d": 2e-3,
            "beta1": 0.0,
            "beta2": 0.9,
            "r1_gamma": 2.0,
            "r2_gamma": 2.0,
            "r1_every": 1,
        },
    ),
)
OBJECTIVES: dict[str, ObjectiveInfo] = {info.name: info for info in _ALL}
