"""One training step, whole: D learns to tell real pictures from G's, then G learns to pass.

What a step changes is held by `players`; losses are in `objectives`, what keeps D in check in
`penalties`. No number is read from the device here, so that it never waits for the processor.
"""

from __future__ import annotations

import torch
from torch import Tensor

from ganmodel.objectives import preference
from ganmodel.penalties import (
    clip_weights,
    gradient_penalty,
    squared_grad_norm,
    squared_slope,
    zero_centred_penalty,
)
from ganmodel.training.players import Players
from ganmodel.training.rows import diversity, grad_norm, note


def train_step(p: Players, measure: bool = False) -> None:
    """`n_critic` steps of D, then `g_steps` of G.

    `measure`: gradient norms and diversity, of the last step of each, are kept for the row.
    """
    p.set_rates()
    for left in reversed(range(p.live_config.n_critic)):
        reals, labels = p.next_reals()
        # The last fakes keep their graph, since G's step backpropagates through them.
        fakes = p.draw(len(reals), labels, keep_graph=left == 0)
        loss_d, d_real, d_fake, picks = d_step(p, reals, fakes.detach(), labels)
        note(p.row.picks, picks)
    if measure:
        p.row.measured = {"grad_d": grad_norm(p.D)}
    losses_g = []
    for left in reversed(range(p.live_config.g_steps)):
        if losses_g:  # the first step uses the fakes of D's last one
            fakes = p.draw(len(reals), labels, keep_graph=True)
        losses_g.append(g_step(p, reals, fakes, labels, measure and left == 0))
    if measure:
        p.row.measured["diversity"] = diversity(fakes.detach(), reals)
    p.row.averaged += torch.stack([loss_d, torch.stack(losses_g).mean(), d_real, d_fake])
    p.progress.steps_in_row += 1


def d_step(
    p: Players, reals: Tensor, fakes: Tensor, labels: Tensor | None
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """One step of D; its loss, its mean belief in reals and in fakes, and its picks of pairs."""
    config, objective = p.live_config, p.objective
    reals, fakes = p.augmented(reals), p.augmented(fakes)
    both = torch.cat([reals, fakes])
    gammas = (config.r1_gamma, config.r2_gamma)
    zero_centred = any(gammas) and p.progress.d_steps % config.r1_every == 0
    derived = config.slope_by == "derivative"
    shown = torch.cat([both, p.shifted(both)]) if zero_centred and not derived else both
    both.requires_grad_(zero_centred and derived)
    with p.autocast(exact=zero_centred and derived):  # a second derivative needs all digits
        logits = logits_of_both(p, shown, labels)
    of_reals, of_fakes = logits[: len(both)].chunk(2)
    loss = total = objective.d_loss(of_reals, of_fakes)
    if zero_centred:
        slopes = squared_grad_norm(logits, both) if derived else squared_slope(*logits.chunk(2))
        weighted = [
            gamma * note(p.row.penalties, zero_centred_penalty(of_half))
            for gamma, of_half in zip(gammas, slopes.chunk(2), strict=True)
            if gamma > 0
        ]
        # Lazy regularisation: computed rarely, weighted by as much. Karras et al. 2020, app. B.
        total = total + config.r1_every * sum(weighted)
    if objective.interpolates:
        shares = torch.rand(len(reals), generator=p.noise).to(p.device)
        penalty = gradient_penalty(lambda x: p.D(x, labels), reals, fakes, shares)
        total = total + config.gp_weight * note(p.row.penalties, penalty)
    p.opt_d.zero_grad(set_to_none=True)
    total.backward()
    p.opt_d.step()
    if objective.clips:
        clip_weights(p.D.parameters(), config.clip)
    p.progress.d_steps += 1
    p.progress.images_seen += len(reals)
    with torch.no_grad():
        picks = preference(of_reals, of_fakes)
        beliefs = picks, 1 - picks
        if objective.belief is not None:
            beliefs = objective.belief(of_reals).mean(), objective.belief(of_fakes).mean()
        return loss.detach(), *beliefs, picks


def g_step(
    p: Players, reals: Tensor, fakes: Tensor, labels: Tensor | None, measure: bool = False
) -> Tensor:
    """One step of G through `fakes` and their graph, then one of averaged G; G's loss."""
    p.D.requires_grad_(False)  # G's step leaves no gradient in D
    of_reals = None
    with p.autocast():
        of_fakes = p.D(p.augmented(fakes), labels).float()
        if p.objective.relativistic:
            with torch.no_grad():
                of_reals = p.D(p.augmented(reals), labels).float()
    loss = p.objective.g_loss(of_fakes, of_reals)
    p.opt_g.zero_grad(set_to_none=True)
    loss.backward()
    p.D.requires_grad_(True)
    if measure:
        p.row.measured["grad_g"] = grad_norm(p.G)
    p.opt_g.step()
    p.average()
    return loss.detach()


def logits_of_both(p: Players, both: Tensor, labels: Tensor | None) -> Tensor:
    """D's logits of reals and fakes, `(2 N, 1)`, or of these twice; each `N` have the labels."""
    if p.config.norm_d == "batch":  # each half by its own statistics. Radford et al. 2016
        return torch.cat([p.D(half, labels).float() for half in both.chunk(2)])
    # One pass over both is faster, and exact without batch statistics.
    return p.D(both, None if labels is None else labels.repeat(len(both) // len(labels))).float()
