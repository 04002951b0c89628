"""Attempts to guess a password or a code: after some, each next one must wait longer.

Counted are login and address together, the address, and the login from addresses that are new to it. So a guesser is
slowed wherever the guesses come from; and the owner, who signed in from the same address before, is never hindered by
what others try from elsewhere. No wait is longer than a quarter of an hour, and a day without attempts forgets all.
A login that does not exist is counted like one that does.
"""

import hashlib
import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from access.repository import count_attempt
from core.problems import TooManyAttempts
from store import Store

LONGEST_WAIT = timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(days=1)
FAMILIAR_FOR = timedelta(days=30)
"""How long an address from which someone signed in is familiar."""


@dataclass(frozen=True, slots=True)
class Limit:
    """One thing that is counted: so many attempts are free."""

    key: str
    free: int

    def wait(self, attempts: int) -> timedelta:
        """Return how long the next attempt must wait after so many: two seconds, then twice as long each time."""
        beyond = attempts - self.free
        return timedelta(0) if beyond < 0 else min(LONGEST_WAIT, timedelta(seconds=2 ** min(beyond + 1, 10)))


PAIR_FREE, ADDRESS_FREE, LOGIN_FREE, CODE_FREE = 5, 50, 30, 10


class Attempts:
    """Attempts of one request.

    Args:
        store: the database.
        now: when the request came.
        address: where it came from; None at the command line and in processes of our own.
    """

    def __init__(self, store: Store, now: datetime, address: str | None) -> None:
        self._store = store
        self._now = now
        self._address = _network(address)

    def begin_sign_in(self, login: str) -> None:
        """Count an attempt before the password is looked at: guesses that come at once are not free.

        Raises:
            TooManyAttempts: it must wait; nothing was looked at.
        """
        self._count(self._limits(login))

    def signed_in(self, login: str) -> None:
        """Forget the attempts of who has signed in, and keep the address as familiar."""
        kept = self._store["attempts"]
        kept.delete_many({"_id": {"$in": [_name("pair", login, self._address), _name("login", login)]}})
        self._forgive(_name("address", self._address))
        if self._address is not None:
            familiar = {"expires_at": self._now + FAMILIAR_FOR}
            kept.update_one({"_id": _name("familiar", login, self._address)}, {"$set": familiar}, upsert=True)

    def unfinished(self, login: str) -> None:
        """Take one attempt back: the password was right, and something else is still asked for."""
        for limit in self._limits(login):
            self._forgive(limit.key)

    def begin_code(self) -> None:
        """Count an attempt to enrol with a code.

        Raises:
            TooManyAttempts: it must wait.
        """
        if self._address is not None:
            self._count([Limit(_name("code", self._address), CODE_FREE)])

    def code_was_good(self) -> None:
        """Take the attempt back."""
        self._forgive(_name("code", self._address))

    def _limits(self, login: str) -> Iterator[Limit]:
        yield Limit(_name("pair", login, self._address), PAIR_FREE)
        if self._address is None:
            return
        yield Limit(_name("address", self._address), ADDRESS_FREE)
        familiar = {"_id": _name("familiar", login, self._address), "expires_at": {"$gt": self._now}}
        if self._store["attempts"].find_one(familiar) is None:
            yield Limit(_name("login", login), LOGIN_FREE)

    def _count(self, limits: Iterator[Limit] | list[Limit]) -> None:
        for limit in limits:
            until = count_attempt(self._store, limit.key, self._now, self._now + FORGOTTEN_AFTER, limit.wait)
            if until is not None:
                left = max(1, round((until - self._now).total_seconds()))
                problem = TooManyAttempts(f"Try again in {left} seconds.", wait_s=left)
                problem.headers["Retry-After"] = str(left)
                raise problem

    def _forgive(self, key: str) -> None:
        one_less = {"$inc": {"failures": -1}, "$set": {"until": self._now}}
        self._store["attempts"].update_one({"_id": key, "failures": {"$gt": 0}}, one_less)


def _name(kind: str, *parts: str | None) -> str:
    """Return a counter's name. What was typed as a login may be a password, so only a digest of it is kept."""
    text = "\0".join(part or "" for part in parts)
    return f"{kind}:{hashlib.sha256(text.lower().encode('utf-8', 'surrogatepass')).hexdigest()[:32]}"


def _network(address: str | None) -> str | None:
    """Return what of an address is one guesser's: all of IPv4, the first 64 bits of IPv6."""
    try:
        known = ipaddress.ip_address(address or "")
    except ValueError:
        return address
    return str(ipaddress.ip_network(f"{known}/64", strict=False)) if known.version == 6 else str(known)  # noqa: PLR2004 - IPv6
