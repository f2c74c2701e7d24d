"""Checkpoints: threads survive, encrypted, and nothing that was written in clear is ever read."""

import asyncio
import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any, TypedDict
from uuid import uuid4

import pytest
from langgraph.graph import END, START, StateGraph
from langgraph.types import Command, interrupt
from sqlalchemy import NullPool, create_engine, text

from persistence.checkpoints import CheckpointCipher, SealedSerializer, open_saver, prune
from persistence.sealing import SealBroken, Sealer
from tests.ports.store_builders import SECRET

MARKER = "MARKER-b1946ac9"


class State(TypedDict, total=False):
    ticket_id: str
    triage: dict[str, Any]
    answer: dict[str, Any]


async def write(state: State) -> State:
    return {"triage": {"category": MARKER}}


async def ask(state: State) -> State:
    return {"answer": interrupt([{"description": f"{MARKER} " * 40}])}


def thread_graph(saver):
    builder = StateGraph(State)
    builder.add_node("write", write)
    builder.add_node("ask", ask)
    builder.add_edge(START, "write")
    builder.add_edge("write", "ask")
    builder.add_edge("ask", END)
    return builder.compile(checkpointer=saver)


@pytest.fixture(params=["sqlite", "postgres"])
def saver_url(request, tmp_path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'checkpoints.db'}"
    return request.getfixturevalue("postgres_server").empty()


def a_thread() -> dict[str, Any]:
    return {"configurable": {"thread_id": str(uuid4())}}


def stored_bytes(url: str) -> bytes:
    """Everything that is stored of the checkpoints, byte for byte."""
    if url.startswith("sqlite"):
        folder = Path(url.removeprefix("sqlite:///")).parent
        return b"".join(path.read_bytes() for path in sorted(folder.glob("checkpoints.db*")))
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"), poolclass=NullPool)
    with engine.connect() as connection:
        tables = ("checkpoints", "checkpoint_blobs", "checkpoint_writes")
        rows = [row for table in tables for row in connection.execute(text(f"SELECT * FROM {table}"))]
    return b"".join(cell if isinstance(cell, bytes) else str(cell).encode() for row in rows for cell in row)


async def test_a_parked_thread_is_resumed_after_a_restart(saver_url):
    thread = a_thread()
    async with open_saver(saver_url, SECRET) as saver:
        await thread_graph(saver).ainvoke({"ticket_id": "t1"}, thread, durability="sync")

    async with open_saver(saver_url, SECRET) as saver:
        graph = thread_graph(saver)
        (waiting,) = (await graph.aget_state(thread)).interrupts
        ended = await graph.ainvoke(Command(resume={waiting.id: {"decision_id": "d1"}}), thread, durability="sync")

    assert waiting.value == [{"description": f"{MARKER} " * 40}]
    assert ended["answer"] == {"decision_id": "d1"}


async def test_nothing_of_the_state_or_the_interrupt_is_stored_in_clear(saver_url):
    async with open_saver(saver_url, SECRET) as saver:
        await thread_graph(saver).ainvoke({"ticket_id": "t1"}, a_thread(), durability="sync")
        while_open = stored_bytes(saver_url)

    assert len(while_open) > 1000
    assert MARKER.encode() not in while_open
    assert MARKER.encode() not in stored_bytes(saver_url)


async def test_another_secret_opens_nothing(saver_url):
    thread = a_thread()
    async with open_saver(saver_url, SECRET) as saver:
        await thread_graph(saver).ainvoke({"ticket_id": "t1"}, thread, durability="sync")

    async with open_saver(saver_url, bytes(32)) as saver:
        with pytest.raises(SealBroken):
            await thread_graph(saver).aget_state(thread)


async def test_pruning_keeps_the_latest_checkpoint_and_other_threads(saver_url):
    thread, other = a_thread(), a_thread()
    async with open_saver(saver_url, SECRET) as saver:
        graph = thread_graph(saver)
        for each in (thread, other):
            await graph.ainvoke({"ticket_id": "t1"}, each, durability="sync")
        before = [found async for found in saver.alist(thread)]
        others = [found async for found in saver.alist(other)]

        await prune(saver, thread["configurable"]["thread_id"])

        kept = [found async for found in saver.alist(thread)]
        assert len(before) > 1
        assert [found.checkpoint["id"] for found in kept] == [before[0].checkpoint["id"]]
        assert len([found async for found in saver.alist(other)]) == len(others)
        (waiting,) = (await graph.aget_state(thread)).interrupts
        ended = await graph.ainvoke(Command(resume={waiting.id: {"yes": True}}), thread, durability="sync")
        assert ended["answer"] == {"yes": True}


