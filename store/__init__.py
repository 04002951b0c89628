"""MongoDB, and nothing about surveys."""

from pymongo.client_session import ClientSession as Session
from pymongo.errors import PyMongoError as DatabaseError

from store.archive import Manifest, open_backup, verify_backup
from store.backup import keep_backup, kept_backups, make_backup
from store.client import PULSE, Document, Store, unavailable
from store.collections import COLLECTIONS
from store.counters import SCHEME as COUNTERS_SCHEME
from store.counters import Counters
from store.embedded import EmbeddedMongod, running_uri
from store.master import FILE, MasterKey, make_key_file, read_key_file, read_master_key
from store.migrations import migrate
from store.opening import first_key, open_store, prove_key
from store.restore import (
    Checked,
    Restored,
    check_backup,
    is_empty,
    refuse_other_key,
    refuse_to_destroy,
    restore_backup,
)
from store.restoring import NOTICE_S, being_restored, refuse_half_restored
from store.sealing import BrokenSealError, Sealer

__all__ = [
    "COLLECTIONS",
    "COUNTERS_SCHEME",
    "FILE",
    "NOTICE_S",
    "PULSE",
    "BrokenSealError",
    "Checked",
    "Counters",
    "DatabaseError",
    "Document",
    "EmbeddedMongod",
    "Manifest",
    "MasterKey",
    "Restored",
    "Sealer",
    "Session",
    "Store",
    "being_restored",
    "check_backup",
    "first_key",
    "is_empty",
    "keep_backup",
    "kept_backups",
    "make_backup",
    "make_key_file",
    "migrate",
    "open_backup",
    "open_store",
    "prove_key",
    "read_key_file",
    "read_master_key",
    "refuse_half_restored",
    "refuse_other_key",
    "refuse_to_destroy",
    "restore_backup",
    "running_uri",
    "unavailable",
    "verify_backup",
]
