"""The whole journey through real processes: `serve`, the Gmail double with its ledger, and a scripted model."""
