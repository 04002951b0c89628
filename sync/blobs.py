"""Photos in the database, named by the SHA-256 of their bytes: kept, read, let go (PROTOCOL §6).

A photo is `open` while its bytes arrive (`sync/uploads.py`), `complete` once they have been hashed and are those of its
name, and `leaving` while it is decided whether anything still needs it (`let_go`). Only a complete one is ever shown.
"""

import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from pymongo import ReturnDocument

from store import Document, Session, Store

OTHER = "application/octet-stream"


class BlobState(StrEnum):
    """How far a photo is."""

    OPEN = "open"
    COMPLETE = "complete"
    LEAVING = "leaving"


@dataclass(frozen=True, slots=True)
class Blob:
    """What is known of a photo.

    Attributes:
        sha256: its name, in lower-case hexadecimal.
        state: see `BlobState`.
        length: bytes of the whole.
        offset: bytes that are here.
        attempt: names this upload; another one begins when it is thrown away.
        senders: users who sent bytes of it.
        type: media type by its first bytes; None before it is complete.
        rendered: its view and thumbnail are there.
        broken: why there is no view of it, or None.
        tries: how often a worker has begun to make them.
    """

    sha256: str
    state: BlobState
    length: int
    offset: int
    attempt: str
    senders: tuple[str, ...]
    type: str | None = None
    rendered: bool = False
    broken: str | None = None
    tries: int = 0

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "Blob":
        """Read a document of `blobs`."""
        return cls(
            document["_id"],
            BlobState(document["state"]),
            document["length"],
            document["offset"],
            document["attempt"],
            tuple(document["senders"]),
            document.get("type"),
            bool(document.get("rendered")),
            document.get("broken"),
            document.get("tries", 0),
        )

    @property
    def complete(self) -> bool:
        """Whether the whole photo is here and right."""
        return self.state is BlobState.COMPLETE

    @property
    def sealed(self) -> bool:
        """Whether all bytes are here, but not hashed yet."""
        return self.state is BlobState.OPEN and self.offset == self.length

    @property
    def waits(self) -> bool:
        """Whether its view and thumbnail are still to be made."""
        return self.complete and not self.rendered and self.broken is None

    def sent_by(self, user: str) -> bool:
        """Tell whether every byte came from a user. To know the name of a photo is not to have had it."""
        return self.senders == (user,)


@dataclass(frozen=True, slots=True)
class Rendition:
    """A photo as others see it: a JPEG without metadata."""

    data: bytes
    sha256: str
    width: int
    height: int


def type_of(head: bytes) -> str:
    """Return the media type that the first bytes of a file tell; `OTHER` for one we cannot show."""
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    return OTHER


