"""The photos of a phone: queued by their hash, sent in chunks that grow while the line is good."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from ruhu_phone.digests import content_digest, sha256_hex
from ruhu_phone.store import Store

FIRST_CHUNK = 32 * 1024
BIGGEST_CHUNK = 1024 * 1024
SMALLEST_CHUNK = 1024
QUICK_MS = 8_000
CAREFUL, CAREFUL_CHUNK = 12, 8 * 1024


class PhotoState(StrEnum):
    """Kept until an op that names it is on the server; wanted by the server; whole there."""

    KEPT = "kept"
    WANTED = "wanted"
    COMPLETE = "complete"


@dataclass(frozen=True, slots=True)
class Chunk:
    """The next part of a photo."""

    sha256: str
    offset: int
    body: bytes
    length: int

    @property
    def path(self) -> str:
        """Where the photo goes."""
        return blob_path(self.sha256)

    def headers(self) -> dict[str, str]:
        """Return the headers of the upload."""
        last = self.offset + len(self.body) == self.length
        headers = {
            "Content-Type": "application/partial-upload",
            "Upload-Offset": str(self.offset),
            "Upload-Complete": "?1" if last else "?0",
            "Content-Digest": content_digest(self.body),
        }
        return headers | ({"Upload-Length": str(self.length)} if self.offset == 0 else {})


def blob_path(sha256: str) -> str:
    """Return the path of a photo."""
    return f"/api/v1/blobs/sha-256:{sha256}"


class Pace:
    """How large the next chunk is: doubled when one takes less than 8 s, halved when one fails.

    What was sent of a chunk that fails is lost. So once the line broke, a chunk is at most a twelfth of what the line
    carried before that, or of what it has carried since, but not below 8 kB for that reason: over a line that breaks
    every 200 kB, doubling without such a bound sends a photo one and a half times.
    """

    def __init__(self) -> None:
        self.size = FIRST_CHUNK
        self._most = BIGGEST_CHUNK
        self._carried = 0

    def went(self, milliseconds: int) -> None:
        """Note that a chunk arrived."""
        self._carried += self.size
        if milliseconds < QUICK_MS:
            bound = max(self._most, self._carried // CAREFUL)
            self.size = min(self.size * 2, bound, BIGGEST_CHUNK)

    def failed(self) -> None:
        """Note that a chunk did not arrive."""
        if self._carried:
            self._most = max(self._carried // CAREFUL, CAREFUL_CHUNK)
        self._carried = 0
        self.size = max(min(self.size // 2, self._most), SMALLEST_CHUNK)


class Photos:
    """The photos of a phone; the bytes go once the server has them whole."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def keep(self, content: bytes) -> str:
        """Keep a photo and return its digest, by which an op names it."""
        name = sha256_hex(content)
        self._store.run("INSERT OR IGNORE INTO photos VALUES (?, ?, ?, 0)", name, content, PhotoState.KEPT)
        return name

    def take(self, wanted: Iterable[str], complete: Iterable[str]) -> None:
        """Note which photos the server wants, and which it has, as the results of ops say."""
        for name in wanted:
            self._store.run(
                "UPDATE photos SET state = ? WHERE sha256 = ? AND length(content) > 0",
                PhotoState.WANTED,
                name,
            )
        for name in complete:
            self.complete(name)

    def names(self, state: PhotoState) -> list[str]:
        """Return the photos in a state."""
        query = "SELECT sha256 FROM photos WHERE state = ? ORDER BY sha256"
        return [name for (name,) in self._store.all(query, state)]

    def chunk(self, name: str, size: int) -> Chunk:
        """Return the next part of a photo."""
        found = self._store.one(
            "SELECT place, substr(content, place + 1, ?), length(content) FROM photos WHERE sha256 = ?",
            size,
            name,
        )
        place, body, length = found if found is not None else (0, b"", 0)
        return Chunk(name, place, body, length)

    def move(self, name: str, place: int) -> None:
        """Note how much of a photo the server has."""
        self._store.run(
            "UPDATE photos SET place = max(0, min(?, length(content))) WHERE sha256 = ?", place, name
        )

    def complete(self, name: str) -> None:
        """Note that the server has a photo whole: its bytes may go."""
        query = "UPDATE photos SET state = ?, content = x'', place = 0 WHERE sha256 = ?"
        self._store.run(query, PhotoState.COMPLETE, name)

    def forget_all(self) -> None:
        """Delete all photos."""
        self._store.run("DELETE FROM photos")
