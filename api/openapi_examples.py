"""What requests look like, for readers of the schema and for tools that try it."""

from collections.abc import Mapping
from typing import Any, Final

EXAMPLES: Final[Mapping[str, Any]] = {
    "Approval": {"revision": 1, "content_hash": "0f3c…", "confirm_flags": []},
    "Assignment": {"assignee": "ada@helios.example"},
    "CategoryChoice": {"category": "billing"},
    "DraftRequest": {"feedback": "Shorter, and mention the Monday visit."},
    "MailboxChange": {"signature": "Your Helios team"},
    "Settlement": {"was_sent": True},
    "MergeRequest": {"into": 12, "confirm": False},
    "Rejection": {"reason": "answered by phone"},
    "NewWebhook": {"url": "https://hooks.example.com/desk", "events": ["draft.ready", "sent"]},
    "NotificationsPut": {
        "after_min": 60,
        "email_to": ["lead@helios.example"],
        "email_from": "support@helios.example",
        "version": 0,
    },
    "WebhookChange": {"is_active": True},
    "SplitRequest": {"mails": ["0192f0c4-7c1e-7d3a-9a51-3b6f4c2d1e00"]},
    "StatusChange": {"status": "DONE"},
}
