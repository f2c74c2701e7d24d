"""Logs hold events and ids; addresses, credentials and what a mail says never come through."""

import json
import logging

import pytest
import structlog

from api.auth import TOKEN_PREFIX
from entrypoints.log import TALKATIVE, configure

ADDRESS = "anna.keller@example.net"
TOKEN = f"{TOKEN_PREFIX}Zq9-Zq9_Zq9Zq9Zq9Zq9Zq9Zq9"
CANARY = "zebraquartz"


Capture = pytest.CaptureFixture[str]

pytestmark = pytest.mark.usefixtures("console")


@pytest.mark.parametrize(
    "text",
    [
        f"mail from <{ADDRESS}>",
        f"Authorization: Bearer {CANARY}",
        f"bearer {CANARY}",
        f"token {TOKEN} was refused",
        f"GET /oauth?code={CANARY}&scope=x",
        f"GET /oauth?scope=x&state={CANARY}",
        f"GET /tickets?q={CANARY}",
        f"GET /models?key={CANARY}",
        f"ya29.{CANARY}",
        f"1//{CANARY}",
        f"sk-{CANARY}",
    ],
)
def test_addresses_and_credentials_are_masked_wherever_they_stand(capsys: Capture, text: str) -> None:
    configure("json", "info")
    log = structlog.get_logger()

    log.info(text)
    log.info("event", detail=text, more=[text, {"inner": (text,)}])
    logging.getLogger("some.library").warning("it said %s", text)

    written = capsys.readouterr().err
    assert len(written.splitlines()) == 3
    for secret in (ADDRESS, CANARY, TOKEN):
        assert secret not in written


@pytest.mark.parametrize(
    "name",
    [
        "client_secret", "secret_key", "password", "refresh_token", "access_token", "Authorization", "cookie",
        "api_key", "apikey", "code", "body", "subject",
    ],
)  # fmt: skip
def test_names_of_secrets_and_of_mail_text_are_masked_at_any_depth(capsys: Capture, name: str) -> None:
    configure("json", "info")

    structlog.get_logger().info("event", **{name: CANARY, "nested": {name: CANARY}})

    written = capsys.readouterr().err
    assert CANARY not in written
    assert json.loads(written)[name] == "***"


def test_ids_and_counts_come_through(capsys: Capture) -> None:
    configure("json", "info")

    structlog.get_logger().info("reply_sent", ticket_id="7f3a", revision=2, token_id="t1", status_code_count=3)

    (line,) = capsys.readouterr().err.splitlines()
    event = json.loads(line)
    assert (event["event"], event["ticket_id"], event["revision"], event["token_id"]) == ("reply_sent", "7f3a", 2, "t1")
    assert event["level"] == "info"


def test_an_exception_is_its_type_and_place_never_its_message(capsys: Capture) -> None:
    configure("json", "info")

    try:
        raise ValueError(f"cannot read {CANARY}")
    except ValueError as error:
        structlog.get_logger().error("failed", exc_info=error)
        logging.getLogger("some.library").exception("failed too")

    written = capsys.readouterr().err
    assert CANARY not in written
    for line in written.splitlines():
        assert json.loads(line)["error"] == "ValueError"
        assert "test_log.py" in json.loads(line)["at"][0]


@pytest.mark.parametrize(
    "value",
    [ValueError(f"no answer to {ADDRESS}"), f"from {ADDRESS}".encode(), {f"<{ADDRESS}>": 1}, {ADDRESS}],
    ids=["an exception", "bytes", "a key", "a set"],
)
def test_values_that_are_no_text_are_masked_too(capsys: Capture, value: object) -> None:
    configure("json", "info")

    structlog.get_logger().info("event", detail=value)

    assert ADDRESS not in capsys.readouterr().err


def test_the_libraries_that_log_requests_are_quiet(capsys: Capture) -> None:
    configure("json", "info")

    for name in TALKATIVE:
        logging.getLogger(name).info("GET https://example.net/?access=%s", CANARY)

    assert capsys.readouterr().err == ""


def test_a_level_below_the_wanted_one_is_not_written(capsys: Capture) -> None:
    configure("json", "warning")

    structlog.get_logger().info("quiet")
    structlog.get_logger().warning("loud")

    (line,) = capsys.readouterr().err.splitlines()
    assert json.loads(line)["event"] == "loud"


def test_the_console_format_masks_as_well(capsys: Capture) -> None:
    configure("console", "info")

    structlog.get_logger().info("event", detail=f"from {ADDRESS}", client_secret=CANARY)

    written = capsys.readouterr().err
    assert "event" in written
    assert (ADDRESS in written, CANARY in written) == (False, False)
