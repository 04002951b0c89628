"""JSON values: the one name for their type, and strict reading (RFC 8259, I-JSON's numbers)."""

import json
from collections.abc import Mapping
from typing import Any

Json = Any
JsonObject = Mapping[str, Any]


def _refuse_constant(name: str) -> Json:
    msg = f"{name} is not JSON"
    raise ValueError(msg)


def loads(raw: bytes) -> Json:
    """Parse UTF-8 JSON bytes; NaN and Infinity are errors.

    Raises:
        ValueError: not UTF-8, not JSON, or nested deeper than the interpreter can follow.
    """
    try:
        return json.loads(raw.decode("utf-8"), parse_constant=_refuse_constant)
    except RecursionError:
        msg = "nested too deeply"
        raise ValueError(msg) from None


def find(value: Json, pointer: str) -> Json:
    """Return what a JSON Pointer (RFC 6901) names in a value.

    Raises:
        LookupError: there is nothing, or the text is no pointer.
    """
    if pointer and not pointer.startswith("/"):
        raise LookupError(pointer)
    for token in pointer.split("/")[1:]:
        name = token.replace("~1", "/").replace("~0", "~")
        if isinstance(value, Mapping) and name in value:
            value = value[name]
        elif isinstance(value, list) and name.isascii() and name.isdigit() and int(name) < len(value):
            value = value[int(name)]
        else:
            raise LookupError(pointer)
    return value


def depth(value: Json, limit: int) -> int:
    """Return how deep a JSON value nests, looking no further than `limit` + 1 levels."""
    level, layer = 0, [value]
    while layer and level <= limit:
        level += 1
        layer = [
            child
            for node in layer
            if isinstance(node, (dict, list))
            for child in (node.values() if isinstance(node, dict) else node)
            if isinstance(child, (dict, list))
        ]
    return level
