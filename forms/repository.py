"""Published form versions in the database. A version is stored once and never changes."""

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo import DESCENDING
from pymongo.errors import DuplicateKeyError

from access import audit
from access.model import Act
from core.jsonvalue import JsonObject
from core.principal import Principal
from core.problems import Conflict, NotPublishable
from forms.checks import check
from forms.compile import publish_bytes
from forms.definition import FormVersion
from forms.facts import FactDictionary
from store import Document, Session, Store

_LISTED = {"raw": 0}


@dataclass(frozen=True, slots=True)
class PublishedForm:
    """What a list of forms shows: everything but the bytes."""

    form_id: str
    version: str
    sha256: str
    published_at: datetime
    published_by: str
    title: Mapping[str, str]
    languages: tuple[str, ...]
    subject: str

    @classmethod
    def from_document(cls, document: Document) -> "PublishedForm":
        """Read a document of `form_versions`."""
        return cls(
            form_id=document["form_id"],
            version=document["version"],
            sha256=document["_id"],
            published_at=document["published_at"],
            published_by=document["published_by"],
            title=document["title"],
            languages=tuple(document["languages"]),
            subject=document["subject"],
        )


class FormRepository:
    """The collection `form_versions`. Versions are kept in memory once read: they are immutable."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[str, FormVersion] = {}
        self._lock = threading.Lock()

    def publish(
        self,
        draft: JsonObject,
        dictionary: FactDictionary,
        now: datetime,
        by: Principal,
        language: str = "zh-Hans",
    ) -> FormVersion:
        """Compile, check and store a draft; the same bytes again change nothing.

        Args:
            draft: the draft, with `x-when` and `x-required` unexpanded or expanded.
            dictionary: the facts that `x-fact` may name.
            now: the instant of publication.
            by: who publishes.
            language: language in which problems are told.

        Raises:
            NotPublishable: with every problem the definition has.
            Conflict: this version of the form is published with other content.
        """
        problems = check(draft, dictionary, language)
        if problems:
            raise NotPublishable(
                f"{len(problems)} problem(s)", problems=[problem.to_json() for problem in problems]
            )
        version = FormVersion.from_bytes(publish_bytes(draft))
        document = {
            "_id": version.sha256,
            "form_id": version.form_id,
            "version": version.version,
            "raw": version.raw,
            "title": dict(version.title),
            "languages": list(version.languages),
            "subject": version.subject,
            "published_at": now,
            "published_by": by.user,
        }

        def work(session: Session) -> None:
            self._store["form_versions"].insert_one(document, session=session)
            detail = {"version": version.version, "sha256": version.sha256}
            target = f"form/{version.form_id}"
            audit.record(
                self._store, Act(by, now), "forms:publish", target, by.region, detail, session=session
            )

        try:
            self._store.transaction(work)
        except DuplicateKeyError:
            if self.get(version.sha256) is None:
                raise Conflict(
                    f"version {version.version} of form {version.form_id} is published with other content; "
                    "give this one a new version",
                    form_id=version.form_id,
                    version=version.version,
                ) from None
        self._keep(version)
        return version

    def get(self, sha256: str) -> FormVersion | None:
        """Return a version by its hash, or None."""
        return self.many((sha256,)).get(sha256)

    def many(self, shas: Iterable[str]) -> dict[str, FormVersion]:
        """Return the versions there are of these hashes, with one read for those not yet in memory."""
        wanted = set(shas)
        found = {sha: self._known[sha] for sha in wanted if sha in self._known}
        if missing := sorted(wanted - found.keys()):
            for document in self._store["form_versions"].find({"_id": {"$in": missing}}, {"raw": 1}):
                version = FormVersion.from_bytes(bytes(document["raw"]))
                self._keep(version)
                found[version.sha256] = version
        return found

    def latest(self) -> list[PublishedForm]:
        """Return the newest version of each form, by form id."""
        newest: dict[str, PublishedForm] = {}
        for record in self._records({}):
            newest.setdefault(record.form_id, record)
        return [newest[form_id] for form_id in sorted(newest)]

    def history(self, form_id: str) -> list[PublishedForm]:
        """Return the versions of a form, newest first."""
        return self._records({"form_id": form_id})

    def published_at(self, sha256: str) -> datetime | None:
        """Return the instant a version was published, or None if there is no such version."""
        document = self._store["form_versions"].find_one({"_id": sha256}, {"published_at": 1})
        return None if document is None else document["published_at"]

    def _records(self, query: dict[str, Any]) -> list[PublishedForm]:
        order = [("published_at", DESCENDING), ("version", DESCENDING)]
        cursor = self._store["form_versions"].find(query, _LISTED).sort(order)
        return [PublishedForm.from_document(document) for document in cursor]

    def _keep(self, version: FormVersion) -> None:
        with self._lock:
            self._known[version.sha256] = version
