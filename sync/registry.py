"""Registering households in bulk: rows of a roster become registry ops, once each.

A household whose newest registry op says the same is left alone, so a roster may be imported any number of times.
"""

from collections.abc import Sequence
from enum import StrEnum

from core.principal import Principal
from forms.canonical import digest
from forms.facts import Row
from forms.op import OpKind
from sync.office import Submission, submit_many
from sync.services import Services


class Registration(StrEnum):
    """What became of a roster household."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


def register(
    services: Services, principal: Principal, households: Sequence[tuple[str, str, Row]]
) -> dict[str, Registration]:
    """Append a registry op for each household (id, region, row) that is new or says something new.

    Returns:
        What became of each household, by id.
    """
    bodies = {
        household: {"household": household, "region": region, "row": row.to_json()}
        for household, region, row in households
    }
    newest = _newest_digests(services, list(bodies))
    outcome = {
        household: Registration.NEW
        if household not in newest
        else (Registration.UNCHANGED if newest[household] == digest(body) else Registration.CHANGED)
        for household, body in bodies.items()
    }
    fresh = [body for household, body in bodies.items() if outcome[household] is not Registration.UNCHANGED]
    if fresh:
        submissions = [Submission(OpKind.REGISTRY, body) for body in fresh]
        submit_many(services, principal, submissions, services.clock.now())
    return outcome


def _newest_digests(services: Services, households: Sequence[str]) -> dict[str, str]:
    rows = services.store["ops"].aggregate(
        [
            {"$match": {"household": {"$in": list(households)}, "kind": OpKind.REGISTRY.value}},
            {"$sort": {"household": 1, "received_at": 1, "_id": 1}},
            {"$group": {"_id": "$household", "sha256": {"$last": "$sha256"}}},
        ]
    )
    return {row["_id"]: row["sha256"] for row in rows}
