"""Kills the service at named and at random moments, again and again, and counts the mails: `make torture`."""
