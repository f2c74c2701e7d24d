"""The command `backtest`: the past is put together as it was, compared with what was sent, and never written to."""

import asyncio
import json
import subprocess
import sys
import typing
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from mailbox import Maildir as Folder
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from adapters.prompt_versions import current
from entrypoints.evaluation.archive import ReadMail, conversations, guessed_own
from entrypoints.evaluation.backtest import BacktestAsked, Found
from entrypoints.evaluation.bench import Bench, Wanted
from entrypoints.evaluation.cases import Case, CaseBuilder, Letter
from entrypoints.evaluation.decided_by_then import DecidedByThen
from entrypoints.evaluation.history import cases_of_letters
from entrypoints.evaluation.knowledge_of_then import KnowledgeOfThen, from_the_beginning
from entrypoints.evaluation.runner import Run
from entrypoints.gmail_double.running import RunningDouble
from entrypoints.scripted_model import RunningModel
from persistence.engine import open_database
from persistence.mailboxes import SqlMailboxes
from tests.entrypoints.conftest import Console
from tickets.audit import AuditEvent, EventKind
from tickets.categories import SHIPPED
from tickets.examples import Example
from tickets.knowledge_base import KeptArticle
from tickets.mail import Address, Mail, MailKind
from tickets.ticket import Article, TicketId

TEAM = "support@helios.example"
DAY = datetime(2026, 5, 4, 9, tzinfo=UTC)
ANSWER = "Dear Jo,\n\nplease restart the inverter and write again if it stays dark.\n\nHelios Solar"


def a_mail(number: int, sender: str, text: str, answers: int | None = None, subject: str = "Inverter dark") -> Mail:
    parents = (f"<{answers}@x.example>",) if answers is not None else ()
    to = Address("", "jo@c.example" if sender == TEAM else TEAM)
    sent_by = Address("", sender)
    return Mail(f"<{number}@x.example>", subject, sent_by, (to,), references=parents, text=text, visible_text=text)


def read(*mails: Mail) -> list[ReadMail]:
    return [ReadMail(mail, DAY + timedelta(hours=place)) for place, mail in enumerate(mails)]


def raw(number: int, sender: str, to: str, text: str, answers: int | None = None) -> EmailMessage:
    mail = EmailMessage()
    at = DAY + timedelta(hours=number)
    mail["From"], mail["To"], mail["Subject"] = sender, to, "Inverter dark" if answers is None else "Re: Inverter dark"
    mail["Date"], mail["Message-ID"] = format_datetime(at), f"<{number}@x.example>"
    if answers is not None:
        mail["In-Reply-To"] = f"<{answers}@x.example>"
    if sender != TEAM:
        mail["Received"] = f"from mx.c.example by mx.helios.example; {format_datetime(at)}"
    mail.set_content(text)
    return mail


def an_archive(folder: Path) -> Path:
    """A Maildir with what came and, in .Sent, what was answered."""
    box = Folder(str(folder / "archive"))
    sent = box.add_folder("Sent")
    for number in range(0, 8, 2):
        box.add(raw(number, f"jo{number}@c.example", TEAM, "My inverter is dark since Monday. What can I do?"))
        sent.add(raw(number + 1, TEAM, f"jo{number}@c.example", ANSWER, number))
    return folder / "archive"


def everything_in(folder: Path) -> dict[str, tuple[int, bytes]]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): (path.stat().st_mtime_ns, path.read_bytes()) for path in found}


# --- how the past is put together


def test_a_mail_is_judged_with_what_came_before_it_and_nothing_after() -> None:
    letters = [
        Letter(a_mail(1, "jo@c.example", "It is dark."), MailKind.CUSTOMER, DAY),
        Letter(a_mail(2, TEAM, ANSWER), MailKind.HUMAN_REPLY, DAY + timedelta(hours=5)),
        Letter(a_mail(3, "jo@c.example", "Thanks, it works."), MailKind.CUSTOMER, DAY + timedelta(days=1)),
    ]

    first, last = cases_of_letters(CaseBuilder(TEAM), "one", letters)

    assert [message.mail.text for message in first.conversation.messages] == ["It is dark."]
    assert (first.expected.needs_reply, first.expected.reference) == (True, ANSWER)
    assert first.expected.answered_at == DAY + timedelta(hours=5)
    assert len(last.conversation.messages) == 3
    assert (last.expected.needs_reply, last.expected.reference) == (False, None)


