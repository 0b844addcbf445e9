"""Judges G's pictures: how far they are from real ones, and the trend of that distance.

Only evaluations count. Features without classes, such as those for own pictures, rank but have no
absolute scale, so only the trend is reported for them.
"""

from __future__ import annotations

from ganmodel.health.kinds import Assessment, Pictures
from ganmodel.health.rows import Row, before, newest, slope
from ganmodel.health.seen import Seen, moved_enough
from ganmodel.units import LEAST_COMPARED
from ganmodel.words import Message, message

CLOSE, FAR = 3.0, 30.0  # R
STEEP = -0.2  # of the logarithm of the distance, for each doubling of the images
SPAN = 1.5  # times the images seen, over which a trend is judged
IMPROVED = 0.97  # times the earlier distance: a value that is not below has not improved
LEAST_LATER = 3  # evaluations without improvement before a run that is on the way is called level
WORSE, ERRORS = 1.25, 3.0  # a rise: at least so many times the best, and so many standard errors
RECOVERING = 0.9  # times the previous distance: below it, the distance is falling again
COPIED = 0.5  # times the distance of unseen real pictures to their nearest


def assess(seen: Seen) -> Assessment:
    """The verdict of the evaluations among the rows."""
    copying = _copying(seen)
    if copying is not None:
        return copying
    if not seen.found:
        few = (newest(seen.rows, "compared") or {}).get("compared", LEAST_COMPARED)
        measured = newest(seen.rows, "fd_over_r") is not None
        if measured and few < LEAST_COMPARED:
            said = message("coach.too-few", least=2 * LEAST_COMPARED)
            return Assessment(Pictures.UNKNOWN, [said])
        off = seen.settings.get("evaluate_every") == 0
        said = message("coach.never-measured" if off else "coach.not-measured")
        return Assessment(Pictures.UNKNOWN, [said])
    return _risen(seen) or (_distance(seen) if _absolute(seen) else _way(seen))


def _absolute(seen: Seen) -> bool:
    return bool(seen.found[-1].get("classes"))


def _copying(seen: Seen) -> Assessment | None:
    """More of G's pictures are copies of training pictures than chance explains."""
    found = newest(seen.rows, "copying")
    if found is not None:
        if not found["copying"]:
            return None
        share, said = found.get("copied"), message("coach.copies")
        if share is not None:
            said = message("coach.copies-of", share=100 * share)
        return Assessment(Pictures.COPYING, [said])
    found = newest(seen.rows, "nearest_over_real")  # of earlier editions
    if found is None or found["nearest_over_real"] > COPIED:
        return None
    said = message("coach.near-copies", share=100 * found["nearest_over_real"])
    return Assessment(Pictures.COPYING, [said])


def _risen(seen: Seen) -> Assessment | None:
    """The distance is above its best and does not fall; unknown after one such evaluation."""
    *earlier, now = seen.found
    if not earlier or (_absolute(seen) and now["fd_over_r"] <= CLOSE):
        return None
    best = min(earlier, key=lambda row: row["fd_over_r"])
    if not _is_farther(now, best) or now["fd_over_r"] < RECOVERING * earlier[-1]["fd_over_r"]:
        return None
    said = message("coach.farther", images=best["images"])
    if _absolute(seen):
        told = {"now": now["fd_over_r"], "best": best["fd_over_r"]}
        said = message("coach.risen", **told, images=best["images"])
    # The distance of a G without averaging fluctuates by half.
    if not _is_farther(earlier[-1], best):
        return Assessment(Pictures.UNKNOWN, [said, message("coach.risen-once")])
    return Assessment(Pictures.RISING, [said], best["images"])


def _is_farther(row: Row, best: Row) -> bool:
    error = max(row.get("fd_over_r_error") or 0.0, best.get("fd_over_r_error") or 0.0)
    risen = row["fd_over_r"] - best["fd_over_r"]
    return row["fd_over_r"] >= WORSE * best["fd_over_r"] and risen >= ERRORS * error


def _distance(seen: Seen) -> Assessment:
    """The distance in units of unseen real pictures, and its trend."""
    now = seen.found[-1]["fd_over_r"]
    said = [message("coach.distance", now=now, trend=_trend(seen.found))]
    if now <= CLOSE:
        return Assessment(Pictures.CLOSE, said)
    if now > FAR:
        since = _stalled_since(seen)
        if since is not None:
            return Assessment(Pictures.STALLED, said, since)
        return Assessment(Pictures.FAR, said)
    return Assessment(Pictures.LEVEL if _is_level(seen.found) else Pictures.ON_THE_WAY, said)


def _is_level(found: list[Row]) -> bool:
    """Whether several evaluations over the last third of the images show no improvement."""
    earlier = [row["fd_over_r"] for row in found if row["images"] * SPAN <= found[-1]["images"]]
    later = [row["fd_over_r"] for row in found[len(earlier) :]]
    if not earlier or len(later) < LEAST_LATER:
        return False
    return min(later) > IMPROVED * min(earlier)


def _stalled_since(seen: Seen) -> int | None:
    """Images seen when a distance that hardly falls began to stall; None where it did not.

    It stalls where it falls by less than a fifth over a doubling of the images, twice in a row.
    """
    slopes = [slope(seen.found), slope(seen.found[:-1])]
    if not moved_enough(seen) or any(each is None or each <= STEEP for each in slopes):
        return None
    return before(seen.found[:-1], 2.0)["images"]


def _way(seen: Seen) -> Assessment:
    """The trend alone: closer than before, or level."""
    earlier = [row for row in seen.found if row["images"] * SPAN <= seen.found[-1]["images"] * 1.05]
    if not earlier:
        return Assessment(Pictures.UNKNOWN, [message("coach.one-measured")])
    was = min(earlier, key=lambda row: row["fd_over_r"])
    if seen.found[-1]["fd_over_r"] < IMPROVED * was["fd_over_r"]:
        return Assessment(Pictures.CLOSER, [message("coach.closer", images=was["images"])])
    return Assessment(Pictures.LEVEL, [message("coach.level-since", images=was["images"])])


def _trend(found: list[Row]) -> Message:
    earlier = before(found, SPAN)
    if earlier is None:
        return message("coach.first")
    way = "coach.as-before"
    if found[-1]["fd_over_r"] < IMPROVED * earlier["fd_over_r"]:
        way = "coach.falling"
    elif found[-1]["fd_over_r"] * IMPROVED > earlier["fd_over_r"]:
        way = "coach.growing"
    return message(way, before=earlier["fd_over_r"], images=earlier["images"])
