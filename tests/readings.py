"""Readings of one utterance, as a recogniser may give them."""

from kiosk.terms import Reading


def as_likely(*texts: str) -> tuple[Reading, ...]:
    """Return readings of which each is as likely as the others."""
    return tuple(Reading(text, 1 / len(texts)) for text in texts)