def test_whether_a_mail_needed_a_reply_is_unknown_when_the_customer_wrote_once_more_before_it_came() -> None:
    letters = [
        Letter(a_mail(1, "jo@c.example", "It is dark."), MailKind.CUSTOMER, DAY),
        Letter(a_mail(2, "jo@c.example", "And it beeps."), MailKind.CUSTOMER, DAY),
        Letter(a_mail(3, TEAM, ANSWER), MailKind.HUMAN_REPLY, DAY),
    ]

    first, second = cases_of_letters(CaseBuilder(TEAM), "one", letters)

    assert (first.expected.needs_reply, first.expected.reference) == (None, None)
    assert second.expected.reference == ANSWER


def test_mails_come_together_by_what_they_answer_or_by_subject_and_other_side() -> None:
    mails = read(
        a_mail(1, "jo@c.example", "It is dark."),
        a_mail(2, TEAM, ANSWER, answers=1, subject="Something else"),
        a_mail(3, "jo@c.example", "Thanks.", subject="Re: Inverter dark"),
        a_mail(4, "eve@c.example", "Mine too.", subject="Re: Inverter dark"),
        a_mail(2, TEAM, ANSWER, answers=1, subject="Something else"),
    )

    found = [[letter.mail.message_id for letter in letters] for _, letters in conversations(mails, frozenset({TEAM}))]

    assert found == [["<1@x.example>", "<2@x.example>", "<3@x.example>"], ["<4@x.example>"]]


def test_the_teams_address_is_the_one_that_writes_and_is_written_to() -> None:
    mails = read(a_mail(1, "jo@c.example", "x"), a_mail(2, TEAM, "y"), a_mail(3, "eve@c.example", "z"))

    assert guessed_own(mails) == {TEAM}


async def test_articles_are_those_of_the_time() -> None:
    def version(number: int, body: str) -> KeptArticle:
        article = Article("restart", "Restart", body, "technical", "en")
        return KeptArticle(article, number, "console", DAY + timedelta(days=number))

    knowledge = KnowledgeOfThen([version(2, "Wait an hour."), version(1, "Wait a minute.")])

    with knowledge.as_of(DAY):
        assert await knowledge.article("restart") is None
    with knowledge.as_of(DAY + timedelta(days=1, hours=1)):
        found = await knowledge.article("restart")
    assert found is not None
    assert found.body == "Wait a minute."
    assert "Wait an hour." in knowledge.all_text()


async def test_no_mail_is_sorted_by_a_decision_that_came_after_it() -> None:
    moments: list[datetime | None] = [None]
    what = (("warranty", "The glass is cracked"), ("billing", "Invoice"))
    taught = [
        Example(TicketId(uuid4()), 1, category, "en", text, "operator", DAY, number=number, is_resorted=True)
        for number, (category, text) in enumerate(what, 1)
    ]
    decided = DecidedByThen(taught, lambda: moments[0])

    now = await decided.judge("The glass is cracked", SHIPPED)
    moments[0] = DAY - timedelta(hours=1)
    then = await decided.judge("The glass is cracked", SHIPPED)

    assert now != then
    assert decided.known == 0


def test_an_article_that_is_younger_than_an_archive_stands_in_with_its_first_version() -> None:
    article = Article("restart", "Restart", "Wait a minute.", "technical", "en")
    first = KeptArticle(article, 1, "console", DAY)
    second = replace(first, revision=2, changed_at=DAY + timedelta(days=1))
    knowledge = KnowledgeOfThen(from_the_beginning([second, first]))

    with knowledge.as_of(DAY - timedelta(days=400)):
        assert "Wait a minute." in knowledge.all_text()


# --- the command


def test_an_archive_is_compared_with_what_was_sent(console: Console, tmp_path: Path) -> None:
    archive = an_archive(tmp_path)
    before = everything_in(archive)

    printed = console.does("backtest", str(archive), "--out", "out", "--model", "local", "--knowledge", "sample")

    report = json.loads((tmp_path / "out" / "backtest.json").read_text())
    assert "4 mails of customers, 2026-02-03 to 2026-05-04" in printed
    assert (report["mails"], report["answered"], report["compared"]) == (4, 4, 4)
    assert report["answer_hours"] == 1.0
    assert "restart the inverter and write again" in (tmp_path / "out" / "backtest.html").read_text()
    assert "restart the inverter" not in (tmp_path / "out" / "backtest.json").read_text()
    assert everything_in(archive) == before
    assert not console.data_dir.exists()


