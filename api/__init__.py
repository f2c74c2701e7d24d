"""The web: pages under /boards for operators, JSON under /tickets and /sync for scripts.

Handlers ask one use case and shape its answer. Start with `app`.
"""
