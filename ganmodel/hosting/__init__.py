"""What a page open to strangers needs: limits, a queue, quotas, a gate, an anonymous log.

Values in, values out; no widget and no Gradio here. The page identifies visitors and the owners of
runs. A page for oneself uses only the gate, and the queue without a limit.
"""

from ganmodel.hosting.address import Addressed, calling_address, network_of
from ganmodel.hosting.allowed import check_change, check_run
from ganmodel.hosting.caretaker import Caretaker
from ganmodel.hosting.crowd import Crowd
from ganmodel.hosting.gate import HEALTH, Gate, path_of
from ganmodel.hosting.ledger import Ledger
from ganmodel.hosting.limits import Limits, classroom, hosted
from ganmodel.hosting.logs import log_to, unprinted
from ganmodel.hosting.memory import give_memory_back, limit_malloc_arenas
from ganmodel.hosting.open_files import may_open
from ganmodel.hosting.origins import Names, names_at
from ganmodel.hosting.quotas import MOST_FILES, Quotas
from ganmodel.hosting.rules import TOKEN, TOKEN_HEADER, Endpoint, Rate, Rule
from ganmodel.hosting.trainer_queue import LOOK_SECONDS, TrainerQueue, Waiting

__all__ = [
    "HEALTH",
    "LOOK_SECONDS",
    "MOST_FILES",
    "TOKEN",
    "TOKEN_HEADER",
    "Addressed",
    "Caretaker",
    "Crowd",
    "Endpoint",
    "Gate",
    "Ledger",
    "Limits",
    "Names",
    "Quotas",
    "Rate",
    "Rule",
    "TrainerQueue",
    "Waiting",
    "calling_address",
    "check_change",
    "check_run",
    "classroom",
    "give_memory_back",
    "hosted",
    "limit_malloc_arenas",
    "log_to",
    "may_open",
    "names_at",
    "network_of",
    "path_of",
    "unprinted",
]
