"""Schemas of the exchange. The envelope is read strictly; what is wrong with an op, its own result tells."""

from typing import Any

from sync.protocol import OPS_LIMIT

_UUID = {"type": "string", "pattern": "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"}
_COUNT = {"type": "integer", "minimum": 0}
_OP: dict[str, Any] = {
    "type": "object",
    "description": "An op; its kinds are told in docs/protocol.md.",
    "properties": {
        "id": _UUID,
        "n": {"type": "integer", "minimum": 1, "description": "Its number on the phone."},
        "kind": {"type": "string"},
        "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$", "description": "Of the canonical body."},
        "body": {"type": "object"},
    },
}
EXCHANGE: dict[str, Any] = {
    "type": "object",
    "required": ["v", "install"],
    "properties": {
        "v": {"const": 1},
        "install": _UUID | {"description": "Id that the app made when it was installed."},
        "app": {"type": ["string", "null"], "minLength": 1, "maxLength": 128},
        "clock": {"type": ["object", "null"], "description": "The phone's clock as it sends."},
        "cursor": {"type": ["string", "null"], "description": "Of the last answer; null to begin."},
        "outbox": {"type": ["object", "null"], "properties": {"max_n": _COUNT, "pending": _COUNT}},
        "max_bytes": {"type": ["integer", "null"], "minimum": 0},
        "mismatch": {"type": ["array", "null"], "items": {"type": "string"}},
        "snapshots": {"type": ["boolean", "null"]},
        "joined": {"type": ["array", "null"], "items": {"type": "string"}},
        "ops": {"type": ["array", "null"], "items": _OP, "maxItems": OPS_LIMIT},
    },
}
ANSWER: dict[str, Any] = {
    "type": "object",
    "required": ["v", "results", "have", "cursor"],
    "properties": {
        "v": {"const": 1},
        "results": {
            "type": "array",
            "items": {"type": "object", "required": ["status"]},
            "description": "One per op, in order.",
        },
        "have": {"type": "array", "description": "Ranges of op numbers that are durable here."},
        "rows": {"type": "array", "description": "[scope, key, [put|del, …]]"},
        "cursor": {"type": "string"},
    },
}
