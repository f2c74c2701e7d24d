"""What scripts send and get of notices that customers wait."""

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from msgspec import Meta, Struct, field

from api.schemas import ONE_LINE
from api.section_rest import Key, Minutes, Version, kept
from tickets.desk_settings import Stored
from tickets.notices import Notice
from tickets.status import Status
from tickets.waiting import MAX_RECIPIENTS, Notifications

Address = Annotated[str, Meta(max_length=320, pattern=ONE_LINE)]
Watched = Literal["NEW", "NEEDS_ACTION"]


class NotificationsValue(Struct, kw_only=True):
    """`after_min` is in minutes of opening time; null: nobody is told. Empty lists of priorities, categories and
    mailboxes mean all of them. `email_from` is the address of the mailbox that the mail leaves by.
    """

    after_min: Minutes | None
    email_to: Annotated[list[Address], Meta(max_length=MAX_RECIPIENTS)] = []
    email_from: Address | None = None
    shows_subjects: bool = False
    statuses: Annotated[list[Watched], Meta(min_length=1, max_length=2)] = field(
        default_factory=lambda: ["NEW", "NEEDS_ACTION"]
    )
    priorities: Annotated[list[Key], Meta(max_length=10)] = []
    categories: Annotated[list[Key], Meta(max_length=100)] = []
    mailboxes: Annotated[list[Address], Meta(max_length=100)] = []

    def value(self) -> Notifications:
        return Notifications(
            after_min=self.after_min,
            email_to=tuple(dict.fromkeys(self.email_to)),
            email_from=self.email_from,
            shows_subjects=self.shows_subjects,
            statuses=tuple(Status(each) for each in dict.fromkeys(self.statuses)),
            priorities=tuple(dict.fromkeys(self.priorities)),
            categories=tuple(dict.fromkeys(self.categories)),
            mailboxes=tuple(dict.fromkeys(self.mailboxes)),
        )


class NotificationsPut(NotificationsValue, forbid_unknown_fields=True):
    """Who is told, and the version that it replaces."""

    version: Version


class NotificationsOut(NotificationsValue, kw_only=True):
    """Who is told when customers wait too long."""

    version: Version
    changed_by: str | None = None
    changed_at: datetime | None = None

    @classmethod
    def of(cls, stored: Stored[Notifications]) -> Self:
        value = stored.value
        watched: list[Watched] = ["NEW" if each is Status.NEW else "NEEDS_ACTION" for each in value.statuses]
        return cls(
            after_min=value.after_min,
            email_to=list(value.email_to),
            email_from=value.email_from,
            shows_subjects=value.shows_subjects,
            statuses=watched,
            priorities=list(value.priorities),
            categories=list(value.categories),
            mailboxes=list(value.mailboxes),
            **kept(stored),
        )


class NoticeOut(Struct, kw_only=True):
    """One notice. `state` is that of its mail: none, pending until `next_at`, sending, sent, dropped (nobody waited any
    more), or failed. What webhooks made of it is among their deliveries.
    """

    id: UUID
    kind: Literal["waiting", "test"]
    at: datetime
    tickets: int
    after_min: int | None
    webhooks: int
    recipients: list[str]
    sender: str | None
    state: Literal["none", "pending", "sending", "sent", "dropped", "failed"]
    attempts: int
    next_at: datetime | None
    error: str | None
    sent_at: datetime | None

    @classmethod
    def of(cls, notice: Notice) -> Self:
        changed = {"kind": notice.kind.value, "state": notice.state.value, "recipients": list(notice.recipients)}
        same = {name: getattr(notice, name) for name in cls.__struct_fields__}
        return cls(**{**same, **changed})


class NoticeList(Struct):
    items: list[NoticeOut]
