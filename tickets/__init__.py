"""The rules of the desk: tickets, mail, drafts, approvals and the one reply that leaves.

Start with `status` (the life of a ticket), `ticket` and `mail` (the nouns), then the use cases: `sync` (mail in),
`drive` (what the agent does next), `desk` (what operators do) and `delivery` (one reply out). `ports` says what the
rules need from the world. Standard library only.
"""
