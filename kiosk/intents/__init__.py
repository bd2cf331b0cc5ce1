"""The intent files: read and judged, saved whole, and looked at for sense."""
