"""Runs all rules over a household. Pure: the same household, policy and day give the same judgement."""

import traceback
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from ledger.model import Household, Person
from validators.policy import DeclaredParameters, Policy
from validators.rule import Case, Outcome, ParameterValue, Rule, Severity, Today


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
        subject: person id or household id.
        error: kind and text of the error.
        where: file and line.
    """

    rule: str
    subject: str
    error: str
    where: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """What all rules say of a household on a day.

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
        self._rules = [
            (rule, {name: policy.parameters[name] for name in rule.parameters})
            for _, rule in sorted(chosen.items())
        ]
        self.rules = frozenset(chosen)

    def judge(self, household: Household, as_of: date) -> Judgement:
        """Return what the rules yield on a day, given what the ledger holds.

        Args:
            household: the ledger entry.
            as_of: the day of judgement (Asia/Shanghai).
        """
        today = Today(as_of)
        memory: dict[tuple[str, ...], Any] = {}
        outcomes: list[Judged] = []
        failures: list[RuleFailure] = []
        for rule, declared in self._rules:
            parameters = DeclaredParameters(rule.id, declared, memory)
            case = Case(household, today, parameters, self.policy.calendar)
            subjects: Iterable[Person | Household]
            subjects = household.persons if rule.subject == "person" else (household,)
            for subject in subjects:
                if parameters.used:
                    parameters.used = {}
                try:
                    judged = self._ask(rule, subject, case, parameters)
                except Exception as error:  # noqa: BLE001 - whatever a rule does wrong is reported by name
                    failures.append(_failure(rule, subject.id, error))
                else:
                    outcomes += judged
        return Judgement(tuple(outcomes), today.next_due, tuple(failures))

    def _ask(
        self, rule: Rule, subject: Person | Household, case: Case, parameters: DeclaredParameters
    ) -> list[Judged]:
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
                self.policy.unit_for(rule, outcome, case.household.region),
                outcome.severity or rule.severity,
            )
        return [judged[name] for name in sorted(judged)] if len(judged) > 1 else list(judged.values())


def _failure(rule: Rule, subject: str, error: Exception) -> RuleFailure:
    frames = traceback.extract_tb(error.__traceback__)
    last = frames[-1]
    return RuleFailure(rule.id, subject, f"{type(error).__name__}: {error}", f"{last.name}:{last.lineno}")
