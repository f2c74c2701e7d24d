"""People under administration, links that work once, second factors: on both databases."""

import asyncio
from datetime import timedelta

import pytest

from persistence.accounts import SqlAccounts
from persistence.one_time import SqlOneTimeSecrets
from persistence.sealing import SealBroken
from persistence.second_factors import SqlSecondFactors
from persistence.staff import SqlStaff
from tests.ports.store_builders import NOW, SECOND, SECRET
from tests.ports.test_accounts import a_token
from tickets.accounts import Session
from tickets.audit import AuditEvent, EventKind
from tickets.errors import Conflict, NotFound
from tickets.people import Operator, Role
from tickets.staff import OneTime, Purpose

EVENT = AuditEvent(EventKind.OPERATOR_CHANGED, "console", NOW, fields={"what": "test"})
HOUR = timedelta(hours=1)


@pytest.fixture
def accounts(database) -> SqlAccounts:
    return SqlAccounts(database)


@pytest.fixture
def staff(database) -> SqlStaff:
    return SqlStaff(database)


@pytest.fixture
def one_time(database) -> SqlOneTimeSecrets:
    return SqlOneTimeSecrets(database)


async def person(accounts: SqlAccounts, name: str, role: Role = Role.OPERATOR) -> Operator:
    return await accounts.add_operator(f"{name}@helios.example", name.capitalize(), role, "hash", EVENT)


def secret(purpose: Purpose = Purpose.RESET, about: str = "x", key: str = "a") -> OneTime:
    return OneTime(key * 64, purpose, about, {"email": about}, NOW, NOW + HOUR)


# --- roles and disabling ----------------------------------------------------------------------------------------------


async def test_of_two_setups_at_once_one_makes_the_first_administrator(accounts):
    both = await asyncio.gather(
        *(accounts.add_first_admin(f"{name}@x.org", name, "hash", EVENT) for name in ("ada", "bo")),
        return_exceptions=True,
    )

    assert sum(isinstance(answer, Conflict) for answer in both) == 1
    assert len(await accounts.operators()) == 1


async def test_the_last_administrator_stays_one(accounts, staff):
    ada = await person(accounts, "ada", Role.ADMIN)

    with pytest.raises(Conflict, match="only administrator"):
        await staff.change_role(ada.id, Role.VIEWER, EVENT)
    with pytest.raises(Conflict, match="only administrator"):
        await staff.disable(ada.id, EVENT)

    assert (await staff.member(ada.id)).operator.role is Role.ADMIN


async def test_two_administrators_who_take_each_others_role_away_leave_one(accounts, staff):
    ada, bo = await person(accounts, "ada", Role.ADMIN), await person(accounts, "bo", Role.ADMIN)

    answers = await asyncio.gather(
        staff.change_role(ada.id, Role.VIEWER, EVENT),
        staff.disable(bo.id, EVENT),
        return_exceptions=True,
    )

    left = [m for m in await staff.members() if m.operator.role is Role.ADMIN and m.disabled_at is None]
    assert sum(isinstance(answer, Conflict) for answer in answers) == 1
    assert len(left) == 1


async def test_disabling_ends_sessions_tokens_and_links_at_once(accounts, staff, one_time):
    await person(accounts, "root", Role.ADMIN)
    ada = await person(accounts, "ada")
    await accounts.add_session(Session("s" * 64, ada, "csrf", NOW, NOW), EVENT)
    await accounts.add_token(a_token(owner_id=ada.id), "t" * 64, EVENT)
    await one_time.keep(secret(about=str(ada.id)))

    await staff.disable(ada.id, EVENT)

    assert await accounts.session("s" * 64) is None
    assert await accounts.token("t" * 64) is None
    assert await one_time.find("a" * 64, Purpose.RESET, NOW) is None
    assert await accounts.operator_by_email(ada.email) is None
    assert ada.id not in {one.id for one in await accounts.operators()}


