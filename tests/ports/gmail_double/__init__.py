"""What the Gmail double promises to every other test."""
