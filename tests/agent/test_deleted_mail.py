"""A mail that somebody deletes in the mailbox is marked on its ticket, and nothing else changes."""

from tests.agent.hands import a_drafted_ticket
from tests.agent.world import World


async def test_a_mail_deleted_in_the_mailbox_stays_on_its_ticket_and_says_so(world: World) -> None:
    ticket = await a_drafted_ticket(world)

    world.mailbox.delete("m1")
    await world.sync.run()

    (message,) = (await world.store.conversation(ticket.id)).messages
    after = await world.store.ticket(ticket.id)
    assert message.is_gone
    assert message.mail.text
    assert (after.status, after.work_seq) == (ticket.status, ticket.work_seq)
