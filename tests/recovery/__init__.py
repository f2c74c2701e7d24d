"""The service is killed at every step, and the mailbox is asked what became of the mails."""
