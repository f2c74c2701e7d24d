"""The shipped sample mailbox and knowledge base keep what the demo and the measurements rely on."""

import json
import re
from collections import Counter
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from pathlib import Path

import pytest
import yaml

import entrypoints.sample

SAMPLE = Path(entrypoints.sample.__file__).parent
MAILS = {
    path.name: message_from_bytes(path.read_bytes(), policy=policy.compat32)
    for path in sorted((SAMPLE / "mailbox").glob("*.eml"))
}
LABELS = [json.loads(line) for line in (SAMPLE / "labels.jsonl").read_text("utf-8").splitlines()]
ARTICLES = sorted((SAMPLE / "knowledge").glob("*.md"))
CATEGORIES = {"technical", "sales", "billing", "scheduling", "complaint", "warranty", "account", "other"}
LANGUAGES = {"en", "de", "fr", "es"}
# RFC 2606 and RFC 6761: names that can never belong to somebody.
RESERVED = re.compile(r"(^|\.)(example\.(com|net|org)|example|test)$")


def mails_of_kind(kind: str) -> list[Message]:
    return [MAILS[label["file"]] for label in LABELS if label["kind"] == kind]


def parts_of(content_type: str) -> list[Message]:
    return [part for mail in MAILS.values() for part in mail.walk() if part.get_content_type() == content_type]


def payload_of(part: Message) -> bytes:
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload


def text_of(mail: Message) -> str:
    texts = [part for part in mail.walk() if part.get_content_maintype() == "text"]
    return "\n".join(payload_of(part).decode(part.get_content_charset("utf-8")) for part in texts)


def ids_in(header: str | None) -> list[str]:
    return re.findall(r"<[^<>\s]+>", header or "")


def front_matter_of(path: Path) -> tuple[dict[str, object], str]:
    _, front, body = path.read_text("utf-8").split("---\n", 2)
    fields = yaml.safe_load(front)
    assert isinstance(fields, dict)
    return fields, body


@pytest.mark.parametrize("name", MAILS)
def test_each_mail_parses_without_defects_in_its_declared_charset(name: str) -> None:
    mail = MAILS[name]

    defects = [defect for part in mail.walk() for defect in part.defects]

    assert defects == []
    assert text_of(mail).strip()
    assert str(make_header(decode_header(mail["Subject"]))).strip()


@pytest.mark.parametrize("name", MAILS)
def test_each_mail_says_who_when_and_which(name: str) -> None:
    mail = MAILS[name]

    sent_at = parsedate_to_datetime(mail["Date"])

    assert sent_at.tzinfo is not None
    assert "2026-10-18" <= sent_at.date().isoformat() <= "2026-10-31"
    assert len(ids_in(mail["Message-ID"])) == 1
    assert [address for _, address in getaddresses([mail["To"]])] == ["support@helios.example"]


@pytest.mark.parametrize("name", MAILS)
def test_each_mail_names_only_reserved_domains(name: str) -> None:
    mail = MAILS[name]
    raw = f"{mail}\n{text_of(mail)}"

    domains = {domain.rstrip(".").lower() for domain in re.findall(r"(?:@|https?://)([\w-]+(?:\.[\w-]+)+)", raw)}

    assert {domain for domain in domains if not RESERVED.search(domain)} <= {"www.w3.org"}


def test_no_two_mails_share_a_message_id() -> None:
    ids = Counter(mail["Message-ID"] for mail in MAILS.values())

    assert [message_id for message_id, count in ids.items() if count > 1] == []


def test_the_labels_name_exactly_the_files_with_known_values() -> None:
    assert [label["file"] for label in LABELS] == list(MAILS)
    for label in LABELS:
        assert set(label) == {"file", "language", "needs_reply", "category", "kind"}
        assert label["language"] in LANGUAGES
        assert label["category"] in CATEGORIES
        assert isinstance(label["needs_reply"], bool)


def test_the_mix_covers_four_languages_and_every_category() -> None:
    languages = Counter(label["language"] for label in LABELS)
    categories = {label["category"] for label in LABELS if label["kind"] == "customer"}

    assert len(LABELS) >= 44
    assert all(languages[language] >= count for language, count in {"en": 20, "de": 13, "fr": 5, "es": 5}.items())
    assert categories == CATEGORIES - {"other"}


def test_references_of_people_resolve_within_the_sample() -> None:
    known = {mail["Message-ID"] for mail in MAILS.values()}
    replies = [
        MAILS[label["file"]]
        for label in LABELS
        if label["kind"] == "customer" and MAILS[label["file"]]["In-Reply-To"] is not None
    ]

    roots = {ids_in(reply["References"])[0] for reply in replies}

    assert len(roots) >= 3
    for reply in replies:
        assert set(ids_in(reply["References"])) <= known
        assert ids_in(reply["References"])[-1:] == ids_in(reply["In-Reply-To"])


@pytest.mark.parametrize(
    "mark",
    [
        "\n> ",
        "wrote:",
        " schrieb ",
        'class="gmail_quote',
        "\nGesendet: ",
        "urn:schemas-microsoft-com:office",
    ],
)
def test_quotes_come_in_the_shapes_that_clients_make(mark: str) -> None:
    assert any(mark in text_of(mail) for mail in MAILS.values())


