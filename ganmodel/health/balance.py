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
    BELIEVING,
    FIRST_ROWS,
    SURE_FAKE,
    SURE_PICKS,
    SURE_REAL,
    WINDOW,
    Row,
    by_itself,
    calmest,
    column,
    middle,
    newest,
    reversals,
    with_picks,
)
from ganmodel.health.sayings import percent, short, times
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
from ganmodel.texts import coach as words

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
        return Assessment(Balance.UNKNOWN, words.STARTING.format(rows=LEAST_ROWS))
    if len(seen.recent) < LEAST_ROWS:
        said = words.KNOB_SET.format(images=f"{seen.knob_set:,}", rows=LEAST_ROWS)
        return Assessment(Balance.UNKNOWN, said)
    for sign in SIGNS:
        assessment = sign(seen)
        if assessment is not None:
            return assessment
    fooled = _fooled_said(seen)
    if fooled:
        return Assessment(Balance.UNKNOWN, f"{fooled} {words.MAY_BEGIN_SO}")
    said, picks = _picks_said(seen), with_picks(seen.recent, seen.objective)
    if not said:
        return Assessment(Balance.UNKNOWN, words.NO_PICKS)
    if picks and median(picks) >= SURE_PICKS and (not seen.found or as_untrained(seen)):
        told = words.SURE_EARLY if seen.found else words.SURE_UNMEASURED
        return Assessment(Balance.UNKNOWN, told.format(picks=_of_100(median(picks))))
    return Assessment(Balance.BALANCED, said)


# --- the signs, most urgent first ---------------------------------------------------------------


def _stands_still(seen: Seen) -> Assessment | None:
    """A side's learning rate is 0: a person's choice, so no other sign is checked."""
    g, d = (seen.settings[name] == 0 for name in ("lr_g", "lr_d"))
    if g and d:
        return Assessment(Balance.G_STANDS_STILL, words.BOTH_STAND_STILL)
    if g:
        return Assessment(Balance.G_STANDS_STILL, words.G_STANDS_STILL)
    return Assessment(Balance.D_STANDS_STILL, words.D_STANDS_STILL) if d else None


def _diverging(seen: Seen) -> Assessment | None:
    """Losses or gradients grow out of bounds, or are not finite."""
    recent = seen.recent
    said = []
    if any(row.get("loss_d") is None or row.get("loss_g") is None for row in recent):
        said.append(words.NOT_FINITE)
    highest = max((abs(loss) for loss in column(recent, "loss_d")), default=0.0)
    if seen.objective in words.USUAL_LOSS and highest > WILD_LOSS:
        usual = words.USUAL_LOSS[seen.objective]
        said.append(words.SWINGS.format(loss=short(highest), usual=usual))
    calm, now = calmest(seen.rows, "grad_d", seen.objective), middle(recent, "grad_d")
    if calm and now and now > WILD_GRADIENT * calm:
        said.append(words.GRADIENTS.format(before=short(calm), now=short(now)))
    back = [note["images"] for note in seen.notes if seen.rows[0]["images"] <= note["images"]]
    if back and recent[0]["images"] <= back[-1] <= recent[-1]["images"]:
        said.append(words.WENT_BACK.format(images=f"{back[-1]:,}"))
    return Assessment(Balance.DIVERGING, " ".join(said)) if said else None


def _d_wins(seen: Seen) -> Assessment | None:
    """D is certain of nearly all pictures for a whole window, and G no longer improves."""
    recent = seen.recent
    picks = with_picks(recent, seen.objective)
    if picks and median(picks) < SURE_PICKS:
        return None
    faded = faded_said(seen)
    images = f"{recent[-1]['images'] - recent[0]['images']:,}"
    real, fake = middle(recent, "d_real"), middle(recent, "d_fake")
    sure = real is not None and fake is not None and real >= SURE_REAL and fake <= SURE_FAKE
    if seen.objective in BELIEVING and sure:
        if coming_closer(seen) and not faded:
            return None
        said = words.WINS.format(images=images, real=percent(real), fake=percent(fake))
    elif seen.objective in BELIEVING:
        return None  # a D that picks well and is still unsure teaches G most
    elif (
        picks
        and not (_is_held(seen) and not moved_enough(seen))
        and max(seen.settings["lr_g"], seen.settings["lr_d"]) >= SLOW
        and (faded or coming_closer(seen) is False or as_untrained(seen))
    ):
        said = words.WINS_PICKS.format(images=images, picks=_of_100(median(picks)))
    else:
        return None
    return Assessment(Balance.D_WINS, f"{said} {faded}".strip())


