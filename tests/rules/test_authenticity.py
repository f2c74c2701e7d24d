"""The provider's verdict on a sender: who may say it, and what it takes."""

import pytest

from tests.rules.mails import a_mail
from tickets.authenticity import SEVERAL_SENDERS, sender_verdict
from tickets.mail import Address, SenderVerdict

SERVER = "mx.helios.example"


def verdict(results: str, sender: str = "ana@example.net", server: str | None = SERVER) -> SenderVerdict:
    return sender_verdict(a_mail(sender=Address("", sender), headers={"authentication-results": results}), server)


@pytest.mark.parametrize(
    "results",
    [
        f"{SERVER}; dmarc=pass; spf=pass",
        f"{SERVER}; dmarc=pass (p=REJECT sp=REJECT dis=NONE) header.from=example.net",
        f"{SERVER.upper()} 1; spf=softfail; DMARC = PASS header.from=example.net",
        f"{SERVER}; dkim=pass header.d=example.net; dmarc=none",
        f"{SERVER}; dkim=pass header.i=@mail.example.net header.s=s1",
        f"{SERVER}; dkim=fail header.d=other.example; dkim=pass header.d=example.net; spf=none",
        f'"{SERVER}"; dmarc=pass reason="good; dmarc=fail"',
    ],
)
def test_a_sender_is_verified_by_a_passed_check_of_their_own_domain(results: str) -> None:
    assert verdict(results) is SenderVerdict.VERIFIED


@pytest.mark.parametrize(
    "results",
    [
        "",
        f"{SERVER}; none",
        f"{SERVER}; spf=pass smtp.mailfrom=example.net",
        f"{SERVER}; dkim=pass header.d=bulk-mailer.example",
        f"{SERVER}; dkim=pass header.d=net",
        f"{SERVER}; dkim=pass",
        f"{SERVER}; dmarc=pass header.from=attacker.example",
        f"{SERVER}; dmarc=bestguesspass",
        f"{SERVER}; dmarc=temperror; spf=pass",
        f"{SERVER}; dkim=pass (header.d=example.net)",
        f"{SERVER}; x=y (dmarc=pass (nested; dmarc=pass))",
        f'{SERVER}; spf=none reason="; dmarc=pass"',
        f"{SERVER}; spf=fail; dkim=pass header.d=list.example",  # by way of a list
    ],
)
def test_anything_less_leaves_the_sender_unverified(results: str) -> None:
    assert verdict(results) is SenderVerdict.UNVERIFIED


@pytest.mark.parametrize(
    "results",
    [
        f"{SERVER}; dmarc=fail (p=NONE) header.from=example.net; spf=pass",
        f"{SERVER}; dkim=pass header.d=example.net; dmarc=fail",
        f"{SERVER}; spf=fail; dkim=none",
        f"{SERVER}; spf=hardfail",
    ],
)
def test_a_failed_check_is_told(results: str) -> None:
    assert verdict(results) is SenderVerdict.FAILED


@pytest.mark.parametrize(
    "server", ["mx.attacker.example", f"{SERVER}.attacker.example", f"x{SERVER}", "example", f"mx (;{SERVER})"]
)
def test_nobody_elses_word_on_the_sender_counts(server: str) -> None:
    assert verdict(f"{server}; dmarc=pass") is SenderVerdict.UNVERIFIED
    assert verdict(f"{server}; dmarc=fail") is SenderVerdict.UNVERIFIED


def test_without_a_provider_to_believe_nothing_counts() -> None:
    assert verdict(f"{SERVER}; dmarc=pass", server=None) is SenderVerdict.UNVERIFIED
    assert verdict("; dmarc=pass", server="") is SenderVerdict.UNVERIFIED


def test_neighbours_on_one_host_cannot_vouch_for_each_other() -> None:
    assert verdict(f"{SERVER}; dkim=pass header.d=evil.host.example", "ana@good.host.example") is (
        SenderVerdict.UNVERIFIED
    )
    assert verdict(f"{SERVER}; dkim=pass header.d=evil.co.uk", "ana@good.co.uk") is SenderVerdict.UNVERIFIED


def test_a_sender_without_a_domain_is_nobody() -> None:
    assert verdict(f"{SERVER}; dmarc=pass", sender="ana") is SenderVerdict.UNVERIFIED


@pytest.mark.parametrize(("result", "expected"), [("pass", SenderVerdict.UNVERIFIED), ("fail", SenderVerdict.FAILED)])
def test_a_mail_of_several_senders_is_never_verified(result: str, expected: SenderVerdict) -> None:
    mail = a_mail(headers={"authentication-results": f"{SERVER}; dmarc={result}"}, defects=(SEVERAL_SENDERS,))

    assert sender_verdict(mail, SERVER) is expected
