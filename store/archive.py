"""The file of a backup: a ZIP of `<collection>.bson` parts, as mongodump writes them, with `manifest.json` last.

Ordinary tools open it: `unzip`, `bsondump`, `sha256sum`. The manifest tells documents, bytes and SHA-256 of each
part; a file without its manifest, or with a part that is not as the manifest says, is no backup.
"""

import hashlib
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import IO, Any, Self

from bson import json_util

from core.problems import BackupError

FORMAT = "ruhu-backup"
FORMAT_VERSION = 1
MANIFEST = "manifest.json"
_LEVEL = 1
_CHUNK = 1 << 20
_LARGEST = (16 << 20) + (16 << 10)
_SMALLEST = 5
_MANIFEST_LIMIT = 16 << 20
_SIZE = struct.Struct("<i")
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    ValueError,
    KeyError,
    TypeError,
    RuntimeError,
    struct.error,
    OverflowError,
    NotImplementedError,
)
"""What `zipfile` and `json` raise on bytes that are not what they should be."""

Progress = Callable[[str, int, int], None]
"""Told of each piece of work: collection, documents, bytes."""


def silent(collection: str, documents: int, size: int) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Part:
    """One collection in a backup: how many documents, their BSON's bytes and SHA-256, and the indexes it had."""

    documents: int
    size: int
    sha256: str
    indexes: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds.

    Attributes:
        id: names this backup.
        database: name of the database that was backed up.
        schema: its schema version.
        epoch: its epoch.
        cluster_time: the one instant of everything in it: seconds and ordinal.
        made_at: when the backup began, ISO 8601.
        parts: by collection.
        left_out: collection → why not all of it is here.
        ruhu: version of Ruhu that made it.
    """

    id: str
    database: str
    schema: int
    epoch: str
    cluster_time: tuple[int, int]
    made_at: str
    parts: Mapping[str, Part]
    left_out: Mapping[str, str] = field(default_factory=dict)
    ruhu: str = field(default_factory=lambda: version("ruhu"))

    @property
    def documents(self) -> int:
        """How many documents there are in all."""
        return sum(part.documents for part in self.parts.values())

    @property
    def size(self) -> int:
        """How many bytes of BSON there are in all."""
        return sum(part.size for part in self.parts.values())

    @property
    def moment(self) -> datetime:
        """When the backup began."""
        return datetime.fromisoformat(self.made_at)

    def to_json(self) -> str:
        """Return the manifest's text."""
        document = {"format": FORMAT, "format_version": FORMAT_VERSION} | asdict(self)
        return json_util.dumps(document, indent=1, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: bytes) -> "Manifest":
        """Read a manifest's text.

        Raises:
            BackupError: it was made by a later version.
            ValueError, KeyError, TypeError: it is no manifest.
        """
        document = json_util.loads(text.decode())
        if document.pop("format") != FORMAT:
            raise ValueError("another format")
        made_as = document.pop("format_version")
        if made_as > FORMAT_VERSION:
            raise BackupError(
                f"The backup was written by Ruhu {document['ruhu']} in format {made_as}; this Ruhu reads formats up to "
                f"{FORMAT_VERSION}. Install that version of Ruhu, or a later one."
            )
        parts = {
            name: Part(int(p["documents"]), int(p["size"]), str(p["sha256"]), tuple(p["indexes"]))
            for name, p in document.pop("parts").items()
        }
        seconds, ordinal = document.pop("cluster_time")
        made = cls(**document, parts=parts, cluster_time=(int(seconds), int(ordinal)))
        made.moment.utcoffset()
        return made


