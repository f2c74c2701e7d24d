"""Notices that Google pushes: verified, and no more than a wake-up. What is new is read from the mailbox itself."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from litestar import Request, post
from litestar.exceptions import TooManyRequestsException
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.status_codes import HTTP_204_NO_CONTENT

from api.errors import PROBLEM_MEDIA_TYPE
from api.gmail_guide import WEBHOOK
from api.needs import ServicesNeed
from api.schemas import ProblemOut
from tickets.errors import NotFound

MAX_BODY_BYTES: Final = 64_000
BURST: Final = 120
PER_SECOND: Final = 10.0

_WHEN: Final = {
    400: "This is no notice of Gmail.",
    403: "The notice's token is not that of this desk's subscription.",
    404: "This desk takes no notices.",
    413: "The notice is too large.",
    429: "Too many notices at once.",
}
_PROBLEMS: Final = {
    status: ResponseSpec(ProblemOut, description=said, media_type=PROBLEM_MEDIA_TYPE, generate_examples=False)
    for status, said in _WHEN.items()
}


@dataclass(slots=True)
class Turnstile:
    """Lets so many through at once and so many a second: verifying a stranger's signature costs us work."""

    seconds: Callable[[], float] = time.monotonic
    left: float = BURST
    looked_at: float | None = None

    def lets_through(self) -> bool:
        now = self.seconds()
        waited_s = now - (now if self.looked_at is None else self.looked_at)
        self.left, self.looked_at = min(BURST, self.left + waited_s * PER_SECOND), now
        if self.left < 1:
            return False
        self.left -= 1
        return True


def webhook_handlers() -> Sequence[HTTPRouteHandler]:
    """The handlers of one application, with a turnstile of their own."""
    turnstile = Turnstile()

    @post(
        WEBHOOK,
        opt={"public": True},
        status_code=HTTP_204_NO_CONTENT,
        request_max_body_size=MAX_BODY_BYTES,
        responses=_PROBLEMS,
        operation_id="GmailNotice",
        security=[],
    )
    async def gmail_notice(request: Request[Any, Any, Any], services: ServicesNeed) -> None:
        """A notice of Google's Pub/Sub, with the OpenID Connect token of its subscription: wakes that mailbox's sync.

        A mailbox that is not on this desk is answered alike, so that Pub/Sub does not repeat the notice.
        """
        if services.verify_push is None:
            raise NotFound("This desk takes no notices. Set CA_GMAIL_PUSH_AUDIENCE to let it.")
        if not turnstile.lets_through():
            raise TooManyRequestsException(headers={"Retry-After": "10"})
        authorization, body = request.headers.get("authorization", ""), await request.body()
        address = await asyncio.to_thread(services.verify_push, authorization, body)
        if any(line.address.casefold() == address.casefold() for line in await services.boards.mailboxes()):
            services.ring(address)

    return (gmail_notice,)
