"""The staff page, as staff use it: in a real Chromium, and as somebody who should not would."""
