"""Policy as code: clauses, parameters, rules, findings."""

from validators.engine import Engine, Judged, Judgement, RuleFailure
from validators.findings import Filters, FindingRepository
from validators.life import LIVE, Event, Finding, State, Why, allowed, finding_id, step
from validators.messages import Message, render
from validators.policy import Policy, load_policy

__all__ = [
    "LIVE",
    "Engine",
    "Event",
    "Filters",
    "Finding",
    "FindingRepository",
    "Judged",
    "Judgement",
    "Message",
    "Policy",
    "RuleFailure",
    "State",
    "Why",
    "allowed",
    "finding_id",
    "load_policy",
    "render",
    "step",
]
