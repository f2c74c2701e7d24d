"""The control calls, seeding, and the double as a process of its own."""

import json
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import pytest
from googleapiclient.errors import HttpError

from entrypoints.gmail_double.ledger import read_ledger
from entrypoints.gmail_double.running import RunningDouble
from entrypoints.gmail_double.state import Double
from tests.ports.gmail_double.conftest import Connect
from tests.ports.gmail_double.talking import SUPPORT, call_once, encoded, mail, post

ROOT = Path(__file__).parents[3]


def test_the_control_calls_do_what_the_methods_do(gmail: RunningDouble, connect: Connect) -> None:
    control = f"{gmail.url}/_double"
    address = "second@helios.example"
    made = post(f"{control}/accounts", {"address": address, "refresh_token": "r2"})
    client = connect(made["access_token"]).users()
    post(f"{control}/snapshot", {})
    post(f"{control}/receive", {"account": address, "raw": encoded(mail())})
    post(f"{control}/seed", {"account": address, "count": 3})
    full = client.getProfile(userId="me").execute()
    client.messages().send(userId="me", body={"raw": encoded(mail())}).execute()
    post(f"{control}/restore", {})

    restored = client.getProfile(userId="me").execute()
    post(f"{control}/faults", {"route": "getProfile", "kind": "500", "times": 1})
    with pytest.raises(HttpError) as error:
        client.getProfile(userId="me").execute()
    with urlopen(f"{control}/ledger") as answer:
        ledger = json.load(answer)

    assert (full["messagesTotal"], restored["messagesTotal"]) == (4, 0)
    assert error.value.resp.status == 500
    assert [line["account"] for line in ledger["mails"]] == [address]


def test_a_folder_of_mail_files_is_loaded_in_the_order_of_names_and_threaded(tmp_path: Path) -> None:
    (tmp_path / "1.eml").write_bytes(mail(Message_ID="<q@customers.example>"))
    (tmp_path / "2.eml").write_bytes(mail("Re: Inverter", In_Reply_To="<q@customers.example>"))
    double = Double()
    double.add_account(SUPPORT)

    count = double.seed_folder(SUPPORT, tmp_path)

    assert count == 2
    assert len(double.mailbox(SUPPORT).threads) == 1


@pytest.mark.slow
def test_the_ledger_of_a_killed_process_keeps_every_accepted_mail(tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.jsonl"
    command = [sys.executable, "-m", "entrypoints.gmail_double", "--port", "0", "--ledger", str(ledger)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None

    try:
        url = process.stdout.readline().strip()
        made = post(f"{url}/_double/accounts", {"address": SUPPORT})
        status = call_once(url, made["access_token"], "POST", "messages/send", {"raw": encoded(mail())})
    finally:
        process.kill()
        process.communicate()

    assert status == 200
    assert [line.account for line in read_ledger(ledger)] == [SUPPORT]
