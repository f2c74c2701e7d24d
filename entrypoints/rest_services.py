"""What only scripts and other programs need of the desk, added to its services."""

from dataclasses import replace

from api.services import Services
from persistence.engine import Database
from persistence.idempotency import SqlIdempotencyKeys


def with_rest(services: Services, database: Database) -> Services:
    """The same services, and what the REST interface stands on."""
    return replace(services, idempotency=SqlIdempotencyKeys(database))
