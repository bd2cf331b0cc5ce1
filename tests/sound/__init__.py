"""Through the whole sound path, without a sound card."""
