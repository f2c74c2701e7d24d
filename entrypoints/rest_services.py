"""What only scripts and other programs need of the desk, added to its services."""

from dataclasses import replace

from api.services import Services
from graph.approvals import Approvals
from graph.inbox import ApprovalInbox
from persistence.engine import Database
from persistence.idempotency import SqlIdempotencyKeys


def with_rest(services: Services, database: Database, approvals: Approvals) -> Services:
    """The same services, and what the REST interface and Agent Inbox stand on."""
    return replace(services, idempotency=SqlIdempotencyKeys(database), inbox=ApprovalInbox(approvals))
