"""What is to be observed: the notice's duties and the quality of the data, each with its facts, rules and indicators.

It changes no judgement: it says which rule answers to which duty, so that a page and a test can show that nothing of
the notice is left out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from validators.policy.loader import read_yaml


@dataclass(frozen=True, slots=True)
class Duty:
    """One row of the clause table.

    Attributes:
        id: clause and letter, such as `三(三)a`.
        clause: the clause, such as `三(三)`.
        text: phrases of the notice, word for word.
        en: our gloss.
        of: whom or what it is about.
        facts: `<level>.<name>` of the dictionary.
        registered: those facts that nobody is asked at the door: they come from a register or an office.
        rules: ids of the rules that judge it.
        indicators: numbers of the monthly report's indicators.
    """

    id: str
    clause: str
    text: tuple[str, ...]
    en: str
    of: tuple[str, ...]
    facts: tuple[str, ...]
    registered: tuple[str, ...]
    rules: tuple[str, ...]
    indicators: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class QualityCheck:
    """One check of the data itself: id (`Q1` …), labels, what it reads, rules, ground."""

    id: str
    labels: Mapping[str, str]
    reads: tuple[str, ...]
    rules: tuple[str, ...]
    ground: str


@cache
def duties() -> tuple[Duty, ...]:
    """Return the duties in the notice's order."""
    return tuple(_duty(name, entry) for name, entry in _document("duties.yaml").items())


@cache
def quality_checks() -> tuple[QualityCheck, ...]:
    """Return the checks of the data, by number."""
    return tuple(
        QualityCheck(
            name,
            {"zh-Hans": entry["zh"], "en": entry["en"]},
            tuple(entry["reads"]),
            tuple(entry["rules"]),
            entry["ground"],
        )
        for name, entry in _document("quality.yaml").items()
    )


def _duty(name: str, entry: Mapping[str, Any]) -> Duty:
    return Duty(
        name,
        name[: name.index(")") + 1],
        tuple(entry["text"]),
        entry["en"],
        tuple(entry["of"]),
        tuple(entry["facts"]),
        tuple(entry.get("registered", ())),
        tuple(entry["rules"]),
        tuple(entry["indicators"]),
    )


def _document(name: str) -> Mapping[str, Any]:
    document: Mapping[str, Any] = read_yaml(files("validators.policy").joinpath(name).read_bytes())
    return document
