"""The page, as patients use it: in a real Chromium."""
