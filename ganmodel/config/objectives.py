"""A description of each objective for users, and the settings that it requires.

The formulas here are text; `ganmodel.objectives` computes them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

LOG_2 = math.log(2)


@dataclass(frozen=True)
class ObjectiveInfo:
    """The description of one objective, and the settings that it requires."""

    label: str
    explanation: str
    loss_d: str  # the loss that D minimises, as mathematics in plain text
    loss_g: str
    source: str
    # Both losses, of D and of G, where D cannot tell reals from fakes and loses least by it.
    coin_toss: tuple[float, float]
    needs: Mapping[str, Any] = field(default_factory=dict)  # settings this objective requires


OBJECTIVES: dict[str, ObjectiveInfo] = {
    "non-saturating": ObjectiveInfo(
        label="classic (non-saturating)",
        explanation="G is pushed hardest where D is surest that G's pictures are fake: "
        "the article's choice, and the usual one.",
        loss_d="L_D = −E log D(x) − E log(1 − D(G(z)))",
        loss_g="L_G = −E log D(G(z))",
        source="Goodfellow et al. 2014, section 3",
        coin_toss=(2 * LOG_2, LOG_2),
    ),
    "minimax": ObjectiveInfo(
        label="original formula (minimax)",
        explanation="G and D play for the same number. Where D is sure, G is hardly pushed at all, "
        "so it often learns more slowly.",
        loss_d="L_D = −E log D(x) − E log(1 − D(G(z)))",
        loss_g="L_G = E log(1 − D(G(z)))",
        source="Goodfellow et al. 2014, equation 1",
        coin_toss=(2 * LOG_2, -LOG_2),
    ),
    "lsgan": ObjectiveInfo(
        label="least squares (LSGAN)",
        explanation="D answers with a number, 1 for real and 0 for fake, and is charged the "
        "square of its error: fakes far from the goal still pull on G.",
        loss_d="L_D = ½ E (D(x) − 1)² + ½ E D(G(z))²",
        loss_g="L_G = ½ E (D(G(z)) − 1)²",
        source="Mao et al. 2017, equation 9",
        coin_toss=(0.25, 0.125),
    ),
    "hinge": ObjectiveInfo(
        label="hinge",
        explanation="D stops caring about a picture once it is on the right side by a margin; "
        "spectral norm keeps D from growing too steep.",
        loss_d="L_D = E max(0, 1 − D(x)) + E max(0, 1 + D(G(z)))",
        loss_g="L_G = −E D(G(z))",
        source="Miyato et al. 2018, equations 16 and 17",
        coin_toss=(2.0, 0.0),
        needs={"norm_d": "spectral", "beta1": 0.0, "beta2": 0.9, "r1_gamma": 0.0},
    ),
    "wgan": ObjectiveInfo(
        label="Wasserstein (WGAN)",
        explanation="D becomes a critic whose scores measure how far the pictures are from real; "
        "its weights are clipped after each step to keep the scores from running away.",
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
    "wgan-gp": ObjectiveInfo(
        label="Wasserstein with gradient penalty (WGAN-GP)",
        explanation="The same critic, kept in check by a penalty on its slope between real and "
        "generated pictures instead of by clipping: slower steps, steadier learning.",
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
    "r3gan": ObjectiveInfo(
        label="relativistic with R1 and R2 (R3GAN)",
        explanation="D judges pairs: is the real picture more real than the fake? With a penalty "
        "on D's slope at real and at fake pictures in every step; the steadiest, at a price.",
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
}