def test_the_bounce_is_a_delivery_status_report() -> None:
    (bounce,) = mails_of_kind("bounce")

    # The parser makes each block of the report a message of its own: one for the mail, one per recipient.
    (recipient,) = [part for part in bounce.walk() if part["Final-Recipient"]]

    assert bounce.get_content_type() == "multipart/report"
    assert "message/delivery-status" in [part.get_content_type() for part in bounce.walk()]
    assert bounce.get_param("report-type") == "delivery-status"
    assert bounce["Return-Path"] == "<>"
    assert (recipient["Action"], recipient["Status"]) == ("failed", "5.1.1")


def test_automatic_mail_says_so_and_asks_for_no_reply() -> None:
    (out_of_office,) = mails_of_kind("automatic")
    (newsletter,) = mails_of_kind("newsletter")

    assert out_of_office["Auto-Submitted"] == "auto-replied"
    assert newsletter["Precedence"] == "bulk"
    assert newsletter["List-Id"]
    assert newsletter["List-Unsubscribe"]
    no_reply = {"automatic", "bounce", "newsletter", "spam", "spoofed", "supplier"}
    assert {label["kind"] for label in LABELS if not label["needs_reply"]} == no_reply | {"customer"}


def test_hostile_mail_looks_as_it_does_in_the_wild() -> None:
    (injection,) = mails_of_kind("injection")
    (spoofed,) = mails_of_kind("spoofed")
    (spam,) = mails_of_kind("spam")

    assert "ignore previous instructions" in text_of(injection).lower()
    assert "dmarc=pass" in injection["Authentication-Results"]
    assert "he1ios.example" in spoofed["From"]
    assert "Helios" in spoofed["From"]
    assert "dmarc=fail" in spoofed["Authentication-Results"]
    assert not [header for header in spam if header.lower().startswith("x-spam")]


def test_attachments_and_the_inline_image_are_real_files() -> None:
    (statement,) = parts_of("application/pdf")
    (photo,) = parts_of("image/jpeg")
    (inline,) = parts_of("image/png")

    assert payload_of(statement).startswith(b"%PDF-1.4")
    assert payload_of(photo).startswith(b"\xff\xd8\xff")
    assert payload_of(inline).startswith(b"\x89PNG")
    assert {statement.get_content_disposition(), photo.get_content_disposition()} == {"attachment"}
    assert any(f"cid:{inline['Content-ID'].strip('<>')}" in text_of(mail) for mail in MAILS.values())


def test_the_encodings_are_those_of_real_clients() -> None:
    texts = [part for mail in MAILS.values() for part in mail.walk() if part.get_content_maintype() == "text"]
    encodings = {(part.get_content_charset(), part["Content-Transfer-Encoding"]) for part in texts}

    assert {
        ("iso-8859-1", "quoted-printable"),
        ("windows-1252", "quoted-printable"),
        ("utf-8", "base64"),
        ("utf-8", "8bit"),
    } <= encodings
    assert any(mail.get_content_type() == "text/html" for mail in MAILS.values())
    assert any(mail["Subject"].startswith("=?iso-8859-1?") for mail in MAILS.values())


@pytest.mark.parametrize("path", ARTICLES, ids=lambda path: path.stem)
def test_each_knowledge_file_is_complete_and_short(path: Path) -> None:
    fields, body = front_matter_of(path)

    assert set(fields) == {"id", "title", "kind", "category", "language", "keywords"}
    assert fields["id"] == path.stem
    assert fields["kind"] in {"article", "macro"}
    assert fields["category"] in CATEGORIES
    assert fields["language"] in LANGUAGES
    assert isinstance(fields["title"], str)
    assert fields["title"]
    assert isinstance(fields["keywords"], list)
    assert all(isinstance(word, str) for word in fields["keywords"])
    assert 60 <= len(re.findall(r"\w[\w'’-]*", body)) <= 200


def test_articles_and_most_macros_have_no_open_slots() -> None:
    files = [front_matter_of(path) for path in ARTICLES]
    macros = [(fields, body) for fields, body in files if fields["kind"] == "macro"]

    slotless = {(fields["language"], fields["category"]) for fields, body in macros if "{{" not in body}
    slots = [slot for _, body in files for slot in re.findall(r"\{\{(.*?)\}\}", body)]

    assert len(ARTICLES) >= 28
    assert not [fields["id"] for fields, body in files if fields["kind"] == "article" and "{{" in body]
    assert {(language, category) for language in ("en", "de") for category in CATEGORIES} <= slotless
    assert {(language, category) for language in ("fr", "es") for category in ("technical", "sales")} <= slotless
    assert slots
    assert all(re.fullmatch(r"[a-z_]+", slot) for slot in slots)


def test_every_mail_that_waits_for_a_person_has_a_macro_that_can_be_sent() -> None:
    files = [front_matter_of(path) for path in ARTICLES]
    slotless = {
        (fields["language"], fields["category"])
        for fields, body in files
        if fields["kind"] == "macro" and "{{" not in body
    }

    wanted = {(label["language"], label["category"]) for label in LABELS if label["needs_reply"]}

    assert wanted <= slotless
