"""What a definition must meet to be published: a table of checks, all problems told at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.jsonvalue import JsonObject
from forms.definition import NotADefinition, questions_of
from forms.facts import FactDictionary


@dataclass(frozen=True, slots=True)
class FormProblem:
    """One thing wrong with a definition: code, where (JSON Pointer), what, and what to do."""

    code: str
    where: str
    what: str
    todo: str

    def to_json(self) -> Mapping[str, Any]:
        """Return it as `NotPublishable` carries it."""
        return {"code": self.code, "where": self.where, "what": self.what, "todo": self.todo}


def check(definition: JsonObject, dictionary: FactDictionary) -> tuple[FormProblem, ...]:  # noqa: ARG001
    """Return every problem of a draft or published definition; nothing when it may be published."""
    try:
        questions_of(definition)
    except NotADefinition as error:
        return (FormProblem("ref", "", str(error), "Refer only to #/$defs/<name> of the same document."),)
    return ()
