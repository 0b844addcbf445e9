"""Judges the balance of G and D: signs of trouble in the last rows, the most urgent first.

Each sign looks at the last rows and at the run before them, so a verdict exists for any moment. No
sign takes a loss by itself for good or bad, or the run's own first distance for that of untrained
networks: a run may start from trained ones. `cures` chooses what to change.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from statistics import median

from ganmodel.health.kinds import Assessment, Balance
from ganmodel.health.rows import (
    FIRST_ROWS,
    SURE_FAKE,
    SURE_PICKS,
    SURE_REAL,
    WINDOW,
    Row,
    believes,
    by_itself,
    calmest,
    column,
    middle,
    newest,
    reversals,
    with_picks,
)
from ganmodel.health.seen import (
    SLOW,
    Seen,
    as_untrained,
    coming_closer,
    faded_said,
    legible,
    moved_enough,
    untrained_since,
    variety_lost,
)
from ganmodel.objectives import OBJECTIVES
from ganmodel.words import Message, message

LEAST_ROWS = 8
SLOWER = 10  # a D this many times slower than G cannot catch up
FOOLED = 0.47  # picks: below it D takes G's pictures for the real ones
FAIR = 0.55  # picks that a D never reaches which is fooled throughout
FOOLED_BELIEF = 0.03  # by which its belief in G's pictures exceeds that in real ones
# Low recall is a sign where precision shows that some pictures resemble real ones, and where the
# distance is below NEAR of the untrained one: farther pictures have few real neighbours, however
# varied they are.
NARROW, RESEMBLING, NEAR = 0.1, 0.15, 0.1
# Times log(classes), which the KL is where a single class is drawn.
ONE_SIDED = 0.43
COUNTABLE = 100  # classes; with more, an evaluation's samples miss some by chance
SETTLED = 2 * WINDOW  # rows during which the two may still be settling
# Amplitude of a swing, and the least number of reversals within SETTLED rows. Healthy picks reverse
# three times by 0.15 as they settle.
PICKS_SWING = ((0.25, 3),)
BELIEF_SWINGS = ((0.15, 3), (0.25, 2))
WILD_LOSS = 10.0  # of D
WILD_GRADIENT = 40.0  # times the calmest window so far


def assess(seen: Seen) -> Assessment:
    """The most urgent sign of trouble in the last rows; balanced where there is none."""
    still = _stands_still(seen)
    if still is not None:
        return still
    if seen.rows and seen.rows[-1].get("by_hand"):
        return Assessment(Balance.UNKNOWN, _by_hand_said(seen.rows[-1]))
    if len(by_itself(seen.rows)) < LEAST_ROWS:
        return Assessment(Balance.UNKNOWN, [message("coach.starting", rows=LEAST_ROWS)])
    if len(seen.recent) < LEAST_ROWS:
        said = message("coach.knob-set", images=seen.knob_set, rows=LEAST_ROWS)
        return Assessment(Balance.UNKNOWN, [said])
    for sign in SIGNS:
        assessment = sign(seen)
        if assessment is not None:
            return assessment
    fooled = _fooled_said(seen)
    if fooled:
        return Assessment(Balance.UNKNOWN, [*fooled, message("coach.may-begin-so")])
    said, picks = _picks_said(seen), with_picks(seen.recent, seen.objective)
    if not said:
        return Assessment(Balance.UNKNOWN, [message("coach.no-picks")])
    if picks and median(picks) >= SURE_PICKS and (not seen.found or as_untrained(seen)):
        told = "coach.sure-early" if seen.found else "coach.sure-unmeasured"
        return Assessment(Balance.UNKNOWN, [message(told, picks=100 * median(picks))])
    return Assessment(Balance.BALANCED, said)


# --- the signs, most urgent first ---------------------------------------------------------------


def _stands_still(seen: Seen) -> Assessment | None:
    """A side's learning rate is 0: a person's choice, so no other sign is checked."""
    g, d = (seen.settings[name] == 0 for name in ("lr_g", "lr_d"))
    if g and d:
        return Assessment(Balance.G_STANDS_STILL, [message("coach.both-stand-still")])
    if g:
        return Assessment(Balance.G_STANDS_STILL, [message("coach.g-stands-still")])
    return Assessment(Balance.D_STANDS_STILL, [message("coach.d-stands-still")]) if d else None


def _diverging(seen: Seen) -> Assessment | None:
    """Losses or gradients grow out of bounds, or are not finite."""
    recent = seen.recent
    said = []
    if any(row.get("loss_d") is None or row.get("loss_g") is None for row in recent):
        said.append(message("coach.not-finite"))
    highest = max((abs(loss) for loss in column(recent, "loss_d")), default=0.0)
    usual = OBJECTIVES[seen.objective].coin_toss
    if believes(seen.objective) and usual and highest > WILD_LOSS:
        said.append(message("coach.swings", loss=highest, usual=float(f"{usual[0]:.2g}")))
    calm, now = calmest(seen.rows, "grad_d", seen.objective), middle(recent, "grad_d")
    if calm and now and now > WILD_GRADIENT * calm:
        said.append(message("coach.gradients", before=calm, now=now))
    back = [note["images"] for note in seen.notes if seen.rows[0]["images"] <= note["images"]]
    if back and recent[0]["images"] <= back[-1] <= recent[-1]["images"]:
        said.append(message("coach.went-back", images=back[-1]))
    return Assessment(Balance.DIVERGING, said) if said else None


def _d_wins(seen: Seen) -> Assessment | None:
    """D is certain of nearly all pictures for a whole window, and G no longer improves."""
    recent = seen.recent
    picks = with_picks(recent, seen.objective)
    if picks and median(picks) < SURE_PICKS:
        return None
    faded = faded_said(seen)
    images = recent[-1]["images"] - recent[0]["images"]
    real, fake = middle(recent, "d_real"), middle(recent, "d_fake")
    sure = real is not None and fake is not None and real >= SURE_REAL and fake <= SURE_FAKE
    if believes(seen.objective) and sure:
        if coming_closer(seen) and not faded:
            return None
        said = message("coach.wins", images=images, real=100 * real, fake=100 * fake)
    elif believes(seen.objective):
        return None  # a D that picks well and is still unsure teaches G most
    elif (
        picks
        and not (_is_held(seen) and not moved_enough(seen))
        and max(seen.settings["lr_g"], seen.settings["lr_d"]) >= SLOW
        and (faded or coming_closer(seen) is False or as_untrained(seen))
    ):
        said = message("coach.wins-picks", images=images, picks=100 * median(picks))
    else:
        return None
    return Assessment(Balance.D_WINS, [said, *faded])


def _oscillating(seen: Seen) -> Assessment | None:
    """D's picks or its belief oscillate, and G's variety is not lost."""
    rows = seen.of_this_game()[FIRST_ROWS:][-SETTLED:]
    if len(rows) < LEAST_ROWS or variety_lost(seen):
        return None
    picks = with_picks(rows, seen.objective)
    # A D that is fooled throughout, now more, now less, is weak.
    fair = max(picks, default=0) > FAIR
    curves = [(picks, PICKS_SWING, "coach.swinging-picks")] if fair else []
    if believes(seen.objective):
        beliefs = (column(rows, name) for name in ("d_real", "d_fake"))
        curves += [(belief, BELIEF_SWINGS, "coach.swinging-belief") for belief in beliefs]
    for values, swings, told in curves:
        if any(_swings(values, least, often) for least, often in swings):
            images = rows[-1]["images"] - rows[0]["images"]
            low, high = 100 * min(values), 100 * max(values)
            said = message(told, low=low, high=high, images=images)
            return Assessment(Balance.OSCILLATING, [said])
    return None


def _d_weak(seen: Seen) -> Assessment | None:
    """D takes G's pictures for the real ones more often than not, so it misleads G."""
    said = _fooled_said(seen)
    if not said:
        return None
    steps_d, steps_g = seen.settings["n_critic"], seen.settings.get("g_steps", 1)
    far_slower = SLOWER * seen.settings["lr_d"] * steps_d <= seen.settings["lr_g"] * steps_g
    closer = coming_closer(seen)
    if closer or (closer is None and not far_slower and len(seen.rows) < SETTLED):
        return None  # a critic may start like this
    if not far_slower and as_untrained(seen):
        return None  # neither has learned yet: initial networks may look like this
    if variety_lost(seen):
        return None  # lost variety is the verdict then: G repeats what fools D
    return Assessment(Balance.D_WEAK, said)


