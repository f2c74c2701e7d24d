"""From "no Google project" to a connected account, step by step. The page, the console and the docs say the same."""

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

SCOPE: Final = "https://www.googleapis.com/auth/gmail.modify"
CALLBACK: Final = "/boards/mailboxes/callback"
WEBHOOK: Final = "/webhooks/gmail"
PUBLISHER: Final = "gmail-api-push@system.gserviceaccount.com"
CONSOLE: Final = "https://console.cloud.google.com"
WIDTH: Final = 100


@dataclass(frozen=True, slots=True)
class Value:
    """Something to copy exactly as it is."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do. `trap` is what people run into there."""

    title: str
    says: tuple[str, ...]
    page: str | None = None
    values: tuple[Value, ...] = ()
    trap: str | None = None


def redirect_uri(base_url: str) -> str:
    """Where Google sends the browser back; it must be entered there letter by letter."""
    return base_url.rstrip("/") + CALLBACK


TROUBLES: Final = Step(
    "If it does not work",
    (
        "access_denied (403): the account is no test user of an application in Testing.",
        "org_internal (403): the audience is Internal, and the account belongs to another organisation.",
        "admin_policy_enforced (400): the Workspace administrator has to allow the application, in the admin "
        "console under Security, API controls.",
        "Disconnected after seven days: see the consent screen above. Press Reconnect; nothing is lost.",
        "Anything else: `communication-agent doctor` tries the permission and the mailbox for real, and says "
        "what to do.",
    ),
)


def steps(base_url: str) -> tuple[Step, ...]:
    """The guide for the desk at that address."""
    return (*_at_google(), *_client(base_url.rstrip("/")), _notices(base_url.rstrip("/")), TROUBLES)


def _at_google() -> tuple[Step, ...]:
    return (
        Step(
            "Make a Google Cloud project",
            ("Sign in with an account of your company and make a project for the desk. An existing one will do.",),
            f"{CONSOLE}/projectcreate",
        ),
        Step(
            "Switch on the Gmail API",
            ("Choose the project at the top of the page, then press Enable.",),
            f"{CONSOLE}/apis/library/gmail.googleapis.com",
        ),
        Step(
            "Fill in the consent screen",
            (
                "Name the application, give a support address, and choose the audience.",
                "Internal, if the mailbox belongs to your Google Workspace: nobody else can use it, and nothing "
                "needs to be verified.",
                "External, if it is a gmail.com account or belongs to another organisation. While the publishing "
                "status is Testing, add the mailbox's address under Test users, or Google refuses it.",
            ),
            f"{CONSOLE}/auth/audience",
            trap="External and Testing together end every permission after seven days: the mailbox disconnects each "
            "week. Press Publish app (status: In production) before you connect it for good. Unverified, it then shows "
            "a warning and serves up to 100 accounts, which is enough for mailboxes of your own: open Advanced on the "
            "warning and go on.",
        ),
        Step(
            "Add the scope",
            (
                "Under Data access, add this one scope. It covers reading, drafts and sending; a narrower one does not "
                "permit drafts, without which nothing could be sent exactly once.",
                "Google calls it restricted: an application offered to the public needs a verification and a yearly "
                "security assessment. Internal use, and up to 100 accounts of your own, do not.",
            ),
            f"{CONSOLE}/auth/scopes",
            (Value("Scope", SCOPE),),
        ),
    )


def _client(base_url: str) -> tuple[Step, ...]:
    return (
        Step(
            "Make the OAuth client",
            (
                "Application type Web application, to connect on the Mailboxes page. Under Authorised redirect URIs "
                "enter the address below, letter by letter: scheme, host, port and path must all be the same.",
                "Google takes http only for localhost and 127.0.0.1; any other desk needs https and a public name, set "
                "as CA_BASE_URL.",
                "To connect on the console instead (`communication-agent connect gmail`, on a machine with a browser), "
                "make a client of the type Desktop app. It needs no redirect URI.",
            ),
            f"{CONSOLE}/auth/clients",
            (Value("Redirect URI", redirect_uri(base_url)),),
            trap="Error 400 redirect_uri_mismatch means that the two addresses differ, or that the client is of the "
            "other type. A change can take some minutes to reach all of Google.",
        ),
        Step(
            "Give the client to the desk",
            ("Put both into the environment or .env, and restart the desk. The secret may also be a file.",),
            values=(
                Value("Client ID", "CA_GOOGLE_CLIENT_ID="),
                Value("Client secret", "CA_GOOGLE_CLIENT_SECRET="),
            ),
        ),
        Step(
            "Connect the account",
            (
                "Open Mailboxes, press Connect a Gmail account, and sign in as the mailbox itself, not as yourself. "
                "Leave every box ticked.",
                "The first sync reads the last days (CA_BACKFILL_DAYS). New Google projects may read about 300 mails a "
                "minute, so 10,000 mails take more than half an hour; the page shows how far it is.",
            ),
        ),
    )


def _notices(base_url: str) -> Step:
    return Step(
        "Optional: hear of new mail at once",
        (
            "Without this the desk looks every minute, which is enough for most. Google's Pub/Sub can ring too; "
            "looking goes on beside it, because notices may be lost.",
            "Make a topic, and give the address below the role Pub/Sub Publisher on it. Add a push subscription "
            "with the endpoint below, switch on authentication, and choose a service account and an audience.",
            "Then set the names here to the same values, and restart the desk.",
        ),
        f"{CONSOLE}/cloudpubsub/topic/list",
        (
            Value("Publisher", PUBLISHER),
            Value("Push endpoint", base_url + WEBHOOK),
            Value("Topic", "CA_GMAIL_PUSH_TOPIC=projects/PROJECT/topics/TOPIC"),
            Value("Audience", f"CA_GMAIL_PUSH_AUDIENCE={base_url}{WEBHOOK}"),
            Value("Service account", "CA_GMAIL_PUSH_SERVICE_ACCOUNT=NAME@PROJECT.iam.gserviceaccount.com"),
        ),
    )


def as_text(base_url: str) -> Iterator[str]:
    """The guide as lines for a console."""
    for number, step in enumerate(steps(base_url), 1):
        yield f"{number}. {step.title}"
        yield from (f"   {step.page}",) if step.page else ()
        for sentence in step.says:
            yield from textwrap.wrap(sentence, WIDTH, initial_indent="   ", subsequent_indent="   ")
        yield from (f"     {value.label}: {value.value}" for value in step.values)
        if step.trap:
            yield from textwrap.wrap(f"Beware: {step.trap}", WIDTH, initial_indent="   ", subsequent_indent="   ")
        yield ""
