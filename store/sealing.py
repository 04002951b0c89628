"""Sealing: what is personal stands in MongoDB only as ciphertext, one envelope a document.

An envelope is MongoDB's own explicit client-side encryption (`pymongo[encryption]`,
AEAD_AES_256_CBC_HMAC_SHA_512-Random), with the id of its data key inside. Data keys lie in the collection `keys`,
wrapped by the master key; a new one (`rotate`) seals what is written from then on, old ones stay to read what is there.
What is sealed names the document it belongs to, so that an envelope that was moved to another one is refused.

Fingerprints find one number in many households without its clear text: HMAC-SHA-256 under a key that is random, made
once and sealed like everything else. So it outlives the rotation of data keys and another master key.
"""

import hashlib
import hmac
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import deflate
import orjson
from bson.binary import STANDARD, Binary
from bson.codec_options import CodecOptions
from pymongo import MongoClient, WriteConcern
from pymongo.encryption import ClientEncryption
from pymongo.errors import ConnectionFailure, EncryptionError, PyMongoError
from pymongo.read_concern import ReadConcern

from core.jsonvalue import Json
from core.problems import ConfigurationError
from store.master import MasterKey

KEYS = "keys"
FACT = "sealing"
_ALGORITHM = "AEAD_AES_256_CBC_HMAC_SHA_512-Random"
_KEY_BYTES = 32
_PACKED_FROM = 400
_LEVEL = 1
_LARGEST = 64 << 20
_FRESH_S = 60.0
_PROBE = "probe"
_MAJORITY = WriteConcern("majority", j=True, wtimeout=20_000)
_MAJORITY_READ = ReadConcern("majority")
_Client = MongoClient[dict[str, Any]]


class BrokenSealError(Exception):
    """An envelope was changed, moved to another document, or sealed under a data key that is not here."""


@dataclass(frozen=True, slots=True)
class _Facts:
    """What `meta` tells of the sealing, and when it was read."""

    current: Binary
    fingerprint_key: bytes
    read_at: float


