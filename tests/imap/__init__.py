"""A mailbox on real servers: Dovecot for reading, Exim for sending, both thrown away afterwards."""
