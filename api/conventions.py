"""What every route of the REST interface does without saying so: rate limits, repeatable POSTs, tags of what is read.

The order counts: a repeated request gives its stored answer even when the ticket has changed since.
"""

from collections.abc import Sequence
from typing import Final

from litestar.types import Middleware

from api.etags import EntityTags
from api.idempotency import Idempotency
from api.rate_limits import RateLimiting

# Around a router that takes bearer tokens, the outermost first.
CONVENTIONS: Final[Sequence[Middleware]] = (RateLimiting(), Idempotency(), EntityTags())
