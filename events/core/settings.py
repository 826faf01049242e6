"""What an installation can set, by environment or `.env`, with the prefix SIXNET_."""

import os
from functools import lru_cache
from pathlib import Path

import platformdirs
from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from events.core.errors import ServiceError
from events.core.paths import checkout


def default_data_dir() -> Path:
    """Return `var/` of the checkout, or the user's data directory for an installed service."""
    root = checkout()
    return root / "var" if root else Path(platformdirs.user_data_dir("sixnet"))


class Settings(BaseSettings):
    """Settings of one process; every field is `SIXNET_<NAME>` in the environment."""

    model_config = SettingsConfigDict(env_prefix="SIXNET_", env_file=".env", extra="ignore")

    database_url: str | None = None
    broker_url: str | None = None
    replica_url: str | None = None
    mail_url: str | None = None
    mail_from: str = "SIXNET <sixnet@localhost>"
    mail_bounce_address: str = ""
    mail_domain_rates: str = ""
    mail_oauth_tenant: str = ""
    mail_oauth_client_id: str = ""
    mail_oauth_client_secret: str = ""
    mail_oauth_token_url: str = ""
    mail_oauth_scope: str = "https://outlook.office365.com/.default"
    mail_dkim_selectors: str = ""
    bounce_imap_url: str = ""
    bounce_webhook_secret: str = ""
    calendar_address: str = ""
    public_url: str | None = None
    secret_key: str | None = None
    data_dir: Path = Field(default_factory=default_data_dir)
    trusted_proxies: str = ""
    provider_name: str = ""
    provider_contact: str = ""
    ytj_url: str = ""
    pool_size: int = Field(default=10, ge=2, le=100)
    retention_months: int = Field(default=120, ge=2, le=600)

    @property
    def reads_calendars(self) -> bool:
        """Whether what calendars answer to `calendar_address` is read here."""
        return bool(self.calendar_address and (self.bounce_imap_url or self.bounce_webhook_secret))

    @property
    def secure_cookies(self) -> bool:
        """Whether the service is reached by https, so that cookies may demand it."""
        return bool(self.public_url and self.public_url.startswith("https://"))


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """Return the settings of this process, read once; raises ServiceError that names the one that is wrong."""
    try:
        return Settings()
    except ValidationError as error:
        wrong = error.errors()[0]
        name = "_".join(str(part) for part in wrong["loc"]).upper()
        raise ServiceError(f"SIXNET_{name} is wrong: {wrong['msg']}.") from error


def override(**values: str) -> None:
    """Set settings for this process and the processes it starts; `data_dir="x"` becomes `SIXNET_DATA_DIR=x`."""
    os.environ.update({f"SIXNET_{name.upper()}": value for name, value in values.items()})
    get_settings.cache_clear()


def forget(*names: str) -> None:
    """Take back what `override` set."""
    for name in names:
        os.environ.pop(f"SIXNET_{name.upper()}", None)
    get_settings.cache_clear()
