"""What others did on a ticket while somebody typed: the part of a refused form's page that says why it was refused."""

from collections.abc import Mapping, Sequence
from typing import Final

from api.timeline import DETAILS
from api.typed_reply import TypedReply
from tickets.audit import AuditEvent, EventKind
from tickets.errors import Conflict, DeskError
from tickets.people import Actor

SHOWN: Final = 3
_DRAFTS: Final = frozenset({EventKind.DRAFT_OFFERED, EventKind.DRAFT_EDITED, EventKind.DRAFT_RESTORED})


def meanwhile(
    events: Sequence[AuditEvent], refusal: DeskError | None, typed: TypedReply | None, actor: Actor
) -> tuple[AuditEvent, ...]:
    """The newest few events by others, oldest first; of a draft's form only those after the draft that it showed."""
    if not isinstance(refusal, Conflict):
        return ()
    since = _place_of(events, typed.revision) if typed and typed.revision else 0
    others = [each for each in events[since:] if each.actor != actor.name and each.kind not in DETAILS]
    return tuple(others[-SHOWN:])


def shown_again(kept: Mapping[str, str]) -> dict[str, str]:
    """The words among the fields of a refused form; a choice in a list is chosen again where it stands."""
    return {name: text for name, text in kept.items() if text and name in ("feedback", "reason", "note")}


def _place_of(events: Sequence[AuditEvent], revision: int) -> int:
    """Behind the event that made this revision of the draft."""
    for place, event in enumerate(events):
        if event.kind in _DRAFTS and (event.fields or {}).get("revision") == revision:
            return place + 1
    return 0
