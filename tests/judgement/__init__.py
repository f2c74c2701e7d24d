"""How well the desk judges mails that it has never seen: `python -m tests.judgement DIR` prints every figure.

DIR holds `intents/*.jsonl`, one JSON object a line: `text` and `label` (and `split`), or `text` and `spans`. Examples
are drawn from the split `train`, what is reported comes from `test`; nothing is chosen on `test`.
"""
