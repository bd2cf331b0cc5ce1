"""Hearing: from a microphone, or a sound file, to one utterance."""