async def test_threads_run_at_once_on_one_saver(saver_url):
    threads = [a_thread() for _ in range(20)]
    async with open_saver(saver_url, SECRET) as saver:
        graph = thread_graph(saver)
        await asyncio.gather(*(graph.ainvoke({"ticket_id": "t"}, each, durability="sync") for each in threads))

        parked = [len((await graph.aget_state(each)).interrupts) for each in threads]

    assert parked == [1] * 20


def test_processes_that_start_at_once_make_the_tables_once(saver_url):
    program = """
import asyncio, sys
from persistence.checkpoints import open_saver

async def main():
    async with open_saver(sys.argv[1], bytes(32)) as saver:
        assert await saver.aget_tuple({"configurable": {"thread_id": "t", "checkpoint_ns": ""}}) is None

asyncio.run(main())
"""
    started = [
        subprocess.Popen([sys.executable, "-c", program, saver_url], stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]

    ends = [(process.communicate()[1], process.returncode) for process in started]

    assert [code for _, code in ends] == [0, 0], ends


async def test_a_compiled_graph_cannot_turn_the_sealing_off(tmp_path):
    async with open_saver(f"sqlite:///{tmp_path / 'checkpoints.db'}", SECRET) as saver:
        used = thread_graph(saver).checkpointer

        assert isinstance(used.serde, SealedSerializer)


async def test_a_row_that_somebody_wrote_in_clear_is_refused(tmp_path):
    url, thread = f"sqlite:///{tmp_path / 'checkpoints.db'}", a_thread()
    async with open_saver(url, SECRET) as saver:
        await thread_graph(saver).ainvoke({"ticket_id": "t1"}, thread, durability="sync")
    with sqlite3.connect(tmp_path / "checkpoints.db") as connection:
        connection.execute("UPDATE checkpoints SET type = 'msgpack'")
    connection.close()

    async with open_saver(url, SECRET) as saver:
        with pytest.raises(SealBroken, match="not encrypted"):
            await thread_graph(saver).aget_state(thread)


@pytest.mark.parametrize("value", [None, {"a": [1, 2.5, "ä", None, True]}, b"bytes", {"long": "x" * 5000}])
def test_values_come_back_as_they_were(value):
    serializer = SealedSerializer(CheckpointCipher(SECRET))

    kind, stored = serializer.dumps_typed(value)

    assert "+" in kind
    assert serializer.loads_typed((kind, stored)) == value


def test_long_values_are_compressed_before_they_are_sealed():
    _, stored = CheckpointCipher(SECRET).encrypt(b"x" * 5000)

    assert len(stored) < 200


def test_a_checkpoint_of_another_cipher_is_refused():
    with pytest.raises(SealBroken, match="aes"):
        CheckpointCipher(SECRET).decrypt("aes", b"...")


def test_strict_msgpack_is_on_before_langgraph_is_imported():
    program = """
import persistence.checkpoints
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from tickets.mail import Address
serializer = JsonPlusSerializer()
print(isinstance(serializer.loads_typed(serializer.dumps_typed(Address("", ""))), Address))
"""
    clean = {key: value for key, value in os.environ.items() if key != "LANGGRAPH_STRICT_MSGPACK"}

    answer = subprocess.run([sys.executable, "-c", program], env=clean, capture_output=True, text=True, check=False)

    assert answer.stdout.strip() == "False", answer.stderr


@pytest.mark.parametrize("secret", [b"", b"short", bytes(31), bytes(33)])
def test_a_secret_of_the_wrong_length_is_refused(secret):
    with pytest.raises(SealBroken, match="CA_SECRET_KEY"):
        Sealer(secret, "test")


def test_what_is_sealed_opens_for_the_same_purpose_and_owner_only():
    sealed = Sealer(SECRET, "one").seal(b"plain", b"row 1")

    assert Sealer(SECRET, "one").open(sealed, b"row 1") == b"plain"
    with pytest.raises(SealBroken):
        Sealer(SECRET, "one").open(sealed, b"row 2")
    with pytest.raises(SealBroken):
        Sealer(SECRET, "two").open(sealed, b"row 1")


@pytest.mark.parametrize("stored", [b"", b"plain text", b"CA1", b"CA2" + bytes(40), b"CA1" + bytes(10)])
def test_an_unknown_format_is_an_error_and_never_plaintext(stored):
    with pytest.raises(SealBroken):
        Sealer(SECRET, "one").open(stored)


@pytest.mark.parametrize("place", [0, 3, 8, 20, -1])
def test_a_changed_byte_is_found(place):
    sealed = bytearray(Sealer(SECRET, "one").seal(b"plain"))
    sealed[place] ^= 1

    with pytest.raises(SealBroken):
        Sealer(SECRET, "one").open(bytes(sealed))


def test_a_retired_secret_still_opens_what_it_sealed():
    sealed = Sealer(SECRET, "one").seal(b"plain")

    assert Sealer(bytes(32), "one", retired=[SECRET]).open(sealed) == b"plain"