class Sealer:
    """Seals and unseals for one database in one process. It opens nothing before its first use, and then tests the key.

    Args:
        client: of this process.
        database: name of the database whose `keys` and `meta` are used.
        master: the master key.
        keys: name of the collection of data keys.
        other: another master key that may have wrapped some of them.
    """

    def __init__(
        self,
        client: _Client,
        database: str,
        master: MasterKey,
        keys: str = KEYS,
        other: MasterKey | None = None,
    ) -> None:
        self._client, self._database, self._keys = client, database, keys
        self._meta = client.get_database(database, read_concern=_MAJORITY_READ, write_concern=_MAJORITY)[
            "meta"
        ]
        self._master = master
        providers = {_provider(each): {"key": each.secret} for each in (master, other) if each is not None}
        self._encryption: ClientEncryption[dict[str, Any]] = ClientEncryption(
            providers, f"{database}.{keys}", client, CodecOptions()
        )
        self._facts: _Facts | None = None
        self._lock = threading.Lock()

    # --- envelopes

    def seal(self, place: str, value: Json) -> bytes:
        """Return the envelope of a JSON value.

        Args:
            place: names the document, and the part of it, that the envelope is for.
            value: what orjson writes.
        """
        return self.seal_bytes(place, orjson.dumps(value))

    def unseal(self, place: str, envelope: bytes) -> Json:
        """Return the value that was sealed.

        Raises:
            BrokenSealError: the envelope is not what was sealed for this place.
        """
        return orjson.loads(self.unseal_bytes(place, envelope))

    def seal_bytes(self, place: str, content: bytes, *, pack: bool = True) -> bytes:
        """Return the envelope of bytes; long ones are packed first, for the database cannot pack ciphertext.

        Args:
            place: names the document, and the part of it, that the envelope is for.
            content: the bytes.
            pack: False for what is packed already.
        """
        name = place.encode()
        packed = pack and len(content) >= _PACKED_FROM
        head = bytes([packed]) + len(name).to_bytes(2) + name + len(content).to_bytes(4)
        inner = bytes(deflate.deflate_compress(content, _LEVEL)) if packed else content
        return self._encrypt(Binary(head + inner), self._known().current)

    def unseal_bytes(self, place: str, envelope: bytes) -> bytes:
        """Return the bytes that were sealed.

        Raises:
            BrokenSealError: the envelope is not what was sealed for this place.
        """
        self._known()
        inner = self._decrypt(envelope, place)
        end = 3 + int.from_bytes(inner[1:3])
        if inner[3:end] != place.encode():
            raise BrokenSealError(f"{place} holds what was sealed for another document")
        size = int.from_bytes(inner[end : end + 4])
        content = inner[end + 4 :]
        if not inner[0]:
            return content
        if size > _LARGEST:
            raise BrokenSealError(f"{place} is too large")
        return bytes(deflate.deflate_decompress(content, size))

    def fingerprint(self, kind: str, text: str) -> str:
        """Return what a text of a kind, such as a resident ID number, is found by: `<kind>:<128 bits>`."""
        mac = hmac.digest(self._known().fingerprint_key, f"{kind}\0{text}".encode(), "sha256")
        return f"{kind}:{mac[:16].hex()}"

    # --- keys

    def prepare(self) -> None:
        """Make the first data key, the probe and the key of fingerprints, where there are none.

        Raises:
            ConfigurationError: there are, and this master key does not open them.
        """
        if self._meta.find_one({"_id": FACT}) is None:
            key = self._encryption.create_data_key(_provider(self._master))
            found = secrets.token_bytes(_KEY_BYTES)
            fact = {
                "current": key,
                "probe": Binary(self._encrypt(Binary(_PROBE.encode()), key), 6),
                "fingerprint_key": Binary(self._encrypt(Binary(found), key), 6),
            }
            self._meta.update_one({"_id": FACT}, {"$setOnInsert": fact}, upsert=True)  # whoever was first
        self.check()

    def check(self) -> None:
        """Test the master key on the probe.

        Raises:
            ConfigurationError: it does not open what is sealed here.
        """
        self._facts = None
        self._known()

    def rotate(self) -> str:
        """Make a new data key, which seals from now on (in other processes within a minute); return its id."""
        self.check()
        key = self._encryption.create_data_key(_provider(self._master))
        self._meta.update_one({"_id": FACT}, {"$set": {"current": key}})
        self._facts = None
        return str(key.as_uuid(STANDARD))

    def rewrap(self, other: MasterKey) -> int:
        """Wrap every data key by another master key, which is needed from now on; return how many.

        What was interrupted is run again with the same two keys.

        Raises:
            ConfigurationError: this master key does not open what is sealed here.
        """
        both = Sealer(self._client, self._database, self._master, self._keys, other)
        try:
            both.check()
            query = {"masterKey.provider": {"$ne": _provider(other)}}
            done = both._encryption.rewrap_many_data_key(query, _provider(other))
        finally:
            both.close()
        return done.bulk_write_result.modified_count if done.bulk_write_result is not None else 0

    def try_on(self, keys: str, facts: Mapping[str, Any]) -> None:
        """Test the master key on the probe of another database, whose data keys lie in the collection `keys` of this.

        Raises:
            ConfigurationError: it does not open it.
        """
        trial = Sealer(self._client, self._database, self._master, keys)
        try:
            trial._prove(facts)
        finally:
            trial.close()

    # --- within

    def _known(self) -> _Facts:
        facts = self._facts
        if facts is None or time.monotonic() - facts.read_at > _FRESH_S:
            with self._lock:
                facts = self._facts = self._read()
        return facts

    def _read(self) -> _Facts:
        """Read what `meta` tells, and prove the master key by it."""
        found = self._meta.find_one({"_id": FACT})
        if found is None:
            raise ConfigurationError(
                "The database was never prepared for sealing. Run the migrations ('ruhu serve')."
            )
        return self._prove(found)

    def _prove(self, found: Mapping[str, Any]) -> _Facts:
        try:
            self._decrypt(found["probe"], _PROBE)
            key = self._decrypt(found["fingerprint_key"], "fingerprints")
        except BrokenSealError as error:
            raise ConfigurationError(
                f"The master key in {self._master.source} is not the one that sealed the database "
                f"{self._database!r}. Put the right key in its place (RUHU_MASTER_KEY, RUHU_MASTER_KEY_FILE, or "
                "master.key in the data folder). Nothing was read or written, and nothing is lost as long as the right "
                "key is kept somewhere."
            ) from error
        return _Facts(found["current"], key, time.monotonic())

    def _encrypt(self, value: Binary, key: Binary) -> bytes:
        try:
            return self._encryption.encrypt(value, _ALGORITHM, key_id=key)
        except EncryptionError as error:
            raise _cause(error) from error

    def _decrypt(self, envelope: bytes, place: str) -> bytes:
        try:
            return bytes(self._encryption.decrypt(Binary(envelope, 6)))
        except EncryptionError as error:
            cause = _cause(error)
            if isinstance(cause, PyMongoError) and not isinstance(cause, EncryptionError):
                raise cause from error
            raise BrokenSealError(f"{place} cannot be unsealed ({error})") from error

    def close(self) -> None:
        """Forget the keys."""
        self._encryption.close()


def _provider(master: MasterKey) -> str:
    """Return the name under which data keys say which master key wraps them."""
    return "local:k" + hashlib.sha256(b"ruhu master key\0" + master.secret).hexdigest()[:12]


def _cause(error: EncryptionError) -> Exception:
    """Return why the collection of data keys could not be read, if that was it; else the error itself."""
    return error.cause if isinstance(error.cause, ConnectionFailure) else error