class BlobFile(io.RawIOBase):
    """The bytes of a photo as a file that can seek; one chunk is in memory at a time.

    Raises:
        OSError: when read: a chunk is not there (any more).
    """

    def __init__(self, store: Store, sha256: str, length: int) -> None:
        super().__init__()
        self._store, self._sha256, self._length = store, sha256, length
        self._position = 0
        self._part, self._part_at = b"", 0

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def tell(self) -> int:
        """Return the position."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move the position."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._length}[whence]
        self._position = max(0, base + offset)
        return self._position

    def readinto(self, buffer: Any) -> int:
        """Read up to the end of a chunk."""
        if self._position >= self._length:
            return 0
        within = self._position - self._part_at
        if not 0 <= within < len(self._part):
            self._load()
            within = self._position - self._part_at
        piece = self._part[within : within + len(buffer)]
        buffer[: len(piece)] = piece
        self._position += len(piece)
        return len(piece)

    def _load(self) -> None:
        query: Document = {"_id.b": self._sha256, "_id.at": {"$lte": self._position}}
        found = self._store["blob_chunks"].find_one(query, sort=[("_id.at", -1)])
        if found is None or found["_id"]["at"] + len(found["data"]) <= self._position:
            msg = f"photo {self._sha256} has no byte {self._position}"
            raise OSError(msg)
        self._part, self._part_at = found["data"], found["_id"]["at"]


class Blobs:
    """The photos in the database. Reads are majority reads, writes are majority and journaled."""

    def __init__(self, store: Store) -> None:
        self._store = store

    # --- reading

    def get(self, sha256: str) -> Blob | None:
        """Return what is known of a photo; None also for one that is leaving, which whoever needs it sends again."""
        found = self._store["blobs"].find_one({"_id": sha256, "state": {"$ne": BlobState.LEAVING.value}})
        return None if found is None else Blob.from_document(found)

    def complete(self, digests: Iterable[str]) -> dict[str, Blob]:
        """Return by name those of some photos that are complete: one read, none when none is asked for."""
        wanted = sorted(set(digests))
        if not wanted:
            return {}
        query: Document = {"_id": {"$in": wanted}, "state": BlobState.COMPLETE.value}
        return {each["_id"]: Blob.from_document(each) for each in self._store["blobs"].find(query)}

    def open(self, blob: Blob) -> BlobFile:
        """Return the bytes of a photo as a file."""
        return BlobFile(self._store, blob.sha256, blob.length)

    def rendition(self, sha256: str, variant: str) -> Rendition | None:
        """Return a photo as others see it, or None."""
        found = self._store["blob_renditions"].find_one({"_id": {"b": sha256, "v": variant}})
        if found is None:
            return None
        return Rendition(found["data"], found["sha256"], found["width"], found["height"])

    def delete(self, sha256: str, session: Session) -> None:
        """Delete all that is there of a photo, in a transaction that has made sure of it."""
        self._store["blobs"].delete_one({"_id": sha256}, session=session)
        self._store["blob_chunks"].delete_many({"_id.b": sha256}, session=session)
        variants = [{"b": sha256, "v": variant} for variant in ("view", "thumbnail")]
        self._store["blob_renditions"].delete_many({"_id": {"$in": variants}}, session=session)

    # --- renditions: what waits for them is found by `render_after`

    def take(self, now: datetime, lease: timedelta) -> Blob | None:
        """Return a photo that waits for its renditions, taken for a while; None when none waits.

        A worker that dies leaves it to the next when the lease has run out; `tries` says how often that was.
        """
        found = self._store["blobs"].find_one_and_update(
            {"render_after": {"$lte": now}},
            {"$set": {"render_after": now + lease}, "$inc": {"tries": 1}},
            sort=[("render_after", 1)],
            return_document=ReturnDocument.AFTER,
        )
        return None if found is None else Blob.from_document(found)

    def keep_renditions(self, blob: Blob, made: Mapping[str, Rendition]) -> None:
        """Keep the renditions of a photo, if it is still there."""

        def work(session: Session) -> None:
            mine = {"_id": blob.sha256, "attempt": blob.attempt}
            update: Document = {"$set": {"rendered": True}, "$unset": {"render_after": "", "broken": ""}}
            if not self._store["blobs"].update_one(mine, update, session=session).matched_count:
                return
            for variant, each in made.items():
                key = {"b": blob.sha256, "v": variant}
                document: Document = {"_id": key, "data": each.data, "sha256": each.sha256}
                document |= {"width": each.width, "height": each.height}
                self._store["blob_renditions"].replace_one(
                    {"_id": key}, document, upsert=True, session=session
                )

        self._store.transaction(work)

    def mark_broken(self, blob: Blob, reason: str) -> None:
        """Note why there is no view of a photo; it is not tried again."""
        update: Document = {"$set": {"broken": reason}, "$unset": {"render_after": ""}}
        self._store["blobs"].update_one({"_id": blob.sha256, "attempt": blob.attempt}, update)

    # --- letting go of what no op names

    def loose(self, before: datetime) -> Iterator[str]:
        """Yield photos whose last chunk came before an instant and that no op is known to name."""
        query: Document = {"loose": True, "touched_at": {"$lt": before}}
        with self._store["blobs"].find(query, {"_id": 1}).sort("touched_at", 1) as cursor:
            for each in cursor:
                yield each["_id"]

    def let_go(self, sha256: str, before: datetime) -> bool:
        """Delete a photo whose last chunk came before an instant, unless an op names it; tell whether it went.

        Why no op can lose its photo: a complete photo is first marked as leaving, and only a transaction that begins
        after that mark is durable looks for an op that names it. A push does the two in the other order: its ops are
        durable before it reads which photos are complete. So either the push comes first and the op is seen here, and
        the photo stays; or the mark comes first and the push tells the phone that the photo is missing. The phone
        then sends it, and the first chunk brings back what is still there (`Uploads.upload`). A crash between mark and
        transaction leaves a mark, which the next run takes up. An open upload needs no mark: no push calls it complete.
        """
        if self._named(sha256):  # the log forgets nothing: what is named once is named for ever
            query: Document = {"_id": sha256, "state": {"$ne": BlobState.LEAVING.value}}
            if self._store["blobs"].update_one(query, {"$unset": {"loose": ""}}).matched_count:
                return False
        self.mark_leaving(sha256, before)
        return self.decide(sha256, before)

    def mark_leaving(self, sha256: str, before: datetime) -> None:
        """Begin to let go: from now on a push does not call the photo complete."""
        query: Document = {"_id": sha256, "state": BlobState.COMPLETE.value, "touched_at": {"$lt": before}}
        self._store["blobs"].update_one(query, {"$set": {"state": BlobState.LEAVING.value}})

    def decide(self, sha256: str, before: datetime) -> bool:
        """End letting go: an op names the photo, and it stays for ever, or it is deleted."""

        def work(session: Session) -> bool:
            query: Document = {"_id": sha256, "touched_at": {"$lt": before}}
            query["state"] = {"$ne": BlobState.COMPLETE.value}  # complete: somebody sent it again meanwhile
            found = self._store["blobs"].find_one(query, session=session)
            if found is None:
                return False
            if not self._named(sha256, session):
                self.delete(sha256, session)
                return True
            leaving = found["state"] == BlobState.LEAVING.value
            stays = BlobState.COMPLETE if leaving else BlobState.OPEN
            update: Document = {"$set": {"state": stays.value}, "$unset": {"loose": ""}}
            self._store["blobs"].update_one({"_id": sha256}, update, session=session)
            return False

        return self._store.transaction(work)

    def _named(self, sha256: str, session: Session | None = None) -> bool:
        return self._store["ops"].find_one({"blobs": sha256}, {"_id": 1}, session=session) is not None
