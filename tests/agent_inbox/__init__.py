"""Agent Inbox's own client against a running desk."""
