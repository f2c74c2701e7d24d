"""What a first start shows: the mailbox and the knowledge base of "Helios Solar", a company that does not exist.

`mailbox/` holds raw RFC 5322 messages to support@helios.example in the order in which they arrived; the file is the
source, there is no generator. `knowledge/` holds articles (facts) and macros (reply texts) in Markdown with YAML front
matter; a macro is only the paragraphs between greeting and closing. German macros begin in lower case where the
sentence goes on after "Guten Tag ...,". `{{name}}` is an open slot for the operator. `labels.jsonl` says, mail by mail,
what a careful human would decide; it is for measuring and is never read by the product's rules.
"""
