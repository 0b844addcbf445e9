"""The coach: metric rows in, a verdict in words out, with its evidence and a cure.

Pure functions on the standard library alone. `diagnosis` says what is the matter, `cures` what to
do about it, `words` how it is said. Where rows come from, and who is told, is not known here.
"""

from ganmodel.health.cures import Cure
from ganmodel.health.verdict import KINDS, Verdict, diagnose

__all__ = ["KINDS", "Cure", "Verdict", "diagnose"]
