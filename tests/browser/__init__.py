"""What an operator sees and does, in Chromium against a real `communication-agent serve` process."""
