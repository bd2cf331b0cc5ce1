"""The conversation: what is answered, whose turn it is, and what brings it about."""
