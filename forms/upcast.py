"""Answers of an earlier version, read as answers of a later one (FORMS §6). Pure; the stored answers stay as they are.

A version declares `x-upcast: {from, steps}`. Steps run in order; in their JSON Pointers `*` stands for every row:

- `{"rename": "/members/*/tel", "to": "phone"}`: another name in the same object.
- `{"move": "/phone", "to": "/contact/phone"}`: another place; both paths have the same rows (`*`) first.
- `{"recode": "/occupied", "map": {"yes": "always"}}`: other values; one that is not in the map is lost.
- `{"drop": "/income", "x-i18n-lost": {…}}`: no longer asked; what is lost is said.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from core.jsonvalue import Json
from forms.definition import FormVersion, pointer


@dataclass(frozen=True, slots=True)
class Loss:
    """An answer that the later version has no place for.

    Attributes:
        version: SHA-256 of the version whose step lost it.
        path: JSON Pointer of the answer as it was.
        value: the answer.
        words: what is lost, by language; empty when the form does not say.
    """

    version: str
    path: str
    value: Json
    words: Mapping[str, str]


def chain(versions: Iterable[FormVersion], start: FormVersion, end: FormVersion) -> tuple[FormVersion, ...]:
    """Return the versions to pass through from `start` (not included) to `end` (included).

    Returns an empty tuple when they are the same version, or no path of `x-upcast` leads from one to the other.
    """
    by_version = {version.version: version for version in versions if version.form_id == end.form_id}
    path: list[FormVersion] = []
    here = end
    while here != start:
        path.append(here)
        before = by_version.get(here.document.get("x-upcast", {}).get("from", ""))
        if before is None or before in path:
            return ()
        here = before
    return tuple(reversed(path))


def upcast(
    answers: Mapping[str, Any], through: Sequence[FormVersion]
) -> tuple[dict[str, Any], tuple[Loss, ...]]:
    """Return the answers as the last of the versions would have them, and what was lost on the way.

    Args:
        answers: an answer set of the version before the first of `through`; not changed.
        through: versions in order, see `chain`.
    """
    result: dict[str, Any] = deepcopy(dict(answers))
    losses: list[Loss] = []
    for version in through:
        for step in version.document.get("x-upcast", {}).get("steps", ()):
            losses.extend(_apply(result, step, version.sha256))
    return result, tuple(losses)


def _apply(answers: dict[str, Any], step: Mapping[str, Any], version: str) -> Iterator[Loss]:
    words = step.get("x-i18n-lost", {})
    action = next(key for key in ("rename", "move", "recode", "drop") if key in step)
    source = step[action].split("/")[1:]
    for holder, here in list(_holders(answers, source[:-1], ())):
        name = source[-1]
        if name not in holder:
            continue
        if action == "recode":
            value = holder[name]
            key = value if isinstance(value, str) else json.dumps(value)
            if key in step["map"]:
                holder[name] = step["map"][key]
            else:
                yield Loss(version, pointer((*here, name)), holder.pop(name), words)
        else:
            value = holder.pop(name)
            if action == "rename":
                holder[step["to"]] = value
            elif action == "drop" or not _put(answers, step["to"].split("/")[1:], here, value):
                yield Loss(version, pointer((*here, name)), value, words)


def _holders(
    value: Json, path: Sequence[str], here: tuple[str | int, ...]
) -> Iterator[tuple[dict[str, Any], tuple[str | int, ...]]]:
    """Yield the objects at a path, with where each is."""
    if not path:
        if isinstance(value, dict):
            yield value, here
    elif path[0] == "*":
        if isinstance(value, list):
            for index, item in enumerate(value):
                yield from _holders(item, path[1:], (*here, index))
    elif isinstance(value, dict) and path[0] in value:
        yield from _holders(value[path[0]], path[1:], (*here, path[0]))


def _put(answers: dict[str, Any], target: Sequence[str], here: Sequence[str | int], value: Json) -> bool:
    """Put a value at a path, in the rows it came from; groups are made, rows are not. False: there is no such place."""
    rows = [part for part in here if isinstance(part, int)]
    at: Json = answers
    for part in target[:-1]:
        if part == "*" and isinstance(at, list) and rows and rows[0] < len(at):
            at = at[rows.pop(0)]
        elif part != "*" and isinstance(at, dict):
            at = at.setdefault(part, {})
        else:
            return False
    if not isinstance(at, dict) or rows:
        return False
    at[target[-1]] = value
    return True
