"""The coach: metric rows in, two verdicts out as messages, each with its evidence and a cure.

Pure functions on the standard library alone. `balance` judges G against D, `pictures` judges the
distance of the pictures and its trend, `cures` chooses what to change, and the sentences are the
part "coach" of `words`. Callers read the rows and show the verdicts.
"""

from ganmodel.health.cures import Cure
from ganmodel.health.kinds import Balance, Pictures
from ganmodel.health.pictures import COPIED
from ganmodel.health.verdict import Said, Verdict, diagnose

__all__ = ["COPIED", "Balance", "Cure", "Pictures", "Said", "Verdict", "diagnose"]
