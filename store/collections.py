"""Every collection as data: name, indexes and why each index is there.

Shard keys are planned (docs/operations.md): `ops`, `households`, `sites`, `findings`, `cases` by household;
`feed` by scope; `blobs`, `blob_chunks`, `blob_renditions` by hash.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

ASC, DESC = 1, -1


@dataclass(frozen=True, slots=True)
class Index:
    """One index: keys in order, the query it serves, and its options."""

    keys: tuple[tuple[str, int], ...]
    serves: str
    unique: bool = False
    partial: dict[str, Any] = field(default_factory=dict)
    expire_after_s: int | None = None

    @property
    def name(self) -> str:
        """The index's name, made from its keys."""
        return "_".join(f"{key}_{direction}" for key, direction in self.keys)


@dataclass(frozen=True, slots=True)
class Kept:
    """Which documents of a collection a backup holds: those that fit `query`, none when it is None; and why not all."""

    query: Mapping[str, Any] | None = field(default_factory=dict)
    why: str = ""


@dataclass(frozen=True, slots=True)
class Collection:
    """One collection: name, what one document is, indexes, what of it a backup holds (all, unless it says why not)."""

    name: str
    holds: str
    indexes: tuple[Index, ...] = ()
    kept: Kept = Kept()


def _up(*keys: str) -> tuple[tuple[str, int], ...]:
    return tuple((key, ASC) for key in keys)


def _trail(*keys: str) -> tuple[tuple[str, int], ...]:
    return (*_up("areas", *keys), ("at", DESC), ("_id", DESC))


