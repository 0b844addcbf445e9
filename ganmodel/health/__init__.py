"""The coach: metric rows in, two verdicts in words out, each with its evidence and a cure.

Pure functions on the standard library alone. `balance` says how G and D do against each other,
`pictures` how far the pictures are and which way they go, `cures` what to do about it, and the
words stand in `texts.coach`. Where rows come from, and who is told, is not known here.
"""

from ganmodel.health.cures import Cure
from ganmodel.health.kinds import Balance, Pictures
from ganmodel.health.verdict import Said, Verdict, diagnose

__all__ = ["Balance", "Cure", "Pictures", "Said", "Verdict", "diagnose"]
