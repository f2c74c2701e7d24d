"""The agent: nodes, answers, threads."""
