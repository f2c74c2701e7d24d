"""What `doctor` looks at on the machine itself: secret, disk, database, clock, model."""

import asyncio
import shutil
import sqlite3
import time
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from adapters.chat_settings import ChatSettings, profile
from entrypoints.secret_key import secret_of
from entrypoints.settings import Settings
from persistence.engine import open_database, parse_url, sqlite_path
from persistence.migrate import is_current
from tickets.errors import BadInput, DeskError

LITTLE_DISK: Final = 500 * 2**20
SKEW_S: Final = 30.0
HEAD_S: Final = 8.0
QUICK_CHECK_S: Final = 60.0
PUT_BACK: Final = (
    "CA_SECRET_KEY must be 32 random bytes in base64url, and is not. Put the key back that this desk was started with: "
    "passwords and permissions on record are sealed with it, and a new key cannot open them."
)

Says = tuple[bool, str]


@dataclass(frozen=True, slots=True)
class Finding:
    """One part, whether it is in order, and what was found or what to do."""

    name: str
    is_ok: bool
    says: str


@dataclass(frozen=True, slots=True)
class Check:
    """A look at one part. Whatever it raises, and however long it takes, the others are looked at all the same."""

    name: str
    look: Callable[[], Awaitable[Says]]
    limit_s: float = 30.0

    async def run(self) -> Finding:
        try:
            async with asyncio.timeout(self.limit_s):
                is_ok, says = await self.look()
        except TimeoutError:
            return Finding(self.name, False, f"no answer within {self.limit_s:g} s; run `doctor` again when it is idle")
        except DeskError as error:
            return Finding(self.name, False, str(error))
        except OSError as error:
            return Finding(self.name, False, in_words(error))
        except Exception as error:  # a defect of one check must not hide what the others found
            return Finding(self.name, False, f"the check itself failed ({type(error).__name__}); report it")
        return Finding(self.name, is_ok, says)


def in_words(error: OSError) -> str:
    """What the system refused, and of which file."""
    where = f"{error.filename}: " if error.filename else ""
    return f"{where}{error.strerror or type(error).__name__}; check the path, its permissions and the disk"


def machine_checks(settings: Settings, environ: Mapping[str, str], *, is_offline: bool) -> list[Check]:
    """Those that need no open desk."""

    async def secret() -> Says:
        return await asyncio.to_thread(_secret, settings)

    async def disk() -> Says:
        return await asyncio.to_thread(_disk, settings)

    async def database() -> Says:
        return await _database(settings)

    checks = [Check("secret key", secret), Check("disk", disk), Check("database", database, QUICK_CHECK_S + 15)]
    if not is_offline and (url := _clock_url(settings, environ)):
        checks.append(Check("clock", lambda: _clock(url), HEAD_S + 5))
    return checks


def model_check(settings: Settings, environ: Mapping[str, str], *, is_offline: bool, notice: str | None) -> Check:
    """One tiny real question, unless there is no model or no network."""

    async def look() -> Says:
        chat = chat_of(settings, environ)
        if chat is None:
            return True, notice or "answers are written without a model"
        if is_offline:
            return True, f"{chat.name}, not asked (--offline)"
        from adapters.chat_probe import probe

        chain = [chat, chat.fallback] if chat.fallback else [chat]
        return True, ", ".join([f"{each.name} answered in {await probe(each):.1f} s" for each in chain])

    return Check("model", look, 4 * settings.model_timeout_s + 30)


def chat_of(settings: Settings, environ: Mapping[str, str]) -> ChatSettings | None:
    """The model's endpoint. Raises DeskError when it is only half configured."""
    return profile({**environ, **settings.model_keys})


def _secret(settings: Settings) -> Says:
    """A new secret is good advice only for a desk that has sealed nothing yet."""
    try:
        secret_of(settings)
    except BadInput as error:
        return False, PUT_BACK if _is_made(settings) else str(error)
    return True, "32 bytes"


def _is_made(settings: Settings) -> bool:
    """Whether there is a database already; one on a server is taken to be there."""
    url = parse_url(settings.database)
    return url.get_backend_name() != "sqlite" or sqlite_path(url).is_file()


def _disk(settings: Settings) -> Says:
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(settings.data_dir).free
    except OSError as error:
        return False, f"CA_DATA_DIR cannot be made or used: {in_words(error)}"
    says = f"{free // 2**20} MB free in the data directory"
    return (True, says) if free > LITTLE_DISK else (False, f"{says}; make room")


async def _database(settings: Settings) -> Says:
    url = parse_url(settings.database)
    is_file = url.get_backend_name() == "sqlite"
    if is_file and not sqlite_path(url).is_file():
        return True, "not made yet; the first start makes it"
    database = await asyncio.to_thread(open_database, settings.database)
    try:
        await database.ping()
    finally:
        await database.close()
    if not await asyncio.to_thread(is_current, settings.database):
        return False, "has the tables of another version; run `communication-agent migrate`"
    if is_file:
        return await asyncio.to_thread(_integrity, settings)
    return True, "answers, and is up to date"


def _integrity(settings: Settings) -> Says:
    """SQLite's own check of every page; a huge file is given up on, which says nothing against it."""
    end = time.monotonic() + QUICK_CHECK_S
    connection = sqlite3.connect(f"file:{sqlite_path(parse_url(settings.database))}?mode=ro", uri=True)
    connection.set_progress_handler(lambda: time.monotonic() > end, 100_000)
    try:
        (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.OperationalError:
        return True, f"up to date; its pages could not all be checked within {QUICK_CHECK_S:g} s"
    finally:
        connection.close()
    if verdict != "ok":
        return False, "is damaged. Stop the desk and restore the latest backup over it."
    return True, "up to date, and its pages are sound"


def _clock_url(settings: Settings, environ: Mapping[str, str]) -> str | None:
    """A server whose Date header can be compared with: Google's when it is used, else the model's."""
    if settings.google_client_id:
        return settings.google_token_url
    try:
        chat = chat_of(settings, environ)
    except DeskError:
        return None
    return chat.base_url if chat else None


async def _clock(url: str) -> Says:
    server = await asyncio.to_thread(_date_of, url)
    if server is None:
        return True, "could not be compared: the server does not say what time it is"
    skew_s = (datetime.now(UTC) - server).total_seconds()
    if abs(skew_s) <= SKEW_S:
        return True, f"within {max(1, abs(round(skew_s)))} s of the server's"
    way = "fast" if skew_s > 0 else "slow"
    return False, f"is {abs(skew_s):.0f} s {way}: tokens and consents may be refused. Switch on time synchronisation."


def _date_of(url: str) -> datetime | None:
    request = urllib.request.Request(url, method="HEAD")  # noqa: S310 - an address from the settings
    try:
        with urllib.request.urlopen(request, timeout=HEAD_S) as answer:  # noqa: S310
            date = answer.headers.get("Date")
    except urllib.error.HTTPError as refusal:  # also a refusal is dated
        date = refusal.headers.get("Date")
    except (OSError, ValueError):
        return None
    return parsedate_to_datetime(date) if date else None
