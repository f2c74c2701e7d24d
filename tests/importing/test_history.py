"""What an import does to the desk: conversations of long ago are filed and closed, recent ones get answers."""

import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from tests.agent.world import ADDRESS, World, a_world, quiet
from tests.importing.archives import TODAY, letter, mbox, opened
from tickets.errors import Conflict, NotFound
from tickets.importing import Importing, ImportReport
from tickets.mail import MailKind
from tickets.people import CONSOLE
from tickets.status import Status
from tickets.ticket import Ticket

WEEK = timedelta(days=7)


class Killed(BaseException):
    """As SIGKILL: nothing catches it."""


@dataclass
class Scene:
    world: World
    folder: Path

    @property
    def importing(self) -> Importing:
        sync = self.world.sync
        return Importing(sync.store, sync.open_mailbox, sync.parser, sync.leases, sync.clock, quiet)

    async def load(self, *letters: bytes, kill_after: int | None = None) -> ImportReport:
        def filed(done: int, total: int) -> None:
            if kill_after is not None and done >= kill_after:
                raise Killed

        archive = opened(mbox(self.folder / "box", letters))
        return await self.importing.load(
            archive, ADDRESS, answer_since=TODAY - WEEK, by=CONSOLE, read=lambda done, total: None, filed=filed
        )

    async def tickets(self) -> dict[str, Ticket]:
        return {ticket.subject: ticket for ticket in await self.world.tickets()}


