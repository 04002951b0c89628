"""What a definition must meet to be published: a table of checks, all problems told at once.

A check is a code and a generator of faults (`forms.faults`, `forms.references`); its words stand in `problems.yaml`.
To add one: write the generator, name it in `CHECKS`, give it words. Checks run only on a document whose shape
`vocabulary.schema.json` accepts, so a misshapen document first gets all that is wrong with its shape.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from jsonschema import Draft202012Validator

from core.jsonvalue import JsonObject, loads
from forms import faults, references
from forms.canonical import NotCanonical, canonical
from forms.definition import NotADefinition, pointer
from forms.facts import FactDictionary
from forms.faults import Draft, Faults
from forms.places import places

CHECKS: Mapping[str, Callable[[Draft], Faults]] = {
    "keyword-unknown": faults.keyword_unknown,
    "dialect": faults.dialect,
    "id-not-https": faults.id_not_https,
    "if-without-required": faults.if_without_required,
    "banned-key": faults.banned_key,
    "choices-unequal": faults.choices_unequal,
    "language-missing": faults.language_missing,
    "page-item-unknown": faults.page_item_unknown,
    "page-not-one": faults.page_not_one,
    "name-unfit": faults.name_unfit,
    "required-unknown": faults.required_unknown,
    "condition-misplaced": faults.condition_misplaced,
    "open-object": faults.open_object,
    "format-unknown": faults.format_unknown,
    "pattern-unportable": faults.pattern_unportable,
    "widget-unfit": faults.widget_unfit,
    "missing-unfit": faults.missing_unfit,
    "upcast-target-unknown": faults.upcast_target_unknown,
    "fact-unknown": references.fact_unknown,
    "prefill-unknown": references.prefill_unknown,
    "fact-unfit": references.fact_unfit,
    "pii-unfit": references.pii_unfit,
    "fact-twice": references.fact_twice,
    "entity-unfit": references.entity_unfit,
    "root-entity-unfit": references.root_entity_unfit,
    "entity-without-key": references.entity_without_key,
    "condition-reads-unknown": references.condition_reads_unknown,
    "expression-bad": references.expression_bad,
    "expression-reads-unknown": references.expression_reads_unknown,
    "expression-costly": references.expression_costly,
    "check-name-twice": references.check_name_twice,
    "choices-filter-unfit": references.choices_filter_unfit,
    "repeat-names-unknown": references.repeat_names_unknown,
    "schema-does-not-compile": references.schema_does_not_compile,
}


@dataclass(frozen=True, slots=True)
class FormProblem:
    """One thing wrong with a definition.

    Attributes:
        code: stable: a key of `CHECKS`, or `shape`, `ref`, `not-json`.
        where: JSON Pointer into the definition.
        what: what is wrong, in the asked language.
        todo: what to do, in the asked language.
    """

    code: str
    where: str
    what: str
    todo: str

    def to_json(self) -> dict[str, str]:
        """Return it as `NotPublishable` carries it."""
        return {"code": self.code, "where": self.where, "what": self.what, "todo": self.todo}


def check(
    definition: JsonObject, dictionary: FactDictionary, language: str = "zh-Hans"
) -> tuple[FormProblem, ...]:
    """Return every problem of a draft or published definition; nothing when it may be published.

    Args:
        definition: parsed JSON or YAML.
        dictionary: the facts that `x-fact` may name.
        language: language of the words, `zh-Hans` or `en`.
    """
    found = dict.fromkeys(_problems(definition, dictionary, language))
    return tuple(found)


def _problems(definition: JsonObject, dictionary: FactDictionary, language: str) -> Iterator[FormProblem]:
    try:
        same = loads(canonical(definition)) == definition
    except NotCanonical as error:
        yield _problem("not-json", "", {"why": str(error)}, language)
        return
    if not same:  # keys that are no text become text on writing
        yield _problem("not-json", "", {"why": "a key is not text"}, language)
        return
    shape = [
        _problem("shape", pointer(tuple(error.absolute_path)), {"why": error.message[:300]}, language)
        for error in _vocabulary().iter_errors(definition)
    ]
    if shape:
        yield from shape
        return
    try:
        for _ in places(definition):
            pass
    except NotADefinition as error:
        yield _problem("ref", "", {"why": str(error)}, language)
        return
    draft = Draft(definition, dictionary)
    for code, find in CHECKS.items():
        for where, details in find(draft):
            yield _problem(code, where, details, language)


@cache
def _vocabulary() -> Draft202012Validator:
    return Draft202012Validator(loads(files("forms").joinpath("vocabulary.schema.json").read_bytes()))


@cache
def _words() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    text = files("forms").joinpath("problems.yaml").read_text(encoding="utf-8")
    words: Mapping[str, Mapping[str, Mapping[str, str]]] = yaml.safe_load(text)
    return words


def _problem(code: str, where: str, details: Mapping[str, Any], language: str) -> FormProblem:
    entry = _words()[code]
    what, todo = (entry[part].get(language) or entry[part]["zh-Hans"] for part in ("what", "todo"))
    return FormProblem(code, where, what.format(**details), todo.format(**details))
