"""Writes what the page tells its scripts as JSON, from which the type checker knows every name."""

import json
from pathlib import Path

from ganmodel.ui.contract import contract, said

TYPES = Path(__file__).parent / "types"
TYPES.mkdir(exist_ok=True)
for name, told in (("contract", contract()), ("words", said())):
    (TYPES / f"{name}.json").write_text(json.dumps(told))
