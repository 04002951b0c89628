"""Where things stand in a definition: every question with its neighbours, its level and its JSON Pointer.

The checks of a definition and the comparison of two versions read definitions through this.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from core.jsonvalue import Json, JsonObject
from forms.definition import MAX_DEPTH, NotADefinition, escape, resolve, root_level


@dataclass(frozen=True, slots=True)
class Holder:
    """An object of the answers: the root, a group, or the rows of a repeat.

    Attributes:
        where: JSON Pointer of its schema in the definition.
        path: path of the object in the answers; `*` stands for rows.
        schema: its schema, `$ref` merged in.
        level: entity whose facts are stated in it; None in rows that are no entity.
        names: its questions in the order in which they are asked.
    """

    where: str
    path: tuple[str, ...]
    schema: JsonObject
    level: str | None
    names: tuple[str, ...]

    @property
    def in_rows(self) -> bool:
        """Whether it lies in a repeat."""
        return "*" in self.path


@dataclass(frozen=True, slots=True)
class Place:
    """One question where it stands.

    Attributes:
        where: JSON Pointer of its schema in the definition.
        name: its name.
        own: its schema as written there.
        schema: the same with `$ref` merged in.
        holder: the object it is a member of.
    """

    where: str
    name: str
    own: Json
    schema: JsonObject
    holder: Holder


def places(document: JsonObject) -> Iterator[Holder | Place]:
    """Yield every holder and every question, each holder before its questions.

    Raises:
        NotADefinition: a broken `$ref`, or questions too deep.
    """
    yield from _of_holder(document, document, "", (), root_level(document))


def _of_holder(
    document: JsonObject, schema: Json, where: str, path: tuple[str, ...], level: str | None
) -> Iterator[Holder | Place]:
    if len(path) > 2 * MAX_DEPTH:
        raise NotADefinition(f"questions nest deeper than {MAX_DEPTH}")
    merged = resolve(document, schema)
    members = merged.get("properties")
    if not isinstance(members, Mapping):
        return
    where = _properties_at(document, schema, where)
    holder = Holder(where, path, merged, level, _order(merged, members))
    yield holder
    for name, own in members.items():
        resolved = resolve(document, own)
        place = Place(f"{where}/properties/{escape(name)}", name, own, resolved, holder)
        yield place
        yield from _inside(document, place)


def _inside(document: JsonObject, place: Place) -> Iterator[Holder | Place]:
    schema, path = place.schema, (*place.holder.path, place.name)
    if "items" in schema:
        where = f"{_keyword_at(document, place.own, place.where, 'items')}/items"
        yield from _of_holder(document, schema["items"], where, (*path, "*"), schema.get("x-entity"))
    elif "properties" in schema and schema.get("x-widget") not in {"gps", "camera"}:
        level = place.schema.get("x-entity", place.holder.level)
        yield from _of_holder(document, place.own, place.where, path, level)


def _properties_at(document: JsonObject, schema: Json, where: str) -> str:
    return _keyword_at(document, schema, where, "properties")


def _keyword_at(document: JsonObject, schema: Json, where: str, keyword: str) -> str:
    """Return the pointer of the schema that has the keyword: this one, or what its `$ref` leads to."""
    while isinstance(schema, Mapping) and keyword not in schema and "$ref" in schema:
        name = str(schema["$ref"]).removeprefix("#/$defs/")
        where, schema = f"/$defs/{escape(name)}", document["$defs"][name]
    return where


def _order(schema: JsonObject, members: Mapping[str, Any]) -> tuple[str, ...]:
    """Return names in the order of asking: by the pages at the root, else as written."""
    paged = [name for page in schema.get("x-pages", ()) for name in page["items"] if name in members]
    return tuple(dict.fromkeys([*paged, *members]))
