"""The protocol's own client against `communication-agent mcp`."""
