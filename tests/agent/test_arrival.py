"""Mail that pretends: to be from us, or to be a mail that is known already."""

from tests.agent.world import ADDRESS, World
from tests.service import a_mail
from tickets.boards import BoardFilter
from tickets.sync import SyncReport

CUSTOMER = "Anna Keller <anna@example.net>"


async def arrives(world: World, **mail: str) -> SyncReport:
    world.mailbox.receive(a_mail(**mail).as_bytes())
    [report] = await world.sync.run()
    return report


async def tickets_of(world: World) -> int:
    return len((await world.boards.page(BoardFilter(), limit=50, cursor=None)).lines)


async def test_a_mail_that_claims_to_come_from_us_reaches_no_ticket_and_is_kept_for_a_person(world: World) -> None:
    await arrives(world, sender=CUSTOMER, subject="Inverter error")

    report = await arrives(world, sender=f"Support <{ADDRESS}>", subject="hello [#1]")

    [ticket] = await world.tickets()
    assert (report.opened, report.appended, report.quarantined, report.failed) == (0, 0, 1, 0)
    assert ticket.work_seq == 1
    assert "own address" in (await world.boards.quarantined(5))[0].reason


async def test_quoting_a_known_id_in_our_name_does_not_help_either(world: World) -> None:
    await arrives(world, sender=CUSTOMER, Message_ID="<first@example.net>")

    report = await arrives(world, sender=ADDRESS, In_Reply_To="<first@example.net>", References="<first@example.net>")

    assert report.appended == 0


async def test_another_mail_with_a_known_message_id_is_not_lost(world: World) -> None:
    await arrives(world, sender=CUSTOMER, Message_ID="<dup@example.net>", text="My inverter beeps.")

    stranger = await arrives(
        world, sender="Bob <bob@example.org>", Message_ID="<dup@example.net>", text="My house is on fire."
    )

    assert (stranger.opened, stranger.skipped) == (1, 0)
    assert await tickets_of(world) == 2


async def test_the_same_mail_once_more_is_skipped_however_often(world: World) -> None:
    same = {"sender": CUSTOMER, "Message_ID": "<same@example.net>", "text": "My inverter beeps."}
    other = {"sender": CUSTOMER, "Message_ID": "<same@example.net>", "text": "And now it smokes."}
    raw_same, raw_other = a_mail(**same).as_bytes(), a_mail(**other).as_bytes()

    for raw in (raw_same, raw_other, raw_same, raw_other):
        world.mailbox.receive(raw)
    [report] = await world.sync.run()

    assert (report.opened + report.appended, report.skipped, report.failed) == (2, 2, 0)
