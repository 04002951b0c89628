"""Settings, read once from the environment into a frozen value; no default secrets."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path

from core.problems import ConfigurationError


def _setting(env: str, about: str, default: str = "", *, secret: bool = False) -> str:
    return field(default=default, metadata={"env": env, "about": about}, repr=not secret)


@dataclass(frozen=True, slots=True)
class Settings:
    """What an operator may set. `docs/settings.md` is generated from this class."""

    data: str = _setting("RUHU_DATA", "Folder of the private mongod and of run-time files.", "data")
    mongodb_uri: str = _setting(
        "RUHU_MONGODB_URI", "A replica set or sharded cluster to use in place of the private mongod."
    )
    database: str = _setting("RUHU_DATABASE", "Name of the database.", "ruhu")
    master_key: str = _setting(
        "RUHU_MASTER_KEY",
        "The master key as text (96 bytes in Base64), such as a secret store hands it to a process; never a default.",
        secret=True,
    )
    master_key_file: str = _setting(
        "RUHU_MASTER_KEY_FILE",
        "File of the master key, for its owner's eyes alone (0600); empty: `master.key` in RUHU_DATA, which is made on "
        "the first run of a private mongod.",
    )
    broker_url: str = _setting(
        "RUHU_BROKER_URL", "Celery broker (Redis or RabbitMQ); empty: the same MongoDB."
    )
    backups: str = _setting(
        "RUHU_BACKUPS",
        "Folder of the nightly backups (02:30 Asia/Shanghai, the newest 14 are kept); empty: none are made.",
    )
    policy: str = _setting(
        "RUHU_POLICY",
        "Folder of the office's own dated values of parameters (`<area>.yaml`) over the shipped ones; empty: none.",
    )
    host: str = _setting("RUHU_HOST", "Address the web process listens on.", "127.0.0.1")
    port: str = _setting("RUHU_PORT", "Port the web process listens on.", "8000")
    web_processes: str = _setting("RUHU_WEB_PROCESSES", "Number of web processes.", "2")
    proxy_hops: str = _setting(
        "RUHU_PROXY_HOPS",
        "How many proxies of yours stand before the web process; so many X-Forwarded-For and -Proto are believed.",
        "0",
    )
    webhook_networks: str = _setting(
        "RUHU_WEBHOOK_NETWORKS",
        "Private networks that webhooks may lead to, in CIDR notation, separated by commas (`10.20.0.0/16`); empty: "
        "public addresses only. Plain http is allowed only to loopback addresses named here.",
    )
    log_level: str = _setting("RUHU_LOG_LEVEL", "debug, info, warning or error.", "info")

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "Settings":
        """Read settings from an environment mapping.

        Raises:
            ConfigurationError: a `RUHU_*` variable is not known, or a number is not a number.
        """
        known = {f.metadata["env"]: f.name for f in fields(cls)}
        unknown = sorted(name for name in env if name.startswith("RUHU_") and name not in known)
        if unknown:
            msg = f"Unknown setting {', '.join(unknown)}. Known: {', '.join(sorted(known))}."
            raise ConfigurationError(msg)
        settings = cls(**{known[name]: value for name, value in env.items() if name in known and value})
        for name in ("port", "web_processes", "proxy_hops"):
            if not str(getattr(settings, name)).isdigit():
                msg = f"RUHU_{name.upper()} must be a whole number, not {getattr(settings, name)!r}."
                raise ConfigurationError(msg)
        try:
            settings.networks  # noqa: B018 - read once here, so that a wrong one is told at the start
        except ValueError as error:
            raise ConfigurationError(f"RUHU_WEBHOOK_NETWORKS: {error}.") from error
        return settings

    @property
    def networks(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """The private networks that webhooks may lead to."""
        return tuple(ip_network(part.strip()) for part in self.webhook_networks.split(",") if part.strip())

    @property
    def data_path(self) -> Path:
        """The data folder as an absolute path."""
        return Path(self.data).resolve()

    @property
    def policy_path(self) -> Path | None:
        """The folder of the office's own values of parameters as an absolute path; None when there is none."""
        return Path(self.policy).resolve() if self.policy else None

    @property
    def backups_path(self) -> Path | None:
        """The folder of the nightly backups as an absolute path; None when none are made."""
        return Path(self.backups).resolve() if self.backups else None