def _fooled_said(seen: Seen) -> list[Message]:
    """A sentence where D takes G's pictures for the real ones; else none."""
    picks = with_picks(seen.recent, seen.objective)
    if picks:
        few = median(picks) < FOOLED
        return [message("coach.fooled-picks", picks=100 * median(picks))] if few else []
    real, fake = middle(seen.recent, "d_real"), middle(seen.recent, "d_fake")
    if real is None or fake is None or fake < real + FOOLED_BELIEF:
        return []
    return [message("coach.fooled", real=100 * real, fake=100 * fake)]


def _not_learning(seen: Seen) -> Assessment | None:
    """D's beliefs do not change, or the distance stays near that of untrained networks."""
    recent = seen.recent
    real, fake = middle(recent, "d_real"), middle(recent, "d_fake")
    beliefs = column(recent, "d_real")
    stuck = beliefs and max(beliefs) - min(beliefs) < 1e-4
    if stuck and real is not None and fake is not None and abs(real - fake) < 1e-3:
        said = message("coach.stuck", real=100 * real, fake=100 * fake)
        return Assessment(Balance.NOT_LEARNING, [said])
    if not as_untrained(seen) or not moved_enough(seen) or variety_lost(seen):
        return None
    now = seen.found[-1]["fd_over_r"]
    if seen.d0:
        said = message("coach.untrained", now=now, before=seen.d0)
    elif len(seen.found) == 1:
        said = message("coach.far-off", now=now)
    else:
        said = message("coach.far-since", now=now, images=seen.found[0]["images"])
    return Assessment(Balance.NOT_LEARNING, [said], since=untrained_since(seen))