async def test_enabling_lets_them_log_in_again_and_revives_nothing(accounts, staff):
    await person(accounts, "root", Role.ADMIN)
    ada = await person(accounts, "ada")
    await accounts.add_token(a_token(owner_id=ada.id), "t" * 64, EVENT)
    await staff.disable(ada.id, EVENT)

    await staff.enable(ada.id, EVENT)

    assert await accounts.operator_by_email(ada.email) is not None
    assert await accounts.token("t" * 64) is None


async def test_nobodys_id_is_not_found(accounts, staff):
    ada = await person(accounts, "ada")
    await staff.rename(ada.id, "Ada L.", EVENT)
    stranger = type(ada.id)(int=1)

    assert (await staff.member(ada.id)).operator.name == "Ada L."
    for doing in (staff.rename(stranger, "x", EVENT), staff.disable(stranger, EVENT), staff.member(stranger)):
        with pytest.raises(NotFound):
            await doing


# --- passwords and sessions -------------------------------------------------------------------------------------------


async def test_a_new_password_ends_all_other_sessions(accounts, staff):
    ada, bo = await person(accounts, "ada"), await person(accounts, "bo")
    for key, who in (("1", ada), ("2", ada), ("3", bo)):
        await accounts.add_session(Session(key * 64, who, "csrf", NOW, NOW), EVENT)

    await staff.set_password(ada.id, "new hash", EVENT, keep="1" * 64)

    assert [await accounts.session(key * 64) is not None for key in "123"] == [True, False, True]


async def test_a_hash_that_was_changed_meanwhile_is_not_put_back(accounts, staff):
    ada = await person(accounts, "ada")
    await staff.set_password(ada.id, "newer", EVENT)

    await staff.keep_rehashed(ada.id, "hash", "hash of the old password")

    assert await accounts.operator_by_email(ada.email) == (ada, "newer")


async def test_a_session_is_ended_only_by_its_own_operators_name(accounts, staff):
    ada, bo = await person(accounts, "ada"), await person(accounts, "bo")
    await accounts.add_session(Session("1" * 64, ada, "csrf", NOW, NOW, "Firefox on Linux", "192.0.2.1"), EVENT)

    with pytest.raises(NotFound):
        await staff.end_session(bo.id, "1" * 16, EVENT)
    (found,) = await staff.sessions(ada.id)
    await staff.end_session(ada.id, "1" * 16, EVENT)

    assert (found.device, found.address) == ("Firefox on Linux", "192.0.2.1")
    assert await staff.sessions(ada.id) == ()


async def test_what_has_expired_is_cleared_away(accounts, staff, one_time):
    ada = await person(accounts, "ada")
    for key, made, seen in (("1", NOW - 9 * HOUR, NOW), ("2", NOW - HOUR, NOW - HOUR), ("3", NOW - HOUR, NOW)):
        await accounts.add_session(Session(key * 64, ada, "csrf", made, seen), EVENT)
    await one_time.keep(secret())
    await accounts.login_failed(["account:x"], NOW, EVENT)

    cleared = await one_time.clear(NOW - 30 * 60 * SECOND, NOW - 8 * HOUR, NOW + 2 * HOUR)

    assert cleared == 3
    assert [session.id_hash[0] for session in await staff.sessions(ada.id)] == ["3"]
    assert await accounts.failed_logins("account:x", NOW) == 1


# --- links that work once ---------------------------------------------------------------------------------------------


async def test_of_two_who_use_a_link_at_once_one_gets_it(one_time):
    await one_time.keep(secret())

    both = await asyncio.gather(*(one_time.take("a" * 64, Purpose.RESET, NOW) for _ in range(2)))

    assert [one is None for one in sorted(both, key=lambda one: one is None)] == [False, True]


async def test_a_link_works_for_its_purpose_and_until_it_expires(one_time):
    await one_time.keep(secret())

    assert await one_time.find("a" * 64, Purpose.INVITATION, NOW) is None
    assert await one_time.find("a" * 64, Purpose.RESET, NOW + HOUR) is None
    assert await one_time.take("a" * 64, Purpose.RESET, NOW + HOUR) is None


