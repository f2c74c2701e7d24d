"""Accounts: operators, their sessions, tokens for scripts, and the memory of failed logins."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from persistence.accounts import SqlAccounts
from persistence.boards import SqlBoards
from persistence.mailboxes import SqlMailboxes
from persistence.rows import mailboxes
from persistence.sealing import SealBroken
from persistence.store import SqlStore
from tests.ports.store_builders import NOW, SECOND, SECRET, new_mailbox
from tickets.accounts import Session
from tickets.audit import AuditEvent, EventKind
from tickets.errors import Conflict, NotFound
from tickets.people import ApiToken, Operator, Role, Scope

EVENT = AuditEvent(EventKind.OPERATOR_ADDED, "console", NOW)


@pytest.fixture
def accounts(database) -> SqlAccounts:
    return SqlAccounts(database)


async def ada(accounts: SqlAccounts, role: Role = Role.OPERATOR) -> Operator:
    return await accounts.add_operator("Ada@Helios.example", "Ada", role, "hash", EVENT)


def a_token(name: str = "nightly", **changes) -> ApiToken:
    return replace(ApiToken(uuid4(), name, frozenset({Scope.READ, Scope.DRAFT}), NOW), **changes)


async def test_an_operator_is_found_by_address_whatever_its_case(accounts):
    operator = await ada(accounts)

    assert await accounts.operator_by_email(" ada@helios.EXAMPLE ") == (operator, "hash")
    assert await accounts.operator_by_email("eve@example.org") is None
    assert await accounts.operators() == (operator,)


async def test_an_address_has_one_account(accounts):
    answers = await asyncio.gather(*(ada(accounts) for _ in range(8)), return_exceptions=True)

    assert sum(isinstance(answer, Operator) for answer in answers) == 1
    assert sum(isinstance(answer, Conflict) for answer in answers) == 7


async def test_the_desk_knows_whether_it_has_an_admin(accounts):
    await ada(accounts)
    assert not await accounts.has_admin()

    await accounts.add_operator("bo@helios.example", "Bo", Role.ADMIN, "hash", EVENT)
    assert await accounts.has_admin()


async def test_a_session_lives_until_it_is_dropped(accounts):
    session = Session("a" * 64, await ada(accounts), "csrf", NOW, NOW)
    await accounts.add_session(session, EVENT)
    await accounts.touch_session(session.id_hash, NOW + SECOND)
    assert await accounts.session(session.id_hash) == replace(session, last_seen_at=NOW + SECOND)

    await accounts.drop_session(session.id_hash, EVENT)
    assert await accounts.session(session.id_hash) is None


async def test_all_sessions_of_an_operator_are_dropped_together(accounts):
    mine, theirs = await ada(accounts), await accounts.add_operator("bo@x.org", "Bo", Role.VIEWER, "hash", EVENT)
    for key, operator in (("a", mine), ("b", mine), ("c", theirs)):
        await accounts.add_session(Session(key * 64, operator, "csrf", NOW, NOW), EVENT)

    await accounts.drop_sessions_of(mine.id)

    assert [await accounts.session(key * 64) is not None for key in "abc"] == [False, False, True]


async def test_failed_logins_are_counted_for_each_key_since_a_time(accounts):
    failure = AuditEvent(EventKind.LOGIN_FAILED, "login", NOW)
    await accounts.login_failed(["account:ada", "address:10.0.0.1"], NOW, failure)
    await accounts.login_failed(["account:ada"], NOW + SECOND, failure)

    assert await accounts.failed_logins("account:ada", NOW) == 2
    assert await accounts.failed_logins("account:ada", NOW + SECOND) == 1
    assert await accounts.failed_logins("address:10.0.0.1", NOW) == 1
    assert await accounts.failed_logins("account:bo", NOW) == 0


async def test_a_token_is_found_by_the_hash_of_its_secret_until_it_is_revoked(accounts):
    token = a_token(expires_at=NOW + timedelta(days=1))
    await accounts.add_token(token, "a" * 64, EVENT)
    assert await accounts.token("a" * 64) == token
    assert await accounts.token("b" * 64) is None
    assert await accounts.tokens() == (token,)

    await accounts.revoke_token(token.id, EVENT)

    assert await accounts.token("a" * 64) is None
    assert await accounts.tokens() == ()
    with pytest.raises(NotFound):
        await accounts.revoke_token(token.id, EVENT)


async def test_the_name_of_a_live_token_is_taken(accounts):
    first = a_token()
    await accounts.add_token(first, "a" * 64, EVENT)
    with pytest.raises(Conflict, match="nightly"):
        await accounts.add_token(a_token(), "b" * 64, EVENT)

    await accounts.revoke_token(first.id, EVENT)
    await accounts.add_token(a_token(), "c" * 64, EVENT)

    assert await accounts.token("c" * 64) is not None


async def test_an_expired_token_gives_its_name_up(accounts):
    await accounts.add_token(a_token(expires_at=NOW + SECOND), "a" * 64, EVENT)

    await accounts.add_token(a_token(created_at=NOW + SECOND), "b" * 64, EVENT)

    assert len(await accounts.tokens()) == 1


async def test_every_change_is_on_record_with_it_and_a_refused_one_is_not(accounts, database):
    boards = SqlBoards(database)
    await ada(accounts)
    assert await boards.version() == 1

    with pytest.raises(Conflict):
        await ada(accounts)
    assert await boards.version() == 1


async def test_adding_a_mailbox_again_brings_its_settings_up_to_date(database):
    first = await new_mailbox(database, "Support@Helios.example")

    again = await SqlMailboxes(database, SECRET).add("gmail", "support@helios.example", {"root": "http://x"}, EVENT)

    assert again.id == first.id
    assert await SqlStore(database).mailboxes() == (again,)
    assert (again.kind, again.settings, again.address) == ("gmail", {"root": "http://x"}, "Support@Helios.example")


async def test_a_refresh_token_is_kept_sealed_for_its_own_mailbox(database):
    keeper = SqlMailboxes(database, SECRET)
    one, other = await new_mailbox(database, "a@x.org"), await new_mailbox(database, "b@x.org")
    assert await keeper.refresh_token(one.id) is None

    await keeper.keep_refresh_token(one.id, "1//secret-token")

    assert await keeper.refresh_token(one.id) == "1//secret-token"
    async with database.write() as connection:
        sealed = (
            await connection.execute(select(mailboxes.c.refresh_token).where(mailboxes.c.id == one.id))
        ).scalar_one()
        assert b"secret-token" not in sealed
        await connection.execute(mailboxes.update().where(mailboxes.c.id == other.id).values(refresh_token=sealed))
    with pytest.raises(SealBroken):
        await keeper.refresh_token(other.id)


async def test_a_refresh_token_sealed_with_another_key_is_an_error(database):
    mailbox = await new_mailbox(database, "a@x.org")
    await SqlMailboxes(database, bytes(32)).keep_refresh_token(mailbox.id, "token")

    with pytest.raises(SealBroken, match="another key"):
        await SqlMailboxes(database, SECRET).refresh_token(mailbox.id)
