"""All that is needed to say any finding in one language: for phones, which say them without a line to the server."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ledger.dictionary import dictionary
from validators.messages.catalogue import MessageTemplate, Wording, Words
from validators.messages.render import fixed_words

if TYPE_CHECKING:
    from validators.policy import Policy

_PARTS = ("title", "text", "ask", "append")
"""What is said at a door: what the unit is to do is not."""


def templates(policy: "Policy", language: str) -> dict[str, Any]:
    """Return the templates of one language, with the names that fill them, of JSON values.

    What the unit is to do is not among them: a phone says what is to be asked, and why. It fills them as `render` does;
    `web/phone/vectors` hold both to the same sentences.
    """
    chinese = language == "zh-Hans"
    catalogue = policy.messages
    return {
        "version": policy.version,
        "language": language,
        "fixed": {**fixed_words(language), "date": "spoken" if chinese else "iso"},
        "clauses": {clause.id: clause.title[language] for clause in policy.clauses.values()},
        "units": {unit.code: unit.short if chinese else unit.en for unit in policy.units.values()},
        "places": {code: names[language] for code, names in policy.places.items()},
        "records": {kind: spec.labels[language] for kind, spec in dictionary().records.items()},
        "codes": {name: _texts(codes, language) for name, codes in catalogue.codes.items() if codes},
        "words": {
            f"{area}/{name}": _words(words, language) for (area, name), words in catalogue.words.items()
        },
        "messages": {rule: _message(message, language) for rule, message in catalogue.messages.items()},
    }


def _texts(texts: Mapping[str, Mapping[str, str]], language: str) -> dict[str, str]:
    return {value: said[language] for value, said in texts.items() if said.get(language)}


def _words(words: Words, language: str) -> dict[str, Any]:
    if words.place:
        return {"place": True}
    told = {"texts": _texts(words.texts, language)}
    return told if words.codes_of is None else {"codes_of": words.codes_of, **told}


def _message(message: MessageTemplate, language: str) -> dict[str, Any]:
    variants = {name: _wording(wording[language]) for name, wording in message.variants.items()}
    return {"values": list(message.values), "variants": variants, **_wording(message.wording[language])}


def _wording(wording: Wording) -> dict[str, str]:
    return {part: text for part in _PARTS if (text := getattr(wording, part))}