async def test_a_newer_link_about_the_same_takes_the_place_of_the_older(one_time):
    await one_time.keep(secret(key="a"))
    await one_time.keep(secret(key="b"))
    await one_time.keep(secret(key="c", about="somebody else"))

    assert [one.key_hash[0] for one in await one_time.pending(Purpose.RESET, NOW)] == ["b", "c"]


async def test_an_invitation_makes_one_account(accounts, one_time):
    invitation = secret(Purpose.INVITATION, "ada@helios.example")
    await one_time.keep(invitation)
    ada = Operator(await _free_id(accounts), "ada@helios.example", "Ada", Role.OPERATOR)

    await one_time.join(invitation, ada, "hash", EVENT)

    with pytest.raises(Conflict, match="used before"):
        await one_time.join(invitation, ada, "hash", EVENT)
    assert await accounts.operator_by_email(ada.email) == (ada, "hash")


async def test_a_link_for_a_password_sets_one(accounts, one_time):
    ada = await person(accounts, "ada")
    await accounts.add_session(Session("1" * 64, ada, "csrf", NOW, NOW), EVENT)
    link = secret(about=str(ada.id))
    await one_time.keep(link)

    await one_time.reset(link, "new", EVENT)

    with pytest.raises(Conflict):
        await one_time.reset(link, "newer", EVENT)
    assert await accounts.operator_by_email(ada.email) == (ada, "new")
    assert await accounts.session("1" * 64) is None


async def _free_id(accounts: SqlAccounts):
    return type((await person(accounts, "other")).id)(int=7)


# --- second factors ---------------------------------------------------------------------------------------------------


async def test_a_code_counts_once_and_an_earlier_one_never_again(accounts, database):
    factors, ada = SqlSecondFactors(database, SECRET), await person(accounts, "ada")
    await factors.offer(ada.id, "JBSWY3DPEHPK3PXP")
    await factors.confirm(ada.id, 100, NOW, ["r" * 64], EVENT)

    used = await asyncio.gather(*(factors.use_step(ada.id, 101) for _ in range(3)))

    assert sorted(used) == [False, False, True]
    assert not await factors.use_step(ada.id, 100)
    assert (await factors.of(ada.id)).since == NOW


async def test_a_recovery_code_counts_once_and_for_its_operator(accounts, database):
    factors = SqlSecondFactors(database, SECRET)
    ada, bo = await person(accounts, "ada"), await person(accounts, "bo")
    await factors.offer(ada.id, "JBSWY3DPEHPK3PXP")
    await factors.confirm(ada.id, 1, NOW, ["r" * 64, "s" * 64], EVENT)

    assert not await factors.use_recovery_code(bo.id, "r" * 64, EVENT)
    assert await factors.use_recovery_code(ada.id, "r" * 64, EVENT)
    assert not await factors.use_recovery_code(ada.id, "r" * 64, EVENT)
    assert await factors.codes_left(ada.id) == 1


async def test_a_second_factor_that_counts_is_not_replaced_by_an_offer(accounts, database):
    factors, ada = SqlSecondFactors(database, SECRET), await person(accounts, "ada")
    await factors.offer(ada.id, "JBSWY3DPEHPK3PXP")
    await factors.confirm(ada.id, 1, NOW, [], EVENT)

    await factors.offer(ada.id, "AAAAAAAAAAAAAAAA")

    assert (await factors.of(ada.id)).secret == "JBSWY3DPEHPK3PXP"
    with pytest.raises(Conflict):
        await factors.confirm(ada.id, 2, NOW, [], EVENT)


async def test_the_secret_is_sealed_for_its_operator(accounts, database):
    factors, ada = SqlSecondFactors(database, SECRET), await person(accounts, "ada")
    await factors.offer(ada.id, "JBSWY3DPEHPK3PXP")

    with pytest.raises(SealBroken):
        await SqlSecondFactors(database, bytes(32)).of(ada.id)
    await factors.remove(ada.id, EVENT)
    assert await factors.of(ada.id) is None
