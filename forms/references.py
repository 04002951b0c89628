"""What can be wrong with what a definition refers to: facts, answers in conditions and expressions, shared parts.

One generator a fault, as in `forms.faults`.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping

from core.jsonvalue import Json, JsonObject
from forms.compile import answer_validator, compile_draft
from forms.definition import JSON_TYPES, is_part, resolve, root_level
from forms.expressions import Expression, ExpressionError, parse
from forms.facts import FactSpec, FactType
from forms.faults import Draft, Faults
from forms.places import Holder, Place


def _name_at(level: str, declared: str) -> str | None:
    """Return the fact's name at a level, None when it is declared for another level."""
    if is_part(level):
        return declared
    head, _, name = declared.partition(".")
    return name if head == level and name else None


def _stated(draft: Draft, place: Place) -> FactSpec | None:
    """Return the fact that a question states, if it is known and of the level the question stands in."""
    level, declared = place.holder.level, place.schema.get("x-fact")
    name = None if level is None or declared is None else _name_at(level, declared)
    return None if level is None or name is None else draft.dictionary.get(level, name)


def fact_unknown(draft: Draft) -> Faults:
    """`x-fact` names no fact of the level it stands in."""
    for place in draft.questions:
        if "x-fact" in place.schema and _stated(draft, place) is None:
            level = place.holder.level or "?"
            yield f"{place.where}/x-fact", {"fact": place.schema["x-fact"], "level": level}


def prefill_unknown(draft: Draft) -> Faults:
    """`x-prefill` names no fact of the entity, nor of one it belongs to."""
    for place in draft.questions:
        prefill, level = place.schema.get("x-prefill"), place.holder.level or "household"
        if prefill is None:
            continue
        declared = prefill["fact"] if isinstance(prefill, Mapping) else prefill
        names = [(at, _name_at(at, declared)) for at in _around(draft, level)]
        if not any(name and draft.dictionary.get(at, name) for at, name in names):
            yield f"{place.where}/x-prefill", {"fact": declared, "level": level}


def _around(draft: Draft, level: str) -> Iterator[str]:
    """Yield a level and those that what stands in it belongs to, inmost first."""
    yield level
    owner = draft.dictionary.owner(level)
    if owner is not None:
        yield owner
    if "person" in {level, owner}:
        yield "household"


def fact_unfit(draft: Draft) -> Faults:
    """The answer's type or codes do not fit the fact."""
    for place in draft.questions:
        spec = _stated(draft, place)
        if spec is not None and (why := _unfit(draft.document, place.schema, spec)):
            yield f"{place.where}/x-fact", {"fact": spec.name, "type": spec.type.value, "why": why}


_KINDS: Mapping[FactType, tuple[str, ...]] = {
    FactType.INTEGER: ("integer",),
    FactType.NUMBER: ("integer", "number"),
    FactType.BOOLEAN: ("boolean",),
}


def _unfit(document: JsonObject, schema: JsonObject, spec: FactSpec) -> str | None:
    """Return what does not fit, or None."""
    if spec.type is FactType.CODES:
        items = resolve(document, schema.get("items"))
        return _codes_unfit(items, spec, set()) if schema.get("type") == "array" else "type: array"
    missing = set(schema.get("x-missing", ()))
    if spec.type is FactType.CODE:
        return _codes_unfit(schema, spec, missing)
    kind = schema.get("type") or _kind_of_values(schema, missing)
    wanted = _KINDS.get(spec.type, ("string",))
    if kind not in wanted:
        return f"type: {' | '.join(wanted)}"
    return "format: date" if spec.type is FactType.DATE and schema.get("format") != "date" else None


def _kind_of_values(schema: JsonObject, missing: set[str]) -> str | None:
    """Return the JSON type of the choices, when all that are no codes for missing answers have one."""
    kinds = {JSON_TYPES.get(type(value)) for value in schema.get("enum", ()) if value not in missing}
    return kinds.pop() if len(kinds) == 1 else None


def _codes_unfit(schema: JsonObject, spec: FactSpec, missing: set[str]) -> str | None:
    values = schema.get("enum")
    if not isinstance(values, list):
        return "enum"
    strange = [str(value) for value in values if value not in missing and value not in spec.codes]
    return f"enum: {', '.join(strange)}" if strange else None


def pii_unfit(draft: Draft) -> Faults:
    """The question and the fact it states do not say the same of what is personal."""
    for place in draft.questions:
        spec = _stated(draft, place)
        if spec is not None and place.schema.get("x-pii") != spec.pii:
            yield f"{place.where}/x-fact", {"fact": spec.name, "pii": spec.pii or "–"}


