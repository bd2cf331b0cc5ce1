"""Transcribing: from sound to words, and the model that does it."""
