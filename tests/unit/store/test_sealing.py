"""Sealing against a real mongod: what comes back, what is refused, and what becomes of the keys."""

import os
import re
import secrets
import stat
import subprocess
import sys

import pytest
from bson.binary import Binary
from hypothesis import HealthCheck, given
from hypothesis import settings as limits
from hypothesis import strategies as st
from pymongo.errors import ServerSelectionTimeoutError

from core.clock import SystemClock
from core.problems import BackupError, ConfigurationError
from core.settings import Settings
from store import (
    BrokenSealError,
    MasterKey,
    Store,
    check_backup,
    first_key,
    make_backup,
    make_key_file,
    migrate,
    open_store,
    prove_key,
    read_key_file,
    restore_backup,
)
from tests.keys import MASTER_KEY

NOW = SystemClock().now()
OTHER = MasterKey(secrets.token_bytes(96), "another file")
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | FLOATS | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@pytest.fixture
def stranger(store):
    """Return a store of the same database with another master key."""
    other = Store(store.uri, store.database, OTHER)
    yield other
    other.close()


@limits(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=JSON)
def test_whatever_json_can_say_comes_back(store, value):
    assert store.sealer.unseal("op/1", store.sealer.seal("op/1", value)) == value


@pytest.mark.parametrize("size", [0, 1, 399, 400, 401, 100_000, 3_000_000])
def test_short_and_long_content_comes_back_packed_or_not(store, size):
    content = os.urandom(16) * (size // 16) + b"x" * (size % 16)
    for pack in (True, False):
        envelope = store.sealer.seal_bytes("snapshot/1", content, pack=pack)
        assert store.sealer.unseal_bytes("snapshot/1", envelope) == content
    if size > 1000:
        assert len(store.sealer.seal_bytes("a", content)) < size / 2


def test_an_envelope_shows_nothing_and_no_two_are_alike(store):
    value = {"/phone": "13812345678"}
    one, two = (store.sealer.seal("op/1", value) for _ in range(2))
    assert one != two
    assert b"138" not in one
    assert one[0] == 2, "the random algorithm of client-side encryption"
    (key,) = store["keys"].find()
    assert one[1:17] == bytes(key["_id"].bytes if hasattr(key["_id"], "bytes") else key["_id"]), (
        "its data key's id is inside"
    )
    assert MASTER_KEY.secret not in key["keyMaterial"]


def test_one_changed_byte_anywhere_is_told(store):
    envelope = store.sealer.seal("op/1", {"/phone": "13812345678"})
    for at in (0, 3, 17, 40, len(envelope) - 1):
        spoilt = bytearray(envelope)
        spoilt[at] ^= 1
        with pytest.raises(BrokenSealError):
            store.sealer.unseal("op/1", bytes(spoilt))
    with pytest.raises(BrokenSealError):
        store.sealer.unseal("op/1", envelope[:-1])
    with pytest.raises(BrokenSealError, match="another document"):
        store.sealer.unseal("op/2", envelope)


def test_another_master_key_is_refused_before_anything_is_read_or_written(store, stranger):
    before = {name: list(store[name].find()) for name in ("meta", "keys")}
    envelope = store.sealer.seal("op/1", 1)
    with pytest.raises(ConfigurationError, match="not the one that sealed"):
        stranger.sealer.unseal("op/1", envelope)
    with pytest.raises(ConfigurationError, match="not the one that sealed"):
        stranger.sealer.seal("op/1", 1)
    with pytest.raises(ConfigurationError, match="not the one that sealed"):
        migrate(stranger)
    with pytest.raises(ConfigurationError, match="not the one that sealed"):
        prove_key(stranger)
    keyless = Store(store.uri, store.database)
    with pytest.raises(ConfigurationError, match="no master key"):
        migrate(keyless)
    keyless.close()
    assert {name: list(store[name].find()) for name in ("meta", "keys")} == before


def test_after_a_rotation_old_envelopes_stay_readable_and_fingerprints_stay(store):
    old, mark = store.sealer.seal("op/1", "old"), store.sealer.fingerprint("phone", "13812345678")
    made = store.sealer.rotate()
    new = store.sealer.seal("op/1", "new")
    assert old[1:17] != new[1:17]
    assert new[1:17].hex() == made.replace("-", "")
    again = Store(store.uri, store.database, MASTER_KEY)
    assert [again.sealer.unseal("op/1", each) for each in (old, new)] == ["old", "new"]
    assert again.sealer.fingerprint("phone", "13812345678") == mark
    again.close()


def test_after_rewrapping_only_the_other_master_key_opens(store, stranger):
    old, mark = store.sealer.seal("op/1", "old"), store.sealer.fingerprint("phone", "1")
    store.sealer.rotate()
    assert store.sealer.rewrap(OTHER) == 2
    assert stranger.sealer.unseal("op/1", old) == "old"
    assert stranger.sealer.fingerprint("phone", "1") == mark
    assert stranger.sealer.unseal("op/1", stranger.sealer.seal("op/1", "new")) == "new"
    former = Store(store.uri, store.database, MASTER_KEY)
    with pytest.raises(ConfigurationError, match="not the one"):
        former.sealer.check()
    former.close()


def test_rewrapping_that_was_cut_short_is_run_again(store, stranger):
    store.sealer.rotate()
    keys = list(store["keys"].find().sort("_id", 1))
    store.sealer.rewrap(OTHER)
    store["keys"].replace_one({"_id": keys[0]["_id"]}, keys[0])
    half = Store(store.uri, store.database, MASTER_KEY)
    assert half.sealer.rewrap(OTHER) == 1
    stranger.sealer.check()
    half.close()


def test_fingerprints_differ_by_kind_number_and_database(store):
    marks = {
        store.sealer.fingerprint(kind, text) for kind in ("phone", "bank_account") for text in ("138", "139")
    }
    assert len(marks) == 4
    assert all(re.fullmatch(r"(phone|bank_account):[0-9a-f]{32}", mark) for mark in marks)


def test_a_database_that_does_not_answer_is_no_broken_seal():
    away = Store("mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=1&replicaSet=none", "none", MASTER_KEY)
    with pytest.raises(ServerSelectionTimeoutError):
        away.sealer.seal("op/1", 1)
    prove_key(away)
    away.close()


_FORKED = """
import os, sys
from store import MasterKey, Store
store = Store(sys.argv[1], sys.argv[2], MasterKey(bytes(range(96)), "the tests"))
sealed = store.sealer.seal("op/1", "before")
child = os.fork()
if child == 0:
    store.sealer.unseal("op/1", store.sealer.seal("op/1", "in the child"))
    os._exit(0 if store.sealer.unseal("op/1", sealed) == "before" else 1)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), store.sealer.unseal("op/1", sealed))
"""


def test_a_forked_process_seals_with_a_client_of_its_own(store):
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", _FORKED, store.uri, store.database],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout == "0 before\n", done.stderr


# --- the master key


def test_a_key_file_is_for_its_owner_alone_and_never_written_over(tmp_path):
    file = tmp_path / "keys" / "master.key"
    made = make_key_file(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert read_key_file(file).secret == made.secret
    assert len(made.secret) == 96
    assert made.to_text() not in repr(made)
    with pytest.raises(ConfigurationError, match="never written over"):
        make_key_file(file)
    file.chmod(0o640)
    with pytest.raises(ConfigurationError, match="chmod 600"):
        read_key_file(file)
    file.chmod(0o600)
    for text in ("", "AAAA", "no key at all ¿"):
        file.write_text(text)
        with pytest.raises(ConfigurationError, match="master key"):
            read_key_file(file)
    with pytest.raises(ConfigurationError, match="cannot be read"):
        read_key_file(tmp_path / "none")


def test_the_settings_name_the_key_and_never_show_it(tmp_path):
    text = MASTER_KEY.to_text()
    by_text = Settings(data=str(tmp_path), mongodb_uri="mongodb://127.0.0.1:1", master_key=text)
    assert open_store(by_text).master.secret == MASTER_KEY.secret
    assert text not in repr(by_text)
    make_key_file(tmp_path / "k")
    by_file = Settings(
        data=str(tmp_path), mongodb_uri="mongodb://127.0.0.1:1", master_key_file=str(tmp_path / "k")
    )
    assert open_store(by_file).master.source == str(tmp_path / "k")
    assert open_store(Settings(data=str(tmp_path), mongodb_uri="mongodb://127.0.0.1:1")).master is None


def test_a_first_key_is_made_once_and_never_for_a_database_that_is_sealed(store, tmp_path):
    known = Settings(data=str(tmp_path), mongodb_uri=store.uri, database=store.database)
    lost = open_store(known)
    assert first_key(lost, known) is None
    assert list(tmp_path.iterdir()) == [], "the key was lost: a new one would only hide that"
    lost.close()
    fresh = open_store(Settings(data=str(tmp_path), mongodb_uri=store.uri, database="test_never_made"))
    told = first_key(fresh, known)
    assert str(tmp_path / "master.key") in told
    assert first_key(fresh, known) is None
    assert open_store(known).master.secret == fresh.master.secret
    fresh.close()


# --- backups


def test_a_backup_has_the_wrapped_keys_and_is_restored_only_with_its_master_key(store, tmp_path):
    envelope = store.sealer.seal("round/1", "kept")
    store["rounds"].insert_one({"_id": "1", "sealed": Binary(envelope)})
    file, manifest = make_backup(store, tmp_path / "b.zip", NOW)
    assert manifest.parts["keys"].documents == 1
    assert MASTER_KEY.secret not in file.read_bytes()
    checked = check_backup(file)
    for master, told in ((OTHER, "another master key"), (None, "no master key here")):
        place = Store(store.uri, store.database + "_new", master)
        place["users"].insert_one({"_id": "somebody"})
        with pytest.raises(BackupError, match=told):
            restore_backup(place, checked, NOW, replace=True)
        assert place.db.list_collection_names() == ["users"], "nothing was deleted, nothing is left"
        place.client.drop_database(place.database)
        place.close()
    place = Store(store.uri, store.database + "_new", MASTER_KEY)
    restore_backup(place, checked, NOW)
    assert place.sealer.unseal("round/1", place["rounds"].find_one()["sealed"]) == "kept"
    place.client.drop_database(place.database)
    place.close()
