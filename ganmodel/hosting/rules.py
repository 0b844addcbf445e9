"""What the gate checks of a request before its body is read; one rule for each address."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ganmodel.hosting.rates import Bucket

TOKEN_HEADER = "x-ganmodel-token"  # of a visitor
TOKEN = re.compile(r"[0-9a-f]{32,64}")


@dataclass(frozen=True)
class Rate:
    """How often one visitor may call: so often at once, after a pause, and so often a minute."""

    at_once: int
    a_minute: float

    def bucket(self) -> Bucket:
        """Counts the calls of all visitors."""
        a_second = self.a_minute / 60
        # A bucket lets one call in besides those of its burst, and halves keep rounding out.
        return Bucket(a_second, (self.at_once - 0.5) / a_second)


@dataclass(frozen=True)
class Rule:
    """`token`: a visitor's is needed. `largest`: bytes of the body. `rate`: of one visitor, beside
    the rates for all of their calls. `file`: one of the dozens that a page loads at once. `name`
    tells rules with the same limits apart."""

    name: str = ""
    token: bool = False
    largest: int = 0
    rate: Rate | None = None
    file: bool = False


@dataclass(frozen=True)
class Endpoint:
    """An endpoint of Gradio's API: its number of inputs, and the rule of a call."""

    inputs: int
    rule: Rule
