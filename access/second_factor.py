"""A second factor: time-based one-time codes (RFC 6238), and recovery codes for a lost phone."""

import hmac
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyotp
import segno

from access import audit, passwords, secret, tokens
from access.attempts import Attempts
from access.model import Act
from core.problems import BadCredentials, Conflict
from store import Document, Session, Store

ISSUER = "Ruhu"
_STEP_S = 30
_RECOVERY_CODES = 10
_EITHER_SIDE = 1
"""Steps before and after the present one whose codes are taken: clocks of phones go wrong by that much."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A secret to put into an authenticator; shown once. `qr` is an SVG image of `uri`."""

    secret: str
    uri: str
    qr: str


class SecondFactor:
    """The second factor of one user, who is signed in.

    Args:
        store: the database.
        act: the user, and when.
    """

    def __init__(self, store: Store, act: Act) -> None:
        self._store = store
        self._act = act

    def offer(self) -> Offer:
        """Make a new secret. It is asked for from when it is confirmed; one that was never confirmed is replaced.

        Raises:
            Conflict: there is a confirmed one; it must be taken off first.
        """
        user = self._user()
        if is_on(user):
            raise Conflict("There is a second factor already; take it off first.")
        made = pyotp.random_base32()
        sealed = secret.kept(self._store, user["_id"], made)
        held: Document = {"secret": sealed, "confirmed_at": None, "last_step": 0, "recovery": []}
        self._set({"$set": {"second_factor": held}}, {"second_factor": "offered"})
        uri = pyotp.TOTP(made).provisioning_uri(name=user["login"], issuer_name=ISSUER)
        image = io.BytesIO()
        segno.make(uri, micro=False).save(image, kind="svg", xmldecl=False, svgns=True, scale=4)
        return Offer(made, uri, image.getvalue().decode())

    def confirm(self, code: str) -> list[str]:
        """Turn the second factor on with a code of the new secret; return the recovery codes, shown once.

        Raises:
            Conflict: none was offered, or it is on already.
            BadCredentials: the code is not of this secret and time.
        """
        user = self._user()
        if not user.get("second_factor") or is_on(user):
            raise Conflict("There is no second factor that waits to be confirmed.")
        step = _step_of(self._store, user, code, self._act.at)
        if step is None:
            raise BadCredentials("The code is not of this secret and time.")
        codes = [tokens.new_recovery_code() for _ in range(_RECOVERY_CODES)]
        values = {
            "second_factor.confirmed_at": self._act.at,
            "second_factor.last_step": step,
            "second_factor.recovery": [tokens.recovery_id(each) for each in codes],
        }
        self._set({"$set": values}, {"second_factor": "on"})
        return codes

    def take_off(self, password: str) -> None:
        """Turn the second factor off.

        Raises:
            BadCredentials: the password is wrong.
            TooManyAttempts: it was wrong too often of late.
        """
        user = self._user()
        attempts = Attempts(self._store, self._act.at, self._act.by.address)
        attempts.begin_sign_in(user["login"])
        if not passwords.verify(user["password"], password):
            raise BadCredentials
        attempts.unfinished(user["login"])
        self._set({"$unset": {"second_factor": ""}}, {"second_factor": "off"})

    def _user(self) -> Document:
        found = self._store["users"].find_one({"_id": self._act.by.user})
        if found is None:
            raise BadCredentials
        return found

    def _set(self, update: Document, detail: Document) -> None:
        by = self._act.by

        def work(session: Session) -> None:
            self._store["users"].update_one({"_id": by.user}, update, session=session)
            target = f"user/{by.user}"
            audit.record(
                self._store, self._act, "second-factor:write", target, by.region, detail, session=session
            )

        self._store.transaction(work)


def is_on(user: Mapping[str, Any]) -> bool:
    """Tell whether a user (a document) must show a second factor."""
    return bool((user.get("second_factor") or {}).get("confirmed_at"))


def use(store: Store, user: Mapping[str, Any], code: str, now: datetime) -> bool:
    """Use a code up, a time's or a recovery code; tell whether it was. None is good twice, nor an earlier one."""
    step = _step_of(store, user, code, now)
    if step is not None:
        unused = {"_id": user["_id"], "second_factor.last_step": {"$lt": step}}
        used = store["users"].update_one(unused, {"$set": {"second_factor.last_step": step}})
        return used.modified_count == 1
    recovery = {"_id": user["_id"], "second_factor.recovery": tokens.recovery_id(code)}
    used = store["users"].update_one(
        recovery, {"$pull": {"second_factor.recovery": tokens.recovery_id(code)}}
    )
    return used.modified_count == 1


def _step_of(store: Store, user: Mapping[str, Any], code: str, now: datetime) -> int | None:
    """Return the time step that a code is of, if it is near now."""
    maker = pyotp.TOTP(secret.read(store, user["_id"], user["second_factor"]["secret"]))
    present, typed = int(now.timestamp()) // _STEP_S, "".join(code.split())
    fitting = [
        step
        for step in range(present - _EITHER_SIDE, present + _EITHER_SIDE + 1)
        if hmac.compare_digest(maker.generate_otp(step).encode(), typed.encode("utf-8", "surrogatepass"))
    ]
    return fitting[-1] if fitting else None
