"""Every setting, in one place: the environment, then `.env`, then the default. `.env.example` lists the same names."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from dotenv import dotenv_values
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator

from tickets.errors import BadInput

PREFIX = "CA_"
LOOPBACK = ("127.0.0.1", "::1", "localhost")


class Settings(BaseModel):
    """The desk's settings; each field is the environment variable `CA_` + its name in capitals.

    Secrets may also be given as a file: `<NAME>_FILE` names it.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", validate_default=True)

    data_dir: Path = Field(Path("var"), description="Where the SQLite files, the secret key and the demo live.")
    database_url: str | None = Field(
        None, description="postgresql://... for a team; unset means SQLite in the data directory."
    )
    host: str = Field(
        "127.0.0.1", description="Address to listen on. Anything but loopback needs a secret key and https."
    )
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on.")
    base_url: str | None = Field(None, description="How browsers reach the desk, when a proxy is in front of it.")
    allowed_hosts: str = Field("", description="Host names the desk answers to, comma separated; loopback always.")
    insecure_http: bool = Field(False, description="Allow cookies over plain http on a non-loopback address.")
    trusted_proxies: str = Field(
        "", description="Addresses of proxies in front whose X-Forwarded-For is believed, comma separated."
    )
    secret_key: SecretStr | None = Field(
        None, description="32 random bytes, base64url. On loopback made in the data directory when unset."
    )

    desk_name: str = Field("Support", description="The name on outgoing mail and under drafts.")
    allowed_statements: str = Field(
        "", description="Links, addresses and numbers any draft may state, comma separated: your site, your phone."
    )
    knowledge_dir: Path | None = Field(
        None,
        description="Folder of Markdown articles and macros that a new desk begins with; "
        "unset means `knowledge` in the data directory.",
    )

    model_provider: str = Field(
        "architect", description="architect, openai, azure, ollama, vllm, or local for no model."
    )
    model_base_url: str | None = Field(None, description="Any OpenAI-compatible URL; wins over the profile's own.")
    model_api_key: SecretStr | None = Field(None, description="The key for it; wins over the profile's own.")
    model_name: str | None = Field(None, description="The model's name; wins over the profile's own.")
    model_timeout_s: float = Field(20.0, ge=1, le=600, description="How long one model call may take, in seconds.")
    model_max_tokens: int = Field(
        4000, ge=100, le=200_000, description="Tokens that one answer may have, thoughts included."
    )
    model_temperature: float | None = Field(
        None, ge=0, le=2, description="How freely the model words its answers; unset leaves it to the server."
    )
    model_triage_name: str | None = Field(None, description="Another model of that server for judging a mail.")
    model_triage_timeout_s: float | None = Field(
        None, ge=1, le=600, description="Another time limit for judging a mail."
    )
    model_triage_max_tokens: int | None = Field(
        None, ge=100, le=200_000, description="Another token limit for judging a mail."
    )
    model_triage_temperature: float | None = Field(
        None, ge=0, le=2, description="Another temperature for judging a mail."
    )
    model_plan_name: str | None = Field(None, description="Another model of that server for planning the reply.")
    model_plan_timeout_s: float | None = Field(
        None, ge=1, le=600, description="Another time limit for planning the reply."
    )
    model_plan_max_tokens: int | None = Field(
        None, ge=100, le=200_000, description="Another token limit for planning the reply."
    )
    model_plan_temperature: float | None = Field(
        None, ge=0, le=2, description="Another temperature for planning the reply."
    )
    model_draft_name: str | None = Field(None, description="Another model of that server for writing the reply.")
    model_draft_timeout_s: float | None = Field(
        None, ge=1, le=600, description="Another time limit for writing the reply."
    )
    model_draft_max_tokens: int | None = Field(
        None, ge=100, le=200_000, description="Another token limit for writing the reply."
    )
    model_draft_temperature: float | None = Field(
        None, ge=0, le=2, description="Another temperature for writing the reply."
    )
    model_fallback_provider: str | None = Field(
        None, description="A second model, asked when the first fails and before the local rules: a provider as above."
    )
    model_fallback_base_url: str | None = Field(None, description="Its URL; wins over the profile's own.")
    model_fallback_api_key: SecretStr | None = Field(None, description="Its key; wins over the profile's own.")
    model_fallback_name: str | None = Field(None, description="Its name; wins over the profile's own.")

    google_client_id: str | None = Field(
        None, description="OAuth client of your Google project: web application, or desktop app for the console alone."
    )
    google_client_secret: SecretStr | None = Field(None, description="Its secret.")
    gmail_api_root: str | None = Field(None, description="Another Gmail API root, for a test server.")
    google_auth_url: str = Field("https://accounts.google.com/o/oauth2/v2/auth", description="OAuth consent page.")
    google_token_url: str = Field("https://oauth2.googleapis.com/token", description="OAuth token endpoint.")
    google_revoke_url: str = Field("https://oauth2.googleapis.com/revoke", description="OAuth revocation endpoint.")
    google_certs_url: str = Field(
        "https://www.googleapis.com/oauth2/v1/certs", description="Google's signing keys, to verify its tokens."
    )
    google_login: bool = Field(False, description="Offer `Sign in with Google` on the login page, with that client.")
    google_login_allowed: str = Field(
        "", description="Who needs no invitation for it, comma separated: addresses, and Workspace domains."
    )
    google_login_role: str = Field("viewer", description="What they become: viewer or operator.")
    admins_need_second_factor: bool = Field(
        False, description="Whether administrators must log in with a second step (codes of a generator)."
    )
    gmail_push_audience: str | None = Field(
        None, description="Audience of the Pub/Sub push subscription; unset means no notices are taken."
    )
    gmail_push_service_account: str | None = Field(
        None, description="Service account with which that subscription signs its notices."
    )
    gmail_push_topic: str | None = Field(
        None, description="Pub/Sub topic on which Gmail announces new mail: projects/PROJECT/topics/TOPIC."
    )

    sync_every_s: float = Field(60.0, ge=0, description="Seconds between two looks into each mailbox; 0 turns it off.")
    sync_alarm_min: float = Field(
        15.0, ge=0, description="Minutes without a good sync after which the boards raise an alarm; 0 for never."
    )
    gmail_units_per_minute: int = Field(
        6000, ge=100, description="Google's quota for one account; projects from before May 2026 have 15000."
    )
    backfill_days: int = Field(30, ge=1, description="How far back the first sync of a Gmail mailbox reaches.")
    reopen_days: float = Field(
        30.0, ge=0, description="Days after closing in which an answer reopens a ticket; later it opens a new one."
    )
    follow_up_days: int = Field(
        0,
        ge=0,
        le=3650,
        description="Days of silence after which an answered ticket comes back; 0 for never. The settings may differ.",
    )
    quarantine_failed_senders: bool = Field(
        False, description="Whether mail whose sender failed the provider's check waits in quarantine."
    )
    max_mails_per_sender: int = Field(
        20, ge=1, description="Mails of one sender in an hour that get a draft; more are kept without one."
    )
    max_mails_per_ticket: int = Field(
        10, ge=1, description="Mails on one ticket in an hour that get a draft; more are kept without one."
    )
    max_mail_mb: int = Field(
        50, ge=1, le=200, description="Mails above this size come with their header only; their bytes are kept."
    )
    quote_original: bool = Field(False, description="Whether replies carry the customer's mail below their own text.")
    max_attachments_mb: int = Field(18, ge=0, le=100, description="How much the files of one reply may have together.")
    undo_window_s: float = Field(10.0, ge=0, description="Seconds in which an approval can be taken back; 0 for none.")
    send_settle_s: float = Field(90.0, ge=0, description="Seconds to wait before an unknown delivery is judged.")
    send_give_up_s: float = Field(
        600.0, ge=0, description="Seconds to look for an unknown delivery before an operator is asked."
    )
    drive_concurrency: int = Field(8, ge=1, le=64, description="How many tickets the agent works on at a time.")
    rate_limit_per_minute: int = Field(
        600, ge=0, description="Requests that one API token may make in a minute, in each process; 0 for no limit."
    )
    agent_inbox_origins: str = Field(
        "", description="Origins of pages that may call the routes for Agent Inbox, comma separated: https://..."
    )
    mcp_token: SecretStr | None = Field(
        None, description="API token with which `communication-agent mcp` acts over standard input."
    )
    webhook_allow_private: bool = Field(
        False, description="Whether webhooks out may lead to this machine and into private networks."
    )
    allow_studio_approval: bool = Field(False, description="Whether Studio and Agent Inbox may approve replies.")

    log_format: str = Field(
        "auto", pattern="^(auto|console|json)$", description="auto: console on a terminal, else json."
    )
    log_level: str = Field("info", pattern="^(debug|info|warning|error)$", description="debug, info, warning or error.")
    crash_at: str | None = Field(None, description="For tests only: end the process at this named point.")

    @field_validator("*", mode="before")
    @classmethod
    def _empty_means_unset(cls, value: Any, info: Any) -> Any:
        if isinstance(value, str) and not value.strip():
            return cls.model_fields[info.field_name].default
        return value

    @field_validator("data_dir", "knowledge_dir", mode="after")
    @classmethod
    def _absolute(cls, path: Path | None) -> Path | None:
        """Made absolute here, once: whoever uses it may have another working directory."""
        return path.expanduser().absolute() if path else None

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Self:
        """Parse; raises BadInput that names the variable."""
        given = {name: environ[PREFIX + name.upper()] for name in cls.model_fields if PREFIX + name.upper() in environ}
        for name in _SECRETS:
            if name not in given and (path := environ.get(f"{PREFIX}{name.upper()}_FILE")):
                given[name] = _secret_in(Path(path), f"{PREFIX}{name.upper()}_FILE")
        try:
            return cls.model_validate(given)
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            name = PREFIX + str(first["loc"][0]).upper()
            raise BadInput(f"{name}: {first['msg']}. Correct it in the environment or in .env.") from None

    @property
    def database(self) -> str:
        """The database's URL."""
        return self.database_url or f"sqlite+aiosqlite:///{self.data_dir / 'desk.sqlite'}"

    @property
    def checkpoints(self) -> str:
        """The URL of the LangGraph checkpoints: a file of their own on SQLite, the same database on Postgres."""
        return self.database_url or f"sqlite+aiosqlite:///{self.data_dir / 'checkpoints.sqlite'}"

    @property
    def model_keys(self) -> dict[str, str]:
        """The models' keys as variables; they may have come from files."""
        keys = {"CA_MODEL_API_KEY": self.model_api_key, "CA_MODEL_FALLBACK_API_KEY": self.model_fallback_api_key}
        return {name: key.get_secret_value() for name, key in keys.items() if key}

    @property
    def is_loopback(self) -> bool:
        return self.host in LOOPBACK

    @property
    def site(self) -> str:
        """Where browsers find the desk."""
        host = "127.0.0.1" if self.is_loopback else self.host
        return (self.base_url or f"http://{host}:{self.port}").rstrip("/")


_SECRETS = ("secret_key", "model_api_key", "model_fallback_api_key", "google_client_secret", "mcp_token")


def environment(directory: Path | None = None) -> dict[str, str]:
    """The process environment over the `.env` of the working directory."""
    lines = dotenv_values((directory or Path.cwd()) / ".env")
    return {**{name: value for name, value in lines.items() if value is not None}, **os.environ}


def _secret_in(path: Path, name: str) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError:
        raise BadInput(f"{name}: {path.name} cannot be read. Check the path and its permissions.") from None
