"""The master key of tests."""

from store import MasterKey

MASTER_KEY = MasterKey(bytes(range(96)), "the tests")
