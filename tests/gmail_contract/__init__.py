"""One suite for every Gmail: our double, Vercel's `emulate`, and a live mailbox where one is offered.

What holds for all of them is what the product may rely on. Where `emulate` is known to differ is one table,
`differences`; how to offer a live mailbox is in docs/gmail-live.md.
"""
