"""Mutants: six faults that sync protocols are known for, each a small change to the product or the phone.

The state machine must find every one of them by the examples it makes; a machine that does not is no proof of anything.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest

from forms.log import Landed, OpLog
from ruhu_phone.oplog import OpLog as PhoneLog
from store import Store
from sync import pull
from sync.cursor import Place
from sync.feed import FeedWriter


@dataclass(frozen=True)
class Mutant:
    """A fault: what it is called, what it does, and how it is put in."""

    name: str
    does: str
    put_in: Callable[[pytest.MonkeyPatch], None]


def _no_remove_row(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(FeedWriter, "replace", lambda self, _households, changes: self.add(changes))


def _cursor_is_head(patch: pytest.MonkeyPatch) -> None:
    read = pull._Page.read

    def read_to_head(self: Any, scope: str, start: Place) -> None:
        read(self, scope, start)
        self.places[scope] = Place(self._state.heads[scope].seq, start.base)

    patch.setattr(pull._Page, "read", read_to_head)


def _no_have(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(PhoneLog, "_offer_again", lambda _self, _answer: None)


def _no_base(patch: pytest.MonkeyPatch) -> None:
    plan = pull.plan

    def without_base(*args: Any, **more: Any) -> Any:
        made = plan(*args, **more)
        return replace(made, start={scope: Place(place.seq, 0) for scope, place in made.start.items()})

    patch.setattr(pull, "plan", without_base)


def _dropped_fork(patch: pytest.MonkeyPatch) -> None:
    append = OpLog.append

    def append_first_children(self: OpLog, documents: Sequence[dict[str, Any]]) -> Mapping[str, Landed]:
        kept: list[dict[str, Any]] = []
        for each in documents:
            if not _is_fork(self._store, each, kept):
                kept.append(each)
        return dict.fromkeys((each["_id"] for each in documents), Landed.STORED) | append(self, kept)

    patch.setattr(OpLog, "append", append_first_children)


def _is_fork(store: Store, document: Mapping[str, Any], batch: Sequence[Mapping[str, Any]]) -> bool:
    parent = document.get("parent")
    if parent is None:
        return False
    if any(each.get("parent") == parent for each in batch):
        return True
    rival = {
        "interview": document["interview"],
        "parent": document["parent"],
        "_id": {"$ne": document["_id"]},
    }
    return store["ops"].find_one(rival) is not None


@dataclass
class _Outside:
    """A store whose scope counters know of no transaction."""

    store: Any

    def __getitem__(self, name: str) -> Any:
        return _NoSession(self.store[name]) if name == "feed_scopes" else self.store[name]


@dataclass
class _NoSession:
    collection: Any

    def find(self, query: Any, **_session: Any) -> Any:
        return self.collection.find(query)

    def bulk_write(self, writes: Any, *, ordered: bool, **_session: Any) -> Any:
        return self.collection.bulk_write(writes, ordered=ordered)


def _counter_outside(patch: pytest.MonkeyPatch) -> None:
    flush = FeedWriter.flush

    def flush_outside(self: FeedWriter) -> int:
        self._store = _Outside(self._store)
        return flush(self)

    patch.setattr(FeedWriter, "flush", flush_outside)


MUTANTS = (
    Mutant("no remove row", "a household that leaves a scope leaves no `del`", _no_remove_row),
    Mutant("cursor = head", "a page that is full moves the cursor to the head", _cursor_is_head),
    Mutant("no `have`", "the phone does not offer again what a restored log lacks", _no_have),
    Mutant("no `base`", "a scope that is begun forgets the head of that moment", _no_base),
    Mutant(
        "dropped fork", "the second revision of one parent is acknowledged and thrown away", _dropped_fork
    ),
    Mutant("counter outside", "scope counters are written outside the transaction", _counter_outside),
)