class Writer:
    """Writes a backup's parts, one after the other, then its manifest. Use as a context manager.

    Args:
        file: where to; opened for writing.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._zip = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        with suppress(
            OSError, ValueError
        ):  # after a failure the file is of no use, and is deleted by who made it
            self._zip.close()

    def part(
        self, name: str, batches: Iterator[bytes], indexes: tuple[Mapping[str, Any], ...], progress: Progress
    ) -> Part:
        """Write one collection from batches of whole documents, and return what was written."""
        documents, size, digest = 0, 0, hashlib.sha256()
        with self._zip.open(f"{name}.bson", "w", force_zip64=True) as stream:
            for batch in batches:
                count = sum(1 for _ in _sizes(batch))
                digest.update(batch)
                stream.write(batch)
                documents, size = documents + count, size + len(batch)
                progress(name, count, len(batch))
        return Part(documents, size, digest.hexdigest(), indexes)

    def close(self, manifest: Manifest) -> None:
        """Write the manifest: only now is the file a backup."""
        self._zip.writestr(MANIFEST, manifest.to_json())
        self._zip.close()


class Reader:
    """A backup that is open for reading. Make it with `open_backup`.

    Attributes:
        manifest: what it holds.
    """

    def __init__(self, file: Path, archive: zipfile.ZipFile) -> None:
        self._file, self._zip = file, archive
        self.manifest = Manifest.from_json(_manifest_of(archive))
        wanted = sorted([f"{name}.bson" for name in self.manifest.parts] + [MANIFEST])
        if sorted(archive.namelist()) != wanted:
            raise ValueError("its parts are not those of its manifest")

    def batches(self, name: str) -> Iterator[list[bytes]]:
        """Yield the documents of a collection in batches of about a megabyte; at the end they are known to be whole.

        Raises:
            BackupError: the part is not as the manifest says.
        """
        part, documents, digest, rest = self.manifest.parts[name], 0, hashlib.sha256(), b""
        with _damage_told(self._file), self._zip.open(f"{name}.bson") as stream:
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
                data = rest + chunk
                found = list(_documents(data))
                rest = data[sum(map(len, found)) :]
                documents += len(found)
                yield found
            if rest or (documents, digest.hexdigest()) != (part.documents, part.sha256):
                raise ValueError(f"{name}.bson has another SHA-256 than the manifest says")


def _sizes(data: bytes) -> Iterator[int]:
    """Yield the size of each whole document at the beginning of `data`."""
    at = 0
    while at + _SMALLEST <= len(data):
        (size,) = _SIZE.unpack_from(data, at)
        if not _SMALLEST <= size <= _LARGEST:
            raise ValueError("a document has an impossible size")
        if at + size > len(data):
            return
        yield size
        at += size


def _documents(data: bytes) -> Iterator[bytes]:
    """Yield each whole document at the beginning of `data`."""
    at = 0
    for size in _sizes(data):
        yield data[at : at + size]
        at += size


def _manifest_of(archive: zipfile.ZipFile) -> bytes:
    if archive.getinfo(MANIFEST).file_size > _MANIFEST_LIMIT:
        raise ValueError("its manifest is too long")
    return archive.read(MANIFEST)


@contextmanager
def _damage_told(file: Path) -> Iterator[None]:
    """Say in plain words that a file is no whole backup."""
    try:
        yield
    except _DAMAGE as error:
        raise BackupError(
            f"{file} is no whole backup ({str(error) or type(error).__name__}). It was cut short or changed, or is "
            "another file. Take another copy; 'ruhu backup --verify FILE' tells which ones are whole."
        ) from error


@contextmanager
def open_backup(file: Path) -> Iterator[Reader]:
    """Open a backup.

    Raises:
        BackupError: it is not there, is no backup, or was made by a later version.
    """
    if not file.is_file():
        raise BackupError(f"{file}: there is no such file.")
    with _damage_told(file):
        archive = zipfile.ZipFile(file)
    with archive:
        with _damage_told(file):
            reader = Reader(file, archive)
        yield reader


def verify_backup(file: Path, progress: Progress = silent) -> Manifest:
    """Read the whole file, compare every part with the manifest, and return the manifest.

    Raises:
        BackupError: it is no whole backup, or was made by a later version.
    """
    with open_backup(file) as reader:
        for name in reader.manifest.parts:
            for batch in reader.batches(name):
                progress(name, len(batch), sum(map(len, batch)))
        return reader.manifest