def test_a_second_run_asks_nothing_again(console: Console, tmp_path: Path) -> None:
    words = ("backtest", str(an_archive(tmp_path)), "--out", "out", "--model", "local", "--examples", "0")
    console.does(*words)
    kept = (tmp_path / "out" / "outcomes.jsonl").read_bytes()

    console.does(*words)

    assert (tmp_path / "out" / "outcomes.jsonl").read_bytes() == kept
    assert "restart the inverter" not in (tmp_path / "out" / "backtest.html").read_text()


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("nowhere.mbox",), "is not there"),
        (("empty",), "holds no mail"),
        (("desk",), "There is no desk here"),
        (("archive", "--address", "other@helios.example", "--cap", "0"), "cap of 0 USD is reached"),
    ],
)
def test_what_cannot_be_used_is_refused_in_one_line(
    console: Console, tmp_path: Path, words: Any, complaint: str
) -> None:
    an_archive(tmp_path)
    console.maildir("empty")

    result = console.run("backtest", *words, "--out", "out")

    assert result.exit_code == 2
    assert complaint in result.stderr


# --- nothing can be sent


def types_in(annotation: object) -> set[type]:
    """Every class that an annotation speaks of, those of its fields included."""
    found: set[type] = set()
    todo = [annotation]
    while todo:
        each = todo.pop()
        todo += typing.get_args(each)
        if isinstance(each, type) and each not in found:
            found.add(each)
            if is_dataclass(each):
                hints = typing.get_type_hints(each)
                todo += [hints[one.name] for one in fields(each)]
    return found


def test_nothing_that_a_backtest_holds_has_a_way_to_send() -> None:
    held = set().union(*(types_in(each) for each in (Bench, BacktestAsked, Found, Run, Case, Wanted)))

    can_send = [kind.__name__ for kind in held if hasattr(kind, "submit") or hasattr(kind, "prepare")]

    assert Bench in held
    assert can_send == []


def test_no_part_that_sends_is_even_loaded() -> None:
    parts = ["adapters.smtp", "adapters.imap_outbox", "adapters.maildir_outbox", "adapters.gmail_send",
             "tickets.delivery", "entrypoints.mailboxes", "entrypoints.wiring"]  # fmt: skip
    program = f"import sys; import entrypoints.evaluation.backtest; print([m for m in {parts} if m in sys.modules])"

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_the_history_of_a_desk_on_gmail_is_measured_without_a_word_to_gmail(console: Console, tmp_path: Path) -> None:
    with RunningDouble() as double:
        console.environ["CA_GMAIL_API_ROOT"] = double.url
        console.does("migrate")
        asyncio.run(_with_gmail(console))
        console.does("import", "maildir", str(an_archive(tmp_path)), "--mailbox", TEAM)
        asked = double.requests()

        console.does("eval", "--data", "desk", "--newest", "1", "--out", "e", "--model", "local")
        console.does("backtest", "desk", "--all", "--out", "b", "--model", "local")

        assert json.loads((tmp_path / "b" / "backtest.json").read_text())["answered"] == 4
        assert double.ledger() == []
        assert double.requests() == asked


async def _with_gmail(console: Console) -> None:
    database = open_database(f"sqlite+aiosqlite:///{console.data_dir / 'desk.sqlite'}")
    event = AuditEvent(EventKind.MAILBOX_ADDED, "console", datetime.now(UTC))
    await SqlMailboxes(database, b"k" * 32).add("gmail", TEAM, {}, event)
    await database.close()


# --- prompts


def test_prompts_are_listed_and_shown(console: Console) -> None:
    listed = console.does("prompts", "list")

    assert f"* {current().chosen['draft'].mark}" in listed
    assert console.does("prompts", "show", "draft@1").startswith("Write the reply to the customer")


def test_two_versions_are_compared_as_texts_and_on_the_same_mails(console: Console, tmp_path: Path) -> None:
    trial = tmp_path / "draft.short.txt"
    trial.write_text("Write one sentence in {language}, signed {desk_name}.\n")
    (tmp_path / "rows.jsonl").write_text('{"text": "My invoice is wrong.", "category": "billing"}\n')
    with RunningModel() as model:
        console.environ |= {"CA_MODEL_PROVIDER": "test", "CA_MODEL_BASE_URL": model.base_url, "CA_MODEL_NAME": "m"}

        printed = console.does("prompts", "diff", "draft@1", str(trial), "--data", "rows.jsonl", "--out", "out")

        told = [request["messages"][0]["content"] for request in model.requests]
    assert "+Write one sentence in {language}, signed {desk_name}." in printed
    assert "category.accuracy" in printed
    assert sum("Write one sentence in en" in system for system in told) == 1
    assert len(list((tmp_path / "out").glob("*/report.html"))) == 2


def test_two_versions_of_different_prompts_are_not_compared(console: Console) -> None:
    result = console.run("prompts", "diff", "draft@1", "plan@1")

    assert result.exit_code == 2
    assert "different prompts" in result.stderr
