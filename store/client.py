"""The connection: lazy, one per process, majority everywhere.

PyMongo is not fork-safe, so a `Store` opens its client on first use and opens another after a fork.
"""

import os
import random
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from bson.codec_options import CodecOptions
from pymongo import MongoClient, ReadPreference, WriteConcern
from pymongo.client_session import ClientSession
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import (
    BulkWriteError,
    ConnectionFailure,
    ExecutionTimeout,
    OperationFailure,
    PyMongoError,
    WTimeoutError,
)
from pymongo.read_concern import ReadConcern

from core.problems import ConfigurationError
from store.collections import NAMES
from store.master import MasterKey
from store.sealing import Sealer

Document = dict[str, Any]
Result = TypeVar("Result")

MAJORITY = WriteConcern("majority", j=True, wtimeout=20_000)
MAJORITY_READ = ReadConcern("majority")
SNAPSHOT = ReadConcern("snapshot")
PULSE: Mapping[str, Any] = {"heartbeatFrequencyMS": 2_000, "connectTimeoutMS": 5_000}
"""How soon a server that has fallen silent (a stopped process, a cut cable) is given up, with all calls that wait for
it: after seven seconds. By the driver's defaults every thread of every process would wait for half a minute."""
_PASSING = frozenset(
    {
        43,  # CursorNotFound: the server was started again between two parts of an answer
        64,  # WriteConcernFailed: not on a majority in time
        91, 11600, 11602, 10107, 13435, 13436, 189,  # shutting down, or primary no more
        134,  # ReadConcernMajorityNotAvailableYet: just started
        112, 24, 50, 202, 262,  # a conflict, or not in time
        175, 237, 11601,  # ended from outside
        239, 246,  # SnapshotTooOld, SnapshotUnavailable: the next snapshot will do
        251,  # NoSuchTransaction: it was aborted at a fail-over
    }
)  # fmt: skip
_UNKNOWN_COMMIT = "UnknownTransactionCommitResult"
_TRANSIENT = "TransientTransactionError"


def unavailable(error: BaseException) -> bool:
    """Tell whether an error only says that the database cannot answer just now: no primary, a timeout, a conflict."""
    if isinstance(error, (ConnectionFailure, ExecutionTimeout, WTimeoutError)):
        return True
    if isinstance(error, BulkWriteError):
        return _passing(error.details)
    if isinstance(error, OperationFailure) and error.code in _PASSING:
        return True
    labels = (_TRANSIENT, _UNKNOWN_COMMIT, "RetryableWriteError")
    return isinstance(error, PyMongoError) and any(error.has_error_label(label) for label in labels)


def _passing(details: Mapping[str, Any]) -> bool:
    """Tell whether nothing failed for good in a bulk write."""
    codes = {each["code"] for each in details["writeErrors"]}
    return codes <= _PASSING and bool(codes or details["writeConcernErrors"])


class Store:
    """One database of one replica set.

    Args:
        uri: MongoDB connection string of a replica set.
        database: name of the database.
        master: the master key; None: what is sealed can neither be read nor written.
    """

    def __init__(self, uri: str, database: str, master: MasterKey | None = None) -> None:
        self.uri = uri
        self.database = database
        self.master = master
        self._lock = threading.RLock()
        self._sealer: Sealer | None = None
        self._client: MongoClient[Document] | None = None
        self._pid = 0

    @property
    def client(self) -> MongoClient[Document]:
        """The process's client, opened on first use and again after a fork."""
        if self._client is None or self._pid != os.getpid():
            with self._lock:
                if self._client is None or self._pid != os.getpid():
                    self._client = MongoClient(
                        self.uri,
                        tz_aware=True,
                        serverSelectionTimeoutMS=10_000,
                        **PULSE,
                        retryWrites=True,
                        retryReads=True,
                        appname="ruhu",
                    )
                    self._sealer = None
                    self._pid = os.getpid()
        return self._client

    @property
    def sealer(self) -> Sealer:
        """What seals and unseals in this process.

        Raises:
            ConfigurationError: there is no master key.
        """
        client = self.client
        if self._sealer is None:
            if self.master is None:
                raise ConfigurationError(
                    "There is no master key, so nothing that is sealed can be read or written. Set "
                    f"RUHU_MASTER_KEY_FILE to the key file of the database {self.database!r}, or RUHU_MASTER_KEY to "
                    "its text; for a new database 'ruhu key new FILE' makes one."
                )
            with self._lock:
                if self._sealer is None:
                    self._sealer = Sealer(client, self.database, self.master)
        return self._sealer

    def forget_keys(self) -> None:
        """Read data keys and what belongs to them anew from now on."""
        self._sealer = None

    @property
    def db(self) -> Database[Document]:
        """The database: majority reads from the primary, majority journaled writes."""
        return self.client.get_database(
            self.database,
            codec_options=CodecOptions(tz_aware=True),
            read_preference=ReadPreference.PRIMARY,
            write_concern=MAJORITY,
            read_concern=MAJORITY_READ,
        )

    def __getitem__(self, name: str) -> Collection[Document]:
        if name not in NAMES:
            msg = f"no collection {name!r}: add it to store/collections.py"
            raise KeyError(msg)
        return self.db[name]

    def transaction(self, work: Callable[[ClientSession], Result], *, seconds: float = 30.0) -> Result:
        """Run `work` in one snapshot transaction with a majority commit, again on transient errors.

        `work` must be safe to run more than once and pass its session to every operation. Writers of one scope
        conflict on its counter, so back-off is random and grows.

        Raises:
            PyMongoError: the error was not transient, or time ran out.
        """
        deadline = time.monotonic() + seconds
        attempt = 0
        with self.client.start_session() as session:
            while True:
                try:
                    with session.start_transaction(
                        read_concern=SNAPSHOT, write_concern=MAJORITY, read_preference=ReadPreference.PRIMARY
                    ):
                        result = work(session)
                        self._commit(session, deadline)
                        return result
                except PyMongoError as error:
                    if not error.has_error_label(_TRANSIENT) or time.monotonic() > deadline:
                        raise
                attempt += 1
                time.sleep(random.random() * min(0.5, 0.002 * 2 ** min(attempt, 8)))  # noqa: S311 - jitter

    @staticmethod
    def _commit(session: ClientSession, deadline: float) -> None:
        while True:
            try:
                session.commit_transaction()
            except (ConnectionFailure, OperationFailure) as error:
                if not error.has_error_label(_UNKNOWN_COMMIT) or time.monotonic() > deadline:
                    raise
            else:
                return

    def close(self) -> None:
        """Close the client if this process opened one."""
        if self._client is not None and self._pid == os.getpid():
            self._client.close()
        self._client = self._sealer = None
