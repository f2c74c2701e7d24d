"""Webhooks out, with real receivers."""
