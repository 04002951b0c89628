"""Checks of the data across households and enumerators: what one interview alone cannot show (DOMAIN §5). Pure.

Checks measure; what is notable becomes a flag in the log of the household (or of the banner, for an enumerator), and
the rule of the flag judges it by the parameters in force. So a judgement is repeatable though the rest of the round
has moved on, and answers are never changed by a statistic.
"""

from validators.fieldwork.backcheck import compare
from validators.fieldwork.earnings import Earned, Group, Spread, earned, outlying
from validators.fieldwork.enumerators import of_enumerators
from validators.fieldwork.interviews import of_interview
from validators.fieldwork.limits import Limits
from validators.fieldwork.model import Measured, Paradata, Position
from validators.fieldwork.pace import pace
from validators.fieldwork.pairs import duplicates
from validators.fieldwork.profile import Profile

__all__ = [
    "Earned",
    "Group",
    "Limits",
    "Measured",
    "Paradata",
    "Position",
    "Profile",
    "Spread",
    "compare",
    "duplicates",
    "earned",
    "of_enumerators",
    "of_interview",
    "outlying",
    "pace",
]
