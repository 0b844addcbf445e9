"""Parses numbers as people write them: 0.0004, 0,0004, 4.5e-4, 300,000, 300 000, 300.000.

ui/shared/numbers.js parses the page's fields by the same rules and says the same. `settings` checks
the range of a value.
"""

from __future__ import annotations

import math
import re
import unicodedata

from ganmodel.config.errors import ConfigError
from ganmodel.words import message

_NUMBER = re.compile(r"([+-]?)([0-9][0-9.,]*|[.,][0-9]+)(?:e([+-]?[0-9]+))?", re.IGNORECASE)
_THOUSANDS = r"[0-9]{1,3}(?:%s[0-9]{2,3})*%s[0-9]{3}"  # 300,000, and 3,00,000 as in India


def read_number(text: str, whole: bool = False) -> int | float | None:
    """The number that `text` stands for; None if it is not a number.

    Args:
        text: user input. A comma or a point is a decimal separator or groups digits; blanks,
            underscores and apostrophes group digits.
        whole: whether a whole number is expected, so that the point of 300.000 groups digits.

    Raises:
        ConfigError: ambiguous, such as 1,234.
    """
    plain = unicodedata.normalize("NFKC", text).strip().replace("\u2212", "-")
    plain = re.sub(r"([0-9])_(?=[0-9])", r"\1", plain)
    plain = re.sub(r"([0-9])[ '’](?=[0-9]{3}(?![0-9]))", r"\1", plain)
    parts = _NUMBER.fullmatch(plain)
    if parts is None:
        return None
    sign, digits, exponent = parts.groups()
    if exponent is None and not whole and _either(digits):
        head, tail = digits.split(",")
        small, large = f"{sign}{head}.{tail}", f"{sign}{head}{tail}"
        either = message("numbers.ambiguous", text=text.strip(), small=small, large=large)
        raise ConfigError("said", sentence=either)
    decimal = _with_point(digits, grouped=whole and exponent is None)
    if decimal is None:
        return None
    value = float(f"{sign}{decimal}e{exponent or 0}")
    if not math.isfinite(value):
        return None
    return int(sign + decimal) if decimal.isdigit() and exponent is None else value


def _either(digits: str) -> bool:
    """Whether a single comma may be a decimal separator or group digits, as in 1,234."""
    return digits.count(",") == 1 and _in_groups(digits, ",") and digits[0] != "0"


def _with_point(digits: str, grouped: bool) -> str | None:
    """Normalises digits, points and commas to digits with at most one point; None if invalid.

    `grouped`: whether a single separator followed by three digits groups digits.
    """
    signs = [sign for sign in digits if sign in ".,"]
    if not signs:
        return digits
    first, last = signs[0], signs[-1]
    if first != last:  # 1,234.5: the last one is the decimal separator
        head, _, tail = digits.rpartition(last)
        return f"{head.replace(first, '')}.{tail}" if _in_groups(head, first) else None
    if len(signs) > 1 or (grouped and digits[0] != "0" and _in_groups(digits, last)):
        return digits.replace(last, "") if _in_groups(digits, last) else None
    head, _, tail = digits.partition(last)
    return f"{head or 0}.{tail or 0}"


def _in_groups(digits: str, sign: str) -> bool:
    one = re.escape(sign)
    return re.fullmatch(_THOUSANDS % (one, one), digits) is not None
