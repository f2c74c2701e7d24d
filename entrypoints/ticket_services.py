"""What the ticket's page needs beside the desk: the company's knowledge, and the workflow's past."""

from dataclasses import replace

from api.services import Services
from graph.past import CheckpointPast
from graph.threads import Threads
from tickets.ports import Knowledge


def with_past(services: Services, knowledge: Knowledge, threads: Threads) -> Services:
    """The services with what pages read beside a ticket."""
    return replace(services, knowledge=knowledge, past=CheckpointPast(threads.graph))
