"""A finding said in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Protocol

from core.spans import FOREVER, Span
from ledger.dictionary import dictionary
from ledger.model import Folded, Household, Person, Site, Value
from validators.messages.catalogue import PARTS, Words

if TYPE_CHECKING:
    from validators.policy import Policy

_HEAD = "02"
_FIXED: Mapping[str, Mapping[str, str]] = {
    "zh-Hans": {
        "open": "今",
        "unknown": "不详",
        "no_relation": "关系未登记",
        "true": "是",
        "false": "否",
        "join": "、",
    },
    "en": {
        "open": "now",
        "unknown": "unknown",
        "no_relation": "relation not registered",
        "true": "yes",
        "false": "no",
        "join": ", ",
    },
}


@dataclass(frozen=True, slots=True)
class Message:
    """What a person reads about a finding: the unit what it is to do, who visits what is to be asked.

    `ask` is empty when the finding is no question of a visit.
    """

    title: str
    text: str
    what_to_do: str
    ask: str


class Speakable(Protocol):
    """What a message is about: a finding, or an outcome with its unit and deadline."""

    @property
    def rule(self) -> str:
        """Rule id."""

    @property
    def clause(self) -> str:
        """Clause id."""

    @property
    def subject(self) -> str:
        """Id of a person, record or entry."""

    @property
    def unit(self) -> str:
        """Code of the unit that is to act."""

    @property
    def due(self) -> date:
        """The day by which it is to act."""

    @property
    def span(self) -> Span | None:
        """The days in question."""

    @property
    def variant(self) -> tuple[str, ...]:
        """Variants of the wording."""

    @property
    def values(self) -> Mapping[str, Value]:
        """What the message needs."""


def render(finding: Speakable, entry: Folded, policy: "Policy", language: str = "zh-Hans") -> Message:
    """Say a finding in words.

    Args:
        finding: what it is about.
        entry: the ledger entry it belongs to, for names.
        policy: clauses, units and the catalogue.
        language: `zh-Hans` or `en`.

    Raises:
        KeyError: the rule has no message, or the finding lacks a value that the message lists.
    """
    template = policy.messages.messages[finding.rule]
    wording = template.wording[language]
    parts = {part: getattr(wording, part) or "" for part in PARTS}
    for variant in finding.variant:
        change = template.variants[variant][language]
        parts = {part: getattr(change, part) or text for part, text in parts.items()}
        parts["text"] += change.append
    said = _standard(finding, entry, policy, language)
    area = finding.rule.partition("/")[0]
    for name in template.values:
        words = policy.messages.words.get((area, name))
        if words is not None and words.codes_of is not None:
            codes = policy.messages.codes.get(str(finding.values.get(words.codes_of)), {})
            words = Words({**codes, **words.texts})
        said[name] = _say(words, finding.values[name], policy, language)
    return Message(**{part: text.format_map(said) for part, text in parts.items()})


def _standard(finding: Speakable, entry: Folded, policy: "Policy", language: str) -> dict[str, str]:
    fixed = _FIXED[language]
    person = _person(finding.subject, entry) if isinstance(entry, Household) else None
    relation = person.text("relation") if person else None
    name = entry.name if isinstance(entry, Site) else entry.text("registry_no") or entry.id
    record = entry.record(finding.subject)
    labels = dictionary().records[record.kind].labels if record is not None else {}
    clause, unit = policy.clauses[finding.clause], policy.units[finding.unit]
    span = finding.span
    return {
        "person": person.name if person else name,
        "relation": policy.messages.codes["relation"].get(relation or "", {}).get(language)
        or fixed["no_relation"],
        "household": name,
        "site": name,
        "record": labels.get(language, ""),
        "from": say_day(span.start, language) if span else fixed["unknown"],
        "to": say_day(span.end, language) if span else fixed["unknown"],
        "clause": clause.id,
        "clause_title": clause.title[language],
        "unit": unit.short if language == "zh-Hans" else unit.en,
        "due": say_day(finding.due, language),
        "region": policy.place(entry.region, language),
    }


def _person(subject: str, household: Household) -> Person | None:
    """Return the member that a finding is about, or whose record it is about; else the head, if there is one."""
    for member in household.persons:
        if member.id == subject or any(
            record.id == subject for records in member.records_by_kind.values() for record in records
        ):
            return member
    return next((member for member in household.persons if member.text("relation") == _HEAD), None)


def fixed_words(language: str) -> Mapping[str, str]:
    """Return the words that stand for what has no name: open ends, unknown days, true and false."""
    return _FIXED[language]


def say_day(day: date, language: str) -> str:
    """Say a day: 2020年4月1日, 2020-04-01; the open ends of time have words of their own."""
    if day == FOREVER:
        return _FIXED[language]["open"]
    if day == date.min:
        return _FIXED[language]["unknown"]
    return f"{day.year}年{day.month}月{day.day}日" if language == "zh-Hans" else day.isoformat()


def _say(words: Words | None, value: Value, policy: "Policy", language: str) -> str:
    fixed = _FIXED[language]
    if isinstance(value, tuple):
        return fixed["join"].join(_say(words, item, policy, language) for item in value)
    if isinstance(value, bool):
        return fixed["true"] if value else fixed["false"]
    if isinstance(value, date):
        return say_day(value, language)
    if words is None:
        return f"{value:g}" if isinstance(value, float) else str(value)
    if words.place:
        return policy.place(str(value), language)
    return words.texts.get(str(value), {}).get(language) or str(value)
