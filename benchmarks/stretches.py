"""Records single steps of one network alone, from exact checkpoints of a run.

    OMP_NUM_THREADS=1 python benchmarks/stretches.py runs/mnist-quick

From each checkpoint D takes some steps while G stays as it is, and from the same one G while D
stays, as by hand in a paused run. Writes two stretches for each moment below the run's
`stretches/`, which `ganmodel.runs.read_stretch` reads and `ship.py film` takes along, and prints
how the first and the last step of each were measured.

Measured as steps by hand are: in evaluation mode, without averaging, in float32, on the same
pictures before and after. G's are the first of the run's grid, by raw G; the real ones are the
first of `reals.png`. The gradient is that of G's loss on these pictures.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # works uninstalled, too

from ganmodel.data import Data, load_data
from ganmodel.images import from_bytes
from ganmodel.objectives import preference
from ganmodel.runs import MeasuredStep, Run, Stretch, write_stretch
from ganmodel.snapshots import Progress, TrainState
from ganmodel.training import Trainer
from ganmodel.weights import load_tensors

MOMENTS, STEPS = (8_192, 32_768, 131_072, 524_288), 32
SHOWN = 20  # pictures, and as many real ones
DIGITS = 5  # of the numbers that are kept


class Shown:
    """The pair of a run at a checkpoint, and the pictures that its steps are measured on."""

    def __init__(self, run: Run, moment: int, data: Data) -> None:
        about, tensors = load_tensors(run.moments("checkpoints")[moment], "a checkpoint")
        self.trainer = Trainer(run.config(), data)
        self.trainer.restore(TrainState(tensors, Progress(**about["facts"])))
        self.moment = moment
        self.reals = from_bytes(data.first_in_turn(SHOWN))
        self.labels = torch.arange(SHOWN) % self.trainer.spec.classes

    def stretch(self, who: str, steps: int) -> Stretch:
        """Steps of D or G alone; what is kept of G's pictures are those that change."""
        step = {"d": self.trainer.step_d, "g": self.trainer.step_g}[who]
        measured, pictures = [self.measured()], [self.pictures()]
        for _ in range(steps):
            step()
            measured.append(self.measured())
            pictures.append(self.pictures())
        if who == "d":
            assert all(torch.equal(pictures[0], after) for after in pictures)
            del pictures[1:]
        return Stretch(self.moment, who, measured, torch.stack(pictures))

    def pictures(self) -> torch.Tensor:
        """By raw G: uint8 `(SHOWN, C, S, S)`."""
        return self.trainer.samples(raw=True)[:SHOWN]

    def measured(self) -> MeasuredStep:
        G, D, objective = self.trainer.G, self.trainer.D, self.trainer.objective
        modes = (G.training, D.training)
        G.eval(), D.eval()  # then neither BatchNorm nor spectral norm is updated
        fakes = G(self.trainer.sample_z[:SHOWN], self.labels)
        reals, drawn = D(self.reals, self.labels), D(fakes, self.labels)
        loss = objective.g_loss(drawn, reals.detach() if objective.relativistic else None)
        gradients = torch.autograd.grad(loss, list(G.parameters()))
        G.train(modes[0]), D.train(modes[1])
        return MeasuredStep(
            picks=_short(preference(reals, drawn)),
            gradient=_short(torch.nn.utils.get_total_norm(gradients)),
            reals=[_short(logit) for logit in reals.flatten()],
            drawn=[_short(logit) for logit in drawn.flatten()],
        )


def _short(value: torch.Tensor) -> float:
    return float(f"{value.item():.{DIGITS}g}")


def told(stretch: Stretch) -> str:
    first, last = stretch.steps[0], stretch.steps[-1]
    pictures = stretch.pictures.float()
    changed = float((pictures[-1] - pictures[0]).abs().mean())
    return (
        f"{stretch.moment:>9,} {stretch.who}: picks {first.picks:.3f} -> {last.picks:.3f}, "
        f"gradient {first.gradient:.3g} -> {last.gradient:.3g}, pictures changed by {changed:.1f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("run", type=Path)
    parser.add_argument("--moments", type=int, nargs="*", default=MOMENTS)
    parser.add_argument("--steps", type=int, default=STEPS)
    options = parser.parse_args()
    run = Run(options.run)
    data = load_data(run.config().dataset)
    torch.set_flush_denormal(True)
    for moment in options.moments:
        for who in ("d", "g"):
            stretch = Shown(run, moment, data).stretch(who, options.steps)
            write_stretch(run, stretch)
            print(told(stretch), flush=True)


if __name__ == "__main__":
    main()