@pytest.fixture
async def scene(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[Scene]:
    desk_file = tmp_path / "desk.db"
    shutil.copy(sqlite_template, desk_file)
    async with a_world(desk_file) as world:
        yield Scene(world, tmp_path)


async def test_old_conversations_are_closed_and_recent_ones_get_a_draft(scene: Scene) -> None:
    report = await scene.load(letter("Long ago", days_ago=100), letter("Yesterday", days_ago=1))
    asked = await scene.world.store.due(scene.world.clock.now(), 10)
    await scene.world.work()

    tickets = await scene.tickets()
    assert (tickets["Long ago"].status, tickets["Yesterday"].status) == (Status.DONE, Status.NEEDS_ACTION)
    assert list(asked) == [tickets["Yesterday"].id], "history asks for no work"
    assert scene.world.model.calls.count("draft") == 1
    assert (report.opened, report.closed) == (2, 1)


async def test_history_bears_the_dates_of_its_mails(scene: Scene) -> None:
    await scene.load(letter("Long ago", days_ago=100))

    [ticket] = await scene.world.tickets()
    assert ticket.created_at == ticket.updated_at == TODAY - timedelta(days=100)


async def test_a_conversation_is_one_ticket_in_the_order_it_was_held(scene: Scene) -> None:
    asked = letter("Roof", days_ago=30, message_id="<1@example.net>")
    answered = letter(
        "Re: Roof",
        days_ago=29,
        sender=ADDRESS,
        to="anna@example.net",
        message_id="<2@helios>",
        answers="<1@example.net>",
    )
    thanked = letter("Re: Roof", days_ago=28, message_id="<3@example.net>", answers="<2@helios>", body="And the price?")

    report = await scene.load(thanked, asked, answered)

    [ticket] = await scene.world.tickets()
    conversation = await scene.world.store.conversation(ticket.id)
    assert [message.kind for message in conversation.messages] == [
        MailKind.CUSTOMER,
        MailKind.HUMAN_REPLY,
        MailKind.CUSTOMER,
    ]
    assert (ticket.status, report.opened, report.appended) == (Status.DONE, 1, 2)


async def test_an_old_conversation_that_goes_on_today_is_open_with_its_history(scene: Scene) -> None:
    old = letter("Roof", days_ago=20, message_id="<1@example.net>")
    recent = letter("Re: Roof", days_ago=1, message_id="<2@example.net>", answers="<1@example.net>", body="Still open?")

    await scene.load(old, recent)
    await scene.world.work()

    [ticket] = await scene.world.tickets()
    assert ticket.status is Status.NEEDS_ACTION
    assert len((await scene.world.store.conversation(ticket.id)).messages) == 2


async def test_old_mail_of_a_ticket_that_is_open_joins_it_and_moves_nothing(scene: Scene) -> None:
    recent = letter("Re: Roof", days_ago=1, message_id="<2@example.net>", answers="<1@example.net>", body="Still open?")
    await scene.load(recent)
    await scene.world.work()
    [before] = await scene.world.tickets()
    old = letter("Re: Roof", days_ago=20, message_id="<0@example.net>", answers="<2@example.net>", body="Hello?")

    report = await scene.load(old)
    await scene.world.work()

    [ticket] = await scene.world.tickets()
    draft = await scene.world.store.current_draft(ticket.id)
    assert (ticket.status, ticket.work_seq, ticket.settled_seq) == (before.status, before.work_seq, before.settled_seq)
    assert draft is not None
    assert (draft.revision, draft.state) == (1, "open")
    assert [m.mail.message_id for m in (await scene.world.store.conversation(ticket.id)).messages] == [
        "<0@example.net>",
        "<2@example.net>",
    ]
    assert (report.appended, report.closed) == (1, 0)


async def test_a_second_import_changes_nothing(scene: Scene) -> None:
    letters = [letter(f"Mail {age}", days_ago=age) for age in (100, 50, 1)]
    letters += [letter("List", extra="List-Id: <news.example.net>\n"), letter("Ours", sender=ADDRESS)]
    await scene.load(*letters)

    again = await scene.load(*letters)

    assert (again.total, again.known) == (5, 5)
    assert (again.opened, again.appended, again.skipped) == (0, 0, 0)
    assert len(await scene.world.tickets()) == 3


async def test_what_the_mailbox_has_brought_already_is_not_imported_again(scene: Scene) -> None:
    mail = letter("Roof", days_ago=1)
    scene.world.mailbox.receive(mail)
    await scene.world.sync.run()

    report = await scene.load(mail)

    assert report.reasons == {"already on record": 1}
    assert len(await scene.world.tickets()) == 1


async def test_a_killed_import_goes_on_where_it_was(scene: Scene) -> None:
    letters = [letter(f"Mail {age}", days_ago=100 + age) for age in range(120)]
    with pytest.raises(Killed):
        await scene.load(*letters, kill_after=50)

    report = await scene.load(*letters)

    assert (report.known, report.opened) == (50, 70)
    assert len(await scene.world.tickets()) == 120


async def test_the_mailboxs_own_sync_goes_on_from_where_it_was(scene: Scene) -> None:
    scene.world.mailbox.receive(letter("Live", days_ago=0))
    await scene.world.sync.run()
    [before] = await scene.world.store.mailboxes()

    await scene.load(letter())

    [after] = await scene.world.store.mailboxes()
    assert (after.cursor, after.state) == (before.cursor, before.state)


async def test_two_imports_into_one_mailbox_do_not_run_at_once(scene: Scene) -> None:
    [record] = await scene.world.store.mailboxes()
    async with scene.world.sync.leases.hold(f"import:{record.id}", 60):
        with pytest.raises(Conflict, match="Another import"):
            await scene.load(letter())


async def test_a_preview_counts_and_writes_nothing(scene: Scene) -> None:
    await scene.load(letter("Known", days_ago=100))
    archive = opened(mbox(scene.folder / "box", [letter("Known", days_ago=100), letter("New", days_ago=50)]))

    report = await scene.importing.preview(archive, ADDRESS, lambda done, total: None)

    assert (report.total, report.known) == (2, 1)
    assert report.oldest == TODAY - timedelta(days=100)
    assert len(await scene.world.tickets()) == 1


async def test_an_address_without_a_mailbox_is_said(scene: Scene) -> None:
    archive = opened(mbox(scene.folder / "box", [letter()]))

    with pytest.raises(NotFound, match="mailbox add"):
        await scene.importing.preview(archive, "nobody@helios.example", lambda done, total: None)


async def test_years_of_one_customers_mail_are_no_storm(scene: Scene) -> None:
    letters = [letter(f"Mail {number}", days_ago=100 + number / 10_000) for number in range(60)]

    report = await scene.load(*letters)

    assert (report.opened, report.quarantined) == (60, 0)
