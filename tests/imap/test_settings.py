"""The settings of an IMAP mailbox: safe by default, and refused by name when they are not usable."""

import pytest

from adapters.imap_settings import ImapSettings, Passwords, Security
from tickets.errors import BadInput, Disconnected

ADDRESS = "support@helios.example"
LEAST = {"imap_host": "mail.helios.example"}


def test_one_host_is_enough_and_everything_is_encrypted() -> None:
    read = ImapSettings.read(LEAST, ADDRESS)

    assert (read.imap.host, read.imap.port, read.imap.security) == ("mail.helios.example", 993, Security.TLS)
    assert (read.smtp.host, read.smtp.port, read.smtp.security) == ("mail.helios.example", 587, Security.STARTTLS)
    assert read.username == ADDRESS


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("imap_host", " "),
        ("imap_security", "plain"),
        ("smtp_security", "plain"),
        ("smtp_security", "ssl3"),
        ("imap_port", "0"),
        ("smtp_port", "mail"),
        ("imap_port", "99x"),
        ("imap_port", "65536"),
        ("saves_sent", "perhaps"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(name: str, value: str) -> None:
    with pytest.raises(BadInput, match=name):
        ImapSettings.read(LEAST | {name: value}, ADDRESS)


def test_passwords_may_go_in_the_clear_on_this_machine_only() -> None:
    read = ImapSettings.read({"imap_host": "localhost", "imap_security": "plain"}, ADDRESS)

    assert read.imap.tls() is None


def test_drafts_and_sent_mails_lie_apart() -> None:
    with pytest.raises(BadInput, match="must differ"):
        ImapSettings.read(LEAST | {"sent_folder": "Mine", "drafts_folder": "Mine"}, ADDRESS)


def test_a_certificate_file_that_is_not_there_is_said() -> None:
    read = ImapSettings.read(LEAST | {"ca_file": "nowhere.pem"}, ADDRESS)

    with pytest.raises(BadInput, match=r"nowhere\.pem"):
        read.imap.tls()


@pytest.mark.parametrize("secret", ["plain", "12345", '"quoted"', "{not json", "[1]", "null"])
def test_a_password_may_look_like_anything(secret: str) -> None:
    read = Passwords.read(secret)

    assert (read.imap, read.smtp) == (secret, secret)


def test_two_passwords_may_differ_and_none_is_shown() -> None:
    read = Passwords.read('{"password": "one", "smtp_password": "two"}')

    assert (read.imap, read.smtp) == ("one", "two")
    assert "one" not in repr(read)


def test_no_password_is_a_disconnection() -> None:
    with pytest.raises(Disconnected, match="mailbox add imap"):
        Passwords.read(None)


def test_a_setting_that_does_not_exist_is_refused_with_those_that_do() -> None:
    with pytest.raises(BadInput, match=r"no setting flavour, imap_prot\. There are: imap_host, imap_port"):
        ImapSettings.read(LEAST | {"imap_prot": "993", "flavour": "mint"}, ADDRESS)
