"""What a deployment may set, read once from the environment (``KIKAN_*``). Nothing secret has a default."""

import ipaddress
import re
from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, computed_field
from pydantic_settings import BaseSettings, SettingsConfigDict

_ORIGIN = re.compile(r"https?://[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?")


class UnsafeSettingsError(RuntimeError):
    """The service was started with settings that must never run. Lists every one of them."""


class Settings(BaseSettings):
    """The settings of one process.

    ``database_url`` is the api role's: ``sqlite:///var/kikan.db`` or ``postgresql://…``. The owner's and the
    maintenance role's addresses are used by the command line only.
    """

    model_config = SettingsConfigDict(env_prefix="KIKAN_", extra="ignore", frozen=True)

    env: Literal["development", "production"] = "development"
    var: Path = Path("var")
    database_url: SecretStr | None = None
    owner_database_url: SecretStr | None = None
    maintenance_database_url: SecretStr | None = None
    allow_sqlite: bool = False
    workers: int = Field(default=1, ge=1, le=64)
    pool_size: int = Field(default=24, ge=1, le=200)
    pgbouncer: bool = False
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    public_url: str | None = None
    issuer: str = "kikan"
    audience: str = "kikan-api"
    signing_key: SecretStr | None = None
    previous_signing_key: SecretStr | None = None
    secret_keys: SecretStr | None = None
    metrics_token: SecretStr | None = None
    cors_origins: tuple[str, ...] = ()
    trusted_proxies: str | None = None
    debug: bool = False
    rate_limit_per_minute: int = Field(default=1200, ge=1)
    sign_in_limit_per_minute: int = Field(default=30, ge=1)
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @computed_field  # type: ignore[prop-decorator]
    @cached_property
    def is_production(self) -> bool:
        """Tell whether the strict rules of production hold."""
        return self.env == "production"

    def database_address(self) -> str:
        """Give the api role's database address; without one, the embedded database under ``var``."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite:///{self.var / 'kikan.db'}"

    def owner_address(self) -> str:
        """Give the address that migrations use: the owner's, or the api role's where there is only one (SQLite)."""
        if self.owner_database_url is not None:
            return self.owner_database_url.get_secret_value()
        return self.database_address()

    def maintenance_address(self) -> str:
        """Give the address of the maintenance role; on SQLite the same file."""
        if self.maintenance_database_url is not None:
            return self.maintenance_database_url.get_secret_value()
        return self.database_address()

    def proxies(self) -> tuple[str, ...]:
        """Give the addresses and networks whose ``X-Forwarded-For`` is believed; none unless they are set."""
        named = (self.trusted_proxies or "").split(",")
        return tuple(name.strip() for name in named if name.strip())

    def refuse_unsafe(self) -> None:
        """Refuse to start on settings that are fit for nobody, or in production for a desk only.

        Raises:
            UnsafeSettingsError: with every fault found, not only the first.
        """
        # A browser names an origin as scheme, host and port; anything else, a wildcard too, would never be exact.
        is_exact = all(_ORIGIN.fullmatch(origin) for origin in self.cors_origins)
        faults = [
            (not is_exact, "KIKAN_CORS_ORIGINS holds something other than exact origins"),
            (not all(map(_is_network, self.proxies())), "KIKAN_TRUSTED_PROXIES holds something other than addresses"),
            *self._of_a_desk(),
        ]
        found = [text for is_fault, text in faults if is_fault]
        if found:
            raise UnsafeSettingsError("; ".join(found))

    def _of_a_desk(self) -> list[tuple[bool, str]]:
        """Say what production must not have, and whether it is there; nothing in development."""
        if not self.is_production:
            return []
        faults = [
            (self.database_url is None, "KIKAN_DATABASE_URL is not set"),
            (self.signing_key is None, "KIKAN_SIGNING_KEY is not set"),
            (self.secret_keys is None, "KIKAN_SECRET_KEYS is not set"),
            (self.debug, "KIKAN_DEBUG is on"),
            (any(o.startswith("http://") for o in self.cors_origins), "KIKAN_CORS_ORIGINS holds an origin without TLS"),
            (self.metrics_token is None, "KIKAN_METRICS_TOKEN is not set"),
            (self.public_url is None, "KIKAN_PUBLIC_URL is not set"),
        ]
        if self.database_address().startswith("sqlite"):
            faults.append((not self.allow_sqlite, "SQLite in production needs KIKAN_ALLOW_SQLITE=true"))
            faults.append((self.workers != 1, "SQLite serves with exactly one worker"))
        return faults


def _is_network(text: str) -> bool:
    """Tell whether a text is an address or a network; one that holds everybody would believe anybody."""
    try:
        return ipaddress.ip_network(text).prefixlen > 0
    except ValueError:
        return False
