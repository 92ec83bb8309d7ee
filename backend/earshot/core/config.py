"""Settings, read once from the environment; every name begins with `EARSHOT_`."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from earshot.core.errors import EarshotError


def default_home() -> Path:
    """Where data lives when nobody says otherwise: a place that a demoted Postgres can reach."""
    if os.geteuid() == 0:
        return Path("/var/lib/earshot")
    base = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(base) / "earshot"


class Settings(BaseSettings):
    """Every setting, its default and what it is for."""

    model_config = SettingsConfigDict(env_prefix="EARSHOT_", frozen=True, extra="ignore")

    home: Path = Field(default_factory=default_home, description="Where data, keys and logs live.")
    database_url: str | None = Field(
        default=None,
        description="A Postgres 15 or newer to use instead of the embedded one (the owner's address).",
    )
    role_dsn: str | None = Field(
        default=None,
        description="The address, with its role, that one child process uses; set by `earshot run`.",
    )
    public_port: int = Field(default=8420, ge=1, le=65535, description="Where the public door listens.")
    console_port: int = Field(default=8421, ge=1, le=65535, description="Where the console listens.")
    mailbox_port: int = Field(
        default=8422, ge=1, le=65535, description="Where the demonstration's own mail box shows the mails."
    )
    bind: str = Field(default="127.0.0.1", description="The address that both doors listen on.")
    public_url: str | None = Field(default=None, description="The address people type, printed in links and QR codes.")
    console_url: str | None = Field(
        default=None,
        description="The console's address as people type it: passkeys and single sign-on are bound to it.",
    )
    oidc_issuer: str | None = Field(
        default=None, description="The address of a provider of single sign-on (OpenID Connect); none when left out."
    )
    oidc_client_id: str = Field(default="earshot", description="Earshot's name at that provider.")
    oidc_client_secret_file: Path | None = Field(
        default=None, description="A file with the secret that the provider gave Earshot."
    )
    oidc_name: str = Field(default="your organisation", description="What the button of single sign-on calls it.")
    smtp_url: str | None = Field(
        default=None,
        pattern=r"^(smtp|smtps|starttls)://[^/\s]+/?$",
        description="A mail server: smtp://host:25, starttls://name@host:587 or smtps://host:465; else mails wait.",
    )
    smtp_password_file: Path | None = Field(default=None, description="A file with the password for that name.")
    mail_from: str = Field(
        default="earshot@localhost",
        pattern=r"^[A-Za-z0-9.+_-]+@[A-Za-z0-9.-]+$",
        description="The address that mails come from.",
    )
    webhook_hosts: str = Field(
        default="",
        max_length=2000,
        description="Hosts that subscriptions may call, with commas between them; none: webhooks are not on offer.",
    )
    proxies: int = Field(
        default=0,
        ge=0,
        le=9,
        description="How many proxies of yours stand before the public door: they tell whose network a visitor is of.",
    )
    secure_cookies: bool = Field(
        default=False, description="Say yes behind HTTPS: session cookies then travel over HTTPS only."
    )
    body_limit_bytes: int = Field(default=262_144, description="The largest request the public door accepts, in bytes.")
    import_limit_bytes: int = Field(
        default=52_428_800, description="The largest file the import page accepts, in bytes."
    )
    body_deadline_seconds: float = Field(
        default=10.0, description="How long a request may take to arrive before it is cut, in seconds."
    )
    nlp_threads: int = Field(default=2, ge=1, description="Processor threads that one worker uses for language.")

    @property
    def keys(self) -> Path:
        """The folder of key files: outside the database, so that a dump alone opens nothing."""
        return self.home / "keys"

    @property
    def webhook_host_list(self) -> tuple[str, ...]:
        """The hosts that webhooks may call: over https, or over plain http where one is listed with `http://`."""
        return tuple(part.strip() for part in self.webhook_hosts.split(",") if part.strip())

    @property
    def public_address(self) -> str:
        """The address printed in links, without a slash at its end."""
        return (self.public_url or f"http://localhost:{self.public_port}").rstrip("/")

    @property
    def console_address(self) -> str:
        """The console's address as browsers name it, without a slash at its end."""
        return (self.console_url or f"http://localhost:{self.console_port}").rstrip("/")


class WrongSetting(EarshotError):
    """A setting has a value that it cannot have. README.md lists the settings."""


@cache
def settings() -> Settings:
    """The settings of this process; raises `WrongSetting` naming each variable that cannot be read, not its value."""
    try:
        return Settings()
    except ValidationError as error:
        named = (f"EARSHOT_{str(wrong['loc'][0]).upper()}: {wrong['msg']}." for wrong in error.errors())
        raise WrongSetting(f"{WrongSetting.__doc__} {' '.join(named)}") from None
