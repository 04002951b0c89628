"""How a secret that must be read again is kept in the database: sealed, for this user alone.

Passwords and tokens are hashed; only what a second factor is reckoned from must be had in clear.
"""

from store import Store


def kept(store: Store, user: str, secret: str) -> bytes:
    """Return the form in which a user's secret is stored."""
    return store.sealer.seal(_place(user), secret)


def read(store: Store, user: str, stored: bytes) -> str:
    """Return the secret of a stored form.

    Raises:
        BrokenSealError: it is not what was sealed for this user.
    """
    return str(store.sealer.unseal(_place(user), stored))


def _place(user: str) -> str:
    return f"user/{user}/second-factor"
