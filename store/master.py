"""The master key: 96 bytes that wrap the data keys. It never stands in the database, nor in a backup.

It comes from RUHU_MASTER_KEY, else from the file RUHU_MASTER_KEY_FILE, else from `master.key` in the data folder, which
a command that starts the private mongod makes when nothing was sealed yet. There is no default. A key management
service (AWS KMS, KMIP) would be another provider in `store.sealing`: it wraps data keys as this key does.
"""

import base64
import binascii
import os
import secrets
import stat
from dataclasses import dataclass, field
from pathlib import Path

from core.problems import ConfigurationError
from core.settings import Settings

SIZE = 96
FILE = "master.key"
_HOW = "'ruhu key new FILE' makes one"


@dataclass(frozen=True, slots=True)
class MasterKey:
    """A master key, and where it came from; its bytes are never printed."""

    secret: bytes = field(repr=False)
    source: str

    @classmethod
    def from_text(cls, text: str, source: str) -> "MasterKey":
        """Read a key from Base64.

        Raises:
            ConfigurationError: it is not 96 bytes in Base64.
        """
        try:
            secret = base64.b64decode(text.strip(), validate=True)
        except (binascii.Error, ValueError):
            secret = b""
        if len(secret) != SIZE:
            raise ConfigurationError(
                f"The master key in {source} is not {SIZE} bytes in Base64. Copy it again from your safe copy; a new "
                f"key ({_HOW}) cannot read what was sealed with another."
            )
        return cls(secret, source)

    def to_text(self) -> str:
        """Return the key in Base64."""
        return base64.b64encode(self.secret).decode()


def read_master_key(settings: Settings) -> MasterKey | None:
    """Return the master key that the settings name, or that lies in the data folder; None when there is none.

    Raises:
        ConfigurationError: the key that is named is not there or is no key, or others may read its file.
    """
    if settings.master_key:
        return MasterKey.from_text(settings.master_key, "RUHU_MASTER_KEY")
    if settings.master_key_file:
        return read_key_file(Path(settings.master_key_file).resolve())
    own = settings.data_path / FILE
    return read_key_file(own) if own.exists() else None


def read_key_file(file: Path) -> MasterKey:
    """Return the key in a file.

    Raises:
        ConfigurationError: it cannot be read, is no key, or others than its owner may read it.
    """
    try:
        mode = stat.S_IMODE(file.stat().st_mode)
        text = file.read_text(encoding="ascii")
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"The master key cannot be read from {file} ({error}).") from error
    if mode & 0o077:
        raise ConfigurationError(
            f"Others than its owner may read the master key {file} (mode {mode:04o}). Run 'chmod 600 {file}'."
        )
    return MasterKey.from_text(text, str(file))


def make_key_file(file: Path) -> MasterKey:
    """Make a new master key in a file that only its owner may read.

    Raises:
        ConfigurationError: the file is there already, or cannot be written.
    """
    key = MasterKey(secrets.token_bytes(SIZE), str(file))
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as stream:
            stream.write(key.to_text() + "\n")
            stream.flush()
            os.fsync(stream.fileno())
    except FileExistsError:
        raise ConfigurationError(f"{file} is there already; a key is never written over.") from None
    except OSError as error:
        raise ConfigurationError(f"The master key cannot be written to {file} ({error.strerror}).") from error
    return key
