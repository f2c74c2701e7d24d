"""Sentences that are declared here and said elsewhere, in the reader's language."""


def N_(text: str) -> str:  # noqa: N802 - gettext's own name
    """Mark a string for the catalogs (gettext's "noop"). Whoever shows it looks up the translation."""
    return text