def fact_twice(draft: Draft) -> Faults:
    """Two questions of one entity state one fact, and nothing says that only one of them is asked."""
    stating = [
        place
        for place in draft.questions
        if "x-fact" in place.schema and not {"x-when", "x-when-root"} & place.schema.keys()
    ]
    records = {
        (*place.holder.path, place.name)
        for place in draft.questions
        if "x-entity" in place.schema and place.schema.get("type") == "object"
    }
    stated = Counter((_entity_path(place.holder, records), place.schema["x-fact"]) for place in stating)
    for place in stating:
        fact = place.schema["x-fact"]
        if stated[_entity_path(place.holder, records), fact] > 1:
            yield f"{place.where}/x-fact", {"fact": fact}


def _entity_path(holder: Holder, records: Collection[tuple[str, ...]]) -> tuple[str, ...]:
    """Return the path of the rows, record or root a holder belongs to; a group states facts of what it is in."""
    path = holder.path
    while path and path[-1] != "*" and path not in records:
        path = path[:-1]
    return path


def entity_unfit(draft: Draft) -> Faults:
    """`x-entity` on what is no repeat, of an unknown kind, or in the wrong entity.

    A group may be a record that is told from others by what it states, not by a key.
    """
    for place in draft.questions:
        entity = place.schema.get("x-entity")
        if entity is None:
            continue
        owner = "household" if entity == "person" else draft.dictionary.owner(entity)
        alone = place.schema.get("type") == "object" and _identity(draft, entity) is not None
        if place.holder.level != owner or not (place.schema.get("type") == "array" or alone):
            yield f"{place.where}/x-entity", {"entity": entity, "level": place.holder.level}


def _identity(draft: Draft, entity: str) -> tuple[str, ...] | None:
    """Return the facts that tell records of a kind apart; None if only their keys do, or it is no record."""
    spec = draft.dictionary.records.get(entity.removeprefix("record:"))
    return spec.identity if spec is not None and entity.startswith("record:") else None


def root_entity_unfit(draft: Draft) -> Faults:
    """`x-entity` at the root of a form that is about something else: a form about a person may say `person`."""
    declared = draft.document.get("x-entity")
    subject = draft.document.get("x-form", {}).get("subject", "household")
    fits = {"household": {"household", "person"}, "person": {"person", "household"}}
    if declared is not None and declared not in fits.get(subject, {subject}):
        yield "/x-entity", {"entity": declared, "level": root_level({"x-form": {"subject": subject}})}


def entity_without_key(draft: Draft) -> Faults:
    """Rows of an entity that nothing identifies: `x-key` is missing or no text question of the row.

    Records that are told apart by what they state need no key, if the row states all of it.
    """
    for place in draft.questions:
        if "x-entity" in place.schema and not _told_apart(draft, place):
            key = place.schema.get("x-repeat", {}).get("x-key")
            row = resolve(draft.document, place.schema.get("items")).get("properties", {})
            if key not in row or resolve(draft.document, row[key]).get("type") != "string":
                yield f"{place.where}/x-repeat", {"key": key}


def _told_apart(draft: Draft, place: Place) -> bool:
    """Tell whether the facts that identify a record are all stated in it, and no key is named."""
    identity = _identity(draft, place.schema["x-entity"])
    if identity is None or "x-key" in place.schema.get("x-repeat", {}):
        return False
    inner = (*place.holder.path, place.name, *(["*"] if place.schema.get("type") == "array" else []))
    stated = {
        each.schema.get("x-fact") for each in draft.questions if each.holder.path[: len(inner)] == inner
    }
    return stated.issuperset(identity)


def condition_reads_unknown(draft: Draft) -> Faults:
    """A condition on an answer that is not there, or that is asked later."""
    root = draft.holders[0]
    for place in draft.questions:
        siblings, own = place.holder.names, place.name
        for name in _names(place.schema.get("x-when", {})):
            if name not in siblings or siblings.index(name) >= siblings.index(own):
                yield f"{place.where}/x-when", {"name": name}
        if place.holder.path:
            own = place.holder.path[0]
            for name in _names(place.schema.get("x-when-root", {})):
                if name not in root.names or root.names.index(name) >= root.names.index(own):
                    yield f"{place.where}/x-when-root", {"name": name}


