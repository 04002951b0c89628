"""Uploading photos in chunks that can be resumed; with the last, the whole is hashed (PROTOCOL §6, ADR 12).

A chunk and the offset that counts it are committed in one transaction: no crash and no second phone can part them.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.ids import uuid7
from core.principal import Principal
from core.problems import BadUpload, BlobMismatch, OffsetMismatch, TooLarge, TooManyUploads
from store import Document, Session, Store
from sync.blobs import OTHER, Blob, Blobs, BlobState, type_of

CHUNK_LIMIT = 1024 * 1024
LEAST_CHUNK = 256
PHOTO_LIMIT = 20 * 1024 * 1024
OPEN_LIMIT = 16
IDLE = timedelta(hours=1)
_SEALED_FOR = timedelta(minutes=1)
_RETRY_S = 600
_HEAD = 16


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some bytes of a photo as a phone sends them.

    Attributes:
        offset: where they begin in the photo.
        data: the bytes; their digest was checked.
        last: the phone says that the photo ends with them.
        length: bytes of the whole photo, if the phone says so; it must at offset 0.
    """

    offset: int
    data: bytes
    last: bool
    length: int | None = None

    @property
    def end(self) -> int:
        """The offset behind the bytes."""
        return self.offset + len(self.data)

    def contradicts(self, length: int) -> bool:
        """Tell whether the chunk cannot be of a photo of so many bytes."""
        return self.length not in {None, length} or self.end > length or (self.last and self.end != length)


class Uploads:
    """Takes photos from phones.

    Args:
        store: the database.
        blobs: the photos in it.
    """

    def __init__(self, store: Store, blobs: Blobs) -> None:
        self._store, self._blobs = store, blobs

    def upload(self, sha256: str, chunk: Chunk, sender: Principal, now: datetime) -> Blob:
        """Take some bytes of a photo; with the last, hash the whole.

        A photo that is complete already is answered at once, whatever the bytes. Bytes that contradict what was said
        of the photo before, or a whole that is not the photo of its name, throw away all that is there of it: nobody
        can keep the right photo out by having begun a wrong one.

        Args:
            sha256: the photo's name.
            chunk: the bytes.
            sender: who sends them.
            now: when they came.

        Raises:
            OffsetMismatch: the upload stands elsewhere; the problem says where.
            BlobMismatch: all was thrown away.
            BadUpload, TooLarge, TooManyUploads: nothing was stored.
        """
        if not chunk.last and len(chunk.data) < LEAST_CHUNK:
            message = f"at least {LEAST_CHUNK} bytes, but for the last"
            raise BadUpload(errors=[{"at": "/", "message": message}])
        # What was written a moment ago may not show here yet; only the transaction says where the upload stands.
        found = self._store["blobs"].find_one({"_id": sha256}, {"state": 1})
        if found is None and chunk.offset == 0:
            _check_beginning(chunk)
            self._make_room(sender.user, now)
        elif found is not None and found["state"] != BlobState.OPEN.value:
            stayed = self._stay(sha256, now)
            if stayed is not None:
                return stayed
        blob = self._append(sha256, chunk, sender, now)
        if blob is None:
            raise thrown_away()
        return self.finish(blob, now) if chunk.last and blob.sealed else blob

    def finish(self, blob: Blob, now: datetime) -> Blob:
        """Hash a photo whose bytes are all here: complete, or thrown away. Safe to do at once and again.

        Raises:
            BlobMismatch: it was not the photo of its name.
            OffsetMismatch: someone else threw it away meanwhile.
        """
        digest, head = self._hash(blob)
        if digest != blob.sha256:
            self._throw_away(blob)
            raise thrown_away()
        kind = type_of(head)
        changes: Document = {"state": BlobState.COMPLETE.value, "type": kind, "completed_at": now}
        update: Document = {"$set": changes | {"render_after": now}}
        if kind == OTHER:
            update = {"$set": changes | {"broken": "not a JPEG, PNG or WebP"}, "$unset": {"render_after": ""}}
        mine = {"_id": blob.sha256, "attempt": blob.attempt, "state": BlobState.OPEN.value}
        self._store["blobs"].update_one(mine, update)
        found = self._blobs.get(blob.sha256)
        if found is None or not found.complete:
            raise stands_at(found.offset if found else 0)
        return found

    def _stay(self, sha256: str, now: datetime) -> Blob | None:
        """Return a photo that is complete, its days begun anew; one that was leaving stays."""
        self._store["blobs"].update_one(
            {"_id": sha256, "state": {"$ne": BlobState.OPEN.value}},
            {"$set": {"state": BlobState.COMPLETE.value, "touched_at": now, "loose": True}},
        )
        return self._blobs.complete((sha256,)).get(sha256)

    def _hash(self, blob: Blob) -> tuple[str, bytes]:
        """Return the SHA-256 and the first bytes of a photo; no digest if it was thrown away while it was read."""
        with self._blobs.open(blob) as file:
            try:
                head = file.read(_HEAD)
                file.seek(0)
                return hashlib.file_digest(file, "sha256").hexdigest(), head
            except OSError:
                return "", b""

    def _make_room(self, user: str, now: datetime) -> None:
        """Let a user begin another upload: when too many are open, one that was left for an hour makes room."""
        query: Document = {"user": user, "state": BlobState.OPEN.value}
        found = list(self._store["blobs"].find(query).sort("touched_at", 1).limit(OPEN_LIMIT))
        if len(found) < OPEN_LIMIT:
            return
        if now - found[0]["touched_at"] <= IDLE:
            problem = TooManyUploads(limit=OPEN_LIMIT)
            problem.headers["Retry-After"] = str(_RETRY_S)
            raise problem
        self._throw_away(Blob.from_document(found[0]))

    def _append(self, sha256: str, chunk: Chunk, sender: Principal, now: datetime) -> Blob | None:
        """Store a chunk and move the offset, together; None when the upload contradicted itself and was thrown away."""

        def work(session: Session) -> Blob | None:
            found = self._store["blobs"].find_one({"_id": sha256}, session=session)
            document = _begun(sha256, chunk, sender, now) if found is None else found
            blob = Blob.from_document(document)
            if blob.complete:
                return blob
            if chunk.offset != blob.offset or blob.state is BlobState.LEAVING:
                raise stands_at(blob.offset if blob.state is BlobState.OPEN else 0)
            if chunk.contradicts(blob.length):
                self._blobs.delete(sha256, session)
                return None
            if chunk.data:
                key = {"b": sha256, "at": chunk.offset}
                self._store["blob_chunks"].insert_one({"_id": key, "data": chunk.data}, session=session)
            moved = _moved(document, chunk, sender, now)
            self._store["blobs"].replace_one({"_id": sha256}, moved, upsert=True, session=session)
            return Blob.from_document(moved)

        return self._store.transaction(work)

    def _throw_away(self, blob: Blob) -> None:
        """Delete what is there of an upload, unless it was completed or begun anew meanwhile."""
        mine = {"_id": blob.sha256, "attempt": blob.attempt, "state": BlobState.OPEN.value}

        def work(session: Session) -> None:
            if self._store["blobs"].find_one(mine, {"_id": 1}, session=session):
                self._blobs.delete(blob.sha256, session)

        self._store.transaction(work)


