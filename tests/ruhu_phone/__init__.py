"""A reference client of Ruhu: a phone that keeps the protocol's rules, and shares no code with the server.

The demo's enumerators carry it; the fault runs and the benchmarks measure with it; whoever writes an app may read it.
"""

from ruhu_phone.clock import Clock, Moment, SystemClock
from ruhu_phone.oplog import State
from ruhu_phone.phone import Counters, Outcome, Phone, RefusedError
from ruhu_phone.photos import PhotoState
from ruhu_phone.store import MEMORY, Store
from ruhu_phone.transport import Answer, Http, NoAnswerError, Transport

__all__ = [
    "MEMORY",
    "Answer",
    "Clock",
    "Counters",
    "Http",
    "Moment",
    "NoAnswerError",
    "Outcome",
    "Phone",
    "PhotoState",
    "RefusedError",
    "State",
    "Store",
    "SystemClock",
    "Transport",
]