def _repeats_itself(seen: Seen) -> Assessment | None:
    """G's batches lost their variety, or its pictures miss classes or real neighbours."""
    lost = variety_lost(seen)
    if lost is not None:
        now, before = lost
        said = message("coach.alike-though-trained", share=100 * now)
        if before is not None:
            said = message("coach.alike", share=100 * now, before=100 * before)
        return Assessment(Balance.REPEATS_ITSELF, [said])
    if not seen.found or not legible(seen):
        return None
    quality, said = seen.found[-1], []
    classes, covered, kl = (quality.get(n) for n in ("classes", "classes_covered", "class_kl"))
    if classes and covered is not None and covered <= classes / 2 and classes <= COUNTABLE:
        said.append(message("coach.few-classes", covered=covered, classes=classes))
    if classes and kl is not None and kl > one_sided(classes):
        said.append(message("coach.one-sided", kl=kl))
    compared = newest(seen.rows, "recall")
    if compared is not None and compared["images"] == quality["images"]:
        precision, recall = compared.get("precision"), compared["recall"]
        near = seen.d0 is None or quality["fd_over_r"] < NEAR * seen.d0
        if recall < NARROW and near and (precision is None or precision > RESEMBLING):
            said.append(message("coach.narrow", recall=100 * recall))
    return Assessment(Balance.REPEATS_ITSELF, said) if said else None


SIGNS: tuple[Callable[[Seen], Assessment | None], ...] = (
    _diverging, _d_wins, _oscillating, _d_weak, _not_learning, _repeats_itself,
)  # fmt: skip


def _is_held(seen: Seen) -> bool:
    """Whether D has a gradient penalty, under which its early lead does not last."""
    return any(seen.settings[name] > 0 for name in ("r1_gamma", "r2_gamma", "gp_weight"))


def one_sided(classes: int) -> float:
    """The KL of the drawn class shares to the real ones above which G favours few classes."""
    return ONE_SIDED * math.log(classes)


def _swings(values: Sequence[float], least: float, often: int) -> bool:
    """Whether the values reversed at least `often` times, and still do in the last window."""
    return reversals(values, least) >= often and reversals(values[-WINDOW:], least) > 0


def _by_hand_said(row: Row) -> list[Message]:
    """D's picks after steps by hand, which one side may have taken alone."""
    picks, waits = row.get("picks"), message("coach.by-hand")
    return [waits] if picks is None else [message("coach.picks-by-hand", picks=100 * picks), waits]


def _picks_said(seen: Seen) -> list[Message]:
    """How well D tells the two apart; nothing where that was not noted."""
    picks = with_picks(seen.recent, seen.objective)
    if picks:
        return [message("coach.picks", picks=100 * median(picks))]
    real, fake = middle(seen.recent, "d_real"), middle(seen.recent, "d_fake")
    if real is None or fake is None:
        return []
    return [message("coach.beliefs", real=100 * real, fake=100 * fake)]
