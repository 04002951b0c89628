"""Typed identifiers and how they are made."""

import os
import re
import time
import uuid
from datetime import date
from enum import StrEnum
from typing import NewType

OpId = NewType("OpId", str)
HouseholdId = NewType("HouseholdId", str)
PersonId = NewType("PersonId", str)
UserId = NewType("UserId", str)
DeviceId = NewType("DeviceId", str)

_uuid = re.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}").fullmatch
_NAMESPACE = uuid.UUID("6d0a3f5e-5d0c-5e8e-9c53-3e2f1a0b7c11")


def uuid7() -> str:
    """Make a UUIDv7 (RFC 9562 §5.7): 48 bits of Unix milliseconds, then random bits."""
    value = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(10), "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return str(uuid.UUID(int=value))


def is_uuid(text: object) -> bool:
    """Tell whether a value is a UUID in its canonical lower-case text form."""
    return isinstance(text, str) and _uuid(text) is not None


class EntryKind(StrEnum):
    """What a ledger entry is of; its id says it."""

    HOUSEHOLD = "household"
    SITE = "site"
    BANNER = "banner"


_KEY = re.compile(r"[A-Za-z0-9_-]{1,64}").fullmatch
_SITE_CODE = re.compile(r"[\w.-]{1,64}").fullmatch
_BANNER = re.compile("[0-9]{6}").fullmatch


def entry_kind(entry_id: str) -> EntryKind:
    """Tell what a ledger entry is by its id: `site:<code>`, `banner:<six digits>`, and all else is a household."""
    if entry_id.startswith("site:"):
        return EntryKind.SITE
    return EntryKind.BANNER if entry_id.startswith("banner:") else EntryKind.HOUSEHOLD


def is_entry_id(text: str) -> bool:
    """Tell whether a text may be the id of a household, site or banner."""
    kind = entry_kind(text)
    if kind is EntryKind.HOUSEHOLD:
        return _KEY(text) is not None
    return (_SITE_CODE if kind is EntryKind.SITE else _BANNER)(text.partition(":")[2]) is not None


def site_id(code: str) -> str:
    """Return the id of the site with a code: 1 to 64 letters, digits, and the marks `_ . -`.

    Raises:
        ValueError: the code is none.
    """
    if not _SITE_CODE(code):
        raise ValueError(f"{code!r} is no code of a site: 1 to 64 letters, digits, and the marks _ . -")
    return f"site:{code}"


def banner_id(region: str) -> str:
    """Return the id of a banner by its six-digit code (GB/T 2260).

    Raises:
        ValueError: the code is none.
    """
    if not _BANNER(region):
        raise ValueError(f"{region!r} is no code of a banner: six digits")
    return f"banner:{region}"


def household_id(region_root: str, registry_no: str) -> HouseholdId:
    """Return the id that a roster row's household always gets, so that a second import meets the first.

    Args:
        region_root: six-digit banner code (GB/T 2260).
        registry_no: the household's number in the banner's register.
    """
    return HouseholdId(str(uuid.uuid5(_NAMESPACE, f"household/{region_root}/{registry_no}")))


def person_id(household: HouseholdId, key: str) -> PersonId:
    """Return the id of a person first seen in a roster; `key` is the resident ID or the roster's line key."""
    return PersonId(str(uuid.uuid5(_NAMESPACE, f"person/{household}/{key}")))


def spell_name(person: str, kind: str, start: date) -> str:
    """Return the UUIDv5 by which a spell may be named instead of its key: no other of the person's starts that day.

    A phone that pulled a spell without its key answers about it under this name.

    Args:
        person: the person's id.
        kind: such as `insurance.medical`.
        start: the spell's first day.
    """
    return str(uuid.uuid5(_NAMESPACE, f"spell/{person}/{kind}/{start.isoformat()}"))