def _oscillating(seen: Seen) -> Assessment | None:
    """D's picks or its belief oscillate, and G's variety is not lost."""
    rows = seen.of_this_game()[FIRST_ROWS:][-SETTLED:]
    if len(rows) < LEAST_ROWS or variety_lost(seen):
        return None
    picks = with_picks(rows, seen.objective)
    # A D that is fooled throughout, now more, now less, is weak.
    curves = [(picks, PICKS_SWING, words.SWINGING_PICKS)] if max(picks, default=0) > FAIR else []
    if seen.objective in BELIEVING:
        beliefs = (column(rows, name) for name in ("d_real", "d_fake"))
        curves += [(belief, BELIEF_SWINGS, words.SWINGING_BELIEF) for belief in beliefs]
    for values, swings, said in curves:
        if any(_swings(values, least, often) for least, often in swings):
            low, high = (percent(edge) for edge in (min(values), max(values)))
            images = f"{rows[-1]['images'] - rows[0]['images']:,}"
            return Assessment(Balance.OSCILLATING, said.format(low=low, high=high, images=images))
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


def _fooled_said(seen: Seen) -> str:
    """A sentence where D takes G's pictures for the real ones; else empty."""
    picks = with_picks(seen.recent, seen.objective)
    if picks:
        few = median(picks) < FOOLED
        return words.FOOLED_PICKS.format(picks=_of_100(median(picks))) if few else ""
    real, fake = middle(seen.recent, "d_real"), middle(seen.recent, "d_fake")
    if real is None or fake is None or fake < real + FOOLED_BELIEF:
        return ""
    return words.FOOLED.format(real=percent(real), fake=percent(fake))


def _not_learning(seen: Seen) -> Assessment | None:
    """D's beliefs do not change, or the distance stays near that of untrained networks."""
    recent = seen.recent
    real, fake = middle(recent, "d_real"), middle(recent, "d_fake")
    beliefs = column(recent, "d_real")
    stuck = beliefs and max(beliefs) - min(beliefs) < 1e-4
    if stuck and real is not None and fake is not None and abs(real - fake) < 1e-3:
        return Assessment(
            Balance.NOT_LEARNING, words.STUCK.format(real=percent(real), fake=percent(fake))
        )
    if not as_untrained(seen) or not moved_enough(seen) or variety_lost(seen):
        return None
    now = times(seen.found[-1]["fd_over_r"])
    if seen.d0:
        said = words.UNTRAINED.format(now=now, before=times(seen.d0))
    elif len(seen.found) == 1:
        said = words.FAR_OFF.format(now=now)
    else:
        said = words.FAR_SINCE.format(now=now, images=f"{seen.found[0]['images']:,}")
    return Assessment(Balance.NOT_LEARNING, said, since=untrained_since(seen))


def _repeats_itself(seen: Seen) -> Assessment | None:
    """G's batches lost their variety, or its pictures miss classes or real neighbours."""
    lost = variety_lost(seen)
    if lost is not None:
        now, before = percent(lost[0]), None if lost[1] is None else percent(lost[1])
        said = words.ALIKE if before else words.ALIKE_THOUGH_TRAINED
        return Assessment(Balance.REPEATS_ITSELF, said.format(share=now, before=before))
    if not seen.found or not legible(seen):
        return None
    quality, said = seen.found[-1], []
    classes, covered, kl = (quality.get(n) for n in ("classes", "classes_covered", "class_kl"))
    if classes and covered is not None and covered <= classes / 2 and classes <= COUNTABLE:
        said.append(words.FEW_CLASSES.format(covered=covered, classes=classes))
    if classes and kl is not None and kl > one_sided(classes):
        said.append(words.ONE_SIDED.format(kl=f"{kl:.2f}"))
    compared = newest(seen.rows, "recall")
    if compared is not None and compared["images"] == quality["images"]:
        precision, recall = compared.get("precision"), compared["recall"]
        near = seen.d0 is None or quality["fd_over_r"] < NEAR * seen.d0
        if recall < NARROW and near and (precision is None or precision > RESEMBLING):
            said.append(words.NARROW.format(recall=percent(recall)))
    return Assessment(Balance.REPEATS_ITSELF, " ".join(said)) if said else None


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


def _by_hand_said(row: Row) -> str:
    """A sentence on D's picks after steps by hand, which one side may have taken alone."""
    picks = row.get("picks")
    now = words.PICKS_BY_HAND.format(picks=_of_100(picks)) if picks is not None else ""
    return f"{now} {words.BY_HAND}".strip()


def _picks_said(seen: Seen) -> str:
    picks = with_picks(seen.recent, seen.objective)
    if picks:
        return words.PICKS.format(picks=_of_100(median(picks)))
    real, fake = middle(seen.recent, "d_real"), middle(seen.recent, "d_fake")
    if real is None or fake is None:
        return ""
    return words.BELIEFS.format(real=percent(real), fake=percent(fake))


def _of_100(share: float) -> str:
    return f"{100 * share:.0f}"
