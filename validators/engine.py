"""Runs the rules over a ledger entry. Pure: the same entry, policy and day give the same judgement."""

import traceback
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from ledger.model import Folded, Household, Person, Site
from validators.policy import DeclaredParameters, Policy
from validators.rule import Case, Outcome, ParameterValue, Rule, Severity, Today

Subject = Person | Household | Site
_SUBJECTS = {
    "household": frozenset({"person", "household"}),
    "site": frozenset({"site"}),
    "banner": frozenset({"banner"}),
}


@dataclass(frozen=True, slots=True)
class Judged:
    """An outcome with what the policy adds to it.

    Attributes:
        rule: the rule that yielded it.
        outcome: what it yielded.
        parameters: the parameter values the rule had asked for by then, in that order.
        unit: code of the unit that is to act, after routing.
        severity: the outcome's own, else the rule's.
    """

    rule: Rule
    outcome: Outcome
    parameters: tuple[ParameterValue, ...]
    unit: str
    severity: Severity


@dataclass(frozen=True, slots=True)
class RuleFailure:
    """A rule that crashed on a subject: reported, and never a finding.

    Attributes:
        rule: rule id.
        subject: id of the person or entry of which it was asked.
        error: kind and text of the error.
        where: file and line.
        records: ids of the subject's records, of which the rule may have spoken too.
    """

    rule: str
    subject: str
    error: str
    where: str
    records: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the rules say of a ledger entry on a day.

    Attributes:
        outcomes: sorted by rule, subject, episode.
        next_due: the earliest later day on which any of it could change without new evidence; None: never.
        failures: rules that crashed, sorted by rule and subject.
    """

    outcomes: tuple[Judged, ...]
    next_due: date | None
    failures: tuple[RuleFailure, ...]


class Engine:
    """All rules of a policy.

    Args:
        policy: the rules, their parameters, the calendar.
        rules: judge by these only; by default all of the policy.

    Attributes:
        policy: the policy.
        rules: ids of the rules it judges by.
    """

    def __init__(self, policy: Policy, rules: Mapping[str, Rule] | None = None) -> None:
        self.policy = policy
        chosen = policy.rules if rules is None else rules
        declared = [
            (rule, {name: policy.parameters[name] for name in rule.parameters})
            for _, rule in sorted(chosen.items())
        ]
        self.rules = frozenset(chosen)
        self._rules = {
            kind: [each for each in declared if each[0].subject in subjects]
            for kind, subjects in _SUBJECTS.items()
        }

    def judge(self, entry: Folded, as_of: date) -> Judgement:
        """Return what the rules for such an entry yield on a day, given what the ledger holds.

        Args:
            entry: the ledger entry.
            as_of: the day of judgement (Asia/Shanghai).
        """
        today = Today(as_of)
        memory: dict[tuple[str, ...], Any] = {}
        outcomes: list[Judged] = []
        failures: list[RuleFailure] = []
        kind = entry.kind if isinstance(entry, Site) else "household"
        for rule, declared in self._rules[kind]:
            parameters = DeclaredParameters(rule.id, declared, memory)
            case = Case(entry, today, parameters, self.policy.calendar)
            for subject in _asked(rule, entry):
                if parameters.used:
                    parameters.used = {}
                try:
                    judged = self._ask(rule, subject, case, parameters)
                except Exception as error:  # noqa: BLE001 - whatever a rule does wrong is reported by name
                    failures.append(_failure(rule, subject, error))
                else:
                    outcomes += judged
        return Judgement(tuple(outcomes), today.next_due, tuple(failures))

    def _ask(self, rule: Rule, subject: Subject, case: Case, parameters: DeclaredParameters) -> list[Judged]:
        """Return one rule's outcomes when it is asked about one subject, sorted by whom they are about and episode."""
        judged: dict[tuple[str, str], Judged] = {}
        for outcome in rule.judge(subject, case):  # type: ignore[arg-type] # Rule.subject says which
            name = (outcome.subject, outcome.episode)
            if name in judged:
                msg = f"two outcomes about {outcome.subject} are named {outcome.episode}"
                raise ValueError(msg)
            judged[name] = Judged(
                rule,
                outcome,
                tuple(parameters.used.values()),
                self.policy.unit_for(rule, outcome, case.region),
                outcome.severity or rule.severity,
            )
        return [judged[name] for name in sorted(judged)] if len(judged) > 1 else list(judged.values())


def _asked(rule: Rule, entry: Folded) -> Iterable[Subject]:
    """Return of whom a rule is asked in an entry."""
    return entry.persons if rule.subject == "person" and isinstance(entry, Household) else (entry,)


def _failure(rule: Rule, subject: Subject, error: Exception) -> RuleFailure:
    frames = traceback.extract_tb(error.__traceback__)
    last = frames[-1]
    records = frozenset(each.id for kept in subject.records_by_kind.values() for each in kept)
    text = f"{type(error).__name__}: {error}"
    return RuleFailure(rule.id, subject.id, text, f"{last.name}:{last.lineno}", records)