def thrown_away() -> BlobMismatch:
    """Return the problem that all was thrown away."""
    problem = BlobMismatch(offset=0)
    problem.headers["Upload-Offset"] = "0"
    return problem


def stands_at(offset: int) -> OffsetMismatch:
    """Return the problem that tells where an upload stands."""
    problem = OffsetMismatch(f"The upload stands at {offset}.", offset=offset)
    problem.headers["Upload-Offset"] = str(offset)
    return problem


def _check_beginning(chunk: Chunk) -> None:
    """Check what must be known when an upload begins."""
    if chunk.offset:
        raise stands_at(0)
    if not chunk.length:
        message = "bytes of the whole photo, when it begins"
        raise BadUpload(errors=[{"at": "Upload-Length", "message": message}])
    if chunk.length > PHOTO_LIMIT:
        raise TooLarge(f"A photo has at most {PHOTO_LIMIT} bytes.", limit=PHOTO_LIMIT)


def _begun(sha256: str, chunk: Chunk, sender: Principal, now: datetime) -> Document:
    """Return the document of an upload that begins."""
    _check_beginning(chunk)
    return {
        "_id": sha256,
        "state": BlobState.OPEN.value,
        "length": chunk.length,
        "offset": 0,
        "attempt": uuid7(),
        "user": sender.user,
        "device": sender.device,
        "senders": [],
        "created_at": now,
    }


def _moved(document: Document, chunk: Chunk, sender: Principal, now: datetime) -> Document:
    """Return the document of an upload after a chunk. A worker hashes what is whole if no phone asks for it."""
    senders: list[str] = document["senders"]
    known = sender.user in senders or not chunk.data
    moved = {
        **document,
        "offset": chunk.end,
        "senders": [*senders] if known else [*senders, sender.user],
        "touched_at": now,
        "loose": True,
    }
    if chunk.end == document["length"]:
        moved["render_after"] = now + _SEALED_FOR
    return moved