COLLECTIONS: tuple[Collection, ...] = (
    Collection("meta", "one fact about this database: schema version, epoch, cursor key"),
    Collection(
        "keys",
        "a data key, wrapped by the master key, which is not here",
        (
            Index(
                _up("keyAltNames"),
                "data keys by another name, as MongoDB asks of a key vault",
                unique=True,
                partial={"keyAltNames": {"$exists": True}},
            ),
        ),
    ),
    Collection(
        "form_versions",
        "a published form version; _id is the SHA-256 of its bytes",
        (Index(_up("form_id", "version"), "versions of a form", unique=True),),
    ),
    Collection(
        "ops",
        "one op of the log, immutable but for `pending`, `hold`, `settled`",
        (
            Index(_up("household", "received_at", "_id"), "all ops of a household in log order"),
            Index(
                _up("install", "n"),
                "which numbers of a device are here; two ops with one number are a cloned phone",
                unique=True,
                partial={"n": {"$exists": True}},
            ),
            Index(
                _up("pending", "household"),
                "households with unsettled ops",
                partial={"pending": {"$exists": True}},
            ),
            Index(_up("interview", "received_at"), "revisions of an interview"),
            Index(_up("user", "received_at", "_id"), "interviews of an enumerator, newest first"),
            Index(
                _up("region", "household"),
                "what ever was registered in a region",
                partial={"kind": "registry"},
            ),
            Index(
                _up("hold", "household"),
                "ops in quarantine, by what they wait for",
                partial={"hold": {"$exists": True}},
            ),
            Index(
                _up("blobs"),
                "ops that name a photo; those without photos cost nothing",
                partial={"blobs": {"$gt": ""}},
            ),
        ),
    ),
    Collection(
        "households",
        "a ledger entry: members, spells, version, next_due",
        (
            Index(_up("region", "_id"), "households of a region, paged"),
            Index(_up("site", "_id"), "households of a site, paged"),
            Index(_up("registry_no"), "a household by its number in the register"),
            Index(_up("next_due"), "households whose day has come"),
            Index(_up("policy"), "households that were judged by another policy"),
            Index(_up("fingerprints", "region"), "households by a number that is sealed in them"),
            Index(_up("flagged"), "entries with flags", partial={"flagged": {"$exists": True}}),
        ),
    ),
    Collection(
        "sites",
        "the ledger entry of a site or banner: facts, records, version, next_due",
        (
            Index(_up("region", "_id"), "sites and banners of a region, paged"),
            Index(_up("next_due"), "those whose day has come"),
            Index(_up("policy"), "those that were judged by another policy"),
            Index(_up("flagged"), "entries with flags", partial={"flagged": {"$exists": True}}),
        ),
    ),
    Collection(
        "findings",
        "one finding and its history",
        (
            Index(_up("household", "rule", "subject", "episode"), "one finding an episode", unique=True),
            Index(_up("unit", "areas", "state", "due", "_id"), "the work of a responsible unit"),
            Index(_up("areas", "state", "due", "_id"), "findings of a region by state, soonest first"),
            Index(_up("areas", "due", "_id"), "all findings of a region, soonest first"),
            Index(_up("areas", "rule", "state"), "counts by rule"),
            Index(_up("unit", "areas", "household"), "households that a responsible unit has to do with"),
        ),
    ),
    Collection(
        "cases",
        "the findings of a household that one unit works on, with owner and steps of escalation",
        (
            Index(_up("household"), "the cases of a household, for settling and rebuild"),
            Index(_up("unit", "areas", "state", "due", "_id"), "the work list of a unit, soonest first"),
            Index(_up("areas", "state", "due", "_id"), "the cases of a region by state, soonest first"),
            Index(
                _up("cooperating", "state", "due", "_id"),
                "the cases in which a unit cooperates, soonest first (MongoDB indexes one array at a time)",
            ),
            Index(_up("owner", "areas", "state", "due", "_id"), "the cases of an officer, soonest first"),
            Index(
                _up("next_step", "_id"),
                "overdue cases that are to be told to the next one up",
                partial={"next_step": {"$exists": True}},
            ),
        ),
    ),
    Collection(
        "case_events",
        "what an office added to a case that changes no finding: an owner, a comment, a step of escalation",
        (Index(_up("case", "at", "_id"), "the history of a case"),),
    ),
    Collection(
        "notifications",
        "what somebody is to hear of, written in the transaction of what it tells",
        (
            Index((*_up("to"), ("at", DESC), ("_id", DESC)), "the news of a person, a unit or a role"),
            Index(
                _up("fan", "_id"),
                "news that was not yet handed to the webhooks",
                partial={"fan": {"$exists": True}},
            ),
            Index(_up("at"), "old news"),
        ),
    ),
    Collection("routing", "which units get which findings in a region, where it differs; _id is its code"),
    Collection("notification_marks", "how far a user has read the news; _id is the user's id"),
    Collection(
        "webhooks",
        "an address that is told of news; address and secret are sealed",
        (Index(_up("region", "_id"), "webhooks of a region"),),
    ),
    Collection(
        "deliveries",
        "one piece of news on its way to one webhook; _id is <notification>/<webhook>",
        (
            Index(_up("state", "next_at"), "what is to be sent now"),
            Index((*_up("webhook", "state"), ("at", DESC), ("_id", DESC)), "what became of a webhook's news"),
            Index(_up("at"), "old deliveries"),
        ),
    ),
    Collection("feed_scopes", "a scope's counter: seq, floor, n, sum"),
    Collection(
        "feed",
        "newest row of a key in a scope; _id is {s, k}",
        (
            Index(_up("_id.s", "seq"), "rows of a scope after a cursor", unique=True),
            Index(_up("household", "_id.s"), "rows of a household, for settling and rebuild"),
            Index(_up("at", "_id.s"), "old tombstones", partial={"at": {"$exists": True}}),
        ),
    ),
    Collection(
        "snapshots",
        "a scope as of one moment, in the bytes that travel; _id is their SHA-256",
        (
            Index(_up("scope", "seq"), "the newest snapshot of a scope"),
            Index(_up("at"), "old snapshots"),
        ),
        Kept(None, "made again when a phone asks; their cursors bear the epoch that a restore ends"),
    ),
    Collection(
        "rounds",
        "a survey round",
        (
            Index(
                _up("back_check_of"),
                "rounds that check another",
                partial={"back_check_of": {"$gt": ""}},
            ),
        ),
    ),
    Collection(
        "worklists",
        "a work list of a round: who visits, which forms, by when",
        (
            Index(_up("assignees", "state"), "work lists of a user"),
            Index(_up("region", "_id"), "work lists of a region"),
            Index(_up("round"), "work lists of a round"),
        ),
    ),
    Collection(
        "assignments",
        "one household in one work list of a round, with its epoch",
        (
            Index(_up("household", "round"), "where a household is assigned", unique=True),
            Index(_up("worklist", "household"), "households of a work list"),
        ),
    ),
    Collection(
        "users",
        "a user: login, role, region, unit",
        (
            Index(_up("login"), "sign-in", unique=True),
            Index(_up("region", "_id"), "users of a region"),
        ),
    ),
    Collection(
        "devices",
        "an enrolled device and what it last said",
        (
            Index(_up("region", "_id"), "devices of a region"),
            Index(_up("install"), "the device of an install id", unique=True),
            Index(_up("user"), "devices of a user"),
        ),
    ),
    Collection(
        "tokens",
        "a hashed token or enrolment code",
        (
            Index(_up("expires_at"), "expired tokens go by themselves", expire_after_s=0),
            Index(_up("user", "kind"), "tokens of a user"),
            Index(_up("device"), "tokens of a device"),
        ),
        Kept(
            {"kind": "device"},
            "phones go on after a restore; people sign in again, codes and keys are made again",
        ),
    ),
    Collection(
        "audit",
        "who did what to whom; never changed but for `link`, the number of the chain's link that holds it",
        (
            Index(_trail(), "the trail of a region, newest first"),
            Index(_trail("by"), "what a user did"),
            Index(_trail("target"), "what was done to something"),
            Index(_trail("action"), "who did a certain thing"),
            Index(_up("link", "_id"), "entries of a link of the chain; those of none yet"),
        ),
    ),
    Collection(
        "audit_links",
        "a link of the audit chain: entries with their digests, and the digest of the link before",
    ),
    Collection(
        "blobs",
        "a photo, or what is there of it; _id is the SHA-256 of its bytes",
        (
            Index(
                _up("user", "touched_at"),
                "uploads that a user has begun, the longest left first",
                partial={"state": "open"},
            ),
            Index(
                _up("render_after"),
                "photos that wait for their renditions",
                partial={"render_after": {"$exists": True}},
            ),
            Index(
                _up("loose", "touched_at"),
                "photos that no op is known to name, by their last chunk",
                partial={"loose": True},
            ),
        ),
    ),
    Collection(
        "blob_chunks",
        "some bytes of a photo; _id is {b: its SHA-256, at: their offset}",
        (Index(_up("_id.b", "_id.at"), "the bytes of a photo in order", unique=True),),
    ),
    Collection("blob_renditions", "a photo as others see it; _id is {b: its SHA-256, v: variant}"),
    Collection(
        "attempts",
        "how often something was tried of late: sign-ins, enrolments; and addresses that are familiar",
        (Index(_up("expires_at"), "old attempts go by themselves", expire_after_s=0),),
        Kept(None, "they are forgotten in a day"),
    ),
    Collection(
        "reports",
        "one version of a monthly report of a region or of a unit; its cells are sealed and never changed",
        (
            Index(
                _up("month", "region", "unit", "version"),
                "versions of the report of a month; one of a number",
                unique=True,
            ),
            Index(
                (*_up("region"), ("month", DESC), ("_id", DESC)), "reports of a region, newest month first"
            ),
            Index(_up("made_at"), "reports that are being made", partial={"state": "making"}),
        ),
    ),
    Collection(
        "report_orders",
        "an order of a report: who wants which, how far it is, what failed",
        (
            Index(
                _up("month", "region", "unit"),
                "the open order of a report; one of each",
                unique=True,
                partial={"open": True},
            ),
            Index(_up("until"), "open orders, by when they are anybody's", partial={"open": True}),
            Index((*_up("region"), ("at", DESC), ("_id", DESC)), "orders of a region, newest first"),
            Index(_up("expires_at"), "closed orders go by themselves", expire_after_s=0),
        ),
        Kept(None, "an order is made within minutes; who wants the report orders it again"),
    ),
    Collection(
        "report_cells",
        "ids of some objects behind one part of a report, of one place; sealed",
        (Index(_up("report", "part", "region", "n"), "the objects behind a part, within a region"),),
    ),
    Collection("column_mappings", "a saved mapping of roster headings to columns"),
    Collection(
        "rates",
        "how often somebody asked within a window of time",
        (Index(_up("expireAt"), "windows that have ended go by themselves", expire_after_s=0),),
    ),
)

NAMES = frozenset(collection.name for collection in COLLECTIONS)
