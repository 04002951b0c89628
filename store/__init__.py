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
from store.migrations import migrate
from store.restore import Checked, Restored, check_backup, is_empty, refuse_to_destroy, restore_backup
from store.restoring import NOTICE_S, being_restored, refuse_half_restored

__all__ = [
    "COLLECTIONS",
    "COUNTERS_SCHEME",
    "NOTICE_S",
    "PULSE",
    "Checked",
    "Counters",
    "DatabaseError",
    "Document",
    "EmbeddedMongod",
    "Manifest",
    "Restored",
    "Session",
    "Store",
    "being_restored",
    "check_backup",
    "is_empty",
    "keep_backup",
    "kept_backups",
    "make_backup",
    "migrate",
    "open_backup",
    "refuse_half_restored",
    "refuse_to_destroy",
    "restore_backup",
    "running_uri",
    "unavailable",
    "verify_backup",
]
