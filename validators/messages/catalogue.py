"""The catalogue of messages, read from `<area>.yaml` (format: README.md beside this file)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from string import Formatter
from typing import Any

from core.problems import ConfigurationError
from forms.facts import FactDictionary, FactSpec

LANGUAGES = ("zh-Hans", "en")
STANDARD = frozenset(
    {
        "person",
        "relation",
        "household",
        "site",
        "record",
        "from",
        "to",
        "clause",
        "clause_title",
        "unit",
        "due",
        "region",
    }
)
_NEEDED = ("title", "text", "what_to_do")
PARTS = (*_NEEDED, "ask")
"""The parts of a message; `ask` is there if a finding of the rule can become a question of a visit."""


@dataclass(frozen=True, slots=True)
class Wording:
    """Texts in one language; in a variant None leaves the part as it is, and `append` is added to the text.

    `what_to_do` is said to the unit that is to act, `ask` to who visits: what is to be found out there.
    """

    title: str | None = None
    text: str | None = None
    what_to_do: str | None = None
    ask: str | None = None
    append: str = ""


@dataclass(frozen=True, slots=True)
class MessageTemplate:
    """The message of a rule: wording by language, variants, the outcome's values it uses, whether it says its days."""

    rule: str
    values: tuple[str, ...]
    wording: Mapping[str, Wording]
    variants: Mapping[str, Mapping[str, Wording]]
    says_days: bool


@dataclass(frozen=True, slots=True)
class Words:
    """How the values of one placeholder are said.

    Attributes:
        texts: value → text by language.
        place: the values are region codes.
        codes_of: the placeholder whose value names the fact that the values are codes of.
    """

    texts: Mapping[str, Mapping[str, str]]
    place: bool = False
    codes_of: str | None = None


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Messages by rule id, words by area and placeholder, codes of facts by the fact's name."""

    messages: Mapping[str, MessageTemplate]
    words: Mapping[tuple[str, str], Words]
    codes: Mapping[str, Mapping[str, Mapping[str, str]]]

    def needed(self, rule_id: str) -> tuple[frozenset[str], bool] | None:
        """Return which values of a finding its message needs, and whether its days; None without a message."""
        template = self.messages.get(rule_id)
        if template is None:
            return None
        area = rule_id.partition("/")[0]
        words = [self.words.get((area, name)) for name in template.values]
        named = {each.codes_of for each in words if each is not None and each.codes_of is not None}
        return frozenset(template.values) | named, template.says_days


def read_catalogue(documents: Mapping[str, Mapping[str, Any]], facts: FactDictionary) -> Catalogue:
    """Read the parsed message files by area.

    Raises:
        ConfigurationError: a part is missing, a placeholder is unknown, or a rule is of another area.
    """
    messages: dict[str, MessageTemplate] = {}
    words: dict[tuple[str, str], Words] = {}
    for area, document in documents.items():
        for name, entry in (document.get("words") or {}).items():
            words[area, name] = _read_words(area, name, entry, facts)
        for rule_id, entry in (document.get("messages") or {}).items():
            if not rule_id.startswith(area + "/"):
                raise ConfigurationError(
                    f"message {rule_id} belongs into its own area's file, not {area}.yaml"
                )
            messages[rule_id] = _read_message(rule_id, entry)
    return Catalogue(messages, words, {name: spec.codes for name, spec in _by_name(facts).items()})


def _by_name(facts: FactDictionary) -> dict[str, FactSpec]:
    """Return the facts by name; those of spells and records as `<kind>.<name>`.

    Of two levels the person's is taken, then the household's.
    """
    levels = ("banner", "site", "household", "person")
    ranked = sorted(
        facts.facts.values(), key=lambda spec: levels.index(spec.level) if spec.level in levels else 0
    )
    return {
        f"{spec.level.partition(':')[2]}.{spec.name}" if ":" in spec.level else spec.name: spec
        for spec in ranked
    }


def _read_words(area: str, name: str, entry: Mapping[str, Any], facts: FactDictionary) -> Words:
    if entry.get("place") is True:
        return Words({}, place=True)
    if entry.get("facts") is True:
        kinds = {kind: spec.labels for kind, spec in facts.records.items()} | dict(facts.spell_kinds)
        return Words({name: spec.labels for name, spec in _by_name(facts).items()} | kinds)
    if "codes_of" in entry:
        return Words(dict(entry.get("texts", {})), codes_of=str(entry["codes_of"]))
    if "fact" in entry:
        level, _, fact = str(entry["fact"]).partition("/")
        spec = facts.get(level, fact)
        if spec is None or not spec.codes:
            raise ConfigurationError(
                f"words {area}.{name}: {entry['fact']} is no coded fact of ledger/facts.yaml"
            )
        return Words(spec.codes)
    for value, texts in entry.items():
        if not isinstance(texts, dict) or set(texts) != set(LANGUAGES):
            raise ConfigurationError(f"words {area}.{name}: {value} needs a text in each of {LANGUAGES}")
    return Words({str(value): texts for value, texts in entry.items()})


def _read_message(rule_id: str, entry: Mapping[str, Any]) -> MessageTemplate:
    values = tuple(entry.get("values", ()))
    known = STANDARD | set(values)
    wording = {}
    for language in LANGUAGES:
        texts = entry.get(language)
        if not isinstance(texts, dict) or set(texts) - {"ask"} != set(_NEEDED):
            raise ConfigurationError(
                f"message {rule_id}: {language} needs exactly {_NEEDED}, and may have ask"
            )
        wording[language] = _read_wording(rule_id, texts, known)
    variants = {}
    for variant, languages in (entry.get("variants") or {}).items():
        if set(languages) != set(LANGUAGES):
            raise ConfigurationError(
                f"message {rule_id}: variant {variant} needs an entry in each of {LANGUAGES}"
            )
        variants[variant] = {
            lang: _read_wording(rule_id, texts or {}, known) for lang, texts in languages.items()
        }
    for said in (wording, *variants.values()):
        if len({each.ask is None for each in said.values()}) > 1:
            raise ConfigurationError(f"message {rule_id}: ask is to be in each of {LANGUAGES}, or in none")
    return MessageTemplate(rule_id, values, wording, variants, _says_days([wording, *variants.values()]))


def _says_days(worded: Iterable[Mapping[str, Wording]]) -> bool:
    """Tell whether the days in question are named in any language or variant."""
    wordings = [wording for each in worded for wording in each.values()]
    texts = [getattr(each, part) or "" for each in wordings for part in (*PARTS, "append")]
    return any(mark in text for text in texts for mark in ("{from}", "{to}"))


def _read_wording(rule_id: str, texts: Mapping[str, Any], known: frozenset[str] | set[str]) -> Wording:
    unknown = set(texts) - {*PARTS, "append"}
    if unknown:
        raise ConfigurationError(f"message {rule_id}: {sorted(unknown)} are no parts of a message")
    for part, text in texts.items():
        try:
            names = [name for _, name, spec, how in Formatter().parse(text) if name is not None]
        except (TypeError, ValueError) as error:
            raise ConfigurationError(f"message {rule_id}: {part} is no template ({error})") from error
        if not set(names) <= known:
            strange = sorted(set(names) - known)
            raise ConfigurationError(
                f"message {rule_id}: {strange} are neither standard nor listed under values"
            )
    return Wording(**texts)
