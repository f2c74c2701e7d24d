"""Whom a reply goes to, who signs it, what comes along: the operator's choices, and exactly those leave."""

from email.parser import BytesParser
from email.policy import default

import pytest

from tests.agent.hands import draft_of
from tests.agent.world import ANNA, World
from tests.service import a_mail
from tickets.choices import AnswerTo, Choices
from tickets.errors import BadInput, StaleDraft
from tickets.letter import Signing
from tickets.mail import Address
from tickets.ticket import Draft, Seen, Ticket

BO = Address("Bo", "bo@example.org")


async def a_ticket(world: World, **headers: str) -> Ticket:
    mail = a_mail(sender="Nora <nora@example.net>", **headers)
    world.mailbox.receive(mail.as_bytes())
    await world.sync.run()
    await world.work()
    (ticket,) = await world.tickets()
    return ticket


async def chosen(world: World, ticket: Ticket, choices: Choices) -> Draft:
    draft = await draft_of(world, ticket)
    return await world.desk.edit(ticket.id, draft.revision, draft.subject, draft.body, by=ANNA, choices=choices)


async def left(world: World, ticket: Ticket):
    await world.approve(ticket.id)
    world.clock.advance(10)
    await world.work()
    return BytesParser(policy=default).parsebytes(world.mailbox.sent[-1])


async def test_everything_that_was_approved_leaves_and_nothing_else(world: World) -> None:
    ticket = await a_ticket(world, Cc="support@helios.example, partner@example.net")
    draft = await chosen(world, ticket, Choices(reply_all=True, bcc=(BO,), quotes_original=True))
    draft = await world.desk.attach(ticket.id, draft.revision, "Plan.pdf", "application/pdf", b"%PDF-1", by=ANNA)

    reply = await left(world, ticket)

    assert str(reply["To"]) == "Nora <nora@example.net>"
    assert str(reply["Cc"]) == "partner@example.net"
    assert str(reply["Bcc"]) == "Bo <bo@example.org>"
    text = reply.get_body(("plain",)).get_content().replace("\r\n", "\n").rstrip("\n")
    assert text == f"{draft.body}\n\n{draft.quote}"
    assert [part.get_content() for part in reply.iter_attachments()] == [b"%PDF-1"]


async def test_reply_to_is_followed_only_when_an_operator_says_so(world: World) -> None:
    ticket = await a_ticket(world, Reply_To="office@example.net")
    before = await draft_of(world, ticket)

    after = await chosen(world, ticket, Choices(answer_to=AnswerTo.REPLY_TO))

    assert [each.address for each in before.to] == ["nora@example.net"]
    assert [each.address for each in after.to] == ["office@example.net"]


async def test_a_mail_without_reply_to_has_nobody_else_to_answer(world: World) -> None:
    ticket = await a_ticket(world)

    with pytest.raises(BadInput, match="no other address"):
        await chosen(world, ticket, Choices(answer_to=AnswerTo.REPLY_TO))


async def test_another_edit_keeps_what_was_chosen_before(world: World) -> None:
    ticket = await a_ticket(world, Reply_To="office@example.net")
    await chosen(world, ticket, Choices(answer_to=AnswerTo.REPLY_TO, cc=(BO,)))

    draft = await draft_of(world, ticket)
    again = await world.desk.edit(ticket.id, draft.revision, "Re: Roof", "Other words.", by=ANNA)

    assert (again.to, again.cc) == (draft.to, draft.cc)


async def test_an_approval_of_the_draft_before_a_file_was_added_is_refused(world: World) -> None:
    ticket = await a_ticket(world)
    draft = await draft_of(world, ticket)
    seen = Seen(draft.revision, draft.content_hash)
    await world.desk.attach(ticket.id, draft.revision, "a.txt", "text/plain", b"a", by=ANNA)

    with pytest.raises(StaleDraft):
        await world.desk.approve_send(ticket.id, seen, by=ANNA)


async def test_a_file_can_be_taken_out_again(world: World) -> None:
    ticket = await a_ticket(world)
    draft = await draft_of(world, ticket)
    draft = await world.desk.attach(ticket.id, draft.revision, "a.txt", "text/plain", b"a", by=ANNA)

    after = await world.desk.detach(ticket.id, draft.revision, draft.attachments[0].sha256, by=ANNA)

    assert after.attachments == ()


async def test_files_have_a_limit_together(world: World) -> None:
    ticket = await a_ticket(world)
    draft = await draft_of(world, ticket)
    too_much = bytes(world.desk.max_files_bytes + 1)

    with pytest.raises(BadInput, match="18 MB"):
        await world.desk.attach(ticket.id, draft.revision, "a.bin", "application/zip", too_much, by=ANNA)


async def test_a_file_name_loses_its_folders(world: World) -> None:
    ticket = await a_ticket(world)
    draft = await draft_of(world, ticket)

    after = await world.desk.attach(ticket.id, draft.revision, "..\\..\\etc/pass\nwd", "text/plain", b"a", by=ANNA)

    assert after.attachments[0].filename == "pass wd"


async def test_without_a_signature_of_any_kind_nothing_is_signed(world: World) -> None:
    ticket = await a_ticket(world)

    draft = await chosen(world, ticket, Choices(signing=Signing.OWN))

    assert draft.signature == ""


async def test_a_redraft_keeps_what_the_operator_chose_around_the_words(world: World) -> None:
    ticket = await a_ticket(world)
    await chosen(world, ticket, Choices(cc=(BO,)))

    await world.desk.redraft(ticket.id, "shorter", by=ANNA)
    await world.work()

    assert (await draft_of(world, ticket)).cc == (BO,)