def _names(condition: Json) -> Iterator[str]:
    """Yield the members a condition reads at its own level."""
    if isinstance(condition, Mapping):
        yield from dict.fromkeys([*condition.get("properties", {}), *condition.get("required", ())])
        for keyword in ("if", "then", "else", "not"):
            yield from _names(condition.get(keyword))
        for keyword in ("allOf", "anyOf", "oneOf"):
            for part in condition.get(keyword, ()):
                yield from _names(part)


def _expressions(draft: Draft) -> Iterator[tuple[str, Json, Holder]]:
    """Yield every expression: pointer, JSON, the object whose members it reads."""
    for holder in draft.holders:
        for index, entry in enumerate(holder.schema.get("x-check", ())):
            yield f"{holder.where}/x-check/{index}/that", entry["that"], holder
    for place in draft.questions:
        if "properties" not in place.schema or place.schema.get("x-widget") in {"gps", "camera"}:
            for index, entry in enumerate(place.schema.get("x-check", ())):
                yield f"{place.where}/x-check/{index}/that", entry["that"], place.holder
        if "x-calc" in place.schema:
            yield f"{place.where}/x-calc", place.schema["x-calc"], place.holder


def expression_bad(draft: Draft) -> Faults:
    """An expression that cannot be parsed."""
    for where, source, _ in _expressions(draft):
        try:
            parse(source)
        except ExpressionError as error:
            yield where, {"why": str(error)}


def _parsed(draft: Draft) -> Iterator[tuple[str, Expression, Holder]]:
    for where, source, holder in _expressions(draft):
        try:
            yield where, parse(source), holder
        except ExpressionError:
            continue


def expression_reads_unknown(draft: Draft) -> Faults:
    """An expression reads an answer that the form does not ask."""
    known = {(*place.holder.path, place.name) for place in draft.questions}
    known |= {path[:cut] for path in known for cut in range(1, len(path))}
    devices = {
        (*place.holder.path, place.name, part)
        for place in draft.questions
        if place.schema.get("x-widget") in {"gps", "camera"}
        for part in place.schema.get("properties", {})
    }
    for where, expression, holder in _parsed(draft):
        for read in expression.reads:
            start = () if read.startswith("$.") else holder.path
            if (*start, *read.removeprefix("$.").split(".")) not in known | devices:
                yield where, {"name": read}


def expression_costly(draft: Draft) -> Faults:
    """An expression asked of every row reads every row: time would grow with the square of the answers."""
    for where, expression, holder in _parsed(draft):
        for read in expression.reads:
            if holder.in_rows and read.startswith("$.") and "*" in read:
                yield where, {"name": read}


def check_name_twice(draft: Draft) -> Faults:
    """Two checks of one object have one name: their issues could not be told apart."""
    for holder in draft.holders:
        own = {
            f"{holder.where}/x-check/{index}": entry
            for index, entry in enumerate(holder.schema.get("x-check", ()))
        }
        for place in draft.questions:
            if place.holder is holder and "properties" not in place.schema:
                own |= {
                    f"{place.where}/x-check/{index}": entry
                    for index, entry in enumerate(place.schema.get("x-check", ()))
                }
        names = Counter(entry["name"] for entry in own.values())
        for where, entry in own.items():
            if names[entry["name"]] > 1:
                yield f"{where}/name", {"name": entry["name"]}


def choices_filter_unfit(draft: Draft) -> Faults:
    """A filter of choices by an answer that is not beside it, or to values that are no choices."""
    for place in draft.questions:
        given = place.schema.get("x-choices-filter")
        if given is None:
            continue
        if given["answer"] not in place.holder.names or given["answer"] == place.name:
            yield f"{place.where}/x-choices-filter/answer", {"name": given["answer"]}
        items = resolve(draft.document, place.schema.get("items"))
        values = place.schema.get("enum", items.get("enum", ()))
        for allowed in given["choices"].values():
            for value in allowed:
                if value not in values:
                    yield f"{place.where}/x-choices-filter/choices", {"name": value}


def repeat_names_unknown(draft: Draft) -> Faults:
    """`x-repeat` names what is no question of the row."""
    for place in draft.questions:
        repeat = place.schema.get("x-repeat")
        if repeat is not None:
            row = resolve(draft.document, place.schema.get("items")).get("properties", {})
            for name in (*repeat.get("summary", ()), *([repeat["x-key"]] if "x-key" in repeat else ())):
                if name not in row:
                    yield f"{place.where}/x-repeat", {"name": name}


def schema_does_not_compile(draft: Draft) -> Faults:
    """The answer schema is not one that the gate can compile."""
    try:
        answer_validator(compile_draft(draft.document))
    except ValueError as error:
        yield "", {"why": str(error).partition("\n")[0]}
